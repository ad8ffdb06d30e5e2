# The commands of the project. `make demo` and `make test` need nothing but Python 3.11 and make.

PORT ?= 8000
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
BIN := .venv/bin
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# One more than cores: tests wait a good part of their time, for locks, for a browser, for a server that starts.
WORKERS ?= $(shell expr $(CORES) + 1)
RUN_STAMP := .venv/run-$(shell cat requirements.txt | cksum | cut -d' ' -f1)
DEV_STAMP := .venv/dev-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)
CHROMIUM ?= $(firstword $(foreach name,chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable,$(shell command -v $(name) 2>/dev/null)))
export CHROMIUM
# Where it is set, each of many processes would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo stop test prove bench lint

demo: $(RUN_STAMP) ## The site with its demo data at http://127.0.0.1:8000
	@$(BIN)/python manage.py prepare_database --verbosity 0
	@$(if $(wildcard receivables/*/management/commands/load_demo.py),$(BIN)/python manage.py load_demo --if-empty)
	@exec $(BIN)/python manage.py serve --port $(PORT)

stop: ## Web server, worker and embedded database
	@$(if $(wildcard $(BIN)/python),$(BIN)/python -m receivables.core.processes,echo "Nothing was running.")

test: $(DEV_STAMP) chromium ## The whole suite
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

prove: $(DEV_STAMP) ## The full campaign against the promises of the database, in parts that can be resumed
	$(BIN)/python -m bench.prove $(PARTS)

bench: $(RUN_STAMP) ## The benchmark table, with the hand-written SQL beside each figure
	$(BIN)/python -m bench.run
	$(BIN)/python -m bench.writing_off

lint: $(DEV_STAMP) ## Format, lint, check types; under CI nothing is changed, only refused
	$(BIN)/ruff format $(if $(CI),--check) .
	$(BIN)/ruff check $(if $(CI),,--fix) .
	DATABASE_APP_URL=postgres:///unused DEBUG=true $(BIN)/mypy

.PHONY: chromium
chromium:
ifeq ($(CHROMIUM),)
	@echo "No Chromium found, so the browser tests are skipped. To run them: apt-get install"
	@echo "chromium-headless-shell, which takes half the time of chromium (Debian; or your system's package of either),"
	@echo "or set CHROMIUM to the path of one."
	@test -z "$(CI)"
endif

$(RUN_STAMP): .venv/bin/python
	@echo "Installing …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@rm -f .venv/run-* && touch $@

$(DEV_STAMP): .venv/bin/python
	@echo "Installing …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@rm -f .venv/dev-* $(RUN_STAMP) && touch $@ $(RUN_STAMP)

.venv/bin/python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Python 3.11 is needed (3.12 and 3.13 do too) and was not found; install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -m venv .venv || \
	  { rm -rf .venv; echo "Python cannot make a virtual environment; on Debian: apt-get install python3.11-venv"; exit 1; }

"""The house as ARCHITECTURE.md describes it, proven: imports, sizes, and that every verb is whole."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import accounts.organizations
import accounts.verbs
import receivables.urls  # noqa: F401  the URL table imports every page and with it every operation
from receivables.core.navigation import NAV, NEW
from receivables.core.operations import OPERATIONS
from receivables.core.registry import actions

ROOT = Path(__file__).resolve().parent.parent
# From low to high; packages in one set do not know each other.
LAYERS = [
    {"core"}, {"accounts"}, {"approvals"}, {"customers"}, {"ledger"}, {"billing"}, {"collections"},
    {"writeoffs", "credit_control"}, {"integrations", "reports", "ledger_exports", "audit"}, {"api"},
]  # fmt: skip
OWN = ("receivables", "accounts")
MAX_FILE, MAX_FUNCTION = 400, 70


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts and "__pycache__" not in path.parts:
                yield path


def package_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "accounts":
        return "accounts"
    return parts[1] if parts[0] == "receivables" and len(parts) > 1 else None


def layer(package: str) -> int | None:
    return next((index for index, layer in enumerate(LAYERS) if package in layer), None)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_imports_run_only_downwards():
    wrong = []
    for path in sources("receivables", "accounts"):
        own = package_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        here = layer(own) if own else None
        if here is None:
            continue
        for line, module in imports(path):
            other = package_of(module)
            there = layer(other) if other else None
            if there is not None and other != own and there >= here:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_no_import_hides_in_a_function():
    """A dodged cycle is a cycle. Only `AppConfig.ready` and commands may import late."""
    hidden = []
    for path in sources("receivables", "accounts"):
        if path.name == "apps.py" or "commands" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith(
                        ("receivables", "accounts")
                    ):
                        hidden.append(f"{path.relative_to(ROOT)}:{inner.lineno}")
    assert not hidden, "\n".join(hidden)


def test_files_and_functions_stay_small():
    big = []
    for path in sources("receivables", "accounts", "tests", "bench"):
        text = path.read_text()
        if text.count("\n") > MAX_FILE:
            big.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                if size > MAX_FUNCTION:
                    big.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {size} lines")
    assert not big, "\n".join(big)


@cache
def all_text(*folders: str, but: tuple[str, ...] = ()) -> str:
    """All code of these folders, without the modules of these paths."""
    return "\n".join(path.read_text() for path in sources(*folders) if str(path.relative_to(ROOT)) not in but)


@pytest.mark.parametrize("verb", sorted(OPERATIONS))
def test_every_verb_has_its_permission_rule_event_and_tests(verb):
    code, tests = all_text("receivables", "accounts"), all_text("tests")
    assert verb in accounts.verbs.VERB_LABELS, "no permission of this name"
    assert f"def {verb}_blocker(" in code, "no rule of this name"
    assert re.search(rf'"{verb}"', code), "no event of this name is recorded"
    assert re.search(rf"def test_\w*{verb}", tests), "no test is named after it"


@pytest.mark.parametrize("verb", sorted(actions.by_verb))
def test_every_action_runs_an_operation_of_its_name(verb):
    assert verb in OPERATIONS


# They name every verb and ask for none.
TABLES_OF_VERBS = ("accounts/verbs.py", "accounts/roles.py")
# Verbs of what is not built yet. Each leaves the list with the code that asks for it.
NOT_BUILT = {
    "work on the worklist, promises": {
        "log_contact", "record_promise", "cancel_promise", "assign_work", "snooze_work",
    },
}  # fmt: skip


def test_every_permission_is_asked_for_somewhere():
    """A permission that nothing asks for would be a promise in the table of verbs that nobody keeps."""
    code = all_text("receivables", "accounts", but=TABLES_OF_VERBS)
    verbs = accounts.verbs.VERB_LABELS
    unasked = {verb for verb in verbs if f'"{verb}"' not in code and f"def {verb}(" not in code}
    assert unasked == set().union(*NOT_BUILT.values())


DECIDES = re.compile(
    r"{%\s*(if|elif)\s+[^%]*(?:\bbalance\b|\btotal\b|\bamount\b|\bpaid\b|\bstate\b)\s*(?:==|!=|<|>)[^%]*%}"
)


def test_no_template_decides():
    """Templates show what rules decided; none compares amounts or states."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for match in DECIDES.finditer(path.read_text())
    ]
    assert not found, "\n".join(found)


def test_templates_and_styles_use_no_side():
    """Logical properties only, so that pages read right to left as well."""
    sided = re.compile(r"(?<![\w-])(?:margin|padding|border)-(?:left|right)\b|text-align:\s*(?:left|right)\b|float:")
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in sorted((ROOT / "static" / "css").rglob("*.css"))
        for match in sided.finditer(path.read_text())
    ]
    assert not found, "\n".join(found)


FORBIDDEN = {
    "pgtrigger.ignore": "switches guards off",
    "session_replication_role": "switches guards off",
    "@csrf_exempt": "opens a form to other sites",
    "mark_safe(": "lets markup through",
    "|safe": "lets markup through",
    "ATOMIC_REQUESTS": "commits half-done work on an error page",
}


def test_nothing_forbidden_is_used():
    found = []
    paths = [*sources("receivables", "accounts"), *sorted((ROOT / "templates").rglob("*.html"))]
    for path in paths:
        text = path.read_text()
        found += [f"{path.relative_to(ROOT)}: {word} ({why})" for word, why in FORBIDDEN.items() if word in text]
    assert not found, "\n".join(found)


def test_every_section_has_keys_of_its_own():
    keys = [item.shortcut for item in (*NAV, *NEW) if item.shortcut]
    assert len(set(keys)) == len(keys)


LOCK_AND_SUM = re.compile(
    r"select_for_update\([^)]*\)\s*\.\s*(?:annotate|aggregate)\(|annotate\([^)]*\)\s*\.\s*select_for_update"
)


def test_nothing_locks_and_sums_in_one_statement():
    """The sum would read the old snapshot: lock first, read in a second statement."""
    found = [
        str(path.relative_to(ROOT))
        for path in sources("receivables", "accounts")
        if LOCK_AND_SUM.search(path.read_text())
    ]
    assert not found, "\n".join(found)


def test_every_save_says_what_it_writes():
    """The application's login may change only what changes: a row that is saved whole is refused by the database."""
    vague = []
    for path in sources("receivables"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save":
                said = {word.arg for word in node.keywords} | {"a form" for word in node.args}
                if not said & {"update_fields", "force_insert", "a form"}:
                    vague.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert vague == []

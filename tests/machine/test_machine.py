"""A state machine over HTTP against a plain model (the campaign: *random sequences against a plain model*).

`make test` tries a few sequences, always the same, and shows with a rule of the product switched off that the machine
would say so. `make prove PARTS=machine` tries as many as HYPOTHESIS_EXAMPLES says, in batches of ten with a seed each;
what is done stands in the folder MACHINE_FIGURES, and a part whose time is over goes on from there when run again.
PARTS=machine-missing lets chance find each missing rule, and takes out of what it found every step that is not needed.
"""

import json
import logging
import os
import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as chosen
from hypothesis.stateful import run_state_machine_as_test

from accounts.models import Membership
from receivables.billing import rules as billing_rules
from receivables.collections import payoff_limits
from receivables.core import idempotency
from tests.machine.machine import Machine
from tests.machine.office import Office
from tests.machine.records import BAD_DEBT, CHARGE, Limits
from tests.machine.visitors import Tally
from tests.support.examples import examples

STEPS, FEW = 20, 3
FULL = "HYPOTHESIS_EXAMPLES" in os.environ
SEED = int(os.environ.get("MACHINE_SEED", "0"))
LANES = (0, 1) if FULL else (0,)  # as many processes can be at it beside each other
BATCH, MINUTES = 10, 6
SHORTEST = 3  # rules that a shrunk sequence may take, besides setting the limits
# Left alone, chance mostly voids invoices and sends forms again, and rarely comes to money on what is open. These verbs
# it takes so much more often.
WORK, OFTEN = (
    "generate_invoice", "add_accessorial", "record_payment", "collect", "assign_payment", "resolve_short_payment",
), 6  # fmt: skip
D = Decimal


def pays_the_bill(state):
    state.set_limits(limits=Limits(invoice=D(0)))
    state.record_payment(which=0, wish=("short", D(10)), pay_bill=True, keep=False)


def changes_a_paid_load(state):
    state.record_payment(which=0, wish=("short", D(10)), pay_bill=False, keep=False)
    state.add_accessorial(which=0, kind=CHARGE, amount=D(10))


def sends_twice(state):
    state.add_accessorial(which=0, kind=CHARGE, amount=D(10))
    state.send_again(which=0)


def sends_as_an_auditor(state):
    state.add_accessorial(which=0, kind=BAD_DEBT, amount=D(10))
    state.send_as_another(which=0, who="auditor")


# Each rule of the product: where it stands, what stands there without it, and what shows that it is missing.
MISSING = {
    "pay-off limit": (payoff_limits, "_policy_blockers", lambda facts, lost: iter(()), pays_the_bill),
    "no regeneration under a payment": (billing_rules, "_payment_blocker", lambda facts: None, changes_a_paid_load),
    "one effect for each key": (idempotency, "_claim", lambda request, key, fingerprint: True, sends_twice),
    "permissions": (Membership, "can", lambda self, verb: True, sends_as_an_auditor),
}


@pytest.fixture
def office(live_app, committed_db, settings, monkeypatch):
    settings.REQUIRE_SECOND_FACTOR = False
    settings.SESSION_IDLE_MINUTES = settings.SESSION_ABSOLUTE_HOURS * 60  # each copy has them as they were at first
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", None)  # as long as a browser's connection
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return Office(live_app, committed_db)


def machine_of(office):
    often = {f"{verb}_{number}": getattr(Machine, verb) for verb in WORK for number in range(1, OFTEN)}
    return type("Run", (Machine,), {"office": office, **often})


def figures_of(name):
    return Path(os.environ.get("MACHINE_FIGURES", "")) / f"{name}.json"


def keep_figures(name, **figures):
    print(text := json.dumps(figures, indent=1))
    if os.environ.get("MACHINE_FIGURES"):
        figures_of(name).parent.mkdir(parents=True, exist_ok=True)
        figures_of(name).write_text(text)


def is_done(number):
    """Whether this batch came to its end before."""
    file = figures_of(f"sequences-{number}")
    return file.exists() and json.loads(file.read_text())["figures"].get("compared whole", 0) >= BATCH


@pytest.mark.parametrize("lane", LANES)
def test_the_site_does_what_the_plain_model_says(office, lane):
    wanted, end = examples(FEW).max_examples, time.monotonic() + MINUTES * 60
    batches = [number for number in range(SEED, SEED + -(-wanted // BATCH)) if number % len(LANES) == lane]
    for done, number in enumerate(batches):
        if FULL and is_done(number):
            continue
        if time.monotonic() > end:
            pytest.fail(f"{done} of {len(batches)} batches are done; run it once more, it goes on from there")
        play(office, number, min(wanted, BATCH))


def play(office, number, count):
    """One batch of sequences, each a pure function of its seed."""
    sizes = chosen(
        max_examples=count, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck), database=None,
        derandomize=not FULL, phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    started, tally = time.monotonic(), Tally()
    office.tally, run = tally, machine_of(office)
    try:
        run_state_machine_as_test(seed(number)(run) if FULL else run, settings=sizes)
    finally:
        keep_figures(
            f"sequences-{number}", seed=number, found=tally.found, seconds=round(time.monotonic() - started),
            figures=tally.counts, verbs=tally.verbs,
        )  # fmt: skip
    assert tally.counts["compared whole"] == tally.counts["examples"] >= count


def test_the_machine_sees_a_rule_that_is_missing(office, monkeypatch):
    """Positive control: all these steps pass with the rules, and some fail without one."""
    played(office, *(steps for _where, _name, _without, steps in MISSING.values()))
    for where, name, without, steps in MISSING.values():
        with monkeypatch.context() as patch, pytest.raises(AssertionError):
            patch.setattr(where, name, without)
            played(office, steps)


def played(office, *steps):
    state = machine_of(office)()
    try:
        for each in steps:
            each(state)
    finally:
        state.close()


@pytest.mark.skipif(not FULL, reason="make prove")
@pytest.mark.parametrize("rule", MISSING)
def test_chance_finds_a_rule_that_is_missing_and_shrinks_what_it_found(office, monkeypatch, rule):
    where, name, without, _steps = MISSING[rule]
    started, tally = time.monotonic(), office.tally
    with monkeypatch.context() as patch:
        patch.setattr(where, name, without)
        steps = found_by_chance(office)
        shrunk = needed(office, steps)
    keep_figures(
        f"missing-{rule.replace(' ', '-')}", rule=rule, seed=SEED, found=tally.found, examples=tally.counts["examples"],
        requests=tally.counts["requests"], seconds=round(time.monotonic() - started), steps=steps, shrunk=shrunk,
    )  # fmt: skip
    assert len(shrunk) <= SHORTEST + 1
    assert not differs(office, shrunk), "it is not the missing rule that was found"


def found_by_chance(office):
    """The steps of the first sequence that comes out otherwise."""
    sizes = chosen(
        examples(FEW), stateful_step_count=STEPS, suppress_health_check=list(HealthCheck), database=None,
        phases=[Phase.generate], report_multiple_bugs=False,
    )  # fmt: skip
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(seed(SEED)(machine_of(office)), settings=sizes)
    said = "\n".join(found.value.__notes__).splitlines()
    return [line for line in said if line.startswith("state.") and not line.startswith("state.teardown")]


def needed(office, steps):
    """These steps without any that the difference shows without as well, in as many tries as there are steps. The first
    sets the limits, and stays."""
    for step in reversed(steps[1:]):
        fewer = [each for each in steps if each is not step]
        steps = fewer if differs(office, fewer) else steps
    return steps


def differs(office, steps):
    """Whether the site does otherwise than the model says in these steps, as Hypothesis writes them. Without the others
    they may be impossible."""
    state = machine_of(office)()
    try:
        exec("\n".join(steps), {"state": state, "Decimal": Decimal, "Limits": Limits})
        state.compare_each()
    except AssertionError:
        return True
    except (LookupError, TypeError, ValueError, ZeroDivisionError):
        return False
    finally:
        state.close()
    return False

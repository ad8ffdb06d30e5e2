"""A state machine over HTTP against a plain model (the campaign: *random sequences against a plain model*).

`make test` tries a few sequences, always the same, and shows with a rule of the product switched off that the machine
would say so. `make prove PARTS=machine` tries as many as HYPOTHESIS_EXAMPLES says, leaves its figures in
`MACHINE_FIGURES`, and lets Hypothesis find each missing rule by chance and shrink what it found.
"""

import json
import logging
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from accounts.models import Membership
from receivables.billing import rules as billing_rules
from receivables.collections import payoff_limits
from receivables.core import idempotency
from tests.machine.machine import Machine
from tests.machine.office import Office
from tests.machine.records import BAD_DEBT, CHARGE, Limits
from tests.support.examples import examples

STEPS, FEW = 12, 3
FULL = "HYPOTHESIS_EXAMPLES" in os.environ
SHORTEST = 3  # rules that a shrunk sequence may take, besides setting the limits
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
def office(live_app, committed_db, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return Office(live_app, committed_db)


def machine_of(office):
    return type("Run", (Machine,), {"office": office})


def test_the_site_does_what_the_plain_model_says(office):
    chosen = settings(
        examples(FEW), stateful_step_count=STEPS, suppress_health_check=list(HealthCheck), derandomize=not FULL
    )  # fmt: skip
    run_state_machine_as_test(machine_of(office), settings=chosen)
    figures = json.dumps({"figures": office.tally.counts, "verbs": office.tally.verbs}, indent=1)
    print(figures)
    if path := os.environ.get("MACHINE_FIGURES"):
        Path(path).write_text(figures)


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
    monkeypatch.setattr(where, name, without)
    phases = [Phase.generate, Phase.shrink]
    chosen = settings(
        examples(FEW), stateful_step_count=STEPS, suppress_health_check=list(HealthCheck), phases=phases,
        report_multiple_bugs=False, database=None,
    )  # fmt: skip
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(machine_of(office), settings=chosen)
    said = "\n".join(found.value.__notes__)
    print(f"{rule}:\n{said}")
    rules = [line for line in said.splitlines() if "state." in line and "teardown" not in line]
    assert len(rules) <= SHORTEST + 1, said

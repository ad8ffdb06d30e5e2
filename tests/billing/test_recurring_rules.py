"""Which periods are due and by how much, and the rules about charges and runs: line by line, without a database."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.billing.recurring.periods import ChargeFacts, due_periods
from receivables.billing.recurring.rules import (
    add_agreement_charge_blocker,
    end_agreement_charge_blocker,
    not_billable_blocker,
    retry_billing_run_blocker,
    run_billing_blocker,
)
from receivables.core.dates import months_later

D = Decimal


def day(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("start", "months", "later"),
    [
        ("2026-01-31", 1, "2026-02-28"), ("2026-01-31", 2, "2026-03-31"), ("2027-12-31", 2, "2028-02-29"),
        ("2026-11-15", 12, "2027-11-15"), ("2026-01-01", 0, "2026-01-01"), ("2026-12-01", 1, "2027-01-01"),
        ("2026-02-28", -12, "2025-02-28"), ("2028-03-31", -1, "2028-02-29"), ("2026-01-15", -1, "2025-12-15"),
    ],
)  # fmt: skip
def test_months_later(start, months, later):
    assert months_later(day(start), months) == day(later)


@pytest.mark.parametrize(
    ("every", "start", "end", "billed", "stop", "cut_off", "final", "expected"),
    [
        (1, "2026-01-01", "", "", "", "2026-01-30", False, []),
        (1, "2026-01-01", "", "", "", "2026-01-31", False, ["2026-01-01 2026-01-31 310"]),
        (1, "2026-01-01", "", "", "", "2026-03-30", False,
         ["2026-01-01 2026-01-31 310", "2026-02-01 2026-02-28 310"]),
        (1, "2026-01-01", "", "2026-01-31", "", "2026-03-30", False, ["2026-02-01 2026-02-28 310"]),
        (3, "2026-01-01", "", "", "", "2026-03-31", False, ["2026-01-01 2026-03-31 310"]),
        (1, "2026-01-31", "", "", "", "2026-03-30", False,
         ["2026-01-31 2026-02-27 310", "2026-02-28 2026-03-30 310"]),
        (1, "2026-01-01", "2026-01-10", "", "", "2026-01-09", False, []),
        (1, "2026-01-01", "2026-01-10", "", "", "2026-01-10", False, ["2026-01-01 2026-01-10 100"]),
        (1, "2026-01-01", "2026-01-10", "", "2026-01-05", "2026-02-28", False, ["2026-01-01 2026-01-05 50"]),
        (1, "2026-01-01", "", "2026-01-31", "2026-02-14", "2026-02-28", True, ["2026-02-01 2026-02-14 155"]),
        (1, "2026-01-01", "", "2026-02-28", "2026-02-14", "2026-02-28", True, []),
        (1, "2026-03-01", "", "", "2026-02-14", "2026-04-30", True, []),
        (None, "2026-01-15", "", "", "", "2026-01-14", False, []),
        (None, "2026-01-15", "", "", "", "2026-01-15", False, ["2026-01-15 2026-01-15 310"]),
        (None, "2026-01-15", "", "2026-01-15", "", "2026-02-15", False, []),
        (None, "2026-05-15", "", "", "2026-02-14", "2026-02-28", True, ["2026-05-15 2026-05-15 310"]),
    ],
)  # fmt: skip
def test_due_periods(every, start, end, billed, stop, cut_off, final, expected):
    facts = ChargeFacts(D(310), "USD", every, day(start), day(end), day(billed), day(stop))
    found = due_periods(facts, day(cut_off), final=final)
    assert [f"{due.first} {due.last} {due.amount.normalize():f}" for due in found] == expected


@pytest.mark.parametrize(
    ("eligible", "state", "code"),
    [
        (True, "active", None), (True, "pending_stop", None), (True, "stopped", None),
        (True, "pending_start", "pending_start"), (True, "closed", "agreement_closed"),
        (True, "reactivated", "agreement_closed"), (True, "cancelled", "agreement_closed"),
        (False, "active", "not_billable"), (False, "closed", "not_billable"),
    ],
)  # fmt: skip
def test_not_billable_blocker(eligible, state, code):
    blocker = not_billable_blocker(eligible=eligible, state=state)
    assert (blocker.code if blocker else None) == code


FINE = {"eligible": True, "state": "active"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None), ({"state": "pending_start"}, None), ({"eligible": False}, "not_billable"),
        ({"state": "stopped"}, "agreement_closed"), ({"state": "closed"}, "agreement_closed"),
        ({"kind": "bad_debt"}, "wrong_type"), ({"entities": ("carrier",)}, "wrong_type"),
        ({"type_active": False}, "wrong_type"), ({"amount": D(0)}, "zero_amount"), ({"amount": D(-1)}, "zero_amount"),
        ({"starts_on": date(2026, 1, 1), "agreement_start": date(2026, 1, 2)}, "before_start"),
        ({"starts_on": date(2026, 1, 2), "ends_on": date(2026, 1, 1)}, "ends_before"),
    ],
)  # fmt: skip
def test_add_agreement_charge_blocker(changed, code):
    blocker = add_agreement_charge_blocker(**{**FINE, **changed})
    assert (blocker.code if blocker else None) == code


@pytest.mark.parametrize(
    ("cancelled", "recurring", "ends", "billed", "until", "code"),
    [
        (False, True, "", "", "2026-01-10", None), (False, True, "", "2026-01-31", "2026-01-31", None),
        (False, True, "", "2026-01-31", "2026-01-30", "billed"), (True, True, "", "", "", "cancelled"),
        (False, False, "", "2026-01-15", "", "billed"), (False, False, "", "", "", None),
        (False, True, "2026-01-31", "2026-01-31", "", "over"), (False, True, "2026-02-28", "2026-01-31", "", None),
    ],
)  # fmt: skip
def test_end_agreement_charge_blocker(cancelled, recurring, ends, billed, until, code):
    blocker = end_agreement_charge_blocker(
        cancelled=cancelled, recurring=recurring, ends_on=day(ends), billed_through=day(billed), day=day(until)
    )
    assert (blocker.code if blocker else None) == code


@pytest.mark.parametrize(
    ("running", "due", "cut_off", "code"),
    [
        (False, 1, "2026-11-22", None), (False, None, "2026-11-22", None), (True, 1, "2026-11-22", "billing_running"),
        (False, 1, "2026-11-23", "to_come"), (False, 0, "2026-11-22", "nothing_due"),
    ],
)  # fmt: skip
def test_run_billing_blocker(running, due, cut_off, code):
    blocker = run_billing_blocker(running=running, due=due, cut_off=day(cut_off), today=date(2026, 11, 22))
    assert (blocker.code if blocker else None) == code


@pytest.mark.parametrize(
    ("running", "left", "code"), [(False, 1, None), (False, 0, "nothing_left"), (True, 1, "billing_running")]
)
def test_retry_billing_run_blocker(running, left, code):
    blocker = retry_billing_run_blocker(running=running, left=left)
    assert (blocker.code if blocker else None) == code

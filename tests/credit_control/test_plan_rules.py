"""Budgets and arrangements: the rules line by line, without a database."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.credit_control.plans.rules import (
    AgreementFacts,
    cancel_plan_blocker,
    due_count,
    missed,
    schedule,
    start_arrangement_blocker,
    start_budget_blocker,
    sync_current_blocker,
)

D = Decimal
TODAY = date(2026, 11, 22)


def facts(**changed):
    return AgreementFacts(**{"state": "active", "payoff": D(900), "current": D(300), "covered": D(900), **changed})


def code(blocker):
    return blocker.code if blocker else None


@pytest.mark.parametrize(
    ("changed", "expected"), [({}, None), ({"current": D(900)}, "in_step"), ({"has_plan": True}, "has_plan")]
)
def test_sync_current_blocker(changed, expected):
    assert code(sync_current_blocker(facts(**changed))) == expected


@pytest.mark.parametrize(
    ("changed", "amount", "first", "expected"),
    [
        ({}, "150", TODAY, None), ({"state": "stopped"}, "150", TODAY, "not_in_service"),
        ({"normal": False}, "150", TODAY, "not_in_service"), ({"eligible": False}, "150", TODAY, "not_in_service"),
        ({}, "0", TODAY, "zero_amount"), ({}, "150", date(2026, 11, 21), "past"),
        ({"has_plan": True}, "150", TODAY, "has_plan"),
    ],
)  # fmt: skip
def test_start_budget_blocker(changed, amount, first, expected):
    assert code(start_budget_blocker(facts(**changed), amount=D(amount), first_due=first, today=TODAY)) == expected


@pytest.mark.parametrize(
    ("changed", "count", "first", "expected"),
    [
        ({}, 3, TODAY, None), ({"state": "stopped"}, 3, TODAY, None), ({"normal": False}, 3, TODAY, "write_off"),
        ({"covered": D(0)}, 3, TODAY, "nothing_owed"), ({}, 0, TODAY, "instalments"), ({}, 121, TODAY, "instalments"),
        ({}, 3, date(2026, 11, 21), "past"), ({"has_plan": True}, 3, TODAY, "has_plan"),
    ],
)  # fmt: skip
def test_start_arrangement_blocker(changed, count, first, expected):
    blocker = start_arrangement_blocker(facts(**changed), instalments=count, first_due=first, today=TODAY)
    assert code(blocker) == expected


def test_cancel_plan_blocker():
    assert cancel_plan_blocker(ended=False) is None
    assert cancel_plan_blocker(ended=True).code == "ended"


def test_the_instalments_add_up_to_the_cent():
    found = schedule(first_due=date(2026, 1, 31), every_months=1, total=D(100), amount=None, count=3, currency="USD")
    assert [each.amount for each in found] == [D("33.34"), D("33.33"), D("33.33")]
    assert [each.due.isoformat() for each in found] == ["2026-01-31", "2026-02-28", "2026-03-31"]


@pytest.mark.parametrize(
    ("today", "most", "count"),
    [("2026-01-30", 3, 0), ("2026-01-31", 3, 1), ("2026-12-31", 3, 3), ("2026-12-31", None, 12)],
)
def test_due_count(today, most, count):
    day = date.fromisoformat(today)
    assert due_count(first_due=date(2026, 1, 31), every_months=1, today=day, most=most) == count


@pytest.mark.parametrize(
    ("today", "owed", "broken"),
    [
        ("2026-01-01", "900", False), ("2026-01-06", "900", False), ("2026-01-07", "900", True),
        ("2026-01-07", "600", False), ("2026-01-07", "600.01", True), ("2026-02-07", "600", True),
        ("2026-02-07", "300", False),
    ],
)  # fmt: skip
def test_an_arrangement_is_broken_when_an_instalment_is_missed_beyond_its_grace(today, owed, broken):
    plan = schedule(first_due=date(2026, 1, 1), every_months=1, total=D(900), amount=None, count=3, currency="USD")
    assert missed(plan, total=D(900), owed=D(owed), grace_days=5, today=date.fromisoformat(today)) is broken

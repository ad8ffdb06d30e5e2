"""What is chased and what is left alone, line by line, without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.credit_control.monitor.rules import (
    ENDS,
    RESTS,
    SKIPS,
    Criterion,
    Debt,
    Item,
    review,
    run_debt_monitor_blocker,
)
from receivables.credit_control.reminders.rules import retry_reminder_blocker, send_reminder_blocker

D = Decimal
TODAY = date(2026, 11, 22)
CRITERIA = [Criterion(30, D(10), 7, 1), Criterion(20, D(10), 21, 2), Criterion(10, D(10), 45, 3)]


def items(*pairs, **more):
    return [Item(D(amount), days, **more) for amount, days in pairs]


@pytest.mark.parametrize(
    ("debt", "code", "step", "amount"),
    [
        (Debt(True, items(("100", 10))), "", 1, "100"),
        (Debt(True, items(("100", 7))), "", 1, "100"),
        (Debt(True, items(("100", 6))), "below", None, "100"),
        (Debt(True, items(("9.99", 90))), "below", None, "9.99"),
        (Debt(True, items(("9", 50), ("100", 8))), "", 1, "109"),
        (Debt(True, items(("10", 50), ("100", 8))), "", 3, "110"),
        (Debt(True, items(("10", 21))), "", 2, "10"),
        (Debt(False, items(("1050", 200))), "immune", None, "1050"),
        (Debt(True, items(("100", 10)), bankrupt=True), "bankrupt", None, "100"),
        (Debt(False, items(("100", 10)), bankrupt=True), "immune", None, "100"),
        (Debt(True, items(("100", 10), disputed=True)), "disputed", None, "100"),
        (Debt(True, [*items(("100", 10), disputed=True), *items(("5", 9), waiting=True)]), "waiting", None, "105"),
        (Debt(True, [*items(("100", 60), waiting=True), *items(("20", 8))]), "", 1, "20"),
        (Debt(True, [*items(("100", 60), disputed=True), *items(("20", 8))]), "", 1, "20"),
        (Debt(True, items(("100", 10)), postponed_until=TODAY + timedelta(days=1)), "postponed", None, "100"),
        (Debt(True, items(("100", 10)), postponed_until=TODAY), "", 1, "100"),
        (Debt(True, items(("100", 10)), on_account=D(100)), "on_account", None, "100"),
        (Debt(True, items(("60", 50), ("50", 10)), on_account=D(60)), "", 1, "50"),
        (Debt(True, items(("100", 10), agreement_id=1), asked={1: D(0)}), "not_asked", None, "100"),
        (Debt(True, items(("100", 10), ("100", 50), agreement_id=1), asked={1: D(30)}), "", 3, "30"),
    ],
)
def test_review(debt, code, step, amount):
    verdict = review(debt, CRITERIA, TODAY)
    assert (verdict.code, verdict.step, verdict.amount) == (code, step, D(amount))


def test_the_lowest_priority_number_wins_whatever_comes_first_in_the_table():
    both = [Criterion(20, D(1), 1, 2), Criterion(10, D(1), 1, 1)]
    assert review(Debt(True, items(("5", 3))), both, TODAY).step == 1
    assert review(Debt(True, items(("5", 3))), list(reversed(both)), TODAY).step == 1


def test_without_criteria_nothing_is_chased_and_it_is_said():
    assert review(Debt(True, items(("5", 3))), [], TODAY).code == "no_criteria"


def test_every_reason_has_words_and_every_one_but_waiting_for_a_day_or_a_decision_ends_a_process():
    assert SKIPS.keys() - ENDS.keys() == RESTS == {"postponed", "waiting"}


def test_run_debt_monitor_blocker():
    assert run_debt_monitor_blocker(running=False) is None
    assert run_debt_monitor_blocker(running=True).code == "monitor_running"


FINE = {"ended": False, "postponed": False, "amount": D(1), "on_its_way": False, "sent_today": False}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None), ({"ended": True}, "ended"), ({"postponed": True}, "postponed"),
        ({"amount": D(0)}, "nothing_chased"), ({"on_its_way": True}, "on_its_way"),
        ({"sent_today": True}, "sent_today"), ({"bankrupt": True, "amount": D(0)}, "bankrupt"),
    ],
)  # fmt: skip
def test_send_reminder_blocker(changed, code):
    blocker = send_reminder_blocker(**{**FINE, **changed})
    assert (blocker.code if blocker else None) == code


@pytest.mark.parametrize(
    ("state", "free"), [("failed", True), ("uncertain", True), ("waiting", False), ("sending", False), ("sent", False)]
)
def test_retry_reminder_blocker(state, free):
    assert (retry_reminder_blocker(state=state) is None) is free

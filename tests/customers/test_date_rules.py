"""May service begin, and is there anything to start or stop? Without a database."""

from datetime import date

import pytest

from receivables.customers.rules import run_agreement_dates_blocker, start_agreement_blocker

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("state", "start", "code"),
    [
        ("pending_start", date(2026, 11, 22), None), ("pending_start", date(2026, 11, 23), "to_come"),
        ("active", date(2026, 11, 1), "not_pending"), ("closed", date(2026, 11, 1), "not_pending"),
    ],
)  # fmt: skip
def test_start_agreement_blocker(state, start, code):
    blocker = start_agreement_blocker(state=state, start_date=start, today=TODAY)
    assert (blocker.code if blocker else None) == code


@pytest.mark.parametrize(
    ("running", "due", "code"), [(False, 1, None), (False, 0, "nothing_due"), (True, 1, "dates_running")]
)
def test_run_agreement_dates_blocker(running, due, code):
    blocker = run_agreement_dates_blocker(running=running, due=due)
    assert (blocker.code if blocker else None) == code

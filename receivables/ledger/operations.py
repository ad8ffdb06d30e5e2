"""Closing and reopening months."""

from datetime import date
from typing import Any

from django.utils import timezone

from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.ledger.models import Period
from receivables.ledger.queries import month_of
from receivables.ledger.rules import close_period_blocker, reopen_period_blocker


def locked_period(actor: Any, month: date) -> Period:
    """The row of a month under an exclusive lock, made if nothing was posted into the month yet.

    A posting holds the row for sharing until it commits: it is in the books before the lock is granted, or it sees
    the month as it is afterwards (J5).
    """
    Period.objects.bulk_create([Period(organization=actor.organization, month=month_of(month))], ignore_conflicts=True)
    return Period.objects.of(actor).select_for_update(no_key=True).get(month=month_of(month))


@operation
def close_period(*, actor: Any, month: date) -> Period:
    """Close the calendar month of `month`: nothing is posted into it any more. Raises `Refused` if it is closed."""
    period = locked_period(actor, month)
    refuse(
        close_period_blocker(
            month=period.month, closed=period.closed_at is not None, today=today(actor.organization)
        )
    )  # fmt: skip
    period.closed_at, period.closed_by = timezone.now(), actor.user
    period.save(update_fields=["closed_at", "closed_by"])
    record(actor, "close_period", period, month=period.month)
    return period


@operation
def reopen_period(*, actor: Any, month: date, reason: str) -> Period:
    """Open a closed month again, with the reason that an auditor will ask for."""
    period = locked_period(actor, month)
    refuse(reopen_period_blocker(month=period.month, closed=period.closed_at is not None, reason=reason))
    period.closed_at, period.closed_by = None, None
    period.save(update_fields=["closed_at", "closed_by"])
    record(actor, "reopen_period", period, reason=reason, month=period.month)
    return period

"""Today, where the organization is, and days as whoever reads them writes them."""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dateformat, timezone

_written: ContextVar[str] = ContextVar("date_format", default="Y-m-d")


def today(organization: Any) -> date:
    """The calendar day in the organization's time zone: issue dates, due dates and reversals go by it."""
    return local_day(organization, timezone.now())


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or earlier; a month that is too short has it on its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def local_day(organization: Any, moment: datetime) -> date:
    """The calendar day of a moment, where the organization is."""
    return moment.astimezone(ZoneInfo(organization.timezone or "UTC")).date()


@contextmanager
def days_written(date_format: str) -> Iterator[None]:
    """Within it sentences write days so, as they are in the language that is active."""
    token = _written.set(date_format)
    try:
        yield
    finally:
        _written.reset(token)


def day_words(day: date) -> str:
    """A day in a sentence, as the reader of the page writes days; 2026-11-22 where nobody reads."""
    return dateformat.format(day, _written.get())

"""Today, where the organization is."""

from calendar import monthrange
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


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

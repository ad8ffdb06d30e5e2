"""Today, where the organization is."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def today(organization: Any) -> date:
    """The calendar day in the organization's time zone: issue dates, due dates and reversals go by it."""
    return local_day(organization, timezone.now())


def local_day(organization: Any, moment: datetime) -> date:
    """The calendar day of a moment, where the organization is."""
    return moment.astimezone(ZoneInfo(organization.timezone or "UTC")).date()

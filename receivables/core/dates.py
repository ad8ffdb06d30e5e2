"""Today, where the organization is."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def today(organization: Any) -> date:
    """The calendar day in the organization's time zone: issue dates, due dates and reversals go by it."""
    now: datetime = timezone.now()
    return now.astimezone(ZoneInfo(organization.timezone or "UTC")).date()

"""What every template knows about how numbers and dates are written."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import dateformat

from receivables.core.money import NumberFormat

DATE_FORMAT = "j M Y"


def date_format(organization: Any, user: Any) -> str:
    """How somebody writes days: by their own choice, else the organization's, else the default."""
    chosen = getattr(user, "date_format", "") or getattr(organization, "date_format", "")
    return chosen or DATE_FORMAT


def number_format(request: HttpRequest) -> dict[str, Any]:
    """`number_format` and `date_format`: the person's own choice, else the organization's, else the default."""
    organization, user = getattr(request, "organization", None), getattr(request, "user", None)
    return {
        "number_format": NumberFormat.of(organization, user), "date_format": date_format(organization, user)
    }  # fmt: skip


def day_text(actor: Any, day: date) -> str:
    """A day in a sentence, as the actor writes dates."""
    return dateformat.format(day, date_format(actor.organization, actor.user))

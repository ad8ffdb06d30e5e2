"""What every template knows about how the organization writes numbers and dates."""

from typing import Any

from django.http import HttpRequest

from receivables.core.money import NumberFormat

DATE_FORMAT = "j M Y"


def number_format(request: HttpRequest) -> dict[str, Any]:
    """`number_format` and `date_format` of the request's organization; the default ones for visitors."""
    organization = getattr(request, "organization", None)
    return {
        "number_format": NumberFormat.of(organization),
        "date_format": getattr(organization, "date_format", "") or DATE_FORMAT,
    }

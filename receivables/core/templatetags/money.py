"""Amounts, rates and dates in pages, in the organization's format and isolated from the direction of the text."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import dateformat, timezone
from django.utils.html import format_html

from receivables.core.context import DATE_FORMAT
from receivables.core.money import DEFAULT_FORMAT, NumberFormat, format_money, format_number

register = template.Library()


def _format(context: dict[str, Any]) -> NumberFormat:
    return context.get("number_format") or DEFAULT_FORMAT


@register.simple_tag(takes_context=True)
def money(context: dict[str, Any], amount: Decimal | None, currency: str, with_code: bool = False) -> str:
    """An amount with its currency's decimals, with its code if asked; nothing for None."""
    if amount is None:
        return ""
    return format_html('<bdi class="amount">{}</bdi>', format_money(amount, currency, _format(context), with_code))


@register.simple_tag(takes_context=True)
def rate(context: dict[str, Any], value: Decimal | None, places: int | None = None) -> str:
    """A rate or quantity with the decimals it has, or rounded half-up to `places`; nothing for None."""
    if value is None:
        return ""
    return format_html('<bdi class="amount">{}</bdi>', format_number(value, places, _format(context)))


@register.simple_tag(takes_context=True)
def day(context: dict[str, Any], value: date | None) -> str:
    """A date, or the local date of a moment, as the organization writes dates; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    text = dateformat.format(value, context.get("date_format") or DATE_FORMAT)
    return format_html('<bdi><time datetime="{}">{}</time></bdi>', value.isoformat(), text)

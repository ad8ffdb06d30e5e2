"""Columns that tables of any package have."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from receivables.core.context import day_text
from receivables.core.money import NumberFormat, format_money

AMOUNT = {"th": {"class": "amount"}, "td": {"class": "amount"}}
ROW = gettext_lazy("Select row")


class SelectColumn(tables.CheckBoxColumn):
    """A box to choose rows for a bulk action, which belongs to the form below the table; part of no export.

    `label` names the box of a row to those who don't see the row. The key is read as `id`: an export is ordered
    by "pk", and a table would order it again.
    """

    def __init__(self, label: Any = ROW) -> None:
        super().__init__(
            accessor="id", exclude_from_export=True,
            attrs={
                "th__input": {
                    "data-select-page": "", "class": "form-check-input", "aria-label": gettext_lazy("Select page"),
                },
                "td__input": {
                    "class": "row-select form-check-input", "name": "selected", "form": "bulk", "aria-label": label,
                },
                "td": {"class": "cell-select"},
                "th": {"class": "cell-select"},
            },
        )  # fmt: skip


class MoneyColumn(tables.Column):
    """An amount in the row's currency; in the organization's where the row has none, or `own` says so. Plain in
    exports."""

    def __init__(self, own: bool = False, **kwargs: Any) -> None:
        self.own = own
        super().__init__(**{"attrs": AMOUNT, **kwargs})

    def render(self, value: Decimal, record: Any, table: Any) -> Any:
        actor = table.request.actor
        currency = "" if self.own else getattr(record, "currency", "")
        written = format_money(
            value, currency or actor.organization.currency, NumberFormat.of(actor.organization, actor.user)
        )
        return format_html('<bdi class="amount">{}</bdi>', written)

    def value(self, value: Decimal) -> Decimal:
        return value


class MomentColumn(tables.Column):
    """A moment where the reader is, its day as the organization writes days; readable by programs in exports."""

    def render(self, value: datetime, table: Any) -> Any:
        here = timezone.localtime(value)
        words = f"{day_text(table.request.actor, here.date())} {here:%H:%M}"
        return format_html('<bdi class="text-nowrap"><time datetime="{}">{}</time></bdi>', value.isoformat(), words)

    def value(self, value: datetime) -> str:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


class DayColumn(tables.Column):
    """A day, or that of a moment where the reader is, as the organization writes days; a date in exports."""

    def render(self, value: Any, table: Any) -> Any:
        day = self.value(value)
        text = day_text(table.request.actor, day)
        return format_html('<bdi class="text-nowrap"><time datetime="{}">{}</time></bdi>', day.isoformat(), text)

    def value(self, value: Any) -> Any:
        return timezone.localtime(value).date() if isinstance(value, datetime) else value

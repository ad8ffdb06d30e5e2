"""The ageing as tables, whose columns are the buckets that were asked for."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from receivables.core.columns import AMOUNT, DayColumn, MoneyColumn
from receivables.core.context import number_format
from receivables.core.money import format_money
from receivables.ledger.models import OpenItem
from receivables.reports.ageing.queries import BY_DUE, Aged, Asked, Owed
from receivables.reports.tables import WHOLE

MUTED_ZERO = format_html('<span class="muted">{}</span>', "–")


class SumColumn(tables.Column):
    """An amount in the currency of the report; a dash for nothing, so that what is owed stands out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"attrs": AMOUNT, **kwargs})

    def render(self, value: Decimal, table: Any) -> Any:
        if not value:
            return MUTED_ZERO
        fmt = number_format(table.request)["number_format"]
        return format_html('<bdi class="amount">{}</bdi>', format_money(value, table.currency, fmt))

    def value(self, value: Decimal) -> Decimal:
        return value


class AgeingTable(tables.Table):
    """A row a customer; each leads to its documents."""

    name = tables.Column(
        verbose_name=_("Customer"),
        linkify=lambda record, table: reverse("ageing_of_customer", args=[record.pk]) + table.query,
    )
    number = tables.Column(verbose_name=_("Number"), attrs=WHOLE)
    level1 = SumColumn(accessor="buckets__0")
    level2 = SumColumn(accessor="buckets__1")
    level3 = SumColumn(accessor="buckets__2")
    level4 = SumColumn(accessor="buckets__3")
    level5 = SumColumn(accessor="buckets__4")
    total = SumColumn(verbose_name=_("Owed"))
    unapplied = SumColumn(verbose_name=_("Not applied"))

    def __init__(self, rows: Sequence[Owed], *, asked: Asked, currency: str, query: str = "", **kwargs: Any) -> None:
        self.currency, self.query = currency, query
        super().__init__(rows, orderable=False, **kwargs)
        for column, label in zip(list(self.columns)[2:], asked.labels(), strict=False):
            column.column.verbose_name = label


class AgedTable(tables.Table):
    """The documents of one customer."""

    number = tables.Column(
        verbose_name=_("Number"), attrs=WHOLE, linkify=lambda record: reverse("open_item", args=[record.pk])
    )
    kind = tables.Column(verbose_name=_("Kind"))
    account = tables.Column(verbose_name=_("Account"), attrs=WHOLE)
    issued = DayColumn(verbose_name=_("Date"))
    due = DayColumn(verbose_name=_("Due"))
    age = tables.Column(attrs=AMOUNT)
    level = tables.Column(verbose_name=_("Bucket"))
    currency = tables.Column(verbose_name=_("Currency"))
    balance = MoneyColumn(verbose_name=_("Open"))
    own = MoneyColumn(own=True, verbose_name=_("In own currency"))

    def __init__(self, rows: Sequence[Aged], *, asked: Asked, **kwargs: Any) -> None:
        self.labels = (_("Not applied"), *asked.labels())
        super().__init__(rows, orderable=False, **kwargs)
        words = _("Days past due") if asked.by == BY_DUE else _("Days old")
        self.columns["age"].column.verbose_name = words

    def render_kind(self, value: str) -> Any:
        return OpenItem.Kind(value).label

    def render_age(self, value: int, record: Aged) -> Any:
        return value if value > 0 and record.level else MUTED_ZERO

    def value_age(self, value: int, record: Aged) -> Any:
        return value if record.level else ""

    def render_level(self, value: int) -> Any:
        return self.labels[value]

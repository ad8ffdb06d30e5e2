"""The history of exchange rates as a list, its filter, and a rate in words."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.columns import AMOUNT, DayColumn
from receivables.core.money import NumberFormat
from receivables.ledger.rates.models import ExchangeRate
from receivables.ledger.rates.rules import number_text


def quoted_text(actor: Any, row: ExchangeRate) -> str:
    """A rate as it was typed or published, for example “1 USD = 0.92 EUR”."""
    own, fmt = actor.organization.currency, NumberFormat.of(actor.organization, actor.user)
    words = {"one": row.currency, "other": own, "rate": number_text(row.quoted or row.rate, fmt)}
    if row.inverse:
        words |= {"one": own, "other": row.currency}
    return _("1 %(one)s = %(rate)s %(other)s") % words


class RateFilter(filters.FilterSet):
    """One currency, some days, or one source."""

    currency = filters.CharFilter(label=gettext_lazy("Currency"), lookup_expr="iexact", max_length=3)
    since = filters.DateFilter(
        label=gettext_lazy("From"), field_name="date", lookup_expr="gte",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    until = filters.DateFilter(
        label=gettext_lazy("Until"), field_name="date", lookup_expr="lte",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    source = filters.ChoiceFilter(
        label=gettext_lazy("Source"), choices=ExchangeRate.Source.choices, empty_label=gettext_lazy("All")
    )

    class Meta:
        model = ExchangeRate
        fields: list[str] = []


class RateTable(tables.Table):
    """Every rate that was ever written, those that were corrected included."""

    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    date = DayColumn(verbose_name=gettext_lazy("From"))
    rate = tables.Column(verbose_name=gettext_lazy("Rate"), attrs=AMOUNT)
    quoted = tables.Column(verbose_name=gettext_lazy("As quoted"), empty_values=())
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=())
    source = tables.Column(verbose_name=gettext_lazy("Source"), accessor="get_source_display")
    created_by = tables.Column(verbose_name=gettext_lazy("By"), default="")
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), default="")

    def render_rate(self, value: Any) -> Any:
        actor = self.request.actor
        fmt = NumberFormat.of(actor.organization, actor.user)
        return format_html('<bdi class="amount">{}</bdi>', number_text(value, fmt))

    def value_rate(self, value: Any) -> Any:
        return value

    def render_quoted(self, record: ExchangeRate) -> Any:
        return format_html("<bdi>{}</bdi>", quoted_text(self.request.actor, record))

    def value_quoted(self, record: ExchangeRate) -> Any:
        return quoted_text(self.request.actor, record)

    def render_state(self, record: Any) -> str:
        return self.value_state(record)

    def value_state(self, record: Any) -> str:
        return _("Corrected later") if record.corrected else _("Counts")

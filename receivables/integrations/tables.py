"""Error Transactions as a table, and what they are filtered by."""

from functools import cached_property
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from receivables.core.columns import SelectColumn
from receivables.core.context import number_format
from receivables.core.templatetags.money import day, money
from receivables.integrations.models import Connection, Delivery, Kind, System

TONES = {
    "queued": "neutral", "held": "warning", "sending": "neutral", "synced": "success", "error": "danger",
    "uncertain": "danger", "ignored": "neutral",
}  # fmt: skip


def state_badge(delivery: Delivery) -> Any:
    return format_html(
        '<span class="badge badge-{}">{}</span>', TONES[delivery.state], delivery.get_state_display()
    )  # fmt: skip


class DeliveryTable(tables.Table):
    """Deliveries with what went wrong in plain words and the system's own beside it."""

    selected = SelectColumn()
    kind = tables.Column(verbose_name=_("Type"))
    reference = tables.Column(verbose_name=_("Reference"), linkify=True, attrs={"td": {"class": "text-nowrap"}})
    customer = tables.Column(verbose_name=_("Customer"), accessor="customer__name")
    connection = tables.Column(verbose_name=_("Connection"), accessor="connection__name")
    amount = tables.Column(verbose_name=_("Amount"), attrs={"th": {"class": "amount"}, "td": {"class": "amount"}})
    message = tables.Column(verbose_name=_("What went wrong"), empty_values=())
    state = tables.Column(verbose_name=_("Status"))
    attempts = tables.Column(verbose_name=_("Attempts"), attrs={"th": {"class": "amount"}, "td": {"class": "amount"}})
    changed = tables.Column(verbose_name=_("Date"), accessor="changed_at")

    class Meta:
        model = Delivery
        fields = ()
        sequence = (
            "selected", "kind", "reference", "customer", "connection", "amount", "message", "state", "attempts",
            "changed",
        )  # fmt: skip

    @cached_property
    def _written(self) -> dict[str, Any]:
        return number_format(self.request)

    def render_kind(self, record: Delivery) -> str:
        return str(record.get_kind_display())

    def render_reference(self, record: Delivery) -> str:
        return record.reference or f"{record.get_kind_display()} {record.source_id}"

    def render_amount(self, record: Delivery) -> Any:
        return money(self._written, record.amount, record.currency, True) if record.kind != Kind.CUSTOMER else "–"

    def value_amount(self, record: Delivery) -> Any:
        return record.amount

    def render_message(self, record: Delivery) -> Any:
        if not record.system_text:
            return record.message or "–"
        words = _("They said:")
        return format_html(
            '{}<div class="muted small">{} <bdi>{}</bdi></div>', record.message, words, record.system_text
        )

    def value_message(self, record: Delivery) -> str:
        return f"{record.message} {record.system_text}".strip()

    def render_state(self, record: Delivery) -> Any:
        return state_badge(record)

    def value_state(self, record: Delivery) -> str:
        return str(record.get_state_display())

    def render_changed(self, record: Delivery) -> Any:
        return day(self._written, record.changed_at)

    def value_changed(self, record: Delivery) -> Any:
        return record.changed_at


class DeliveryFilter(filters.FilterSet):
    """Search and filters of Error Transactions."""

    q = filters.CharFilter(label=_("Search"), method="search")
    kind = filters.ChoiceFilter(label=_("Type"), choices=Kind.choices)
    system = filters.ChoiceFilter(label=_("System"), choices=System.choices, field_name="connection__system")
    trouble = filters.ChoiceFilter(label=_("Cause"), choices=[each for each in Delivery.Trouble.choices if each[0]])
    connection = filters.ModelChoiceFilter(label=_("Connection"), queryset=Connection.objects.none())

    class Meta:
        model = Delivery
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["connection"].queryset = Connection.objects.of(self.request.actor).order_by("name")

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        found = Q(reference__icontains=value) | Q(customer__name__icontains=value) | Q(message__icontains=value)
        return rows.filter(found | Q(system_text__icontains=value))

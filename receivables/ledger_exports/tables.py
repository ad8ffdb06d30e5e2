"""Batches as a table."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from receivables.core.columns import AMOUNT, DayColumn
from receivables.ledger_exports.models import Format, LedgerExport


def size_text(size: int) -> str:
    """A number of bytes for people."""
    if size < 1_000_000:
        return f"{max(size / 1000, 0.1):.1f} kB"
    return f"{size / 1_000_000:.1f} MB"


class LedgerExportTable(tables.Table):
    number = tables.Column(verbose_name=_("Batch"), linkify=True, attrs={"td": {"class": "text-nowrap"}})
    format = tables.Column(verbose_name=_("Format"))
    entries = tables.Column(verbose_name=_("Entries"), attrs=AMOUNT)
    first_day = DayColumn(verbose_name=_("Posted from"))
    last_day = DayColumn(verbose_name=_("Posted to"))
    size = tables.Column(verbose_name=_("Size"), attrs=AMOUNT)
    created_by = tables.Column(verbose_name=_("Made by"), accessor="created_by__full_name", default="–")
    created_at = DayColumn(verbose_name=_("Made on"))
    state = tables.Column(verbose_name=_("Status"), empty_values=())

    class Meta:
        model = LedgerExport
        fields = ()
        sequence = (
            "number", "format", "entries", "first_day", "last_day", "size", "created_by", "created_at", "state",
        )  # fmt: skip

    def render_format(self, record: LedgerExport) -> str:
        return str(record.get_format_display())

    def render_entries(self, value: int) -> str:
        return f"{value:,}"

    def render_size(self, value: int) -> str:
        return size_text(value)

    def render_state(self, record: LedgerExport) -> Any:
        tone = "success" if record.live else "neutral"
        return format_html('<span class="badge badge-{}">{}</span>', tone, self.value_state(record))

    def value_state(self, record: LedgerExport) -> str:
        return str(_("Live") if record.live else _("Withdrawn"))


class LedgerExportFilter(filters.FilterSet):
    format = filters.ChoiceFilter(label=_("Format"), choices=Format.choices)

    class Meta:
        model = LedgerExport
        fields: list[str] = []

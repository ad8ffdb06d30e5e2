"""Audits as a table."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from receivables.audit.models import AuditRun
from receivables.core.columns import AMOUNT, MomentColumn


def seconds(run: AuditRun) -> str:
    """How long an audit took."""
    return f"{run.milliseconds / 1000:.1f} s"


class AuditTable(tables.Table):
    as_of = MomentColumn(verbose_name=_("As of"), linkify=True)
    created_by = tables.Column(verbose_name=_("Begun by"), accessor="created_by__full_name", default=_("Daily audit"))
    checks = tables.Column(verbose_name=_("Checks"), attrs=AMOUNT)
    duration = tables.Column(verbose_name=_("Duration"), empty_values=(), orderable=False, attrs=AMOUNT)
    entries_through = tables.Column(verbose_name=_("Journal entries up to"), orderable=False, attrs=AMOUNT)
    events_through = tables.Column(verbose_name=_("Events up to"), orderable=False, attrs=AMOUNT)
    result = tables.Column(verbose_name=_("Result"), empty_values=(), orderable=False)

    class Meta:
        model = AuditRun
        fields = ()
        sequence = ("as_of", "created_by", "checks", "duration", "entries_through", "events_through", "result")

    def render_duration(self, record: AuditRun) -> str:
        return seconds(record)

    def value_duration(self, record: AuditRun) -> float:
        return record.milliseconds / 1000

    def render_result(self, record: AuditRun) -> Any:
        tone = "danger" if record.failed else "success"
        return format_html('<span class="badge badge-{}">{}</span>', tone, self.value_result(record))

    def value_result(self, record: AuditRun) -> str:
        if not record.failed:
            return str(_("All promises hold"))
        return ngettext("%(n)s check failed", "%(n)s checks failed", record.failed) % {"n": record.failed}

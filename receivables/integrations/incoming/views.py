"""Changes over there: the list, and one with what it says and what can be done."""

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.models import Invoice
from receivables.core.access import fetch
from receivables.core.columns import DayColumn, MoneyColumn
from receivables.core.history import timeline
from receivables.core.listing import ListPage
from receivables.core.views import member_view
from receivables.integrations.incoming.models import IncomingChange

State = IncomingChange.State
TONES = {"open": "warning", "accepted": "success", "dismissed": "neutral", "gone": "neutral"}


class IncomingTable(tables.Table):
    what = tables.Column(verbose_name=gettext_lazy("What"), linkify=True)
    reference = tables.Column(verbose_name=gettext_lazy("Reference"), default="–")
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="customer__name")
    connection = tables.Column(verbose_name=gettext_lazy("Connection"), accessor="connection__name")
    date = DayColumn(verbose_name=gettext_lazy("Date"), default="–")
    amount = MoneyColumn(verbose_name=gettext_lazy("Amount"))
    state = tables.Column(verbose_name=gettext_lazy("Status"))

    class Meta:
        model = IncomingChange
        fields = ()
        sequence = ("what", "reference", "customer", "connection", "date", "amount", "state")

    def render_what(self, record: IncomingChange) -> str:
        return str(record.get_what_display())

    def render_state(self, record: IncomingChange) -> Any:
        tone = TONES[record.state]
        return format_html('<span class="badge badge-{}">{}</span>', tone, record.get_state_display())

    def value_state(self, record: IncomingChange) -> str:
        return str(record.get_state_display())


class IncomingChanges(ListPage):
    """What changed in an accounting system that we did not do."""

    verb = "view_error_transactions"
    title = gettext_lazy("Changes over there")
    section = gettext_lazy("Error Transactions")
    summary = gettext_lazy(
        "Payments that were recorded in an accounting system, and documents that differ. Nothing is posted by itself."
    )
    table_class = IncomingTable
    sorts = {"date": "seen_at", "amount": "amount"}
    default_sort = "-date"
    empty = {
        "title": gettext_lazy("Nothing to decide."),
        "text": gettext_lazy("Connections are looked through every five minutes, where the system tells what changed."),
        "icon": "check2-circle",
        "actions": [],
    }

    def queryset(self) -> QuerySet[IncomingChange]:
        rows = IncomingChange.objects.of(self.request.actor).select_related("connection", "customer")
        return rows.exclude(state=State.OPEN) if self._decided else rows.filter(state=State.OPEN)

    @property
    def _decided(self) -> bool:
        return self.request.GET.get("view") == "decided"

    def extra_context(self) -> dict[str, Any]:
        return {
            "views": [
                {"label": _("To be decided"), "url": self._url(view=""), "active": not self._decided},
                {"label": _("Decided"), "url": self._url(view="decided"), "active": self._decided},
            ]
        }


@member_view("view_error_transactions")
def incoming_change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what it says over there, and how it stands here."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = IncomingChange.objects.select_related("connection", "customer", "delivery", "payment")
    found = fetch(actor, rows, pk)
    invoices = Invoice.objects.of(actor).in_bulk([each["invoice"] for each in found.applied])
    context = {
        "title": str(found),
        "object": found,
        "section": _("Changes over there"),
        "status_label": found.get_state_display(),
        "status_tone": TONES[found.state],
        "breadcrumb": [{"label": _("Changes over there"), "url": reverse("incoming_changes")}],
        "applied": [
            (invoices[each["invoice"]], each["amount"]) for each in found.applied if each["invoice"] in invoices
        ],
        "history": timeline(actor, found),
    }
    return render(request, "incoming/change.html", context)

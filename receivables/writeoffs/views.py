"""Pages of write-offs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from receivables.billing.credit_notes.actions import sides
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.views import member_view
from receivables.ledger.views.shown import customer_crumbs
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.queries import entries, sources_of, state_of, with_documents


@member_view("view_receivables")
def write_off(request: HttpRequest, pk: int) -> HttpResponse:
    """One write-off: what it took from where, where that is owed now, what was taken back, what the ledger says."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, with_documents(WriteOff.objects.select_related("organization")), pk)
    status = state_of(found)
    items = found.items.select_related("agreement__type", "open_item__gl_account").order_by("pk")
    context = {
        "title": _("Write-off %(number)s") % {"number": found.number},
        "section": found.account.customer.name,
        "breadcrumb": customer_crumbs(found.account.customer, found.account),
        "crumb": found.number,
        "object": found,
        "status_label": status.label,
        "status_tone": status.tone,
        "sources": sources_of(found),
        "items": items,
        "reversals": found.reversals.select_related("created_by").order_by("step"),
        "entries": [(entry, sides(entry)) for entry in entries(found)],
        "history": timeline(actor, found),
    }
    return render(request, "writeoffs/write_off.html", context)

"""The page of a debt transfer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from receivables.billing.credit_notes.actions import sides
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.views import member_view
from receivables.ledger.models import JournalEntry
from receivables.ledger.views.shown import customer_crumbs
from receivables.writeoffs.transfers.models import DebtTransfer, DebtTransferReversal
from receivables.writeoffs.transfers.panels import status_of, with_documents


@member_view("view_receivables")
def debt_transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """One transfer: what it moved from where to where, what is still owed of it, what the ledger says."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, with_documents(DebtTransfer.objects.all()), pk)
    reversal = DebtTransferReversal.objects.select_related("created_by").filter(transfer=found).first()
    documents = [found, *([reversal] if reversal else [])]
    entries = JournalEntry.objects.of(actor).filter(
        source_type__in=[each._meta.label_lower for each in documents], source_id__in=[each.pk for each in documents]
    )
    own = [each for each in entries.order_by("pk") if (each.source_type, each.source_id) in _keys(documents)]
    status = status_of(found, reversal is not None)
    context = {
        "title": _("Debt transfer %(number)s") % {"number": found.number},
        "section": found.source.account.customer.name,
        "breadcrumb": customer_crumbs(found.source.account.customer, found.source.account),
        "crumb": found.number,
        "object": found,
        "reversal": reversal,
        "status_label": status.label,
        "status_tone": status.tone,
        "items": found.items.select_related("source_item__origin__invoice", "source_item__invoice", "open_item"),
        "entries": [(entry, sides(entry)) for entry in own],
        "history": timeline(actor, found),
    }
    return render(request, "writeoffs/debt_transfer.html", context)


def _keys(documents: list[Any]) -> set[tuple[str, int]]:
    return {(each._meta.label_lower, each.pk) for each in documents}

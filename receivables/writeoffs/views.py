"""Pages of write-offs."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from receivables.billing.credit_notes.actions import sides
from receivables.billing.pages import amount_text
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.views import member_view
from receivables.customers.models import Account
from receivables.ledger.views.shown import customer_crumbs
from receivables.writeoffs.forms import WriteOffForm
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.queries import entries, sources_of, state_of, with_documents


@member_view("view_receivables")
def write_off(request: HttpRequest, pk: int) -> HttpResponse:
    """One write-off: what it took from where, where that is owed now, what was taken back, what the ledger says."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, with_documents(WriteOff.objects.select_related("organization", "batch_item__batch")), pk)
    status = state_of(found)
    items = found.items.select_related("agreement__type", "open_item__gl_account").order_by("pk")
    context = {
        "title": _("Write-off %(number)s") % {"number": found.number},
        "section": found.account.customer.name,
        "breadcrumb": customer_crumbs(found.account.customer, found.account),
        "crumb": found.number,
        "object": found,
        "batch": found.batch_item.batch if hasattr(found, "batch_item") else None,
        "status_label": status.label,
        "status_tone": status.tone,
        "sources": sources_of(found),
        "items": items,
        "reversals": found.reversals.select_related("created_by").order_by("step"),
        "entries": [(entry, sides(entry)) for entry in entries(found)],
        "history": timeline(actor, found),
    }
    return render(request, "writeoffs/write_off.html", context)


@member_view("view_receivables")
def write_off_total(request: HttpRequest, pk: int) -> HttpResponse:
    """What the debts ticked so far add up to, by currency; nothing is checked here."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    account = fetch(actor, Account.objects.select_related("customer"), pk)
    form = WriteOffForm(request.GET, actor=actor, obj=account)
    form.is_valid()
    sums: dict[str, Decimal] = {}
    for debt in form.debts:
        amount = form.cleaned_data.get("picks", {}).get(debt.key, Decimal(0))
        sums[debt.currency] = sums.get(debt.currency, Decimal(0)) + amount
    totals = [amount_text(actor, amount, currency) for currency, amount in sums.items() if amount]
    return render(request, "writeoffs/includes/total.html", {"totals": totals})

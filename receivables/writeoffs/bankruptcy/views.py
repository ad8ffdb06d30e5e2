"""The page of a bankruptcy."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from receivables.billing.pages import amount_text
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.views import member_view
from receivables.ledger.views.shown import customer_crumbs
from receivables.writeoffs.bankruptcy.addition_pages import outside_texts
from receivables.writeoffs.bankruptcy.operations import owed_of
from receivables.writeoffs.models import Bankruptcy
from receivables.writeoffs.queries import state_of, with_documents


@member_view("view_receivables")
def bankruptcy(request: HttpRequest, pk: int) -> HttpResponse:
    """One bankruptcy: the petition, what was moved, what a trustee paid, what is still owed."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    rows = Bankruptcy.objects.select_related(
        "account__customer", "new_account", "created_by", "approved_by", "withdrawal__created_by"
    )
    found = fetch(actor, rows, pk)
    write_offs = with_documents(found.write_offs.all()).order_by("pk")
    context = {
        "title": _("Bankruptcy of account %(number)s") % {"number": found.account.number},
        "section": found.account.customer.name,
        "breadcrumb": customer_crumbs(found.account.customer, found.account),
        "crumb": _("Bankruptcy"),
        "object": found,
        "withdrawal": (withdrawal := getattr(found, "withdrawal", None)),
        "status_label": _("Withdrawn") if withdrawal else "",
        "status_tone": "neutral",
        "stops": found.stops.select_related("agreement__type").order_by("pk"),
        "outside": [] if withdrawal else outside_texts(actor, found),
        "owed": [amount_text(actor, amount, currency) for currency, amount in owed_of(found).items()],
        "rows": [{"write_off": row, "status": state_of(row)} for row in write_offs],
        "history": timeline(actor, found),
    }
    return render(request, "writeoffs/bankruptcy.html", context)

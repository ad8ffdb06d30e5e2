"""Pages of credit notes: the list, one credit note, its PDF, and the total of a form that is being filled in."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.credit_notes.actions import by_invoice, sides
from receivables.billing.credit_notes.documents import credit_note_pdf
from receivables.billing.credit_notes.forms import IssueCreditNoteForm
from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.credit_notes.queries import entries, reversal_of, with_documents
from receivables.billing.credit_notes.tables import CreditNoteFilter, CreditNoteTable, note_status
from receivables.billing.documents import plain_name
from receivables.billing.pages import amount_text
from receivables.billing.views.invoice import answer_pdf
from receivables.billing.views.lists import Views
from receivables.billing.views.shown import panels_of
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.listing import ListPage
from receivables.core.views import member_view
from receivables.customers.models import Account


class CreditNotesView(Views, ListPage):
    """All credit notes of the organization, the newest first."""

    title = gettext_lazy("Credit notes")
    summary = gettext_lazy("What was taken off invoices after they were issued, and why.")
    table_class = CreditNoteTable
    filter_class = CreditNoteFilter
    sorts = {"number": "number", "date": "date", "total": "total"}
    default_sort = "-date"
    STATES = {"": {}, "issued": {"reversal__isnull": True}, "reversed": {"reversal__isnull": False}}
    empty = {
        "title": gettext_lazy("No credit notes."),
        "text": gettext_lazy("A credit note is issued from an invoice or an account."),
        "icon": "file-earmark-text",
        "actions": [],
    }

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self.STATES else ""

    def queryset(self) -> QuerySet[CreditNote]:
        return with_documents(CreditNote.objects.of(self.request.actor)).filter(**self.STATES[self.tab])

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        """Per currency, what stands of the filtered rows."""
        standing = rows.order_by().filter(reversal__isnull=True)
        sums = standing.values("currency").annotate(sum=Sum("total")).order_by("currency")
        actor = self.request.actor
        return [
            {"label": _("Credited"), "value": amount_text(actor, row["sum"] or Decimal(0), row["currency"])}
            for row in sums[:5]
        ]

    def extra_context(self) -> dict[str, Any]:
        labels = {"": _("All"), "issued": _("Issued"), "reversed": _("Reversed")}
        tabs = [
            {"label": label, "url": self._url(view=name), "active": name == self.tab} for name, label in labels.items()
        ]
        kept = [(key, self.request.GET[key]) for key in ("sort", "view") if self.request.GET.get(key)]
        return {"views": tabs, "kept_parameters": kept}


def _note(request: Any, pk: int) -> CreditNote:
    rows = with_documents(CreditNote.objects.select_related("organization", "created_by", "reversal__created_by"))
    return fetch(request.actor, rows, pk)


@member_view("view_receivables")
def credit_note(request: HttpRequest, pk: int) -> HttpResponse:
    """One credit note: its lines, the invoices it corrects, what the ledger says of it, what happened to it."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = _note(request, pk)
    status = note_status(found)
    context = {
        "title": _("Credit note %(number)s") % {"number": found.number},
        "section": _("Credit notes"),
        "breadcrumb": [{"label": _("Credit notes"), "url": reverse("credit_notes")}],
        "crumb": found.number,
        "object": found,
        "status_label": status.label,
        "status_tone": status.tone,
        "reversal": reversal_of(found),
        "lines": found.lines.select_related("invoice", "tax_code").order_by("line_no"),
        "invoices": by_invoice(found),
        "entries": [(entry, sides(entry)) for entry in entries(found)],
        "foreign": found.currency != actor.organization.currency,
        "own_currency": actor.organization.currency,
        "asides": panels_of(request, found, "aside"),
        "history": timeline(actor, found),
    }
    return render(request, "billing/credit_note.html", context)


@member_view("view_receivables")
def credit_note_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The document as it was issued."""
    found = _note(request, pk)
    return answer_pdf(
        request, lambda: credit_note_pdf(found), f"{plain_name(found.number)}.pdf", found.get_absolute_url()
    )


@member_view("issue_credit_note")
def credit_note_total(request: HttpRequest, pk: int) -> HttpResponse:
    """What the amounts typed so far add up to, by currency; nothing is checked against balances here."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    account = fetch(actor, Account.objects.select_related("customer"), pk, "issue_credit_note")
    form = IssueCreditNoteForm(request.GET, actor=actor, obj=account)
    form.is_valid()
    sums: dict[str, Decimal] = {}
    for invoice, amount in form.cleaned_data.get("parts", []):
        sums[invoice.currency] = sums.get(invoice.currency, Decimal(0)) + amount
    totals = [amount_text(actor, amount, currency) for currency, amount in sums.items()]
    return render(request, "billing/includes/credit_note_total.html", {"totals": totals})

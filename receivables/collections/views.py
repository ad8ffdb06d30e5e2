"""Pages of payments: the list, one payment, and where a new one begins."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.models import Load
from receivables.billing.pages import amount_text
from receivables.collections.assigning.drafts import drafts_of
from receivables.collections.bounce_fees.actions import fee_of
from receivables.collections.differences import differences_of, documents_of
from receivables.collections.excess.actions import excesses_of
from receivables.collections.models import Payment, PaymentReversal
from receivables.collections.queries import (
    applied_rows,
    is_live,
    lines_of,
    netted,
    payment_totals,
    unapplied,
    with_documents,
)
from receivables.collections.recoveries.panels import of_payment
from receivables.collections.search import find
from receivables.collections.standing import standing_shown
from receivables.collections.status import payment_status, reversal_of
from receivables.collections.tables import PaymentFilter, PaymentTable
from receivables.collections.tax_relief.queries import relieved_later
from receivables.collections.unapplied.panels import acts_of, links_of, money_of
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.listing import ListPage
from receivables.core.views import MemberView, member_view, panels_of
from receivables.ledger.models import Allocation, OpenItem
from receivables.ledger.queries import entries_of

SHOWN_DRAFTS = 10
# Asked as a question of its own: beside a join the planner takes few payments for standing, and counts by reading all.
REVERSED = Exists(PaymentReversal.objects.filter(payment=OuterRef("pk")))


def _crumbs() -> list[dict[str, Any]]:
    return [{"label": _("Payments"), "url": reverse("payments")}]


class PaymentList(ListPage):
    """All money received; deleted payments have a tab of their own."""

    title = gettext_lazy("Payments")
    summary = gettext_lazy("Money received from customers, and what of it is still on account.")
    table_class = PaymentTable
    filter_class = PaymentFilter
    sorts = {"number": "number", "date": "date", "amount": "amount"}
    default_sort = "-date"
    TABS = {
        "": (gettext_lazy("Recorded"), ~REVERSED),
        "on-account": (gettext_lazy("On account"), ~REVERSED & Q(open_item__balance__lt=0)),
        "deleted": (gettext_lazy("Deleted or bounced"), REVERSED),
    }

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self.TABS else ""

    def queryset(self) -> QuerySet[Payment]:
        return with_documents(Payment.objects.of(self.request.actor)).filter(self.TABS[self.tab][1])

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        actor, shown = self.request.actor, []
        own = actor.organization.currency
        for sums in sorted(payment_totals(rows), key=lambda sums: (sums["currency"] != own, sums["currency"])):
            currency = sums["currency"]
            shown.append({"label": _("Received"), "value": amount_text(actor, sums["received"], currency)})
            shown.append({"label": _("On account"), "value": amount_text(actor, -sums["left"], currency)})
        return shown

    def page_actions(self) -> list[dict[str, Any]]:
        actor, links = self.request.actor, []
        if relieved_later(actor):
            links.append({"label": _("Tax relief"), "url": reverse("claim_tax_relief"), "icon": "bank"})
        if actor.can("record_payment"):
            url = reverse("new_payment")
            links.append({"label": _("Record payment"), "url": url, "style": "primary", "icon": "plus-lg"})
        return links

    def extra_context(self) -> dict[str, Any]:
        tabs = [
            {"label": label, "url": self._url(view=name), "active": name == self.tab}
            for name, (label, _rows) in self.TABS.items()
        ]
        kept = [(key, self.request.GET[key]) for key in ("sort", "view") if self.request.GET.get(key)]
        return {"views": tabs, "kept_parameters": kept, "empty": self._empty()}

    def _empty(self) -> dict[str, Any]:
        titles = {
            "": _("No payments yet."),
            "on-account": _("No money is on account."),
            "deleted": _("No payment was deleted, and none bounced."),
        }
        actions = [] if self.tab else self.page_actions()
        return {"title": titles[self.tab], "text": "", "icon": "cash-coin", "actions": actions}


@member_view("view_receivables")
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """One payment: what it is, what it paid, what the ledger says of it, and what happened to it."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, with_documents(Payment.objects.select_related("created_by", "reversal__created_by")), pk)
    rows = applied_rows(credit_item=found.open_item_id)
    entries = list(entries_of(actor, found, *acts_of(actor, found), *documents_of(actor, found)))
    posted = [(entry, lines_of(entry)) for entry in entries]
    status, undone = payment_status(found), reversal_of(found)
    applied = sum((row.spent for row in rows if is_live(row)), Decimal(0))
    context = {
        "title": found.number, "section": _("Payments"), "breadcrumb": _crumbs(), "object": found,
        "summary": f"{found.account.customer.name} · {found.account.number}",
        "status_label": status.label, "status_tone": status.tone, "reversal": undone, "entries": posted,
        "rows": rows, "crossed": any(row.crossed for row in rows), "applied": applied,
        "unapplied": unapplied(found), "net": netted(entries),
        "foreign": found.currency != actor.organization.currency, "own_currency": actor.organization.currency,
        "history": timeline(actor, found), "shown": shown_rows(actor, rows), **money_of(actor, found),
        **of_payment(actor, found),
        "excesses": excesses_of(actor, found), "fee": fee_of(actor, found) if undone is not None else None,
        "asides": panels_of(request, found, "aside"),
        "differences": differences_of(actor, found), "stands": standing_shown(found) if undone is None else None,
    }  # fmt: skip
    return render(request, "collections/payment.html", context)


def shown_rows(actor: Any, rows: list[Allocation]) -> list[dict[str, Any]]:
    """The assignments of a payment, each with what may be done with it."""
    resolved = {short.row.pk: short.url for short in shorts_of(actor, rows)}
    return [
        {
            "row": row,
            "resolve_url": resolved.get(row.pk, ""),
            "links": links_of(actor, row),
            "recovery": row.debit_item.kind == OpenItem.Kind.WRITE_OFF,
        }
        for row in rows
    ]


@dataclass(frozen=True)
class Short:
    """An invoice that a payment left short, and where that is resolved: its load, or the invoice if it has several."""

    row: Allocation
    url: str


def shorts_of(actor: Any, rows: list[Allocation]) -> list[Short]:
    """What of these assignments can be resolved, for those who may; two queries, however many there are."""
    if not actor.can("resolve_short_payment"):
        return []
    invoiced = [row for row in rows if row.debit_item.kind == OpenItem.Kind.INVOICE]
    short = [row for row in invoiced if is_live(row) and row.debit_item.balance > 0]
    loads: dict[int, list[int]] = {}
    invoices = [row.debit_item.invoice.pk for row in short]
    for invoice_id, pk in Load.objects.of(actor).filter(invoice__in=invoices).values_list("invoice_id", "pk"):
        loads.setdefault(invoice_id, []).append(pk)
    return [Short(row, _resolve_url(row, loads.get(row.debit_item.invoice.pk, []))) for row in short]


def _resolve_url(row: Allocation, loads: list[int]) -> str:
    if len(loads) == 1:
        return reverse("resolve_short_payment", args=loads)
    return f"{row.debit_item.invoice.get_absolute_url()}#payments"


class NewPayment(MemberView):
    """Find the invoice or the customer that a payment is for; a plain form, so that it works without JavaScript."""

    verb = "record_payment"

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("find", "")
        context = {
            "title": _("Record payment"), "section": _("Payments"), "breadcrumb": _crumbs(),
            "found": find(self.request.actor, text), "wanted": text,
            "drafts": list(drafts_of(self.request.actor)[:SHOWN_DRAFTS]),
        }  # fmt: skip
        return render(request, "collections/new_payment.html", context)

"""Pages of summary invoices: making one from chosen loads, and saying which loads a settlement is for."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.pages import amount_text
from receivables.billing.queries import Member, price_document
from receivables.billing.summary.forms import GenerateSummaryForm, SplitForm
from receivables.billing.summary.operations import (
    candidate,
    generate_summary_invoice,
    members,
    reversed_blocker,
    split_by_load,
)
from receivables.billing.summary.pages import settlement_names
from receivables.billing.summary.parts import parts_of, shares_of
from receivables.billing.summary.rules import MOST_LOADS, generate_summary_invoice_blocker
from receivables.core.access import fetch
from receivables.core.errors import Blocker
from receivables.core.forms import keys_of
from receivables.core.views import FormView
from receivables.ledger.models import Allocation


class GenerateSummaryView(FormView):
    """The loads chosen in the list, what they add up to, and the dates of their invoice.

    The list posts the chosen loads here, which writes nothing: only the page that shows them is sent to bill them.
    """

    verb = "generate_summary_invoice"
    template = "billing/generate_summary.html"
    form_class = GenerateSummaryForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "issue_date" in request.POST:
            return super().post(request, *args, **kwargs)
        chosen = keys_of(request.POST.getlist("selected"))[: MOST_LOADS + 1]
        return redirect(f"{request.path}?{'&'.join(f'load={pk}' for pk in chosen)}")

    @cached_property
    def members(self) -> list[Member]:
        """The chosen loads that exist in the organization, as they are now."""
        texts = (self.request.POST if self.request.method == "POST" else self.request.GET).getlist("load")
        found = Load.objects.of(self.request.actor).filter(pk__in=keys_of(texts)[: MOST_LOADS + 1])
        return members(self.request.actor, list(found))

    def blocker(self) -> Blocker | None:
        return generate_summary_invoice_blocker([candidate(member) for member in self.members])

    def context(self) -> dict[str, Any]:
        actor, found = self.request.actor, self.members
        blocker = self.blocker()
        context: dict[str, Any] = {
            "title": _("Summary invoice"), "section": _("Invoices"), "submit_label": _("Generate invoice"),
            "breadcrumb": [{"label": _("Loads"), "url": reverse("loads")}], "loads": [each.load for each in found],
            "cancel_url": f"{reverse('loads')}?status=draft", "blocker": blocker,
        }  # fmt: skip
        if blocker is None:
            first = found[0].load
            document = price_document(found, first.currency)
            context["facts"] = [
                {"label": _("Customer"), "value": first.account.customer.name},
                {"label": _("Account"), "value": first.account.number},
                {"label": _("Loads"), "value": len(found)},
                {"label": _("Net"), "value": amount_text(actor, document.net, first.currency)},
                {"label": _("Tax"), "value": amount_text(actor, document.tax, first.currency)},
                {"label": _("Invoice total"), "value": amount_text(actor, document.total, first.currency)},
            ]
        return context

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        loads = [member.load for member in self.members]
        seen = {load.pk: keys_of([self.request.POST.get(f"version_{load.pk}", "")]) for load in loads}
        invoice = generate_summary_invoice(
            actor=self.request.actor, loads=loads, issue_date=data["issue_date"], posting_date=data["posting_date"],
            reference=data["reference"], seen={pk: version[0] for pk, version in seen.items() if version},
        )  # fmt: skip
        said = ngettext(
            "Invoice %(number)s over %(n)s load was generated.", "Invoice %(number)s over %(n)s loads was generated.",
            len(loads),
        )  # fmt: skip
        return invoice.get_absolute_url(), said % {"number": invoice.number, "n": len(loads)}


class SplitView(FormView):
    """For which loads of a summary invoice a payment is."""

    verb = "split_by_load"
    form_class = SplitForm
    template = "core/action.html"

    @cached_property
    def allocation(self) -> Allocation:
        rows = Allocation.objects.select_related("credit_item").filter(
            debit_item__invoice__summary=True, reverses__isnull=True, amount__gt=0
        )
        return fetch(self.request.actor, rows, self.kwargs["pk"], self.verb)

    @cached_property
    def invoice(self) -> Invoice:
        rows = Invoice.objects.of(self.request.actor).select_related("open_item")
        return rows.get(open_item=self.allocation.debit_item_id)

    def form_kwargs(self) -> dict[str, Any]:
        revision = Revision.objects.get(invoice=self.invoice, number=self.invoice.current_revision)
        parts = parts_of(self.invoice, revision)
        return {
            **super().form_kwargs(), "parts": parts, "shares": shares_of([self.allocation])[self.allocation.pk],
            "loads": list(Load.objects.of(self.request.actor).filter(pk__in=parts).order_by("pk")),
            "currency": self.invoice.currency,
        }  # fmt: skip

    def blocker(self) -> Blocker | None:
        return reversed_blocker(self.allocation)

    def context(self) -> dict[str, Any]:
        actor, settled = self.request.actor, self.allocation
        return {
            "title": _("Split by load"), "section": _("Invoices"), "submit_label": _("Save the split"),
            "breadcrumb": [{"label": self.invoice.number, "url": self.invoice.get_absolute_url()}],
            "cancel_url": self.invoice.get_absolute_url(),
            "facts": [
                {"label": _("Invoice"), "value": self.invoice.number},
                {"label": _("Settled by"), "value": settlement_names([settled])[settled.pk]},
                {"label": _("Applied"), "value": amount_text(actor, settled.amount, self.invoice.currency)},
            ],
            "effects": [
                _("No money moves: this only says which loads it is for."),
                _("What you leave empty is for no load until the whole invoice is settled."),
            ],
        }  # fmt: skip

    def act(self, form: forms.Form) -> HttpResponse:
        form.cleaned_data["shares"] = form.shares()  # type: ignore[attr-defined]
        return super().act(form)

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        split_by_load(
            actor=self.request.actor, allocation=self.allocation, shares=data["shares"], reason=data["reason"]
        )
        return self.invoice.get_absolute_url(), _("The split was saved.")

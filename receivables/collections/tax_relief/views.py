"""The pages of tax relief: the worksheet with its claim, and a claim with what stands of it."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.collections.models import TaxRelief, TaxReliefClaim
from receivables.collections.tax_relief.operations import claim_tax_relief
from receivables.collections.tax_relief.queries import MOST, Eligible, with_later_recovery, worksheet
from receivables.collections.tax_relief.tables import WorksheetTable
from receivables.core.access import fetch
from receivables.core.dates import today
from receivables.core.exports import export_response
from receivables.core.forms import DayField, FormWithFormat, key_of
from receivables.core.history import timeline
from receivables.core.operations import authorize
from receivables.core.views import FormView, member_view

NEWEST = 20


class ClaimForm(FormWithFormat, forms.Form):
    """As of which day, and when it is posted; the rows are chosen beside it."""

    as_of = DayField(widget=forms.HiddenInput)
    posting_date = DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty for today, or for the first open day if this month is closed."),
    )  # fmt: skip


def totals(actor: Any, rows: Sequence[Any], name: str) -> list[str]:
    """An amount of all rows, by currency."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + getattr(row, name)
    return [amount_text(actor, amount, currency) for currency, amount in sorted(sums.items())]


def crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Ledger"), "url": reverse("books")},
        {"label": _("Tax relief for bad debt"), "url": reverse("claim_tax_relief")},
    ]


class Worksheet(FormView):
    """What is eligible as of a day; some or all of it is claimed. Whoever may look may look at it."""

    template = "collections/tax_relief/worksheet.html"
    form_class = ClaimForm

    @cached_property
    def as_of(self) -> datetime.date:
        """The day that was asked for, else today."""
        try:
            asked = DayField(required=False).clean(self.request.POST.get("as_of") or self.request.GET.get("as_of"))
        except ValidationError:
            asked = None
        return asked or today(self.request.actor.organization)

    @cached_property
    def rows(self) -> list[Eligible]:
        return worksheet(self.request.actor, self.as_of)

    def form_kwargs(self) -> dict[str, Any]:
        return {**super().form_kwargs(), "initial": {"as_of": self.as_of}}

    def _suggested(self) -> dict[str, str]:
        """The day in the address is the worksheet's; one that is no day is passed over."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind = request.GET.get("export")
        if kind:
            authorize(request.actor, "export_data")
            rows: Any = self.rows
            return export_response(request, WorksheetTable, rows, _("Tax relief for bad debt"), kind)
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        actor, here = self.request.actor, reverse("claim_tax_relief")
        address = f"{here}?{urlencode({'as_of': self.as_of.isoformat()})}&export="
        exports = [{"label": "CSV", "url": f"{address}csv"}, {"label": "Excel", "url": f"{address}xlsx"}]
        ticked = set(self.request.POST.getlist("selected"))
        return {
            "title": _("Tax relief for bad debt"), "section": _("Ledger"), "breadcrumb": crumbs()[:1],
            "summary": _("The tax inside bad debt whose reason says that it is claimed back later."),
            "rows": [{"item": row, "ticked": not ticked or str(row.key) in ticked} for row in self.rows],
            "as_of": self.as_of, "may_claim": actor.can("claim_tax_relief"), "full": len(self.rows) == MOST,
            "bases": totals(actor, self.rows, "base"), "taxes": totals(actor, self.rows, "tax"),
            "exports": exports if actor.can("export_data") else [],
            "claims": TaxReliefClaim.objects.of(actor).select_related("created_by").order_by("-pk")[:NEWEST],
        }  # fmt: skip

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        sent = map(key_of, self.request.POST.getlist("selected"))
        chosen = [key for key in sent if key is not None]
        claim = claim_tax_relief(
            actor=self.request.actor, settlements=chosen, as_of=data["as_of"], posting_date=data["posting_date"]
        )
        words = {"number": claim.number, "amounts": ", ".join(totals(self.request.actor, claim.items.all(), "amount"))}
        return claim.get_absolute_url(), _("Tax relief %(number)s: %(amounts)s was claimed back.") % words


@member_view("view_receivables")
def tax_relief_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """A claim: each bad debt with its tax, and what was taken back of it."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, TaxReliefClaim.objects.select_related("created_by"), pk)
    rows = with_later_recovery(TaxRelief.objects.of(actor).filter(claim=found)).order_by("pk")
    items = list(rows.select_related("invoice__account__customer", "reversal", "claim"))
    context = {
        "title": found.number, "section": _("Ledger"), "breadcrumb": crumbs(), "object": found,
        "items": [{"relief": item, "reversal": getattr(item, "reversal", None)} for item in items],
        "standing": totals(actor, [item for item in items if not hasattr(item, "reversal")], "amount"),
        "history": timeline(actor, found),
    }  # fmt: skip
    return render(request, "collections/tax_relief/claim.html", context)

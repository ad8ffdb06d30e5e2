"""Months: open, closed, and by whom."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.core.history import timeline
from receivables.core.views import FormView, member_view
from receivables.ledger.forms import CloseMonthForm
from receivables.ledger.models import Period
from receivables.ledger.operations import close_period
from receivables.ledger.rules import month_text
from receivables.ledger.views.books import tabs

SHOWN_MONTHS = 36


@member_view("view_receivables")
def periods(request: HttpRequest) -> HttpResponse:
    """The months into which something was posted, newest first, with their state and what was done to them."""
    actor = request.actor  # type: ignore[attr-defined]
    months = list(Period.objects.of(actor).select_related("closed_by").order_by("-month")[:SHOWN_MONTHS])
    return render(
        request,
        "ledger/periods.html",
        {
            "title": _("Months"),
            "section": _("Ledger"),
            "summary": _("Nothing is posted into a closed month. Late documents go to the first open day after it."),
            "months": months,
            "may_close": actor.can("close_period"),
            "views": tabs(actor, "periods"),
            "history": timeline(actor, *months),
        },
    )


class CloseMonthView(FormView):
    """Close a month by name, also one into which nothing was posted."""

    verb = "close_period"
    form_class = CloseMonthForm

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Close a month"),
            "section": _("Ledger"),
            "breadcrumb": [{"label": _("Months"), "url": reverse("periods")}],
            "crumb": _("Close a month"),
            "effects": [_("Nothing is posted into the month any more, even if nothing was posted into it so far.")],
            "cancel_url": reverse("periods"),
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        closed = close_period(actor=self.request.actor, month=data["month"])
        return reverse("periods"), _("%(month)s is closed.") % {"month": month_text(closed.month)}

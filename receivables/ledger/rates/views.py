"""Pages of exchange rates: the table, its history, adding a rate, and importing a file after a dry run."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.core.context import day_text
from receivables.core.errors import Refused
from receivables.core.history import timeline
from receivables.core.listing import ListPage
from receivables.core.views import FormView, member_view
from receivables.customers.models import Agreement, Customer
from receivables.ledger.rates.files import Read, read_rates
from receivables.ledger.rates.forms import AddRateForm, ConfirmRatesForm, UploadRatesForm, packed
from receivables.ledger.rates.models import ExchangeRate
from receivables.ledger.rates.operations import (
    Quote,
    add_exchange_rate,
    import_exchange_rates,
    leaps_of,
    sort_quotes,
)
from receivables.ledger.rates.queries import CORRECTED, overview
from receivables.ledger.rates.tables import RateFilter, RateTable, quoted_text
from receivables.ledger.views.books import tabs

SHOWN = 100  # rows of a dry run


def _crumbs() -> list[dict[str, Any]]:
    return [{"label": _("Exchange rates"), "url": reverse("exchange_rates")}]


def _page_actions(actor: Any) -> list[dict[str, Any]]:
    offered = [
        ("import_exchange_rates", _("Import"), "secondary", "upload"),
        ("add_exchange_rate", _("Add rate"), "primary", "plus-lg"),
    ]
    return [
        {"label": label, "url": reverse(verb), "style": style, "icon": icon}
        for verb, label, style, icon in offered
        if actor.can(verb)
    ]


@member_view("view_receivables")
def exchange_rates(request: HttpRequest) -> HttpResponse:
    """Every foreign currency with its rate of today, how old that is, and the few before it."""
    actor = request.actor  # type: ignore[attr-defined]
    lines = overview(actor)
    shown = [
        {"line": line, "rates": [(row, quoted_text(actor, row)) for row in line.history],
         "now": quoted_text(actor, line.now) if line.now else ""}
        for line in lines
    ]  # fmt: skip
    context = {
        "title": _("Exchange rates"), "section": _("Ledger"), "views": tabs(actor, "exchange_rates"), "lines": shown,
        "summary": _("What one unit of a foreign currency is worth in %(currency)s, from a day on.")
        % {"currency": actor.organization.currency},
        "page_actions": _page_actions(actor),
        "history": timeline(actor, *(row for line in lines for row in line.history)),
    }  # fmt: skip
    return render(request, "ledger/exchange_rates.html", context)


class RateHistory(ListPage):
    """Every rate that was ever written, newest day first."""

    title = gettext_lazy("History of exchange rates")
    section = gettext_lazy("Ledger")
    summary = gettext_lazy("Nothing is ever overwritten: a correction is a row of its own.")
    table_class = RateTable
    filter_class = RateFilter
    sorts = {"date": "date", "currency": "currency"}
    default_sort = "-date"
    empty = {"title": gettext_lazy("No exchange rates yet."), "text": "", "icon": "bank", "actions": []}

    def queryset(self) -> QuerySet:
        rows = ExchangeRate.objects.of(self.request.actor).select_related("created_by")
        return rows.annotate(corrected=CORRECTED)

    def page_actions(self) -> list[dict[str, Any]]:
        return _page_actions(self.request.actor)

    def extra_context(self) -> dict[str, Any]:
        return {"breadcrumb": _crumbs(), "crumb": _("History")}


class AddRate(FormView):
    """A rate from a day on."""

    verb = "add_exchange_rate"
    form_class = AddRateForm

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Add an exchange rate"), "section": _("Ledger"), "breadcrumb": _crumbs(), "crumb": _("Add"),
            "cancel_url": reverse("exchange_rates"), "submit_label": _("Add rate"),
        }  # fmt: skip

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        actor = self.request.actor
        names = ("currency", "date", "rate", "inverse", "sure")
        made = add_exchange_rate(actor=actor, **{name: data[name] for name in names})
        words = {"day": day_text(actor, made.date), "rate": quoted_text(actor, made)}
        return reverse("exchange_rates"), _("From %(day)s: %(rate)s.") % words


@dataclass(frozen=True)
class PreviewRow:
    """A rate of a dry run: what it is, what counts now for its day, and whether it leaps."""

    quote: Quote
    text: str
    now: str
    leaps: bool


class ImportRates(FormView):
    """A file is read and shown; only sending that page again writes what was shown."""

    verb = "import_exchange_rates"
    template = "ledger/import_rates.html"
    form_class = UploadRatesForm

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Import exchange rates"), "section": _("Ledger"), "breadcrumb": _crumbs(), "crumb": _("Import"),
            "cancel_url": reverse("exchange_rates"), "submit_label": _("Read the file"),
        }  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "rates" in request.POST:
            self.form_class = ConfirmRatesForm
            return super().post(request, *args, **kwargs)
        form = UploadRatesForm(request.POST, request.FILES, actor=request.actor)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            read = read_rates(form.cleaned_data["file"].read(), form.choices(currencies_in_use(request.actor)))
        except Refused as refused:
            form.add_error("file", str(refused.blocker.message))
            return self.show(form, status=422)
        carried = ConfirmRatesForm(
            actor=request.actor, initial={"rates": packed(request.actor, read.source, read.quotes)}
        )  # fmt: skip
        return self.show_dry_run(carried, read)

    def show_dry_run(self, form: ConfirmRatesForm, read: Read, status: int = 200, **more: Any) -> HttpResponse:
        shown = self.dry_run(read)
        asked = form.ask_only(changed=bool(shown["changed"]), leaps=bool(shown["leaps"]))
        return render(self.request, self.template, {**self.context(), "form": asked, **shown, **more}, status=status)

    def dry_run(self, read: Read) -> dict[str, Any]:
        """What importing would do, as the page shows it."""
        actor = self.request.actor
        found = sort_quotes(actor, read.quotes)
        leaps = leaps_of(actor, [*found.new, *(quote for quote, _now in found.changed)])
        rows = [self._row(quote, None, leaps) for quote in found.new[:SHOWN]]
        rows += [self._row(quote, now, leaps) for quote, now in found.changed[:SHOWN]]
        return {
            "preview": True, "rows": rows[:SHOWN], "beyond": max(len(found.new) + len(found.changed) - SHOWN, 0),
            "new": len(found.new), "changed": len(found.changed), "same": found.same, "left_out": read.left_out,
            "problems": read.problems, "problem_count": len(read.problems) + read.more, "more_problems": read.more,
            "leaps": len(leaps), "anything": bool(found.new or found.changed),
            "submit_label": _("Import"),
        }  # fmt: skip

    def _row(self, quote: Quote, now: ExchangeRate | None, leaps: set[Any]) -> PreviewRow:
        actor = self.request.actor
        text = quoted_text(
            actor,
            ExchangeRate(
                currency=quote.currency, date=quote.date, rate=quote.rate, quoted=quote.quoted, inverse=quote.inverse
            ),
        )
        return PreviewRow(quote, text, quoted_text(actor, now) if now else "", (quote.currency, quote.date) in leaps)

    def show(self, form: Any, status: int = 200, blocker: Any = None, **more: Any) -> HttpResponse:
        if isinstance(form, ConfirmRatesForm) and "rates" in form.cleaned_data:
            source, quotes = form.cleaned_data["rates"]
            return self.show_dry_run(form, Read(source, list(quotes)), status, **more)
        return super().show(form, status, blocker, **more)

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        source, quotes = data["rates"]
        made = import_exchange_rates(
            actor=self.request.actor, quotes=quotes, source=source, replace=data["replace"], reason=data["reason"],
            sure=data["sure"],
        )  # fmt: skip
        said = ngettext("%(n)s exchange rate was imported.", "%(n)s exchange rates were imported.", len(made))
        return reverse("exchange_rates"), said % {"n": len(made)}


def currencies_in_use(actor: Any) -> frozenset[str]:
    """The foreign currencies of customers, agreements and rates."""
    own = actor.organization.currency
    found: set[str] = set()
    for model in (Customer, Agreement, ExchangeRate):
        found.update(model.objects.of(actor).values_list("currency", flat=True).distinct())  # type: ignore[attr-defined]
    return frozenset(found - {own})

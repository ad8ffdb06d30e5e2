"""The books: trial balance, journal, entries, GL accounts."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.access import fetch
from receivables.core.dates import today
from receivables.core.exports import export_response
from receivables.core.listing import ListPage
from receivables.core.operations import authorize
from receivables.core.views import member_view
from receivables.ledger.filters import JournalFilter
from receivables.ledger.models import GLAccount, JournalEntry, JournalLine
from receivables.ledger.queries import trial_balance
from receivables.ledger.running import running
from receivables.ledger.tables import JournalTable, TrialBalanceTable
from receivables.ledger.totals import balance_after
from receivables.ledger.words import document_url, kind_words, source_of


def _day(text: str, otherwise: date) -> date:
    try:
        return parse_date(text) or otherwise
    except ValueError:
        return otherwise


@member_view("view_receivables")
def books(request: HttpRequest) -> HttpResponseBase:
    """The trial balance as of a posting date, in the organization's currency."""
    actor = request.actor  # type: ignore[attr-defined]
    as_of = _day(request.GET.get("as_of", ""), today(actor.organization))
    rows = trial_balance(actor, as_of)
    title = _("Trial balance %(day)s") % {"day": as_of.isoformat()}
    if request.GET.get("export"):
        authorize(actor, "export_data")
        return export_response(request, TrialBalanceTable, rows, title, request.GET["export"])
    accounts = {account.code: account for account in GLAccount.objects.of(actor)}
    debit = sum((row.debit for row in rows), Decimal(0))
    credit = sum((row.credit for row in rows), Decimal(0))
    return render(
        request,
        "ledger/trial_balance.html",
        {
            "title": _("Trial balance"),
            "section": _("Ledger"),
            "rows": [(accounts[row.code], row) for row in rows],
            "debit": debit,
            "credit": credit,
            "ties": debit == credit,
            "as_of": as_of,
            "currency": actor.organization.currency,
            "prepared_by": actor.name,
            "prepared_at": timezone.now(),
            "exports": _exports(actor, f"{request.path}?as_of={as_of.isoformat()}&export="),
            "views": tabs(actor, "books"),
        },
    )


def _exports(actor: Any, address: str) -> list[dict[str, str]]:
    if not actor.can("export_data"):
        return []
    return [{"label": "CSV", "url": f"{address}csv"}, {"label": "Excel", "url": f"{address}xlsx"}]


def tabs(actor: Any, active: str) -> list[dict[str, Any]]:
    """The pages of the ledger as tabs."""
    pages = [
        ("books", _("Trial balance")), ("journal", _("Journal")), ("periods", _("Months")),
        ("exchange_rates", _("Exchange rates")),
    ]  # fmt: skip
    return [{"label": label, "url": reverse(name), "active": name == active} for name, label in pages]


class JournalView(ListPage):
    """All journal entries, newest first."""

    title = gettext_lazy("Journal")
    section = gettext_lazy("Ledger")
    summary = gettext_lazy("Every posting, newest first. Nothing here is ever changed: corrections are reversals.")
    table_class = JournalTable
    filter_class = JournalFilter
    sorts = {"posting_date": "posting_date", "id": "id"}
    default_sort = "-id"
    empty = {"title": gettext_lazy("Nothing was posted yet."), "text": "", "icon": "receipt", "actions": []}

    def queryset(self) -> QuerySet:
        return JournalEntry.objects.of(self.request.actor).prefetch_related("lines__gl_account")

    def extra_context(self) -> dict[str, Any]:
        return {"views": tabs(self.request.actor, "journal")}


@member_view("view_receivables")
def journal_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with its lines, where it came from, what it reverses and what reversed it."""
    actor = request.actor  # type: ignore[attr-defined]
    entry = fetch(actor, JournalEntry.objects.select_related("reverses", "posted_by", "reversed_by"), pk)
    lines = list(
        entry.lines.select_related("gl_account", "open_item", "agreement", "for_agreement").order_by("line_no")
    )  # fmt: skip
    source = source_of(entry)
    own = actor.organization.currency
    return render(
        request,
        "ledger/entry.html",
        {
            "title": _("Entry %(number)s") % {"number": entry.pk},
            "section": _("Journal"),
            "breadcrumb": [{"label": _("Journal"), "url": reverse("journal")}],
            "crumb": str(entry.pk),
            "entry": entry,
            "words": kind_words(entry.kind),
            "lines": lines,
            "source": source,
            "document_url": document_url(lines, source),
            "reversed_by": getattr(entry, "reversed_by", None),
            "own_currency": own if own != entry.currency else "",
        },
    )


@member_view("view_receivables")
def gl_account(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of a GL account with a running total in the organization's currency, newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, GLAccount, pk)
    lines = JournalLine.objects.filter(gl_account=found)
    page = running(
        lines.select_related("entry", "open_item"), "organization_amount", request.GET.get("before", ""),
        balance_after=lambda line: balance_after(actor, found.pk, line.entry_id, line.line_no),
    )  # fmt: skip
    for row in page.rows:
        row.words = kind_words(row.entry.kind)
    return render(
        request,
        "ledger/gl_account.html",
        {
            "title": str(found),
            "section": _("Ledger"),
            "breadcrumb": [{"label": _("Ledger"), "url": reverse("books")}],
            "crumb": found.code,
            "account": found,
            "rows": page.rows,
            "currency": actor.organization.currency,
            "older_url": f"{request.path}?before={page.next}" if page.next else "",
            "newest_url": request.path if request.GET.get("before") else "",
        },
    )

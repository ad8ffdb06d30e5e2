"""Accounts, their agreements, and the running ledger of an account."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.core.access import fetch
from receivables.core.dates import today
from receivables.core.forms import key_of
from receivables.core.history import timeline
from receivables.core.views import member_view
from receivables.customers.behaviour import balances_in_words, behaviour
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import AgreementTransaction, JournalLine, OpenItem
from receivables.ledger.running import running
from receivables.ledger.standing import ageing, open_items, with_days_late
from receivables.ledger.views.shown import customer_crumbs, panels_of, verbs_of
from receivables.ledger.words import kind_words

SHOWN_ITEMS = 100
SHOWN_TRANSACTIONS = 50


def alerts(account: Account, agreements: list[Agreement]) -> list[Any]:
    """What whoever opens the account must know: its own alert, and open agreements whose type says so."""
    found: list[Any] = [account.alert] if account.alert else []
    for agreement in agreements:
        if agreement.type.alert_while_open and agreement.payoff_balance:
            words = {"type": agreement.type.name, "number": agreement.number}
            found.append(_("%(type)s is open: agreement %(number)s.") % words)
    return found


@member_view("view_receivables")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: agreements, ageing, open items, history."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, Account.objects.select_related("customer__terms", "collection_class"), pk)
    day = today(actor.organization)
    items = open_items(actor).filter(account=found)
    rows = with_days_late(items.order_by("due_date", "pk")[: SHOWN_ITEMS + 1], day)
    agreements = list(found.agreements.select_related("type").order_by("type__payment_priority", "pk"))
    return render(
        request,
        "customers/account.html",
        {
            "title": _("Account %(number)s") % {"number": found.number},
            "section": found.customer.name,
            "breadcrumb": customer_crumbs(found.customer),
            "crumb": found.number,
            "account": found,
            "object": found,
            "alerts": alerts(found, agreements),
            "agreements": agreements,
            "ageing": ageing(items, day),
            "items": rows[:SHOWN_ITEMS],
            "more_items": len(rows) > SHOWN_ITEMS,
            "verbs": verbs_of(found),
            "panels": panels_of(request, found, "main"),
            "aside_panels": panels_of(request, found, "aside"),
            "history": timeline(actor, found, *agreements),
        },
    )


def _lines_of(found: Account, currency: str) -> QuerySet[JournalLine]:
    """Every line that moved an open item of the account, in one currency."""
    items = OpenItem.objects.filter(account=found, currency=currency).values("pk")
    return JournalLine.objects.filter(open_item__in=items)


@member_view("view_receivables")
def account_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """The running ledger: every movement of the account with the balance after it, newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, Account.objects.select_related("customer"), pk)
    currencies = list(found.open_items.order_by("currency").values_list("currency", flat=True).distinct())
    usual = found.customer.currency
    currency = request.GET.get("currency") or (usual if usual in currencies or not currencies else currencies[0])
    if currencies and currency not in currencies:
        raise Http404
    lines = _lines_of(found, currency).select_related("entry", "open_item")
    page = running(lines, "amount", request.GET.get("before", ""))
    for row in page.rows:
        row.words = kind_words(row.entry.kind)
    here = reverse("account_ledger", args=[found.pk])
    return render(
        request,
        "customers/account_ledger.html",
        {
            "title": _("Running ledger"),
            "section": str(found),
            "breadcrumb": customer_crumbs(found.customer, found),
            "crumb": _("Running ledger"),
            "account": found,
            "currency": currency,
            "ageing": ageing(open_items(actor).filter(account=found, currency=currency), today(actor.organization)),
            "views": [
                {"label": each, "url": f"{here}?currency={each}", "active": each == currency} for each in currencies
            ] if len(currencies) > 1 else [],
            "rows": page.rows,
            "older_url": f"{here}?currency={currency}&before={page.next}" if page.next else "",
            "newest_url": f"{here}?currency={currency}" if request.GET.get("before") else "",
        },
    )  # fmt: skip


@member_view("view_receivables")
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: how it behaves in words, both balances, its transactions."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = Agreement.objects.select_related(
        "account__customer", "type__debt_class", "type__gl_account", "type__division"
    )
    found = fetch(actor, rows, pk)
    before = key_of(request.GET.get("before"))
    movements = AgreementTransaction.objects.filter(agreement=found).order_by("-pk")
    if before is not None:
        movements = movements.filter(pk__lt=before)
    shown = list(movements[: SHOWN_TRANSACTIONS + 1])
    for row in shown:
        row.words = kind_words(row.kind)  # type: ignore[attr-defined]
    page = shown[:SHOWN_TRANSACTIONS]
    return render(
        request,
        "customers/agreement.html",
        {
            "title": _("Agreement %(number)s") % {"number": found.number},
            "section": found.account.customer.name,
            "breadcrumb": customer_crumbs(found.account.customer, found.account),
            "crumb": found.number,
            "agreement": found,
            "object": found,
            "status_label": found.get_state_display(),
            "status_tone": STATE_TONES.get(found.state, "neutral"),
            "behaviour": behaviour(found.type, found.state),
            "balance_words": balances_in_words(found),
            "transactions": page,
            "older_url": f"?before={page[-1].pk}" if len(shown) > SHOWN_TRANSACTIONS else "",
            "newest_url": request.path if before else "",
            "verbs": verbs_of(found),
            "panels": panels_of(request, found, "main"),
            "history": timeline(actor, found),
        },
    )


STATE_TONES = {"active": "success", "pending_start": "info", "pending_stop": "warning", "reactivated": "warning"}

"""Customers and what they owe."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.access import fetch
from receivables.core.dates import today
from receivables.core.history import timeline
from receivables.core.listing import ListPage
from receivables.core.money import NumberFormat, format_money
from receivables.core.views import member_view
from receivables.customers.models import Agreement, Customer
from receivables.ledger.filters import CustomerFilter
from receivables.ledger.models import OpenItem
from receivables.ledger.standing import Ageing, ageing, open_items, with_days_late
from receivables.ledger.tables import CustomerTable
from receivables.ledger.views.shown import customer_crumbs, panels_of, verbs_of

SHOWN_ITEMS = 50


class CustomersView(ListPage):
    """Every customer with balance, past due and the age of the oldest debt."""

    title = gettext_lazy("Customers")
    summary = gettext_lazy(
        "Who owes what, and since when. Money left on account and deposits stand apart: they pay nothing by themselves."
    )
    table_class = CustomerTable
    filter_class = CustomerFilter
    sorts = {"name": "name", "number": "number"}
    default_sort = "name"
    empty = {
        "title": gettext_lazy("No customers yet."),
        "text": gettext_lazy("Create the first one, or import receivables."),
        "icon": "people",
        "actions": [],
    }

    def queryset(self) -> QuerySet:
        return Customer.objects.of(self.request.actor).select_related("terms")

    def page_actions(self) -> list[dict[str, Any]]:
        actor, found = self.request.actor, []
        if actor.can("run_agreement_dates"):
            url = reverse("run_agreement_dates")
            found.append({"label": _("Start and stop agreements"), "url": url, "icon": "calendar3"})
        if actor.can("create_customer"):
            url = reverse("create_customer")
            found.append({"label": _("New customer"), "url": url, "style": "primary", "icon": "plus-lg"})
        return found

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        """What all customers shown owe, by currency, and apart from it the money that we have of them."""
        actor = self.request.actor
        fmt = NumberFormat.of(actor.organization, actor.user)
        items = OpenItem.objects.of(actor)
        if self.request.GET.get("q") or self.request.GET.get("owing"):
            items = items.filter(account__customer__in=rows.order_by().values("pk"))
        return [
            {"label": label % {"currency": each.currency}, "value": format_money(amount, each.currency, fmt)}
            for each in ageing(items, today(actor.organization))
            for label, amount in _figures(each)
        ]


def _figures(each: Ageing) -> list[tuple[str, Decimal]]:
    """The figures of one currency with their labels; of the customers' own money only what there is."""
    own = [(_("Left on account %(currency)s"), each.on_account), (_("Deposits held %(currency)s"), each.deposits)]
    return [
        (_("Owed %(currency)s"), each.total), (_("Past due %(currency)s"), each.past_due),
        *((label, amount) for label, amount in own if amount),
    ]  # fmt: skip


@member_view("view_receivables")
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: facts, accounts with their agreements, ageing, open items, history."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, Customer.objects.select_related("terms"), pk)
    day = today(actor.organization)
    items = open_items(actor).filter(account__customer=found)
    shown = items.select_related("account").order_by("due_date", "pk")[: SHOWN_ITEMS + 1]
    rows = with_days_late(shown, day)
    agreements = Agreement.objects.of(actor).filter(account__customer=found).select_related("type")
    by_account: dict[int, list[Agreement]] = {}
    for agreement in agreements.order_by("type__payment_priority", "pk"):
        by_account.setdefault(agreement.account_id, []).append(agreement)
    accounts = [(each, by_account.get(each.pk, [])) for each in found.accounts.order_by("pk")]
    return render(
        request,
        "customers/customer.html",
        {
            "title": found.name,
            "section": _("Customers"),
            "breadcrumb": customer_crumbs(found)[:1],
            "crumb": found.name,
            "customer": found,
            "object": found,
            "status_label": "" if found.active else _("Inactive"),
            "ageing": ageing(items, day),
            "accounts": accounts,
            "items": rows[:SHOWN_ITEMS],
            "more_items": len(rows) > SHOWN_ITEMS,
            "verbs": verbs_of(found),
            "panels": panels_of(request, found, "main"),
            "aside_panels": panels_of(request, found, "aside"),
            "history": timeline(actor, found, *[account for account, _agreements in accounts]),
        },
    )

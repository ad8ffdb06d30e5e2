"""The answer of customers and accounts to a search: they show balances, so their pages are the ledger's."""

from typing import Any

from django.db.models import Q

from receivables.core.search import LIMIT, Hit
from receivables.customers.models import Account, Customer


def search_customers(actor: Any, typed: str) -> list[Hit]:
    """Customers by name or number, then accounts by number."""
    customers = Customer.objects.of(actor).filter(Q(name__icontains=typed) | Q(number__istartswith=typed))
    accounts = Account.objects.of(actor).filter(number__istartswith=typed).select_related("customer")
    hits = [
        {"label": row.number, "url": row.get_absolute_url(), "note": row.name}
        for row in customers.order_by("name", "pk")[:LIMIT]
    ]
    hits += [
        {"label": row.number, "url": row.get_absolute_url(), "note": row.customer.name}
        for row in accounts.order_by("number", "pk")[:LIMIT]
    ]
    return hits[:LIMIT]

"""Billing's answer to a search: loads and invoices by the start of a number or a reference."""

from typing import Any

from django.db.models import Q

from receivables.billing.models import Invoice, Load
from receivables.core.search import LIMIT, Hit


def search_loads(actor: Any, typed: str) -> list[Hit]:
    """Loads whose number or reference begins with the text."""
    rows = (
        Load.objects.of(actor)
        .filter(Q(number__istartswith=typed) | Q(reference__istartswith=typed))
        .select_related("account__customer")
        .order_by("-pk")[:LIMIT]
    )
    return [_hit(row) for row in rows]


def search_invoices(actor: Any, typed: str) -> list[Hit]:
    """Invoices whose number or reference begins with the text."""
    rows = (
        Invoice.objects.of(actor)
        .filter(Q(number__istartswith=typed) | Q(reference__istartswith=typed))
        .select_related("account__customer")
        .order_by("-pk")[:LIMIT]
    )
    return [_hit(row) for row in rows]


def _hit(row: Load | Invoice) -> Hit:
    note = " · ".join(part for part in (row.account.customer.name, row.reference) if part)
    return {"label": row.number, "url": row.get_absolute_url(), "note": note}

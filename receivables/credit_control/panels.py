"""Disputes as a section and a mark on the pages of invoices, loads, accounts and customers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from receivables.billing.models import Invoice, Load
from receivables.core.registry import Panel, panels
from receivables.credit_control.models import Dispute
from receivables.credit_control.queries import disputes_of
from receivables.customers.models import Account, Customer

SHOWN = 50


def _shown(rows: Sequence[Dispute]) -> list[dict[str, Any]]:
    """Each dispute, with what became of its invoice where that is more than the dispute says."""
    return [
        {
            "dispute": row,
            "is_open": row.state == Dispute.State.OPEN,
            "settled": row.invoice.open_item.balance == 0,
        }
        for row in rows
    ]


def marks_of(rows: Sequence[Dispute]) -> list[dict[str, Any]]:
    """What is disputed by currency, never more than is still owed; nothing where all is settled."""
    by_invoice: dict[int, list[Dispute]] = {}
    for row in rows:
        if row.state == Dispute.State.OPEN:
            by_invoice.setdefault(row.invoice_id, []).append(row)
    sums: dict[str, Decimal] = {}
    for found in by_invoice.values():
        disputed = sum((row.amount for row in found), Decimal(0))
        currency = found[0].currency
        sums[currency] = sums.get(currency, Decimal(0)) + min(disputed, found[0].invoice.open_item.balance)
    return [{"currency": currency, "amount": amount} for currency, amount in sorted(sums.items()) if amount]


def _context(actor: Any, rows: Sequence[Dispute], **more: Any) -> dict[str, Any]:
    return {"disputes": _shown(rows), "marks": marks_of(rows), **more}


def _about(invoice: Invoice, actor: Any) -> list[Dispute]:
    """The disputes of an invoice, kept on the object: its page shows them and marks what is disputed."""
    kept: list[Dispute] | None = invoice.__dict__.get("_disputes")
    if kept is None:
        kept = invoice.__dict__["_disputes"] = list(disputes_of(actor, invoice=invoice)[:SHOWN])
    return kept


def of_invoice(invoice: Invoice, actor: Any) -> dict[str, Any]:
    return _context(actor, _about(invoice, actor), invoice=invoice)


def of_load(load: Load, actor: Any) -> dict[str, Any]:
    """On a load: the disputes of its invoice that are about it, or about none of several loads in particular."""
    if load.invoice is None:
        return _context(actor, [])
    own = [row for row in _about(load.invoice, actor) if row.load_id in (None, load.pk)]
    return _context(actor, own, invoice=load.invoice)


def of_account(account: Account, actor: Any) -> dict[str, Any]:
    return _context(actor, list(disputes_of(actor, invoice__account=account)[:SHOWN]), several=True)


def of_customer(customer: Customer, actor: Any) -> dict[str, Any]:
    return _context(actor, list(disputes_of(actor, invoice__account__customer=customer)[:SHOWN]), several=True)


def register() -> None:
    """Called once, when the application is ready."""
    template = "credit_control/disputes_panel.html"
    panels.register(Panel("disputes", "billing.invoice", "payments", template, of_invoice))
    panels.register(Panel("disputes", "billing.load", "payments", template, of_load))
    panels.register(Panel("disputes", "customers.account", "main", template, of_account))
    panels.register(Panel("disputes", "customers.customer", "main", template, of_customer))
    mark = "credit_control/disputed_mark.html"
    panels.register(Panel("disputed", "billing.invoice", "marks", mark, of_invoice))
    panels.register(Panel("disputed", "billing.load", "marks", mark, of_load))

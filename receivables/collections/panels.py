"""The payments of an invoice, as a section on the pages of loads and invoices."""

from typing import Any

from receivables.billing.models import Invoice, Load
from receivables.collections.queries import applied_rows, is_live
from receivables.collections.rules import payable_blocker
from receivables.collections.status import reversal_of
from receivables.core.registry import Panel, actions, panels
from receivables.customers.models import Account
from receivables.ledger.models import Allocation

SHOWN_LOADS = 50


def _button_without_invoice(actor: Any) -> dict[str, Any] | None:
    """Record payment on a load that is still a draft: there, refused, with what to do first."""
    if not actor.can("record_payment"):
        return None
    reason = payable_blocker(number="", voided=False, currency="", has_bank_account=True)
    action = actions.by_verb["record_payment"]
    return {"label": action.label, "id": "record_payment", "style": action.style, "enabled": False, "reason": reason}


def invoice_payments(invoice: Invoice | None, actor: Any) -> dict[str, Any]:
    """Payments live and undone on an invoice; a constant number of queries, however many there are."""
    if invoice is None:
        return {"invoice": None, "live": [], "undone": [], "draft_button": _button_without_invoice(actor)}
    rows = applied_rows(debit_item=invoice.open_item_id)
    return {
        "invoice": invoice,
        "void": invoice.voided_at is not None,
        "live": [row for row in rows if is_live(row)],
        "undone": _undone(rows),
    }


def payments_of_invoice(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """The same on the invoice's own page, with its loads where something is short; a summary invoice has a table of
    its loads beside it, with what is open of each."""
    found = invoice_payments(invoice, actor)
    short = found["live"] and invoice.open_item.balance and not found["void"] and not invoice.summary
    if not short or not actor.can("resolve_short_payment"):
        return found
    loads = list(invoice.loads.order_by("pk")[:SHOWN_LOADS])
    return {**found, "short": invoice.open_item.balance, "short_loads": loads, "single": len(loads) == 1}


def _undone(rows: list[Allocation]) -> list[Allocation]:
    """Payments that were taken back, once each: a resolution takes a payment off and puts it back in between."""
    last = {row.credit_item_id: row for row in rows if not is_live(row)}
    return [row for row in last.values() if row.credit_item and reversal_of(row.credit_item.payment)]


def load_payments(load: Load, actor: Any) -> dict[str, Any]:
    return invoice_payments(load.invoice, actor)


def account_panel(account: Account, actor: Any) -> dict[str, Any]:
    """Where money of an account is recorded and assigned, on the account's page."""
    return {"account": account, "may_record": actor.can("record_payment")}


def register() -> None:
    """Called once, when the application is ready."""
    template = "collections/payments_panel.html"
    panels.register(Panel("payments", "billing.load", "payments", template, load_payments))
    panels.register(Panel("payments", "billing.invoice", "payments", template, payments_of_invoice))
    panels.register(
        Panel("record_payment", "customers.account", "aside", "collections/account_panel.html", account_panel)
    )

"""What webhooks tell: which of our events is which type, and each document in its own stable form.

Amounts are texts of decimals, a debit or what is owed is positive, days are ISO. A field is never renamed or taken
away within a version; docs/webhooks.md lists them all.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.models import Invoice, Revision
from receivables.collections.models import Payment, Refund
from receivables.collections.recoveries.models import Recovery
from receivables.core.models import Event
from receivables.core.money import decimals
from receivables.customers.models import Account
from receivables.integrations.snapshots import APPLIED, applied_to_invoices
from receivables.writeoffs.models import WriteOff

VERSION = 1
INVOICE, PAYMENT, CREDIT_NOTE = "billing.invoice", "collections.payment", "billing.creditnote"
REFUND, RECOVERY, WRITE_OFF = "collections.refund", "collections.recovery", "writeoffs.writeoff"
PING = "ping"

# Our events: the type that is told, and the kind of document that it is about.
EVENTS: dict[str, tuple[str, str]] = {
    "generate_invoice": ("invoice.created", INVOICE),
    "generate_summary_invoice": ("invoice.created", INVOICE),
    "regenerate_invoice": ("invoice.revised", INVOICE),
    "change_summary_loads": ("invoice.revised", INVOICE),
    "reissue_invoice": ("invoice.revised", INVOICE),
    "void_invoice": ("invoice.voided", INVOICE),
    "record_payment": ("payment.recorded", PAYMENT),
    "assign_payment": ("payment.applied", PAYMENT),
    "distribute_payment": ("payment.applied", PAYMENT),
    "unassign_payment": ("payment.applied", PAYMENT),
    "move_payment_assignment": ("payment.applied", PAYMENT),
    "delete_payment": ("payment.reversed", PAYMENT),
    "bounce_payment": ("payment.reversed", PAYMENT),
    "issue_credit_note": ("credit_note.issued", CREDIT_NOTE),
    "reverse_credit_note": ("credit_note.reversed", CREDIT_NOTE),
    "refund_unapplied": ("refund.issued", REFUND),
    "reverse_refund": ("refund.reversed", REFUND),
    "recover_bad_debt": ("recovery.recorded", RECOVERY),
    "reverse_recovery": ("recovery.reversed", RECOVERY),
    "write_off_debt": ("write_off.posted", WRITE_OFF),
    "reverse_write_off": ("write_off.reversed", WRITE_OFF),
}
TYPES = sorted({type for type, _label in EVENTS.values()})


def _text(amount: Decimal, currency: str) -> str:
    """An amount with all the decimals of its currency."""
    return f"{amount:.{decimals(currency)}f}"


def _customer(account: Account) -> dict[str, Any]:
    return {"number": account.customer.number, "name": account.customer.name, "account": account.number}


def invoice(row: Invoice) -> dict[str, Any]:
    revision = Revision.objects.filter(invoice=row, number=row.current_revision).first()
    figures = {"net": revision.net, "tax": revision.tax, "total": revision.total} if revision else {}
    return {
        "number": row.number, "customer": _customer(row.account), "currency": row.currency,
        "issue_date": row.issue_date.isoformat(), "due_date": row.due_date.isoformat(), "reference": row.reference,
        "revision": row.current_revision, **{name: _text(amount, row.currency) for name, amount in figures.items()},
        "balance": _text(row.open_item.balance, row.currency),
        "voided": row.voided_at is not None,
        "loads": [load.number for load in row.loads.order_by("number")],
    }  # fmt: skip


def payment(row: Payment) -> dict[str, Any]:
    reversal = getattr(row, "reversal", None)
    applied: dict[tuple[str, str], Decimal] = {}
    for allocation, billed in applied_to_invoices(APPLIED.filter(credit_item=row.open_item_id)):
        key = (billed.number, allocation.currency)
        applied[key] = applied.get(key, Decimal(0)) + allocation.amount
    return {
        "number": row.number, "customer": _customer(row.account), "currency": row.currency,
        "amount": _text(row.amount, row.currency), "date": row.date.isoformat(), "method": row.method,
        "reference": row.reference,
        "unapplied": _text(abs(row.open_item.balance), row.currency), "reversed": reversal.kind if reversal else "",
        "applied": [
            {"invoice": number, "amount": _text(amount, currency), "currency": currency}
            for (number, currency), amount in applied.items()
        ],
    }  # fmt: skip


def credit_note(row: CreditNote) -> dict[str, Any]:
    lines = row.lines.select_related("invoice").order_by("line_no")
    return {
        "number": row.number, "customer": _customer(row.account), "currency": row.currency,
        "date": row.date.isoformat(), "reason": row.reason_name, "net": _text(row.net, row.currency),
        "tax": _text(row.tax, row.currency), "total": _text(row.total, row.currency),
        "reversed": hasattr(row, "reversal"),
        "applied": [{"invoice": line.invoice.number, "amount": _text(line.total, row.currency)} for line in lines],
    }  # fmt: skip


def _of_payment(row: Any) -> dict[str, Any]:
    return {
        "number": row.number, "customer": _customer(row.payment.account), "currency": row.currency,
        "amount": _text(row.amount, row.currency), "date": row.date.isoformat(), "payment": row.payment.number,
        "reversed": hasattr(row, "reversal"),
    }  # fmt: skip


def recovery(row: Recovery) -> dict[str, Any]:
    return {**_of_payment(row), "invoice": row.invoice.number}


def write_off(row: WriteOff) -> dict[str, Any]:
    taken_back = row.lines.aggregate(total=Sum("reversed__amount"))["total"] or Decimal(0)
    return {
        "number": row.number, "customer": _customer(row.account), "currency": row.currency,
        "amount": _text(row.amount, row.currency), "standing": _text(row.amount - taken_back, row.currency),
        "date": row.date.isoformat(), "reason": row.reason,
    }  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A kind of document: its name outside, its rows, and its form."""

    name: str
    rows: Any
    build: Callable[[Any], dict[str, Any]]


DOCUMENTS = {
    INVOICE: Told("invoice", Invoice.objects.select_related("account__customer", "open_item"), invoice),
    PAYMENT: Told("payment", Payment.objects.select_related("account__customer", "open_item", "reversal"), payment),
    CREDIT_NOTE: Told("credit_note", CreditNote.objects.select_related("account__customer", "reversal"), credit_note),
    REFUND: Told("refund", Refund.objects.select_related("payment__account__customer", "reversal"), _of_payment),
    RECOVERY: Told(
        "recovery", Recovery.objects.select_related("payment__account__customer", "invoice", "reversal"), recovery
    ),
    WRITE_OFF: Told("write_off", WriteOff.objects.select_related("account__customer"), write_off),
}


def about(event: Event) -> tuple[str, str, int] | None:
    """The type of an event that is told, and the document it is about; None for what is not told."""
    if event.name not in EVENTS:
        return None
    type, label = EVENTS[event.name]
    for ref in event.refs:
        kind, _colon, pk = ref.rpartition(":")
        if kind == label:
            return type, label, int(pk)
    return None


def body(type: str, moment: Any, data: dict[str, Any]) -> str:
    """The text of a message, the same for the same data."""
    envelope = {"type": type, "timestamp": moment.isoformat(), "data": {"version": VERSION, **data}}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))

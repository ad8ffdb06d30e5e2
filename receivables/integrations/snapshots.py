"""Our documents as they are now, in the neutral form that every accounting system's mapping starts from.

Amounts are texts of decimals in the document's currency; references to other documents are "app.model:id"; accounts,
charges, taxes and terms are the local keys that mappings name.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.models import Invoice, Revision, RevisionLine
from receivables.collections.models import Payment, PaymentReversal, PayOff, Refund, SmallExcess
from receivables.core.events import ref
from receivables.customers.models import Customer
from receivables.ledger.models import Allocation, OpenItem


@dataclass(frozen=True)
class Wanted:
    """What a connection should have of a document. `needs` must be there before it, `held` says why it must wait."""

    reference: str
    currency: str
    amount: Decimal
    body: dict[str, Any]
    needs: list[str] = field(default_factory=list)
    held: str = ""


def digest(body: dict[str, Any]) -> str:
    """The same for the same document, whatever the order of its parts."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def text(amount: Decimal) -> str:
    return f"{amount:f}"


def account_key(pk: int) -> str:
    return f"account:{pk}"


def customer_wanted(customer: Customer) -> Wanted:
    body = {
        "number": customer.number, "name": customer.name, "email": customer.email, "phone": customer.phone,
        "tax_id": customer.tax_id, "address": customer.address, "city": customer.city, "region": customer.region,
        "postal_code": customer.postal_code, "country": customer.country, "currency": customer.currency,
        "terms": f"terms:{customer.terms_id}",
    }  # fmt: skip
    return Wanted(customer.number, customer.currency, Decimal(0), body)


def out_of_date(invoice: Invoice) -> str:
    """Why an invoice does not leave: its load was changed after the newest revision (SYNC-1)."""
    for load in invoice.loads.all():
        if load.charges_total != load.billed_charges:
            words = {"load": load.number}
            return _("Not sent yet: load %(load)s was changed. Regenerate the invoice first.") % words
    return ""


def _line_key(line: RevisionLine) -> str:
    """What a line is sold as: its accessorial type, or line haul."""
    type = vars(line)["type"]  # see sources
    return f"item:{type}" if type else "item:line_haul"


def _line(line: RevisionLine) -> dict[str, Any]:
    return {
        "item": _line_key(line), "account": account_key(line.gl_account_id), "text": line.description,
        "quantity": text(line.quantity) if line.quantity is not None else "1",
        "rate": text(line.rate) if line.rate is not None else text(line.net), "net": text(line.net),
        "tax": text(line.tax), "tax_code": f"tax:{line.tax_code_id}" if line.tax_code_id else "",
    }  # fmt: skip


def invoice_wanted(invoice: Invoice) -> Wanted | None:
    """An invoice as its newest revision says; a void one keeps what it was, marked void."""
    if invoice.imported:
        return None
    newest: list[Revision] = vars(invoice)["newest"]  # see sources
    (revision,) = newest
    customer = ref(invoice.account.customer)
    body = {
        "number": invoice.number, "customer": customer, "date": invoice.issue_date.isoformat(),
        "due": invoice.due_date.isoformat(), "posting_date": revision.posting_date.isoformat(),
        "reference": invoice.reference, "void": invoice.voided_at is not None, "revision": revision.number,
        "lines": [_line(line) for line in revision.lines.all()], "net": text(revision.net), "tax": text(revision.tax),
        "total": text(revision.total), "loads": [load.number for load in invoice.loads.all()],
    }  # fmt: skip
    held = "" if invoice.voided_at else out_of_date(invoice)
    return Wanted(invoice.number, invoice.currency, revision.total, body, [customer], held)


def _credit_body(customer: Customer, **values: Any) -> dict[str, Any]:
    return {"customer": ref(customer), **values}


def credit_note_wanted(note: CreditNote) -> Wanted:
    """A credit note with what it takes off each invoice; a reversed one is void."""
    lines = note.lines.all()
    applied: dict[str, Decimal] = {}
    for line in lines:
        applied[ref(line.invoice)] = applied.get(ref(line.invoice), Decimal(0)) + line.total
    body = _credit_body(
        note.account.customer, number=note.number, date=note.date.isoformat(),
        posting_date=note.posting_date.isoformat(), text=note.text or note.reason_text,
        lines=[
            {
                "account": account_key(line.gl_account_id), "text": note.text or note.reason_text,
                "net": text(line.net), "tax": text(line.tax),
                "tax_code": f"tax:{line.tax_code_id}" if line.tax_code_id else "",
            }
            for line in lines
        ],
        net=text(note.net), tax=text(note.tax), total=text(note.total), void=hasattr(note, "reversal"),
        applied=[{"invoice": key, "amount": text(amount)} for key, amount in applied.items()],
    )  # fmt: skip
    return Wanted(note.number, note.currency, note.total, body, [body["customer"], *applied])


def pay_off_wanted(pay_off: PayOff) -> Wanted | None:
    """Bad debt that has no credit note of ours is a credit memo over there: they know no other form of it."""
    if pay_off.credit_note_id is not None:
        return None
    invoice, allocation = pay_off.invoice, pay_off.allocation
    number = f"{pay_off.payment.number}-{pay_off.pk}"
    amount = text(pay_off.amount)
    body = _credit_body(
        invoice.account.customer, number=number, date=pay_off.payment.date.isoformat(),
        posting_date=pay_off.payment.posting_date.isoformat(), text=pay_off.reason.name,
        lines=_debits(allocation), net=amount, tax="0", total=amount,
        void=hasattr(allocation, "reversed_by"), applied=[{"invoice": ref(invoice), "amount": amount}],
    )  # fmt: skip
    return Wanted(number, pay_off.currency, pay_off.amount, body, [body["customer"], ref(invoice)])


def _debits(allocation: Allocation) -> list[dict[str, Any]]:
    """The debits of the entry behind a settlement, as lines of a credit memo."""
    rows = [row for row in allocation.entry.lines.all() if row.amount > 0] if allocation.entry else []
    return [
        {
            "account": account_key(row.gl_account_id), "text": row.memo, "net": text(row.amount), "tax": "0",
            "tax_code": "",
        }
        for row in rows
    ]  # fmt: skip


# The settlements of debt that stand, with the invoices they are about.
APPLIED = (
    Allocation.objects.filter(reverses__isnull=True, reversed_by__isnull=True)
    .exclude(debit_item__kind=OpenItem.Kind.WRITE_OFF)
    .select_related("debit_item__invoice", "debit_item__origin__invoice")
    .prefetch_related("debit_item__invoice__loads", "debit_item__origin__invoice__loads")
    .order_by("pk")
)


def applied_to_invoices(rows: Iterable[Allocation]) -> Iterable[tuple[Allocation, Invoice]]:
    """Those of a payment's `APPLIED` that pay invoices, also what was moved to another agreement: other systems have
    none, and know the debt by its invoice."""
    for row in rows:
        item = row.debit_item.origin or row.debit_item
        if hasattr(item, "invoice"):
            yield row, item.invoice


def payment_wanted(payment: Payment) -> Wanted:
    """A payment with what it is applied to. It waits while an invoice it pays is out of date."""
    applied: dict[str, Decimal] = {}
    held = ""
    other = ""
    for allocation, invoice in applied_to_invoices(vars(payment.open_item)["applied"]):
        held = held or _held_by(invoice)
        other = other or (invoice.currency if invoice.currency != payment.currency else "")
        applied[ref(invoice)] = applied.get(ref(invoice), Decimal(0)) + allocation.amount
    undone = hasattr(payment, "reversal")
    customer = ref(payment.account.customer)
    body = {
        "number": payment.number, "customer": customer, "date": payment.date.isoformat(),
        "posting_date": payment.posting_date.isoformat(), "method": payment.method, "reference": payment.reference,
        "bank": account_key(payment.bank_account.gl_account_id), "amount": text(payment.amount), "void": undone,
        "applied": [] if undone else [{"invoice": key, "amount": text(each)} for key, each in applied.items()],
    }  # fmt: skip
    if other:
        body["pays_in"] = other
    if undone and payment.reversal.kind == PaymentReversal.Kind.BOUNCED:
        body.update(bounced=True, posting_date=payment.reversal.posting_date.isoformat())
    needs = [customer, *applied]
    return Wanted(payment.number, payment.currency, payment.amount, body, needs, "" if undone else held)


def _held_by(invoice: Invoice) -> str:
    if not out_of_date(invoice):
        return ""
    words = {"invoice": invoice.number}
    return _(
        "Not sent: the payment was recorded before invoice %(invoice)s was regenerated. Delete the payment, regenerate "
        "the invoice, record the payment again; or resolve the short payment in one step."
    ) % words  # fmt: skip


def refund_wanted(refund: Refund) -> Wanted:
    """Money given back: Dr the customer's receivables, which hold the unapplied payment over there, Cr bank."""
    customer, amount = ref(refund.payment.account.customer), refund.amount
    body = {
        "number": refund.number, "customer": customer, "date": refund.date.isoformat(),
        "posting_date": refund.posting_date.isoformat(), "text": refund.reason, "void": hasattr(refund, "reversal"),
        "lines": [
            {"account": "", "customer": True, "amount": text(amount)},
            {"account": account_key(refund.bank_account.gl_account_id), "customer": False, "amount": text(-amount)},
        ],
    }  # fmt: skip
    return Wanted(refund.number, refund.currency, amount, body, [customer])


def excess_wanted(excess: SmallExcess) -> Wanted:
    """What was paid too much: Dr the customer's receivables, which hold the unapplied payment over there, Cr income."""
    payment, amount = excess.payment, excess.amount
    customer, day = ref(payment.account.customer), excess.posting_date.isoformat()
    body = {
        "number": f"{payment.number}-{excess.pk}", "customer": customer, "date": day, "posting_date": day,
        "text": _("Over-payment with payment %(number)s") % {"number": payment.number},
        "void": hasattr(excess, "reversal"),
        "lines": [
            {"account": "", "customer": True, "amount": text(amount)},
            {"account": account_key(excess.gl_account_id), "customer": False, "amount": text(-amount)},
        ],
    }  # fmt: skip
    return Wanted(f"{payment.number}-{excess.pk}", excess.currency, amount, body, [customer])

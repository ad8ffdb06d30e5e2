"""Reading money on account: what of a payment may be used, where it may go, what was given back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Sum, Value, When

from receivables.approvals.models import ApprovalRequest
from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied, with_documents
from receivables.collections.search import open_invoices
from receivables.collections.status import reversal_of
from receivables.collections.unapplied.models import Refund
from receivables.collections.unapplied.rules import MoneyFacts

MOST_ROWS = 100
SHOWN_PAYMENTS = 20
REFUND = "refund_unapplied"


def money_facts(actor: Any, payment: Payment) -> MoneyFacts:
    """What the rules look at; `payment` is as `with_documents` reads it."""
    return MoneyFacts(
        payment.number, payment.currency, unapplied(payment), reversal_of(payment) is not None, number_format(actor)
    )


def payable_with(actor: Any, payment: Payment) -> QuerySet[Invoice]:
    """The open invoices of a payment's payer in its currency: those of its own account first, the oldest due first."""
    return open_invoices(actor, payment.account, payment.currency)


def payable_across(actor: Any, payment: Payment) -> QuerySet[Invoice]:
    """The open invoices of a payment's payer in whatever currency: those in its own first."""
    own = Case(When(currency=payment.currency, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = open_invoices(actor, payment.account, "")
    return found.order_by(own, *found.query.order_by)


def payer_owes(actor: Any, payment: Payment) -> bool:
    """Whether the payer has an open invoice; asked once for all payments that share their customer in memory."""
    kept = payment.account.customer.__dict__
    if "_owes" not in kept:
        kept["_owes"] = payable_across(actor, payment).exists()
    return bool(kept["_owes"])


def oldest_first(payment: Payment, invoices: Sequence[Invoice]) -> dict[int, Decimal]:
    """How a payment's money would pay the open invoices of its own account, the oldest due first."""
    left, suggested = unapplied(payment), {}
    for invoice in invoices:
        part = min(left, invoice.open_item.balance)
        if (invoice.account_id, invoice.currency) == (payment.account_id, payment.currency) and part > 0:
            suggested[invoice.pk] = part
            left -= part
    return suggested


def refunds_of(actor: Any, payment: Payment) -> QuerySet[Refund]:
    """What of a payment was given back, oldest first, with what reversed it."""
    return (
        Refund.objects.of(actor)
        .filter(payment=payment)
        .select_related("reversal__created_by", "bank_account", "created_by")
        .order_by("pk")
    )


def refunded(payment: Payment) -> Decimal:
    """What of a payment was given back, without what was reversed."""
    live = Refund.objects.filter(payment_id=payment.pk, reversal__isnull=True)
    return live.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def waiting_refund(actor: Any, payment: Payment) -> ApprovalRequest | None:
    """The refund of a payment that waits for approval."""
    return ApprovalRequest.objects.of(actor).filter(
        subject_type__app_label="collections", subject_type__model="payment", subject_id=payment.pk, verb=REFUND,
        state=ApprovalRequest.State.WAITING,
    ).first()  # fmt: skip


def on_account(actor: Any, **of: Any) -> QuerySet[Payment]:
    """The payments of an account or a customer with money that is not applied, oldest first."""
    found = Payment.objects.of(actor).filter(reversal__isnull=True, open_item__balance__lt=0, **of)
    return with_documents(found).order_by("date", "pk")

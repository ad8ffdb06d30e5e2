"""Sentences about money on account, whole and in the reader's format."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import Invoice
from receivables.billing.pages import amount_text
from receivables.collections.debts import reopened_text
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.unapplied.models import PaymentAssignment, Refund
from receivables.ledger.models import Allocation


def left_text(actor: Any, payment: Payment) -> str:
    """What is on account afterwards; `payment` as it is now."""
    left = unapplied(payment)
    if not left:
        return _("Nothing of payment %(number)s is left on account.") % {"number": payment.number}
    words = {"left": amount_text(actor, left, payment.currency), "number": payment.number}
    return _("%(left)s of payment %(number)s stays on account.") % words


def balance_text(actor: Any, invoice: Invoice) -> str:
    """What is open on an invoice afterwards; `invoice` as it is now."""
    balance = invoice.open_item.balance
    if not balance:
        return _("Invoice %(number)s is settled.") % {"number": invoice.number}
    words = {"number": invoice.number, "balance": amount_text(actor, balance, invoice.currency)}
    return _("Invoice %(number)s has an open balance of %(balance)s.") % words


def removing_effects(actor: Any, row: Allocation, reopened: Decimal) -> list[str]:
    """What taking a payment off an invoice or other debt does; `reopened` is what is owed there then."""
    words = {"amount": amount_text(actor, row.spent, row.spent_currency)}
    return [
        reopened_text(actor, row.debit_item, reopened),
        _("%(amount)s goes back on account and can be applied to another invoice, or given back.") % words,
        _("The ledger keeps the assignment together with its reversal."),
    ]


def refunded_text(actor: Any, refund: Refund) -> str:
    """What happened."""
    words = {
        "refund": refund.number, "number": refund.payment.number,
        "amount": amount_text(actor, refund.amount, refund.currency),
    }  # fmt: skip
    return _("Refund %(refund)s: %(amount)s of payment %(number)s was given back.") % words


def crossed_texts(actor: Any, act: PaymentAssignment) -> list[str]:
    """What an act took of its payment for invoices in other currencies, and at which rate."""
    rows = Allocation.objects.of(actor).filter(
        taken__isnull=False, taken_entry__source_type=act._meta.label_lower, taken_entry__source_id=act.pk
    )
    return [crossed_text(actor, row) for row in rows.select_related("debit_item").order_by("pk")]


def crossed_text(actor: Any, row: Allocation) -> str:
    """How much of a payment paid how much of an invoice in another currency."""
    words = {
        "number": row.debit_item.number,
        "amount": amount_text(actor, row.amount, row.currency),
        "taken": amount_text(actor, row.spent, row.spent_currency),
    }
    return _("%(taken)s of the payment pays %(amount)s of %(number)s.") % words

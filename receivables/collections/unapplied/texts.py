"""Sentences about money on account, whole and in the reader's format."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import Invoice
from receivables.billing.pages import amount_text
from receivables.collections.debts import reopened_text
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.unapplied.models import Refund
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
    words = {"amount": amount_text(actor, row.amount, row.currency)}
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

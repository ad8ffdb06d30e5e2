"""Sentences about a debt that money pays: an invoice, or what was written off and stands on an agreement."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.pages import amount_text
from receivables.collections.models import Payment
from receivables.ledger.models import OpenItem


def _words(actor: Any, debt: OpenItem, balance: Decimal) -> dict[str, Any]:
    agreement = debt.agreement.number if debt.agreement else ""
    return {"number": debt.number, "agreement": agreement, "balance": amount_text(actor, balance, debt.currency)}


def _invoiced(debt: OpenItem) -> bool:
    return bool(debt.kind == OpenItem.Kind.INVOICE)


def debt_text(debt: OpenItem) -> str:
    """What the debt is called."""
    if _invoiced(debt):
        return _("invoice %(number)s") % {"number": debt.number}
    agreement = debt.agreement.number if debt.agreement else ""
    return _("%(number)s on agreement %(agreement)s") % {"number": debt.number, "agreement": agreement}


def reopened_text(actor: Any, debt: OpenItem, balance: Decimal) -> str:
    """What taking money off the debt will do; `balance` is what is owed then."""
    said = _("Invoice %(number)s will be open again with a balance of %(balance)s.")
    other = _("%(balance)s of %(number)s will be owed again on agreement %(agreement)s.")
    return (said if _invoiced(debt) else other) % _words(actor, debt, balance)


def open_again_text(actor: Any, debt: OpenItem, balance: Decimal) -> str:
    """What taking money off the debt did."""
    said = _("Invoice %(number)s is open again with a balance of %(balance)s.")
    other = _("%(balance)s of %(number)s is owed again on agreement %(agreement)s.")
    return (said if _invoiced(debt) else other) % _words(actor, debt, balance)


def debt_balance_text(actor: Any, debt: OpenItem) -> str:
    """What is owed of the debt now; `debt` as it is now."""
    words = _words(actor, debt, debt.balance)
    if _invoiced(debt):
        settled = _("Invoice %(number)s is settled.")
        return (_("Invoice %(number)s has an open balance of %(balance)s.") if debt.balance else settled) % words
    settled = _("%(number)s on agreement %(agreement)s is settled.")
    return (_("%(balance)s of %(number)s is owed on agreement %(agreement)s.") if debt.balance else settled) % words


def taken_off_text(payment: Payment, debt: OpenItem) -> str:
    """What was done with a payment."""
    words = {"payment": payment.number, "number": debt.number}
    if _invoiced(debt):
        return _("Payment %(payment)s was taken off invoice %(number)s.") % words
    words["agreement"] = debt.agreement.number if debt.agreement else ""
    return _("Payment %(payment)s was taken off %(number)s on agreement %(agreement)s.") % words

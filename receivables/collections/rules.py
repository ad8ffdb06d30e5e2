"""May money be recorded, applied, taken back? Pure functions over facts."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money


@dataclass(frozen=True)
class AssignmentFacts:
    """One invoice and what is to be applied to it, in the invoice's currency."""

    number: str
    currency: str
    balance: Decimal
    applied: Decimal
    voided: bool
    fmt: NumberFormat
    payment_currency: str

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


def assignment_blocker(facts: AssignmentFacts) -> Blocker | None:
    """Never more than is owed, whatever the person answers (source: the pay-off limit rules, case 3)."""
    if facts.voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": facts.number}, field="amount")
    if facts.currency != facts.payment_currency:
        message = _("Invoice %(number)s is in %(currency)s; record the payment in that currency.")
        return Blocker("currency", message % {"number": facts.number, "currency": facts.currency}, field="amount")
    if facts.applied < 0:
        return Blocker("negative", _("The amount to apply can't be negative."), field="amount")
    if facts.applied > facts.balance:
        message = _("The amount to apply (%(applied)s) is bigger than the invoice balance (%(balance)s).")
        words = {"applied": facts.text(facts.applied), "balance": facts.text(facts.balance)}
        return Blocker("more_than_owed", message % words, field="amount")
    return None


@dataclass(frozen=True)
class PaymentFacts:
    """A payment about to be recorded."""

    amount: Decimal
    applied: Decimal
    currency: str
    bank_currency: str
    bank_active: bool
    fmt: NumberFormat

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


def record_payment_blocker(facts: PaymentFacts) -> Blocker | None:
    """A payment is zero or more, in its bank account's currency, and never applied beyond itself."""
    if facts.amount < 0:
        return Blocker("negative", _("A payment can't be negative."), field="amount")
    if not facts.bank_active:
        return Blocker("bank_inactive", _("This bank account is not active any more."), field="bank_account")
    if facts.bank_currency != facts.currency:
        message = _("This bank account is in %(bank)s, the payment in %(currency)s.")
        words = {"bank": facts.bank_currency, "currency": facts.currency}
        return Blocker("bank_currency", message % words, field="bank_account")
    if facts.applied > facts.amount:
        message = _("You applied %(applied)s, but received %(amount)s. Take %(over)s off.")
        words = {
            "applied": facts.text(facts.applied),
            "amount": facts.text(facts.amount),
            "over": facts.text(facts.applied - facts.amount),
        }
        return Blocker("more_than_received", message % words, field="amount")
    return None


def delete_payment_blocker(*, number: str, undone: bool) -> Blocker | None:
    """A payment is undone once (R3)."""
    if not undone:
        return None
    return Blocker("already_deleted", _("Payment %(number)s was already deleted.") % {"number": number})

"""May money be recorded, applied, taken back? Pure functions over facts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, decimals, format_money, money


def precision_blocker(amount: Decimal, currency: str) -> Blocker | None:
    """An amount has the decimals of its currency and stays below 10**15."""
    try:
        money(amount, currency)
    except ValueError:
        words = {"currency": currency, "n": decimals(currency)}
        return Blocker("decimals", _("%(currency)s has %(n)s decimals.") % words, field="amount")
    return None


def not_found_blocker(what: str, *, found: bool) -> Blocker | None:
    """What a form or a caller names must exist in the actor's own organization; nothing more is said about others."""
    if found:
        return None
    messages = {
        "account": _("This account was not found."),
        "bank_account": _("This bank account was not found."),
        "invoice": _("This invoice was not found."),
        "payment": _("This payment was not found."),
        "reason": _("This reason was not found."),
    }
    return Blocker("not_found", messages[what], field=what)


def no_payments_blocker(*, agreement: str, type: str, takes_payments: bool, field: str = "") -> Blocker | None:
    """No payment ever reaches an agreement whose type takes none, by whatever door: bankrupt debt is legally
    uncollectable (documented behaviour of utility systems)."""
    if takes_payments:
        return None
    message = _(
        "Agreement %(number)s takes no payments, as its type “%(type)s” says. The money can stay on account or pay"
        " other debt."
    )
    return Blocker("no_payments", message % {"number": agreement, "type": type}, field=field)


def payable_blocker(*, number: str, voided: bool, currency: str, has_bank_account: bool) -> Blocker | None:
    """What stands in the way of any payment on an invoice, before an amount is typed."""
    if not number:
        return Blocker("draft", _("Generate the invoice first."))
    if voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": number})
    if not has_bank_account:
        message = _("There is no active bank account in %(currency)s. An administrator can add one in Settings.")
        return Blocker("no_bank_account", message % {"currency": currency})
    return None


def duplicate_blocker(*, number: str, day: str, confirmed: bool) -> Blocker | None:
    """What looks recorded already is recorded again only by who said so (message RCP-2)."""
    if not number or confirmed:
        return None
    message = _(
        "A payment with this amount and reference was recorded on %(day)s (%(number)s). Record it again anyway?"
    )
    return Blocker("likely_duplicate", message % {"day": day, "number": number}, field="again")


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
    if first := precision_blocker(facts.applied, facts.currency):
        return first
    if facts.voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": facts.number}, field="amount")
    if facts.currency != facts.payment_currency:
        message = _(
            "Invoice %(number)s is in %(currency)s. Record the payment on account, then apply it from its page, where"
            " it is converted."
        )
        return Blocker("currency", message % {"number": facts.number, "currency": facts.currency}, field="amount")
    if facts.applied < 0:
        return Blocker("negative", _("The amount to apply can't be negative."), field="amount")
    if facts.applied > facts.balance:
        message = _("The amount to apply (%(applied)s) is bigger than the invoice balance (%(balance)s).")
        words = {"applied": facts.text(facts.applied), "balance": facts.text(facts.balance)}
        return Blocker("more_than_owed", message % words, field="amount")
    return None


def payer_blocker(number: str, *, same_payer: bool, field: str = "amount") -> Blocker | None:
    """Money pays what its own payer owes; an invoice of another customer is not among it."""
    if same_payer:
        return None
    message = _("Invoice %(number)s belongs to another customer.")
    return Blocker("other_payer", message % {"number": number}, field=field)


@dataclass(frozen=True)
class PaymentFacts:
    """A payment about to be recorded."""

    amount: Decimal
    applied: Decimal
    currency: str
    bank_active: bool
    fmt: NumberFormat
    assigned_twice: str = ""

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


def record_payment_blocker(facts: PaymentFacts) -> Blocker | None:
    """A payment is zero or more, in its bank account's currency, and never applied beyond itself. $0 is a payment
    too (source: the published short-payment procedure)."""
    if first := precision_blocker(facts.amount, facts.currency):
        return first
    if facts.amount < 0:
        return Blocker("negative", _("A payment can't be negative."), field="amount")
    if not facts.bank_active:
        return Blocker("bank_inactive", _("This bank account is not active any more."), field="bank_account")
    if facts.assigned_twice:
        message = _("Invoice %(number)s is named twice.")
        return Blocker("named_twice", message % {"number": facts.assigned_twice}, field="amount")
    if facts.applied > facts.amount:
        message = _("You applied %(applied)s, but received %(amount)s. Take %(over)s off.")
        words = {
            "applied": facts.text(facts.applied),
            "amount": facts.text(facts.amount),
            "over": facts.text(facts.applied - facts.amount),
        }
        return Blocker("more_than_received", message % words, field="amount")
    return None


def delete_payment_blocker(
    *, number: str, undone: bool, posted: date | None = None, posting_date: date | None = None
) -> Blocker | None:
    """A payment is undone once (R3), and never on a day before it was posted: the books of that day would owe money."""
    if undone:
        return Blocker("already_deleted", _("Payment %(number)s was already deleted.") % {"number": number})
    if posted is not None and posting_date is not None and posting_date < posted:
        message = _("Payment %(number)s was posted on %(day)s; choose that day or a later one.")
        words = {"number": number, "day": day_words(posted)}
        return Blocker("before_payment", message % words, field="posting_date")
    return None


def acted_later_blocker(*, number: str, acted: date, posting_date: date | None) -> Blocker | None:
    """What was done with a payment is never taken back on a day before it was done: the books of the days between would
    have it undone before it happened."""
    if posting_date is None or posting_date >= acted:
        return None
    message = _("The last that was done with payment %(number)s was posted on %(day)s; choose that day or a later one.")
    words = {"number": number, "day": day_words(acted)}
    return Blocker("before_act", message % words, field="posting_date")


def bounce_payment_blocker(
    *, number: str, undone: bool, posted: date | None = None, posting_date: date | None = None
) -> Blocker | None:
    """Money can bounce that is recorded and was not taken back before (R3), and never before it was posted."""
    if undone:
        return Blocker("already_undone", _("Payment %(number)s was already taken back.") % {"number": number})
    return delete_payment_blocker(number=number, undone=False, posted=posted, posting_date=posting_date)


def reverse_pay_off_blocker(
    *, number: str, standing: bool, posted: date | None = None, posting_date: date | None = None
) -> Blocker | None:
    """A settled difference is undone once (R3), and never on a day before it was posted."""
    if not standing:
        message = _("This difference on invoice %(number)s was reversed already.")
        return Blocker("already_reversed", message % {"number": number})
    if posted is not None and posting_date is not None and posting_date < posted:
        message = _("It was posted on %(day)s; choose that day or a later one.")
        return Blocker("before_pay_off", message % {"day": day_words(posted)}, field="posting_date")
    return None


def take_back_blocker(*, load: str, type: str, why: str) -> Blocker:
    """A payment is not undone without the reduction that belongs to it: both or nothing."""
    message = _("The reduction “%(type)s” on load %(load)s can't be taken back with the payment: %(why)s")
    return Blocker("reduction_stays", message % {"type": type, "load": load, "why": why})

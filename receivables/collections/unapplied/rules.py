"""May money on account be applied, taken off, moved, given back? Pure functions over facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.collections.crossing import crossing_blocker
from receivables.collections.rules import AssignmentFacts, assignment_blocker, payer_blocker, precision_blocker
from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money


def amount_field(invoice_id: int) -> str:
    """The form's field of the amount on an invoice; refusals about the invoice name it."""
    return f"amount_{invoice_id}"


@dataclass(frozen=True)
class MoneyFacts:
    """A payment and what of it is on account, in its own currency."""

    number: str
    currency: str
    unapplied: Decimal
    undone: bool
    fmt: NumberFormat

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


@dataclass(frozen=True)
class TargetFacts:
    """An invoice that money is to be applied to. `field` is where its amount was typed; `taken` is what it takes of the
    money, in the money's currency, where the invoice is in another."""

    assignment: AssignmentFacts
    same_payer: bool
    field: str = "amount"
    taken: Decimal | None = None

    @property
    def spent(self) -> Decimal:
        return self.assignment.applied if self.taken is None else self.taken


def undone_blocker(money: MoneyFacts) -> Blocker | None:
    """A payment that was deleted or bounced has no money any more."""
    if not money.undone:
        return None
    return Blocker("payment_undone", _("Payment %(number)s was taken back.") % {"number": money.number})


def no_money_blocker(money: MoneyFacts) -> Blocker | None:
    """What stands in the way of using a payment's money, before an amount is typed."""
    if first := undone_blocker(money):
        return first
    if money.unapplied <= 0:
        return Blocker("nothing_left", _("Nothing of payment %(number)s is on account.") % {"number": money.number})
    return None


def target_blocker(target: TargetFacts) -> Blocker | None:
    """Money goes to open invoices of its own payer and currency, never more than is owed; nothing is no assignment."""
    facts = target.assignment
    own = facts if target.taken is None else replace(facts, payment_currency=facts.currency)
    if first := assignment_blocker(own):
        return replace(first, field=target.field)
    if first := payer_blocker(facts.number, same_payer=target.same_payer, field=target.field):
        return first
    if facts.applied == 0:
        return Blocker("zero", _("Enter an amount above zero."), field=target.field)
    return crossing_blocker(
        number=facts.number, amount=facts.applied, taken=target.spent, currency=facts.payment_currency,
        field=target.field,
    )  # fmt: skip


def assign_payment_blocker(
    money: MoneyFacts, targets: Sequence[TargetFacts], *, gives_up: bool = False
) -> Blocker | None:
    """Never more than is on account, nor than each invoice owes (R1). What is short is given up where it is recorded,
    or by a credit note, since a pay-off belongs to the Save of its payment."""
    if first := no_money_blocker(money):
        return first
    if gives_up:
        return Blocker("pay_off_later", _("A rest is given up when a payment is recorded, or by a credit note."))
    if not targets:
        return Blocker("nothing_chosen", _("Enter an amount for at least one invoice."))
    numbers = [target.assignment.number for target in targets]
    for target in targets:
        if first := target_blocker(target):
            return first
        if numbers.count(target.assignment.number) > 1:
            words = {"number": target.assignment.number}
            return Blocker("named_twice", _("Invoice %(number)s is named twice.") % words, field=target.field)
    total = sum((target.spent for target in targets), Decimal(0))
    if total > money.unapplied:
        message = _("You apply %(applied)s, but %(left)s is on account. Take %(over)s off.")
        words = {
            "applied": money.text(total),
            "left": money.text(money.unapplied),
            "over": money.text(total - money.unapplied),
        }
        field = targets[0].field if len(targets) == 1 else ""
        return Blocker("more_than_unapplied", message % words, field=field)
    return None


def unassign_payment_blocker(*, number: str, invoice: str, live: bool) -> Blocker | None:
    """One settlement by a payment is taken off once (R3), with what was given with it on the same invoice."""
    if live:
        return None
    message = _("Payment %(number)s was already taken off invoice %(invoice)s.")
    return Blocker("already_taken_off", message % {"number": number, "invoice": invoice})


def crossed_blocker(*, number: str, invoice: str, crossed: bool) -> Blocker | None:
    """What went through currency clearing is converted anew, not moved."""
    if not crossed:
        return None
    message = _(
        "Payment %(number)s is in another currency than invoice %(invoice)s. Take it off, then apply it to another"
        " invoice."
    )
    return Blocker("crossed", message % {"number": number, "invoice": invoice})


def move_payment_assignment_blocker(
    *,
    number: str,
    invoice: str,
    live: bool,
    amount: Decimal,
    applied: Decimal,
    target: TargetFacts | None,
    same: bool,
    crossed: bool = False,
) -> Blocker | None:
    """Money that is applied moves to another open invoice of the payer, at most as much as was applied. `applied` is
    what stands on the first invoice; what is not moved goes on account."""
    if first := unassign_payment_blocker(number=number, invoice=invoice, live=live):
        return first
    if first := crossed_blocker(number=number, invoice=invoice, crossed=crossed):
        return first
    if target is None:
        return None
    if same:
        return Blocker("same_invoice", _("Choose another invoice."), field="invoice")
    if first := target_blocker(target):
        return first
    if amount > applied:
        facts = target.assignment
        message = _("Only %(applied)s of the payment is applied to invoice %(invoice)s.")
        words = {"applied": facts.text(applied), "invoice": invoice}
        return Blocker("more_than_applied", message % words, field=target.field)
    return None


@dataclass(frozen=True)
class RefundFacts:
    """Money about to be given back. `waiting`: a refund of the same payment waits for approval."""

    money: MoneyFacts
    amount: Decimal
    bank_active: bool
    bank_currency: str
    day: date
    received: date
    waiting: bool = False


def refund_unapplied_blocker(facts: RefundFacts) -> Blocker | None:
    """Never more than is on account (R1), out of an account in the payment's currency, not before the money came."""
    money = facts.money
    if first := no_money_blocker(money) or precision_blocker(facts.amount, money.currency):
        return first
    if facts.waiting:
        return Blocker("already_asked", _("A refund of this payment waits for approval already."))
    if facts.amount <= 0:
        return Blocker("zero", _("Enter an amount above zero."), field="amount")
    if facts.amount > money.unapplied:
        message = _("Only %(left)s is on account.") % {"left": money.text(money.unapplied)}
        return Blocker("more_than_unapplied", message, field="amount")
    if not facts.bank_active:
        return Blocker("bank_inactive", _("This bank account is not active any more."), field="bank_account")
    if facts.bank_currency != money.currency:
        message = _("Payment %(number)s is in %(currency)s; choose a bank account in that currency.")
        words = {"number": money.number, "currency": money.currency}
        return Blocker("currency", message % words, field="bank_account")
    if facts.day < facts.received:
        message = _("The money was received on %(day)s; choose that day or a later one.")
        return Blocker("before_payment", message % {"day": day_words(facts.received)}, field="date")
    return None


def reverse_refund_blocker(*, number: str, reversed_already: bool) -> Blocker | None:
    """A refund is taken back once (R3)."""
    if not reversed_already:
        return None
    return Blocker("already_reversed", _("Refund %(number)s was already reversed.") % {"number": number})


def refund_stands_blocker(*, number: str, refund: str) -> Blocker | None:
    """Money that was given back can't be taken back a second time: the refund goes first."""
    if not refund:
        return None
    message = _("Refund %(refund)s gave money of payment %(number)s back. Reverse the refund first.")
    return Blocker("refund_stands", message % {"number": number, "refund": refund})


def act_day_blocker(*, number: str, posted: date, chosen: date) -> Blocker | None:
    """Money is not moved on a day before it was posted: the books of that day would owe it."""
    if chosen >= posted:
        return None
    message = _("Payment %(number)s was posted on %(day)s; choose that day or a later one.")
    words = {"number": number, "day": day_words(posted)}
    return Blocker("before_payment", message % words, field="posting_date")

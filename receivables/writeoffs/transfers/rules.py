"""May debt be moved to another agreement, and a transfer be taken back? Pure functions over facts; the first blocker
wins."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money, round_money
from receivables.writeoffs.rules import before_debt_blocker

ZERO = Decimal(0)


@dataclass(frozen=True)
class Side:
    """An agreement as the rule looks at it. `over`: its service is over, or it was never posted to and cancelled."""

    key: int
    number: str
    currency: str
    customer: int
    written_off: bool = False
    takes_payments: bool = True
    holds_money: bool = False
    over: bool = False
    on_plan: bool = False


@dataclass(frozen=True)
class MovedFacts:
    """A debt that is picked: what is owed of it, and what is to be moved. `field` is the form's field of the amount."""

    number: str
    amount: Decimal
    balance: Decimal
    disputed: bool = False
    field: str = ""


@dataclass(frozen=True)
class TransferFacts:
    """What the rule looks at; `posted` is the last day on which one of the debts was opened."""

    fmt: NumberFormat
    source: Side
    target: Side
    debts: Sequence[MovedFacts]
    reason: str
    posting_date: datetime.date | None = None
    posted: datetime.date | None = None

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.source.currency, self.fmt, with_code=True)


def transfer_debt_blocker(facts: TransferFacts) -> Blocker | None:
    """Between two agreements of one customer, of the same kind, never more than is owed."""
    return (
        source_blocker(facts.source)
        or _target_blocker(facts.source, facts.target)
        or _picked_blocker(facts)
        or _act_blocker(facts)
    )


def source_blocker(source: Side) -> Blocker | None:
    """From where debt may be moved at all."""
    if source.holds_money:
        message = _("%(number)s holds money of the customer and no debt.")
        return Blocker("holds_money", message % {"number": source.number})
    if source.written_off and not source.takes_payments:
        message = _("Debt of a bankruptcy is not moved by hand: record a dividend, or reverse its write-off.")
        return Blocker("bankrupt", message)
    if source.on_plan:
        message = _(
            "%(number)s has a budget or a payment arrangement. Cancel it first; then all that is owed is asked."
        )
        return Blocker("on_plan", message % {"number": source.number})
    return None


def _target_blocker(source: Side, target: Side) -> Blocker | None:
    if target.key == source.key:
        return Blocker("same", _("Choose another agreement than this one."), field="target")
    if target.customer != source.customer:
        message = _("%(number)s is of another customer: debt stays with who owes it.")
        return Blocker("other_customer", message % {"number": target.number}, field="target")
    if target.currency != source.currency:
        message = _("%(number)s is in %(other)s and this debt in %(currency)s.")
        words = {"number": target.number, "other": target.currency, "currency": source.currency}
        return Blocker("other_currency", message % words, field="target")
    if target.written_off and not source.written_off:
        message = _("Debt gets to a write-off agreement by being written off: use “Write off debt”.")
        return Blocker("to_write_off", message, field="target")
    if source.written_off and not target.written_off:
        message = _("Written-off debt gets back by reversing it: use “Reverse write-off”.")
        return Blocker("from_write_off", message, field="target")
    if target.written_off and not target.takes_payments:
        message = _("Debt gets to a bankruptcy agreement only by a bankruptcy.")
        return Blocker("to_bankruptcy", message, field="target")
    if target.holds_money or target.over:
        message = _("%(number)s takes no debt: it is over, or holds the customer's money. Choose one in service.")
        return Blocker("target_over", message % {"number": target.number}, field="target")
    return None


def _picked_blocker(facts: TransferFacts) -> Blocker | None:
    if not facts.debts:
        return Blocker("nothing_picked", _("Choose at least one debt with an amount above zero."))
    return next((found for debt in facts.debts if (found := _debt_blocker(facts, debt))), None)


def _debt_blocker(facts: TransferFacts, debt: MovedFacts) -> Blocker | None:
    currency = facts.source.currency
    if debt.amount <= 0 or round_money(debt.amount, currency) != debt.amount:
        message = _("Enter an amount above zero, with no more decimals than %(currency)s has.")
        return Blocker("amount", message % {"currency": currency}, field=debt.field)
    if debt.amount > debt.balance:
        message = _("Only %(balance)s is owed on %(number)s: no more than that can be moved.")
        words = {"balance": facts.text(debt.balance), "number": debt.number}
        return Blocker("more_than_owed", message % words, field=debt.field)
    if debt.disputed:
        message = _("A dispute about %(number)s is open. Close it first: on the other agreement nobody would see it.")
        return Blocker("disputed", message % {"number": debt.number}, field=debt.field)
    return None


def _act_blocker(facts: TransferFacts) -> Blocker | None:
    if not facts.reason.strip():
        return Blocker("no_reason", _("Say why this debt is moved."), field="reason")
    return before_debt_blocker(facts.posting_date, facts.posted)


def transfer_possible_blocker(source: Side, *, owed: bool, others: bool) -> Blocker | None:
    """The form makes sense only where something is owed, and where there is an agreement that may take it."""
    if not owed:
        return Blocker("nothing_owed", _("Nothing is owed on this agreement."))
    if first := source_blocker(source):
        return first
    if not others:
        return Blocker("no_target", _("The customer has no other agreement in this currency that may take the debt."))
    return None


@dataclass(frozen=True)
class BackFacts:
    """A transfer that is to be taken back. `touched` names a debt of it that was paid, moved on or written off since.
    `reason` None: not asked for yet."""

    number: str
    posted: datetime.date
    reversed: bool = False
    touched: str = ""
    reason: str | None = None
    posting_date: datetime.date | None = None


def reverse_transfer_blocker(facts: BackFacts) -> Blocker | None:
    """Whole and once, while nothing has happened to what was moved; what is left of it then is moved back by a
    transfer of its own."""
    if facts.reversed:
        return Blocker("already_reversed", _("%(number)s was reversed already.") % {"number": facts.number})
    if facts.touched:
        message = _(
            "%(debt)s was paid, moved on or written off in part since. Take that back first, or move what is left to "
            "where it came from."
        )
        return Blocker("touched", message % {"debt": facts.touched})
    if facts.reason is not None and not facts.reason.strip():
        return Blocker("no_reason", _("Say why the transfer is reversed."), field="reason")
    if facts.posting_date is not None and facts.posting_date < facts.posted:
        message = _("%(number)s was posted on %(day)s; choose that day or a later one.")
        words = {"number": facts.number, "day": day_words(facts.posted)}
        return Blocker("before_transfer", message % words, field="posting_date")
    return None

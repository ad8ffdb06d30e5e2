"""May debt be written off, and a write-off be reversed? Pure functions over facts; the first blocker wins."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money, round_money

ZERO = Decimal(0)


@dataclass(frozen=True)
class DebtFacts:
    """A debt that is picked: what is owed of it, what is to be written off, and what its agreement is. `field` is the
    form's field of the amount."""

    number: str
    currency: str
    amount: Decimal
    balance: Decimal
    written_off: bool = False
    eligible: bool = True
    field: str = ""


@dataclass(frozen=True)
class WriteOffFacts:
    """What the rule looks at. `money` is what the customer has with us that pays these debts first; `unrouted` names
    accounts without a write-off target, `unexplained` what no transaction explains and no default takes."""

    fmt: NumberFormat
    debts: Sequence[DebtFacts]
    reason: str
    money: Decimal = ZERO
    left: Decimal = ZERO
    asked: bool = False
    unrouted: Sequence[str] = ()
    unrouted_link: str = ""
    unexplained: Decimal = ZERO
    type_usable: bool = True
    posting_date: datetime.date | None = None
    posted: datetime.date | None = None

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.debts[0].currency, self.fmt, with_code=True)


def write_off_debt_blocker(facts: WriteOffFacts) -> Blocker | None:
    """Never more than is owed, in one currency, of debt that may be written off, to accounts that say where it goes."""
    return (
        _picked_blocker(facts)
        or next((found for debt in facts.debts if (found := _debt_blocker(facts, debt))), None)
        or _act_blocker(facts)
        or _route_blocker(facts)
    )


def request_write_off_blocker(facts: WriteOffFacts) -> Blocker | None:
    """Asked for is only what could be done: the same rule."""
    return write_off_debt_blocker(facts)


def _picked_blocker(facts: WriteOffFacts) -> Blocker | None:
    if not facts.debts:
        return Blocker("nothing_picked", _("Choose at least one debt with an amount above zero."))
    if len({debt.currency for debt in facts.debts}) > 1:
        message = _("A write-off has one currency: choose debt in %(currency)s, and make another for the rest.")
        return Blocker("two_currencies", message % {"currency": facts.debts[0].currency})
    return None


def _debt_blocker(facts: WriteOffFacts, debt: DebtFacts) -> Blocker | None:
    if debt.written_off:
        message = _("%(number)s is written off already. Start a bankruptcy or reverse the write-off instead.")
        return Blocker("written_off", message % {"number": debt.number}, field=debt.field)
    if not debt.eligible:
        message = _("Debt like %(number)s is never written off: its write-off debt class says so.")
        return Blocker("not_eligible", message % {"number": debt.number}, field=debt.field)
    if debt.amount <= 0 or round_money(debt.amount, debt.currency) != debt.amount:
        message = _("Enter an amount above zero, with no more decimals than %(currency)s has.")
        return Blocker("amount", message % {"currency": debt.currency}, field=debt.field)
    if debt.amount > debt.balance:
        message = _("Only %(balance)s is owed on %(number)s: no more than that can be written off.")
        words = {"balance": facts.text(debt.balance), "number": debt.number}
        return Blocker("more_than_owed", message % words, field=debt.field)
    return None


def _act_blocker(facts: WriteOffFacts) -> Blocker | None:
    if not facts.reason.strip():
        return Blocker("no_reason", _("Say why this debt is written off."), field="reason")
    if facts.asked:
        message = _("A write-off of this account waits for approval; that is decided first.")
        return Blocker("already_asked", message)
    if facts.left == 0:
        message = _("The customer has %(money)s with us, which covers this debt: apply it, and nothing is left.")
        return Blocker("covered", message % {"money": facts.text(facts.money)})
    return before_debt_blocker(facts.posting_date, facts.posted)


def before_debt_blocker(chosen: datetime.date | None, posted: datetime.date | None) -> Blocker | None:
    """Debt is not moved on a day on which it did not stand in the books yet. None: nothing was chosen, or posted."""
    if chosen is None or posted is None or chosen >= posted:
        return None
    message = _("Some of this debt was posted on %(day)s; choose that day or a later one.")
    return Blocker("before_debt", message % {"day": day_words(posted)}, field="posting_date")


def _route_blocker(facts: WriteOffFacts) -> Blocker | None:
    """Nothing is posted where a setting is missing (ours)."""
    if not facts.type_usable:
        return Blocker("no_write_off_type", _("Choose an active write-off type."), field="to_type")
    if facts.unrouted:
        message = _(
            "Debt was booked to %(accounts)s, and the settings don't say to which write-off type that goes. Set it on "
            "the account; nothing was posted."
        )
        return Blocker("no_target", message % {"accounts": ", ".join(facts.unrouted)}, link=facts.unrouted_link)
    if facts.unexplained:
        message = _(
            "No transaction explains %(amount)s of this debt, and no default write-off type is set. Choose one in the "
            "write-off settings; nothing was posted."
        )
        return Blocker("unexplained", message % {"amount": facts.text(facts.unexplained)})
    return None


def nothing_owed_blocker(*, owed: bool) -> Blocker | None:
    """The form makes sense only where something is owed that may be written off."""
    return None if owed else Blocker("nothing_owed", _("Nothing on this account can be written off."))


def send_to_write_off_blocker(*, has_invoice: bool, balance: Decimal) -> Blocker | None:
    """A short payment ends in a write-off of what is open on its invoice; of one over several loads, on the load."""
    if not has_invoice:
        return Blocker("draft", _("Generate the invoice first."))
    return None if balance > 0 else Blocker("nothing_open", _("Nothing is open on the invoice."))


def part_open_blocker(*, amount: Decimal, balance: Decimal, text: str) -> Blocker | None:
    """From a load of a summary invoice no more is written off than is open on that load; `text` is the balance as it
    reads."""
    if amount <= balance:
        return None
    message = _("Only %(balance)s is open on this load. The rest of the invoice is written off from its own page.")
    return Blocker("more_than_part", message % {"balance": text}, field="amount")


def still_owed_blocker(*, gone: bool) -> Blocker | None:
    """A debt that was settled since the page was shown is not left out in silence, nor moved otherwise than shown."""
    if not gone:
        return None
    message = _("This debt has changed since it was shown. We stopped and changed nothing: check the figures again.")
    return Blocker("stale", message)


def facts_moved_blocker(*, same: bool) -> Blocker | None:
    """Granted is what was shown."""
    if same:
        return None
    message = _("The debt or the settings have changed since this was asked; reject it, so that it is asked anew.")
    return Blocker("facts_moved", message)


def account_not_found_blocker(*, found: bool) -> Blocker | None:
    """Both accounts are the organization's own."""
    return None if found else Blocker("not_found", _("This account was not found."))


@dataclass(frozen=True)
class ReversalFacts:
    """A write-off that is to be taken back. `left` is what of it was not taken back yet, `unpaid` what of that is still
    owed on the write-off agreements: the rest was paid since, or moved on with the document `moved_on`."""

    number: str
    currency: str
    fmt: NumberFormat
    left: Decimal
    unpaid: Decimal
    posted: datetime.date
    amount: Decimal | None = None
    reason: str | None = None
    posting_date: datetime.date | None = None
    moved_on: str = ""

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


def reverse_write_off_blocker(facts: ReversalFacts) -> Blocker | None:
    """Whole, in part and repeatedly, never so that a write-off agreement is in credit. `reason` None: not asked."""
    if facts.left == 0:
        return Blocker("already_reversed", _("%(number)s was reversed already.") % {"number": facts.number})
    wanted = facts.left if facts.amount is None else facts.amount
    if facts.moved_on and (facts.unpaid == 0 or facts.unpaid < wanted <= facts.left):
        message = _("The debt of %(number)s was moved on with %(other)s: reverse that first.")
        return Blocker("moved_on", message % {"number": facts.number, "other": facts.moved_on})
    if wanted <= 0 or round_money(wanted, facts.currency) != wanted:
        message = _("Enter an amount above zero, with no more decimals than %(currency)s has.")
        return Blocker("amount", message % {"currency": facts.currency}, field="amount")
    if wanted > facts.left:
        message = _("Only %(left)s of %(number)s is left to reverse.")
        return Blocker(
            "more_than_left", message % {"left": facts.text(facts.left), "number": facts.number}, field="amount"
        )
    if wanted > facts.unpaid:
        message = _(
            "%(paid)s of this was paid since, so no more than %(unpaid)s can be reversed: the write-off agreement "
            "would be in credit. To reverse more, move that payment first."
        )
        words = {"paid": facts.text(facts.left - facts.unpaid), "unpaid": facts.text(facts.unpaid)}
        return Blocker("paid_since", message % words, field="amount")
    if facts.reason is not None and not facts.reason.strip():
        return Blocker("no_reason", _("Say why the write-off is reversed."), field="reason")
    if facts.posting_date is not None and facts.posting_date < facts.posted:
        message = _("%(number)s was posted on %(day)s; choose that day or a later one.")
        words = {"number": facts.number, "day": day_words(facts.posted)}
        return Blocker("before_write_off", message % words, field="posting_date")
    return None

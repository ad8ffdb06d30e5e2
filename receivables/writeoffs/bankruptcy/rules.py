"""May a bankruptcy be started or withdrawn, and a dividend of one be recorded? Pure functions over facts; the first
blocker wins."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money, round_money
from receivables.writeoffs.rules import before_debt_blocker


@dataclass(frozen=True)
class BankruptcyFacts:
    """What the rule looks at. `posted` is the last day on which debt that would move was posted; `asked`: a bankruptcy
    of this account waits for approval."""

    filed_on: datetime.date
    today: datetime.date
    reference: str
    started: bool = False
    asked: bool = False
    customer_active: bool = True
    type_found: bool = True
    posting_date: datetime.date | None = None
    posted: datetime.date | None = None


def start_bankruptcy_blocker(facts: BankruptcyFacts) -> Blocker | None:
    """Once for an account, of a petition that was filed, and only with a type that takes no payments."""
    if first := started_blocker(started=facts.started):
        return first
    if facts.asked:
        return Blocker("already_asked", _("A bankruptcy of this account waits for approval; that is decided first."))
    if facts.filed_on > facts.today:
        return Blocker("to_come", _("The filing date lies ahead: enter the day of the petition."), field="filed_on")
    if not facts.reference.strip():
        return Blocker("no_case", _("Enter the court and the number of the case."), field="reference")
    if not facts.customer_active:
        message = _("This customer is not active, so no account for later service can be opened. Make it active first.")
        return Blocker("customer_inactive", message)
    if not facts.type_found:
        return _no_type()
    return before_debt_blocker(facts.posting_date, facts.posted)


def started_blocker(*, started: bool) -> Blocker | None:
    """An account is bankrupt once, unless that was withdrawn; what comes later stands on the account opened then."""
    return Blocker("started", _("The bankruptcy of this account was started already.")) if started else None


@dataclass(frozen=True)
class AdditionFacts:
    """Debt that is to follow to the bankruptcy type: whether any is `owed` outside it, whether the bankruptcy was
    withdrawn, and whether the same waits for approval. `posted` is the last day on which some of it was posted."""

    owed: bool
    withdrawn: bool = False
    asked: bool = False
    type_found: bool = True
    posting_date: datetime.date | None = None
    posted: datetime.date | None = None


def add_to_bankruptcy_blocker(facts: AdditionFacts) -> Blocker | None:
    """Only of a bankruptcy that stands, and only what is from before its petition."""
    if facts.withdrawn:
        return _withdrawn()
    if facts.asked:
        return Blocker("already_asked", _("This waits for approval already; that is decided first."))
    if not facts.owed:
        message = _("All that is owed from before the petition stands on the bankruptcy type.")
        return Blocker("nothing_outside", message)
    if not facts.type_found:
        return _no_type()
    return before_debt_blocker(facts.posting_date, facts.posted)


def _withdrawn() -> Blocker:
    return Blocker("withdrawn", _("This bankruptcy was withdrawn already."))


def _no_type() -> Blocker:
    message = _("There is no active write-off type that takes no payments. Add one to the agreement types first.")
    return Blocker("no_bankruptcy_type", message)


@dataclass(frozen=True)
class WithdrawalFacts:
    """A bankruptcy that is to be withdrawn. `dividend` names a dividend of it that stands; `posted` is the last day on
    which something that is taken back was posted; `reason` None: not asked for yet."""

    posted: datetime.date
    withdrawn: bool = False
    dividend: str = ""
    reason: str | None = None
    posting_date: datetime.date | None = None


def withdraw_bankruptcy_blocker(facts: WithdrawalFacts) -> Blocker | None:
    """Once and whole, for a reason, and not over a dividend: what a trustee paid is a sign that it was no error."""
    if facts.withdrawn:
        return _withdrawn()
    if facts.dividend:
        message = _("Dividend %(number)s of this bankruptcy stands: take its payment off and reverse it first.")
        return Blocker("dividend", message % {"number": facts.dividend})
    if facts.reason is not None and not facts.reason.strip():
        return Blocker("no_reason", _("Say why the bankruptcy is withdrawn."), field="reason")
    if facts.posting_date is not None and facts.posting_date < facts.posted:
        message = _("Some of this was posted on %(day)s; choose that day or a later one.")
        return Blocker("before_filing", message % {"day": day_words(facts.posted)}, field="posting_date")
    return None


@dataclass(frozen=True)
class DividendFacts:
    """A dividend: what is to be recorded, what of the payment is on account (`unapplied`; None: no payment of this
    account), and what is owed in its currency on the bankruptcy type; `posted` is the last day on which some of that
    was posted there. `unrouted` names accounts no ordinary write-off type stands for."""

    currency: str
    fmt: NumberFormat
    amount: Decimal
    unapplied: Decimal | None
    owed: Decimal
    payment: str = ""
    unrouted: Sequence[str] = ()
    posting_date: datetime.date | None = None
    posted: datetime.date | None = None

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


def record_dividend_blocker(facts: DividendFacts) -> Blocker | None:
    """Never more than the trustee paid, nor than is owed; the bankruptcy type itself receives nothing."""
    if facts.unapplied is None:
        message = _("Choose a payment of this account that has money on account.")
        return Blocker("no_payment", message, field="payment")
    if facts.amount <= 0 or round_money(facts.amount, facts.currency) != facts.amount:
        message = _("Enter an amount above zero, with no more decimals than %(currency)s has.")
        return Blocker("amount", message % {"currency": facts.currency}, field="amount")
    if facts.amount > facts.unapplied:
        message = _("Only %(left)s of payment %(number)s is on account.")
        words = {"left": facts.text(facts.unapplied), "number": facts.payment}
        return Blocker("more_than_unapplied", message % words, field="amount")
    if facts.amount > facts.owed:
        message = _("Only %(owed)s is owed of this bankruptcy.")
        return Blocker("more_than_owed", message % {"owed": facts.text(facts.owed)}, field="amount")
    if too_early := before_debt_blocker(facts.posting_date, facts.posted):
        return too_early
    if facts.unrouted:
        message = _("No active write-off type that takes payments carries %(accounts)s. Add one; nothing was posted.")
        return Blocker("no_target", message % {"accounts": ", ".join(facts.unrouted)})
    return None


def dividend_possible_blocker(*, owed: bool, money: bool) -> Blocker | None:
    """The form makes sense only where something is owed and the trustee's payment is on account."""
    if not owed:
        return Blocker("nothing_owed", _("Nothing is owed of this bankruptcy any more."))
    if not money:
        message = _("Record the trustee's payment on this account first, and leave its money on account.")
        return Blocker("no_money", message)
    return None

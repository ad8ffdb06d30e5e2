"""May bad debt be recovered, and a recovery be taken back? Pure functions over facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.collections.rules import precision_blocker
from receivables.collections.unapplied.rules import MoneyFacts, no_money_blocker
from receivables.core.dates import day_words
from receivables.core.errors import Blocker


def recovery_field(key: str) -> str:
    """The form's field of what is recovered of a loss; refusals about it name it."""
    return f"recover_{key}"


@dataclass(frozen=True)
class PartFacts:
    """What is to be recovered of one loss, in its currency. `left`: given up, still so, and not recovered yet; None if
    it was taken back meanwhile. `given`: the day on which it was posted."""

    key: str
    invoice: str
    currency: str
    amount: Decimal
    left: Decimal | None
    given: date
    same_payer: bool = True

    @property
    def field(self) -> str:
        return recovery_field(self.key)


def recover_bad_debt_blocker(
    money: MoneyFacts, parts: Sequence[PartFacts], *, posting_date: date | None = None
) -> Blocker | None:
    """Never more than was given up and is not recovered yet (source: the decision on money that comes after all), nor
    more than is on account; in the currency of the invoice, from its own customer, not before it was given up."""
    if first := no_money_blocker(money):
        return first
    if not parts:
        return Blocker("nothing_chosen", _("Enter an amount for at least one bad debt."))
    keys = [part.key for part in parts]
    for part in parts:
        if first := _part_blocker(money, part, posting_date, twice=keys.count(part.key) > 1):
            return first
    total = sum((part.amount for part in parts), Decimal(0))
    if total > money.unapplied:
        message = _("You recover %(wanted)s, but %(left)s is on account. Take %(over)s off.")
        words = {
            "wanted": money.text(total),
            "left": money.text(money.unapplied),
            "over": money.text(total - money.unapplied),
        }
        return Blocker("more_than_unapplied", message % words, field=parts[0].field if len(parts) == 1 else "")
    return None


def _part_blocker(money: MoneyFacts, part: PartFacts, posting_date: date | None, *, twice: bool) -> Blocker | None:
    words = {"number": part.invoice}
    if twice:
        return Blocker("named_twice", _("One bad debt on invoice %(number)s is named twice.") % words, field=part.field)
    if precision_blocker(part.amount, money.currency) or part.amount <= 0:
        message = _("Enter an amount above zero, with no more decimals than %(currency)s has.")
        return Blocker("amount", message % {"currency": money.currency}, field=part.field)
    if part.left is None:
        return taken_back_blocker(part.invoice, field=part.field)
    if part.currency != money.currency:
        message = _("Invoice %(number)s is in %(currency)s; only money in that currency recovers its bad debt.")
        return Blocker("currency", message % {**words, "currency": part.currency}, field=part.field)
    if not part.same_payer:
        message = _("Invoice %(number)s belongs to another customer.")
        return Blocker("other_payer", message % words, field=part.field)
    if part.amount > part.left:
        message = _("Only %(left)s of the bad debt on invoice %(number)s is not recovered yet.")
        return Blocker("more_than_lost", message % {**words, "left": money.text(part.left)}, field=part.field)
    if posting_date is not None and posting_date < part.given:
        message = _("The bad debt on invoice %(number)s was posted on %(day)s; choose that day or a later one.")
        return Blocker("before_loss", message % {**words, "day": day_words(part.given)}, field="posting_date")
    return None


def taken_back_blocker(invoice: str, field: str = "") -> Blocker | None:
    """Nothing is recovered of bad debt that does not stand any more; `invoice` is empty where there is none."""
    if not invoice:
        return None
    message = _("The bad debt on invoice %(number)s was taken back meanwhile: the invoice is owed again.")
    return Blocker("taken_back", message % {"number": invoice}, field=field)


def nothing_lost_blocker(*, customer: str, currency: str, any_left: bool) -> Blocker | None:
    """The form makes sense only where something was given up and not recovered."""
    if any_left:
        return None
    message = _("%(customer)s has no bad debt in %(currency)s that could be recovered.")
    return Blocker("nothing_lost", message % {"customer": customer, "currency": currency})


def reverse_recovery_blocker(
    *, number: str, reversed_already: bool, posted: date | None = None, posting_date: date | None = None
) -> Blocker | None:
    """A recovery is taken back once (R3), never on a day before it was posted."""
    if reversed_already:
        return Blocker("already_reversed", _("Recovery %(number)s was already reversed.") % {"number": number})
    if posted is not None and posting_date is not None and posting_date < posted:
        message = _("Recovery %(number)s was posted on %(day)s; choose that day or a later one.")
        words = {"number": number, "day": day_words(posted)}
        return Blocker("before_recovery", message % words, field="posting_date")
    return None

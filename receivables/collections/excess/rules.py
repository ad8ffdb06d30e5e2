"""May a little more than is owed be booked as income? Pure functions over facts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, decimals, format_money, format_number, with_currency


@dataclass(frozen=True)
class ExcessFacts:
    """What is left of a payment, in its `currency`; `limit` is in `own`, the organization's, None where none is set.

    `rate` is what one unit was worth on the payment's day. `applied`: the payment pays something; `still_open` is the
    number of an invoice that it pays and that is not settled by it. `income`: there is an account to book to.
    """

    number: str
    currency: str
    excess: Decimal
    rate: Decimal
    own: str
    limit: Decimal | None
    fmt: NumberFormat
    applied: bool = True
    still_open: str = ""
    income: bool = True
    undone: bool = False
    asked: bool = False

    @property
    def text(self) -> str:
        return format_money(self.excess, self.currency, self.fmt, with_code=True)

    def own_text(self, amount: Decimal) -> str:
        """An amount in the organization's currency, with all the decimals that it was compared with."""
        if amount == round(amount, decimals(self.own)):
            return format_money(amount, self.own, self.fmt, with_code=True)
        return with_currency(format_number(amount.normalize(), None, self.fmt), self.own)


def book_small_excess_blocker(facts: ExcessFacts) -> Blocker | None:
    """Only what is truly too much, and no more than the over-payment limit: compared unrounded at the rate of the
    payment's day, equal is allowed. Without a limit the choice does not exist; money then stays on account."""
    if facts.undone:
        return _refused("undone", _("Payment %(number)s was taken back.") % {"number": facts.number})
    if facts.limit is None or not facts.income:
        message = _("No over-payment limit is set, so money that is not applied stays on account.")
        return _refused("no_over_limit", message)
    if facts.excess <= 0:
        return _refused("nothing_left", _("Nothing is left of this payment that could be booked as income."))
    if not facts.applied:
        message = _("This payment pays no invoice, so none of it is an over-payment. It stays on account.")
        return _refused("nothing_applied", message)
    if facts.still_open:
        message = _("Invoice %(number)s is not paid off; apply the remaining %(excess)s there first.")
        return _refused("still_owed", message % {"number": facts.still_open, "excess": facts.text})
    if facts.asked:
        return _refused("already_asked", _("A refund of this payment waits for approval already."))
    return _limit_blocker(facts, facts.limit)


def _limit_blocker(facts: ExcessFacts, limit: Decimal) -> Blocker | None:
    worth = facts.excess * facts.rate
    if worth <= limit:
        return None
    words = {"excess": facts.text, "limit": facts.own_text(limit), "own": facts.own_text(worth)}
    if not limit:
        message = _("%(excess)s can't be booked as income: by the over-payment limit it stays on account.")
    elif facts.currency != facts.own:
        message = _(
            "%(excess)s (%(own)s) can't be booked as income: it exceeds the over-payment limit of %(limit)s. It stays"
            " on account."
        )
    else:
        message = _(
            "%(excess)s can't be booked as income: it exceeds the over-payment limit of %(limit)s. It stays on account."
        )
    return _refused("above_over_limit", message % words)


def _refused(code: str, message: str) -> Blocker:
    return Blocker(code, message, field="excess")


def reverse_small_excess_blocker(
    *, number: str, reversed_already: bool, posted: date | None = None, posting_date: date | None = None
) -> Blocker | None:
    """It is taken back once (R3), and never on a day before it was posted."""
    if reversed_already:
        message = _("The over-payment of payment %(number)s was taken out of income already.")
        return Blocker("already_reversed", message % {"number": number})
    if posted is not None and posting_date is not None and posting_date < posted:
        message = _("It was posted on %(day)s; choose that day or a later one.")
        return Blocker("before_excess", message % {"day": day_words(posted)}, field="posting_date")
    return None

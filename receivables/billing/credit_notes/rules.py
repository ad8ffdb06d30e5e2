"""May a credit note be issued, and reversed? Pure functions over facts; the first blocker wins."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money, round_money


@dataclass(frozen=True)
class PartFacts:
    """What is to be taken off one invoice. `own_total` is what its reason takes off it in all, with earlier credit
    notes, in the organization's currency and unrounded; `field` is the form's field of the amount."""

    number: str
    currency: str
    amount: Decimal
    balance: Decimal
    issued: datetime.date
    posted: datetime.date
    voided: bool = False
    own_total: Decimal = Decimal(0)
    asked: bool = False
    field: str = ""


@dataclass(frozen=True)
class CreditNoteFacts:
    """What the rule looks at. `limit` is the reason's own, in the organization's currency; None: no limit."""

    fmt: NumberFormat
    parts: Sequence[PartFacts]
    date: datetime.date
    posting_date: datetime.date | None = None
    reason: str = ""
    reason_usable: bool = True
    by_credit_note: bool = True
    limit: Decimal | None = None
    own_currency: str = ""

    def text(self, amount: Decimal, currency: str) -> str:
        return format_money(amount, currency, self.fmt, with_code=True)


def issue_credit_note_blocker(facts: CreditNoteFacts) -> Blocker | None:
    """Never more than is open on each invoice, on no void one, in one currency, within the reason's own limit."""
    first = _reason_blocker(facts) or _parts_blocker(facts)
    if first is not None:
        return first
    for part in facts.parts:
        found = _part_blocker(facts, part) or _limit_blocker(facts, part)
        if found is not None:
            return found
    return None


def nothing_open_blocker(*, is_open: bool) -> Blocker | None:
    """The form makes sense only where something is open."""
    return None if is_open else Blocker("nothing_open", _("No invoice of this account is open."))


def _reason_blocker(facts: CreditNoteFacts) -> Blocker | None:
    if not facts.reason_usable:
        return Blocker("reason_inactive", _("This reason does not exist or is not active."), field="reason")
    if not facts.by_credit_note:
        message = _("“%(reason)s” is booked by the journal only; choose a reason that has a credit note.")
        return Blocker("journal_only", message % {"reason": facts.reason}, field="reason")
    return None


def _parts_blocker(facts: CreditNoteFacts) -> Blocker | None:
    if not facts.parts:
        return Blocker("no_amount", _("Enter an amount on at least one invoice."))
    numbers = [part.number for part in facts.parts]
    twice = next((number for number in numbers if numbers.count(number) > 1), "")
    if twice:
        return Blocker("named_twice", _("Invoice %(number)s is named twice.") % {"number": twice})
    if len({part.currency for part in facts.parts}) > 1:
        message = _("A credit note has one currency: choose invoices in %(currency)s, and make another for the rest.")
        return Blocker("two_currencies", message % {"currency": facts.parts[0].currency})
    return None


def _part_blocker(facts: CreditNoteFacts, part: PartFacts) -> Blocker | None:
    if part.voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": part.number}, field=part.field)
    if part.amount <= 0 or round_money(part.amount, part.currency) != part.amount:
        message = _("Enter an amount above zero, with no more decimals than %(currency)s has.")
        return Blocker("amount", message % {"currency": part.currency}, field=part.field)
    if part.asked:
        message = _("A credit note on invoice %(number)s waits for approval; that is decided first.")
        return Blocker("already_asked", message % {"number": part.number}, field=part.field)
    if part.amount > part.balance:
        message = _("Only %(balance)s is open on invoice %(number)s: a credit note takes off no more than that.")
        words = {"balance": facts.text(part.balance, part.currency), "number": part.number}
        return Blocker("more_than_open", message % words, field=part.field)
    return _day_blocker(facts, part)


def _day_blocker(facts: CreditNoteFacts, part: PartFacts) -> Blocker | None:
    """The document never comes before the invoice it corrects, nor its posting before the invoice's."""
    if facts.date < part.issued:
        message = _("Invoice %(number)s was issued on %(day)s; choose that day or a later one.")
        return Blocker("before_invoice", message % {"number": part.number, "day": day_words(part.issued)}, field="date")
    if facts.posting_date is not None and facts.posting_date < part.posted:
        message = _("Invoice %(number)s was posted on %(day)s; choose that day or a later one.")
        words = {"number": part.number, "day": day_words(part.posted)}
        return Blocker("before_revision", message % words, field="posting_date")
    return None


def _limit_blocker(facts: CreditNoteFacts, part: PartFacts) -> Blocker | None:
    """The reason's own limit binds what it takes off one invoice in all, so that slices do not add up past it."""
    if facts.limit is None or part.own_total <= facts.limit:
        return None
    message = _("“%(reason)s” may take off %(limit)s per invoice; on invoice %(number)s this would be more.")
    words = {
        "reason": facts.reason,
        "limit": facts.text(facts.limit, facts.own_currency),
        "number": part.number,
    }
    return Blocker("above_reason_limit", message % words, field=part.field)


def reverse_credit_note_blocker(
    *,
    number: str,
    reversed_already: bool,
    posted: datetime.date,
    posting_date: datetime.date | None = None,
    reason: str | None = None,
) -> Blocker | None:
    """A credit note is reversed once, with a reason, never on a day before it was posted. `reason` None: not asked."""
    if reversed_already:
        message = _("Credit note %(number)s was already reversed.")
        return Blocker("already_reversed", message % {"number": number})
    if reason is not None and not reason.strip():
        return Blocker("no_reason", _("Say why the credit note is reversed."), field="reason")
    if posting_date is not None and posting_date < posted:
        message = _("Credit note %(number)s was posted on %(day)s; choose that day or a later one.")
        words = {"number": number, "day": day_words(posted)}
        return Blocker("before_credit_note", message % words, field="posting_date")
    return None

"""Which periods of a charge are due, and what they amount to: pure arithmetic of calendar and days.

A recurring charge is billed behind its period, on or after the period's last day. Its periods are counted from its
first day, so that one that begins on the 31st returns to the 31st. The last one may be cut short, by the charge's own
end or because the agreement stops: its amount is by days then (ours).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from receivables.core.dates import months_later
from receivables.core.money import round_money

DAY = timedelta(days=1)


@dataclass(frozen=True)
class ChargeFacts:
    """A charge as far as its periods need it. `stop` is the last day of service, if the agreement stops."""

    amount: Decimal
    currency: str
    every_months: int | None
    starts_on: date
    ends_on: date | None = None
    billed_through: date | None = None
    stop: date | None = None


@dataclass(frozen=True)
class Due:
    """A period that is to be billed."""

    first: date
    last: date
    amount: Decimal


def _periods(facts: ChargeFacts, every: int) -> Iterator[tuple[date, date]]:
    number = 0
    while True:
        first = months_later(facts.starts_on, number * every)
        number += 1
        yield first, months_later(facts.starts_on, number * every) - DAY


def due_periods(facts: ChargeFacts, cut_off: date, *, final: bool = False) -> list[Due]:
    """What of a charge is to be billed up to a day and was not yet. `final`: the agreement's last bill, which takes
    along one-off charges whatever their day."""
    if facts.every_months is None:
        due = facts.billed_through is None and (final or facts.starts_on <= cut_off)
        return [Due(facts.starts_on, facts.starts_on, facts.amount)] if due else []
    ends = [day for day in (facts.ends_on, facts.stop) if day is not None]
    end = min(ends) if ends else None
    found: list[Due] = []
    for first, whole_to in _periods(facts, facts.every_months):
        last = whole_to if end is None else min(whole_to, end)
        if last < first or last > cut_off:
            return found
        if facts.billed_through is None or first > facts.billed_through:
            found.append(Due(first, last, _amount(facts, first, last, whole_to)))
        if last != whole_to:
            return found
    return found


def _amount(facts: ChargeFacts, first: date, last: date, whole_to: date) -> Decimal:
    """The whole amount of a whole period, else its share by days, both ends counted."""
    if last == whole_to:
        return facts.amount
    days, of = (last - first).days + 1, (whole_to - first).days + 1
    return round_money(facts.amount * days / of, facts.currency)

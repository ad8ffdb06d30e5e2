"""Adding, correcting and importing exchange rates. What is posted keeps the rate it was posted at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.ledger.rates.models import ExchangeRate
from receivables.ledger.rates.queries import newest_first, rate_facts
from receivables.ledger.rates.rules import (
    add_exchange_rate_blocker,
    correct_exchange_rate_blocker,
    deviation,
    direct,
    import_exchange_rates_blocker,
    not_usable_blocker,
    own_currency_blocker,
)

LOCK = 0x52415445  # the namespace of `lock_rates` among advisory locks


@dataclass(frozen=True)
class Quote:
    """A rate as it was typed or published; `inverse`: units of `currency` for one unit of the organization's."""

    currency: str
    date: date
    quoted: Decimal
    inverse: bool = False

    @property
    def rate(self) -> Decimal:
        return direct(self.quoted, inverse=self.inverse)


@dataclass(frozen=True)
class Found:
    """The quotes of a file by what they would do: `changed` are those that differ from what counts for their day."""

    new: list[Quote]
    changed: list[tuple[Quote, ExchangeRate]]
    same: int


@operation
def add_exchange_rate(
    *, actor: Any, currency: str, date: date, rate: Decimal, inverse: bool = False, sure: bool = False
) -> ExchangeRate:
    """Write what one unit of `currency` is worth from a day on; `inverse`: the other way round.

    Raises `Refused` for the own currency, a day that has a rate, and for a leap that nobody confirmed (`sure`).
    """
    refuse(not_usable_blocker(rate, inverse=inverse))
    lock_rates(actor)
    quote = Quote(currency, date, rate, inverse)
    known = ExchangeRate.objects.of(actor).filter(currency=currency, date=date).exists()
    facts = rate_facts(actor, currency, date, quote.rate, sure=sure)
    refuse(add_exchange_rate_blocker(facts, known=known))
    made = _row(actor, quote, 1, ExchangeRate.Source.TYPED, "")
    made.save(force_insert=True)
    record(actor, "add_exchange_rate", made, code=currency, day=date.isoformat(), rate=str(made.rate))
    return made


@operation
def correct_exchange_rate(
    *, actor: Any, exchange_rate: ExchangeRate, rate: Decimal, reason: str, inverse: bool = False, sure: bool = False
) -> ExchangeRate:
    """Write the next version of a day's rate; the one before stays, and so does everything that was posted at it."""
    refuse(not_usable_blocker(rate, inverse=inverse))
    lock_rates(actor)
    of_day = {"currency": exchange_rate.currency, "date": exchange_rate.date}
    now = newest_first(ExchangeRate.objects.of(actor).filter(**of_day)).first() or exchange_rate
    quote = Quote(now.currency, now.date, rate, inverse)
    facts = rate_facts(actor, now.currency, now.date, quote.rate, sure=sure, but=now.pk)
    refuse(correct_exchange_rate_blocker(facts, newest=now.pk == exchange_rate.pk, now=now.rate, reason=reason))
    made = _row(actor, quote, now.version + 1, ExchangeRate.Source.TYPED, reason)
    made.save(force_insert=True)
    record(
        actor, "correct_exchange_rate", made, about=[now], reason=reason, code=made.currency,
        day=made.date.isoformat(), before={"rate": str(now.rate)}, after={"rate": str(made.rate)},
    )  # fmt: skip
    return made


@operation
def import_exchange_rates(
    *, actor: Any, quotes: Sequence[Quote], source: str = ExchangeRate.Source.FILE, replace: bool = False,
    reason: str = "", sure: bool = False,
) -> list[ExchangeRate]:  # fmt: skip
    """Write the rates of a file that are new; with `replace` also correct those that differ. The same file again
    writes nothing. Raises `Refused` if nothing would be written, and for leaps that nobody confirmed (`sure`)."""
    for quote in quotes:
        refuse(not_usable_blocker(quote.quoted, inverse=quote.inverse))
        refuse(own_currency_blocker(quote.currency, actor.organization.currency))
    lock_rates(actor)
    found = sort_quotes(actor, quotes)
    changed = found.changed if replace else []
    written = [*found.new, *(quote for quote, _now in changed)]
    leaps = 0 if sure else len(leaps_of(actor, written))
    refuse(import_exchange_rates_blocker(new=len(found.new), corrected=len(changed), reason=reason, leaps=leaps))
    rows = [_row(actor, quote, 1, source, "") for quote in found.new]
    rows += [_row(actor, quote, now.version + 1, source, reason) for quote, now in changed]
    made = ExchangeRate.objects.bulk_create(rows)
    record(
        actor, "import_exchange_rates", made[-1], reason=reason, source=str(source), new=len(found.new),
        corrected=len(changed), unchanged=found.same,
    )  # fmt: skip
    return made


def sort_quotes(actor: Any, quotes: Sequence[Quote]) -> Found:
    """What importing these quotes would do. Of two for one day the last counts."""
    wanted = {(quote.currency, quote.date): quote for quote in quotes}
    days = [day for _currency, day in wanted]
    known: dict[tuple[str, date], ExchangeRate] = {}
    if days:
        rows = ExchangeRate.objects.of(actor).filter(date__range=(min(days), max(days)))
        known = {(row.currency, row.date): row for row in rows.order_by("version")}
    new, changed, same = [], [], 0
    for key, quote in wanted.items():
        now = known.get(key)
        if now is None:
            new.append(quote)
        elif now.rate == quote.rate:
            same += 1
        else:
            changed.append((quote, now))
    return Found(new, changed, same)


def leaps_of(actor: Any, quotes: Sequence[Quote]) -> set[tuple[str, date]]:
    """Which of these quotes differ too much from the rate before them, in the table or among themselves."""
    tolerance = actor.organization.exchange_tolerance
    found: set[tuple[str, date]] = set()
    if tolerance is None:
        return found
    by_currency: dict[str, dict[date, Decimal]] = {}
    for quote in quotes:
        by_currency.setdefault(quote.currency, {})[quote.date] = quote.rate
    for currency, rates in by_currency.items():
        of_table = ExchangeRate.objects.of(actor).filter(currency=currency, date__lte=max(rates)).order_by("version")
        known = dict(of_table.values_list("date", "rate"))
        before = None
        for day in sorted({*known, *rates}):
            rate = rates.get(day, known.get(day, Decimal(0)))
            if day in rates and before is not None and deviation(rate, before) > tolerance:
                found.add((currency, day))
            before = rate
    return found


def lock_rates(actor: Any) -> None:
    """One writer of an organization's rates at a time, so that of a day's versions none is lost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, actor.organization_id % 2**31])


def _row(actor: Any, quote: Quote, version: int, source: str, reason: str) -> ExchangeRate:
    return ExchangeRate(
        organization=actor.organization, currency=quote.currency, date=quote.date, version=version, rate=quote.rate,
        inverse=quote.inverse, quoted=quote.quoted, source=source, reason=reason, created_by=actor.user,
    )  # fmt: skip

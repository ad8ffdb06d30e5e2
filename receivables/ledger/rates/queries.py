"""Reading exchange rates: what counts on a day, whether it is too old, and the table by currency."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from receivables.core.context import day_text
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.money import NumberFormat
from receivables.ledger.rates.models import ExchangeRate
from receivables.ledger.rates.rules import (
    KnownRate,
    RateFacts,
    no_rate_blocker,
    old_rate_warning,
    rate_too_old_blocker,
)

SHOWN = 5  # rates of a currency in the table


def newest_first(rates: QuerySet[ExchangeRate]) -> QuerySet[ExchangeRate]:
    """Rates in the order in which they count: the last day, and of a day its last version."""
    return rates.order_by("-date", "-version")


# Whether a rate was corrected later.
CORRECTED = Exists(
    ExchangeRate.objects.filter(
        organization=OuterRef("organization"), currency=OuterRef("currency"), date=OuterRef("date"),
        version__gt=OuterRef("version"),
    )
)  # fmt: skip


def counting(actor: Any) -> QuerySet[ExchangeRate]:
    """The rates that were not corrected."""
    return ExchangeRate.objects.of(actor).exclude(CORRECTED)


def known_rate(actor: Any, currency: str, day: date) -> KnownRate | None:
    """The rate that counts for a currency on a day, whatever its age; None if there is none."""
    if currency == actor.organization.currency:
        return KnownRate(Decimal(1))
    rates = ExchangeRate.objects.of(actor).filter(currency=currency, date__lte=day)
    found = newest_first(rates).values_list("rate", "date").first()
    return KnownRate(found[0], found[1], (day - found[1]).days) if found else None


def usable_rate(actor: Any, currency: str, day: date) -> KnownRate:
    """The rate that is used on a day. `Refused` if none is known, or if it is older than the organization allows."""
    known, words = known_rate(actor, currency, day), {"currency": currency, "day": day_text(actor, day)}
    refuse(no_rate_blocker(known, link=_add_url(actor, currency, day) if known is None else "", **words))
    if known is None:
        raise LookupError(currency)
    oldest = actor.organization.exchange_refuse_days
    refuse(rate_too_old_blocker(known, oldest=oldest, link=_add_url(actor, currency, day), **words))
    return known


def rate_on(actor: Any, currency: str, day: date) -> Decimal:
    """What one unit of `currency` is worth in the organization's on a day. `Refused` as by `usable_rate`."""
    return usable_rate(actor, currency, day).rate


def old_rate_text(actor: Any, currency: str, day: date) -> str:
    """The sentence about a rate that is used on a day though it is old; empty if there is nothing to say."""
    known = known_rate(actor, currency, day)
    if known is None:
        return ""
    return old_rate_warning(known, currency=currency, warn=actor.organization.exchange_warn_days)


def _add_url(actor: Any, currency: str, day: date) -> str:
    if not actor.can("add_exchange_rate"):
        return ""
    return f"{reverse('add_exchange_rate')}?{urlencode({'currency': currency, 'date': day.isoformat()})}"


def rate_facts(actor: Any, currency: str, day: date, rate: Decimal, *, sure: bool, but: int = 0) -> RateFacts:
    """The facts of a rate about to be written; `but` is the key of the row that it corrects."""
    earlier = counting(actor).filter(currency=currency, date__lte=day).exclude(pk=but)
    before = newest_first(earlier).values_list("rate", flat=True).first()
    organization = actor.organization
    fmt = NumberFormat.of(organization, actor.user)
    return RateFacts(currency, organization.currency, rate, fmt, before, organization.exchange_tolerance, sure)


@dataclass(frozen=True)
class Line:
    """A currency of the table: what counts today, how old it is, and the rates before."""

    currency: str
    now: ExchangeRate | None
    age: int
    warning: str
    history: list[ExchangeRate]


def overview(actor: Any) -> list[Line]:
    """Every currency with a rate, with the last few of its rates that count; one query for each currency."""
    day, organization = today(actor.organization), actor.organization
    codes: Iterable[str] = ExchangeRate.objects.of(actor).values_list("currency", flat=True).distinct()
    lines = []
    for currency in sorted(codes):
        rows = list(newest_first(counting(actor).filter(currency=currency)).select_related("created_by")[: SHOWN * 2])
        now = next((row for row in rows if row.date <= day), None)
        known = KnownRate(now.rate, now.date, (day - now.date).days) if now else None
        warning = old_rate_warning(known, currency=currency, warn=organization.exchange_warn_days) if known else ""
        lines.append(Line(currency, now, known.age if known else 0, warning, rows[:SHOWN]))
    return lines

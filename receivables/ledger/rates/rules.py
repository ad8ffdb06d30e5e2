"""May a rate be added, corrected, imported or overridden, and is one known that may be used? Pure functions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.core.errors import Blocker
from receivables.core.money import LIMIT, NumberFormat, format_number, quantize

PLACES = 10  # decimals of a rate
PERCENT = Decimal(100)


@dataclass(frozen=True)
class KnownRate:
    """What one unit of a currency is worth in the organization's, the day it is from, and how many days ago that was.

    The organization's own currency has a rate of 1 of no day.
    """

    rate: Decimal
    day: date | None = None
    age: int = 0


def direct(quoted: Decimal, *, inverse: bool) -> Decimal:
    """The rate that a quotation means, rounded half-up to 10 decimals. ValueError if that comes to nothing."""
    with localcontext(prec=60):
        rate = quantize(1 / quoted if inverse else quoted, PLACES)
    if not 0 < rate < LIMIT:
        raise ValueError(f"{quoted} is no usable rate")
    return rate


def deviation(rate: Decimal, from_rate: Decimal) -> Decimal:
    """By how many per cent `rate` differs from another, never negative."""
    with localcontext(prec=60):
        return abs(rate - from_rate) / from_rate * PERCENT


def number_text(value: Decimal, fmt: NumberFormat) -> str:
    """A rate with the decimals it has, at least two."""
    places = max(2, -int(value.normalize().as_tuple().exponent))
    return format_number(value, places, fmt)


def percent_text(value: Decimal, fmt: NumberFormat) -> str:
    """Per cent with one decimal at most."""
    return format_number(quantize(value, 1).normalize() + 0, None, fmt)


def no_rate_blocker(known: KnownRate | None, *, currency: str, day: str, link: str = "") -> Blocker | None:
    """Nothing is converted at a rate that nobody gave. `day` is as the reader writes days."""
    if known is not None:
        return None
    message = _("There is no exchange rate for %(currency)s on or before %(day)s. Add one first.")
    return Blocker("no_rate", message % {"currency": currency, "day": day}, link=link)


def rate_too_old_blocker(
    known: KnownRate, *, currency: str, day: str, oldest: int | None, link: str = ""
) -> Blocker | None:
    """A rate that is older than the organization allows is not used. `oldest` in days; None: any age will do."""
    if oldest is None or known.age <= oldest:
        return None
    message = ngettext(
        "The newest exchange rate for %(currency)s on %(day)s is %(n)s day old; the organization allows %(oldest)s."
        " Add a newer one first.",
        "The newest exchange rate for %(currency)s on %(day)s is %(n)s days old; the organization allows %(oldest)s."
        " Add a newer one first.",
        known.age,
    )
    words = {"currency": currency, "day": day, "n": known.age, "oldest": oldest}
    return Blocker("rate_too_old", message % words, link=link)


def old_rate_warning(known: KnownRate, *, currency: str, warn: int | None) -> str:
    """The sentence about a rate that may be used but is old; empty if it is not."""
    if warn is None or known.age <= warn:
        return ""
    message = ngettext(
        "The exchange rate for %(currency)s is %(n)s day old.", "The exchange rate for %(currency)s is %(n)s days old.",
        known.age,
    )  # fmt: skip
    return message % {"currency": currency, "n": known.age}


def not_usable_blocker(quoted: Decimal, *, inverse: bool) -> Blocker | None:
    """A rate is above zero, and one that is worth something with 10 decimals."""
    try:
        if quoted > 0 and direct(quoted, inverse=inverse):
            return None
    except ValueError:
        pass
    return Blocker("not_positive", _("This is no rate: it must be above zero, with at most 10 decimals."), field="rate")


@dataclass(frozen=True)
class RateFacts:
    """A rate about to be written. `before` is the newest rate of the currency on or before the day, `tolerance` by how
    many per cent it may differ from that without being confirmed (None: by any)."""

    currency: str
    own: str
    rate: Decimal
    fmt: NumberFormat
    before: Decimal | None = None
    tolerance: Decimal | None = None
    sure: bool = False


def own_currency_blocker(currency: str, own: str, field: str = "currency") -> Blocker | None:
    """The organization's own currency has no rate to be written."""
    if currency != own:
        return None
    message = _("This is the organization's own currency; its rate is always 1.")
    return Blocker("own_currency", message, field=field)


def rate_blocker(facts: RateFacts) -> Blocker | None:
    """A rate is of another currency; a leap is confirmed, since it is usually the quotation turned round."""
    if first := own_currency_blocker(facts.currency, facts.own):
        return first
    if facts.sure or facts.before is None or facts.tolerance is None:
        return None
    off = deviation(facts.rate, facts.before)
    if off <= facts.tolerance:
        return None
    message = _(
        "%(rate)s differs by %(percent)s %% from the rate before, %(before)s. Is it quoted the other way round? Tick"
        " “This rate is right” if it is meant."
    )
    words = {"rate": number_text(facts.rate, facts.fmt), "before": number_text(facts.before, facts.fmt)}
    return Blocker("leap", message % {**words, "percent": percent_text(off, facts.fmt)}, field="sure")


def add_exchange_rate_blocker(facts: RateFacts, *, known: bool) -> Blocker | None:
    """One rate a day; another one for the same day is a correction."""
    if first := rate_blocker(facts):
        return first
    if known:
        message = _("There is a rate of this currency for this day already; correct that one.")
        return Blocker("known", message, field="date")
    return None


def superseded_blocker(*, newest: bool) -> Blocker | None:
    """Of a day's rates the one that counts is corrected."""
    if newest:
        return None
    return Blocker("superseded", _("This rate was corrected already; correct the one that counts now."))


def correct_exchange_rate_blocker(facts: RateFacts, *, newest: bool, now: Decimal, reason: str) -> Blocker | None:
    """What counts is corrected, to something else, and somebody says why."""
    if first := superseded_blocker(newest=newest):
        return first
    if not reason.strip():
        return Blocker("no_reason", _("Say why the rate is corrected."), field="reason")
    if facts.rate == now:
        return Blocker("same_rate", _("This is the rate that counts already."), field="rate")
    return rate_blocker(facts)


def import_exchange_rates_blocker(*, new: int, corrected: int, reason: str, leaps: int = 0) -> Blocker | None:
    """An import that would change nothing is none; corrections say why, leaps are confirmed."""
    if not new and not corrected:
        return Blocker("nothing_new", _("Nothing in this file is new."))
    if corrected and not reason.strip():
        return Blocker("no_reason", _("Say why rates are corrected."), field="reason")
    if leaps:
        message = ngettext(
            "%(n)s rate differs much from the one before it. Look at it, then tick “The marked rates are right”.",
            "%(n)s rates differ much from the ones before them. Look at them, then tick “The marked rates are right”.",
            leaps,
        )
        return Blocker("leap", message % {"n": leaps}, field="sure")
    return None


def override_exchange_rate_blocker(
    rate: Decimal, *, table: Decimal | None, tolerance: Decimal | None, reason: str, sure: bool, fmt: NumberFormat
) -> Blocker | None:
    """A rate of a document's own is above zero, has its reason, and is confirmed where it is far from the table's."""
    if rate <= 0:
        return Blocker("not_positive", _("A rate is greater than zero."), field="own_rate")
    if not reason.strip():
        return Blocker("no_rate_reason", _("Say why another rate is used."), field="rate_reason")
    if sure or table is None or tolerance is None:
        return None
    off = deviation(rate, table)
    if off <= tolerance:
        return None
    message = _("%(rate)s differs by %(percent)s %% from the table's rate, %(table)s. Confirm it if it is meant.")
    words = {"rate": number_text(rate, fmt), "table": number_text(table, fmt), "percent": percent_text(off, fmt)}
    return Blocker("off_table", message % words, field="rate_sure")

"""Money: decimals of a currency, rounding, exact splits, and the one way amounts are written and read.

Amounts are `Decimal` in major units (SAR 12.50), never floats. Decimals per currency follow ISO 4217. How a number
looks belongs to the organization, not to the language of the page, so that "1.234" means the same to all its people.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from math import lcm
from typing import Any

from babel.core import get_global
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import get_language_bidi, pgettext_lazy
from django.utils.translation import gettext_lazy as _

EXCEPTIONS: dict[int, tuple[str, ...]] = {
    0: (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
    4: ("CLF", "UYW"),
}
MAX_DECIMALS = 4
LIMIT = Decimal(10) ** 15  # every amount is smaller, so that sums stay far from the edge of any client's numbers
_DECIMALS = {code: places for places, codes in EXCEPTIONS.items() for code in codes}
_NO_MONEY = {"XXX", "XTS"}  # "no currency" and "for testing" in ISO 4217
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
_PLAIN = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?")


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """All currency codes that may be used (ISO 4217, as listed by CLDR)."""
    return frozenset(code for code in get_global("all_currencies") if len(code) == 3) - _NO_MONEY


def decimals(currency: str) -> int:
    """How many decimals the currency has (ISO 4217). ValueError for an unknown code."""
    if currency not in currencies():
        raise ValueError(f"unknown currency {currency!r}")
    return _DECIMALS.get(currency, 2)


def sql_function() -> str:
    """The same rules for the database: `currency_decimals(text)` and `money_ok(numeric, text)`.

    The bodies are parsed when they are created, so that a restore, which runs with an empty search path, still
    finds the one from the other. An unknown or missing currency gives false, since a CHECK lets NULL pass.
    """
    listed = " ".join(
        f"WHEN currency IN ({', '.join(repr(code) for code in codes)}) THEN {places}"
        for places, codes in EXCEPTIONS.items()
    )
    return f"""
CREATE OR REPLACE FUNCTION currency_decimals(currency text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE {listed} WHEN currency ~ '^[A-Z]{{3}}$' THEN 2 END;
CREATE OR REPLACE FUNCTION money_ok(amount numeric, currency text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN amount IS NULL OR coalesce(
  amount <> 'NaN' AND abs(amount) < {LIMIT:f} AND amount = round(amount, currency_decimals(currency)), false);
"""


def quantize(value: Decimal, places: int) -> Decimal:
    """`value` rounded half-up (a half goes away from zero) to `places` decimals; never a negative zero."""
    rounded = value.quantize(Decimal(1).scaleb(-places), context=_EXACT)
    return rounded if rounded else rounded.copy_abs()


class OutOfRange(ValueError):
    """A number of 10**15 or more, that an exchange rate or a quantity may well come to; what was typed is possible."""


def bounded(value: Decimal) -> Decimal:
    """`value` itself; ValueError for NaN and infinities, `OutOfRange` for 10**15 or more."""
    if not value.is_finite():
        raise ValueError(f"{value} is no amount")
    if value.copy_abs() >= LIMIT:
        raise OutOfRange(f"{value} is no amount below {LIMIT:f}")
    return value


def exact_decimal(value: Any) -> Decimal:
    """`value` as a bounded Decimal. ValueError for floats, booleans and text other than -123.45."""
    readable = not isinstance(value, bool) and isinstance(value, Decimal | int | str)
    if not readable or (isinstance(value, str) and not _PLAIN.fullmatch(value)):
        raise ValueError(f"{str(value)[:40]!r} is no exact number")
    exact = bounded(Decimal(value))
    if int(exact.as_tuple().exponent) < -100:
        raise ValueError("more than 100 decimals")
    return exact


def round_money(value: Decimal, currency: str) -> Decimal:
    """`value` rounded half-up to the currency's decimals. ValueError for floats, NaN, infinities and 10**15 or more."""
    return bounded(quantize(exact_decimal(value), decimals(currency)))


def money(value: Decimal | int | str, currency: str) -> Decimal:
    """`value` with exactly the currency's decimals. ValueError if that would take rounding, or for no exact number."""
    exact = exact_decimal(value)
    rounded = quantize(exact, decimals(currency))
    if rounded != exact:
        raise ValueError(f"{currency} has {decimals(currency)} decimals: {exact}")
    return rounded


def split(total: Decimal, weights: Iterable[Decimal], currency: str) -> list[Decimal]:
    """`total` shared in proportion to `weights`, so that the parts sum to it exactly (largest remainder).

    What rounding down leaves goes, one smallest unit each, to the largest remainders, the first of equal ones
    first. A weight of zero gets nothing. ValueError for negative weights, or if all are zero and the total is not.
    """
    places = decimals(currency)
    total = money(total, currency)
    given = [exact_decimal(weight) for weight in weights]
    if any(weight < 0 for weight in given):
        raise ValueError("a weight is negative")
    if len(given) == 1 and given[0]:
        return [total]
    exact = [quantize(weight, places) for weight in given]
    if exact == given and sum(exact, Decimal(0)) == total:
        return exact  # what was split by its own parts
    units = int(total.copy_abs().scaleb(places))
    parts = _share_units(units, given)
    result = [quantize(Decimal(part).scaleb(-places).copy_sign(total), places) for part in parts]
    assert sum(result, Decimal(0)) == total, "the parts of a split sum to its total"
    return result


def _share_units(units: int, weights: Sequence[Decimal]) -> list[int]:
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(below for _above, below in ratios))
    shares = [above * (common // below) for above, below in ratios]
    whole = sum(shares)
    if not whole:
        if units:
            raise ValueError("no weight to split an amount by")
        return [0] * len(shares)
    quotas = [divmod(units * share, whole) for share in shares]
    parts = [part for part, _rest in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda index: (-quotas[index][1], index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return parts


# How numbers look ---------------------------------------------------------------------------------------------------

NBSP, NARROW_NBSP, MINUS = "\u00a0", "\u202f", "\u2212"
LRI, PDI = "\u2066", "\u2069"  # what is between reads from left to right
ARABIC_DECIMAL, ARABIC_GROUP = "\u066b", "\u066c"
DECIMAL_MARKS = (".", ",", ARABIC_DECIMAL)
GROUP_MARKS = ("", ",", ".", "'", NBSP, NARROW_NBSP, ARABIC_GROUP)
_DIGITS = {"latn": "0123456789", "arab": "٠١٢٣٤٥٦٧٨٩"}


@dataclass(frozen=True)
class NumberFormat:
    """How an organization writes numbers. ValueError for marks that could be confused."""

    decimal_mark: str = "."
    group_mark: str = ","
    digits: str = "latn"
    grouping: str = "3"

    def __post_init__(self) -> None:
        if self.decimal_mark not in DECIMAL_MARKS or self.group_mark not in GROUP_MARKS:
            raise ValueError(f"unusable marks {self.decimal_mark!r} and {self.group_mark!r}")
        if self.decimal_mark == self.group_mark:
            raise ValueError("the decimal mark and the group mark are the same")
        if self.digits not in _DIGITS or self.grouping not in ("3", "indian"):
            raise ValueError(f"unknown digits {self.digits!r} or grouping {self.grouping!r}")

    @classmethod
    def of(cls, organization: Any, user: Any = None) -> "NumberFormat":
        """The format a person chose (a name of `FORMATS`), else the organization's, else the default one."""
        if chosen := FORMATS.get(getattr(user, "number_style", "")):
            return chosen
        names = ("decimal_mark", "group_mark", "digits", "grouping")
        return cls(**{name: getattr(organization, name) for name in names if hasattr(organization, name)})

    def ungrouped(self) -> "NumberFormat":
        """The same without group marks: for input fields, where editing would break the groups."""
        return replace(self, group_mark="")


DEFAULT_FORMAT = NumberFormat()
FORMATS = {
    "point": DEFAULT_FORMAT,
    "comma": NumberFormat(",", "."),
    "space": NumberFormat(",", NARROW_NBSP),
    "apostrophe": NumberFormat(".", "'"),
    "indian": NumberFormat(".", ",", grouping="indian"),
    "arabic": NumberFormat(ARABIC_DECIMAL, ARABIC_GROUP, "arab"),
}
EXPORT_FORMAT = NumberFormat(".", "")


def format_number(value: Decimal | int, places: int | None, fmt: NumberFormat, minus: str = MINUS) -> str:
    """`value` for people, rounded half-up to `places`, or with the decimals it has if None.

    `minus` is a true minus; exports pass "-". ValueError for floats and what is not finite.
    """
    exact = exact_decimal(value)
    if places is not None:
        exact = quantize(exact, places)
    whole, _point, fraction = format(exact.copy_abs(), "f").partition(".")
    text = _group(whole, fmt) + (fmt.decimal_mark + fraction if fraction else "")
    return (minus if exact < 0 else "") + text.translate(str.maketrans(_DIGITS["latn"], _DIGITS[fmt.digits]))


def _group(whole: str, fmt: NumberFormat) -> str:
    size = 2 if fmt.grouping == "indian" else 3
    head, groups = whole[:-3], [whole[-3:]]
    while head:
        head, group = head[:-size], head[-size:]
        groups.insert(0, group)
    return fmt.group_mark.join(groups)


def format_money(
    amount: Decimal | int, currency: str, fmt: NumberFormat, with_code: bool = False, minus: str = MINUS
) -> str:
    """An amount with all decimals of its currency, and after it the code if asked. ValueError as in `money`."""
    text = format_number(money(amount, currency), decimals(currency), fmt, minus)
    return with_currency(text, currency) if with_code else text


def with_currency(text: str, currency: str) -> str:
    """A number and its currency's code as they stand in a sentence. Where that reads from right to left both are kept
    together in their own order: the code would stand before the number otherwise."""
    both = f"{text}{NBSP}{currency}"
    return f"{LRI}{both}{PDI}" if get_language_bidi() else both


# How typed numbers are read -----------------------------------------------------------------------------------------

_SCRIPTS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
_SPACES = f" \t\r\n\u2009{NBSP}{NARROW_NBSP}"
# Marks of direction come along with pasted text and change nothing. Overrides (U+202D, U+202E) turn digits around
# on the screen, so a text with one is not read at all.
_CLEAN = str.maketrans(
    {ord(space): " " for space in _SPACES}
    | {ord(mark): None for mark in "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069"}
    | {ord(MINUS): "-", ord("\u2019"): "'"}
    | {ord(digit): str(value) for digits in _SCRIPTS for value, digit in enumerate(digits)}
)
_LONGEST = 64

AMT_1 = pgettext_lazy("AMT-1", "Enter an amount like {example}. “{text}” could mean more than one thing.")
AMT_2 = pgettext_lazy("AMT-2", "{cur} has {n} decimals.")
TOO_MANY = _("Enter at most {n} decimals.")
TOO_BIG = _("Enter an amount with at most {n} digits before the decimal mark.")
NEGATIVE_ZERO = _("Enter zero without a minus sign.")


class AmountError(ValidationError):
    """A typed amount that is refused.

    Codes: AMT-1 could not be read for certain, AMT-2 surplus decimals, AMT-3 10**15 or more, AMT-4 negative zero.
    """

    def __init__(self, code: str, message: Any, **values: Any) -> None:
        super().__init__(format_lazy(message, **values), code=code)


def parse_number(text: str, fmt: NumberFormat, max_places: int) -> Decimal:
    """The number typed as `text`, in the organization's format or in plain digits. AmountError for all else."""
    return _parse(text, fmt, max_places, "")


def parse_money(text: str, currency: str, fmt: NumberFormat) -> Decimal:
    """The amount typed as `text`, perhaps with the currency's code before or after it, with the currency's decimals.

    AmountError for all that has no single meaning; ValueError for an unknown currency.
    """
    places = decimals(currency)
    return quantize(_parse(text, fmt, places, currency), places)


def _parse(text: str, fmt: NumberFormat, places: int, currency: str) -> Decimal:
    match = None
    if len(text) <= _LONGEST and not _mixes_digits(text):
        match = _pattern(fmt).fullmatch(_without_code(text.translate(_CLEAN).strip(" "), currency))
    if not match or not (match["whole"] or match["fraction"]):
        raise AmountError("AMT-1", AMT_1, example=_example(places, fmt), text=_shown(text))
    fraction = match["fraction"] or ""
    if len(fraction) > places:
        raise AmountError("AMT-2", AMT_2 if currency else TOO_MANY, cur=currency, n=places)
    value = Decimal(re.sub("[^0-9]", "", match["whole"]) + "." + fraction)
    if value >= LIMIT:
        raise AmountError("AMT-3", TOO_BIG, n=LIMIT.adjusted())
    if match["sign"] != "-":
        return value
    if not value:
        raise AmountError("AMT-4", NEGATIVE_ZERO)
    return value.copy_negate()


@lru_cache(maxsize=64)
def _pattern(fmt: NumberFormat) -> re.Pattern[str]:
    """Digits alone, or in full groups behind a first digit that is not 0 ("0,500" may well be meant as a half)."""
    group_mark = fmt.group_mark.translate(_CLEAN)
    points = {fmt.decimal_mark, ARABIC_DECIMAL}
    groups = {group_mark, ARABIC_GROUP, " "}
    # Keyboards rarely have the Arabic marks: their Latin twins stand for them, unless the other mark is that twin.
    if fmt.decimal_mark == ARABIC_DECIMAL and group_mark != ".":
        points.add(".")
    if group_mark == ARABIC_GROUP and fmt.decimal_mark != ",":
        groups.add(",")
    group = f"(?P<mark>[{''.join(sorted(groups))}])"
    if fmt.grouping == "indian":
        grouped = f"[1-9][0-9]?{group}(?:[0-9]{{2}}(?P=mark))*[0-9]{{3}}"
    else:
        grouped = f"[1-9][0-9]{{0,2}}{group}[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*"
    point = "".join(sorted(points))
    return re.compile(f"(?P<sign>[+-]?) ?(?P<whole>{grouped}|[0-9]*)(?:[{point}](?P<fraction>[0-9]+))?")


def _without_code(text: str, currency: str) -> str:
    """The typed text without one leading (also behind a sign) or trailing code of its own currency."""
    if not currency:
        return text
    sign = text[:1] if text[:1] in ("+", "-") else ""
    rest = text[len(sign) :].lstrip(" ")
    if rest[:3].upper() == currency:
        return sign + rest[3:].lstrip(" ")
    return text[:-3].rstrip(" ") if text[-3:].upper() == currency else text


def _mixes_digits(text: str) -> bool:
    """Digits of two scripts side by side change their order with the direction of the line they stand in."""
    return sum(any(digit in text for digit in digits) for digits in _SCRIPTS) > 1


def _example(places: int, fmt: NumberFormat) -> str:
    return format_number(Decimal("1234.5"), min(places, 3), fmt)


def _shown(text: str) -> str:
    """The typed text as it may stand in a message: short, and without characters that nobody sees."""
    short = text if len(text) <= 40 else text[:40] + "…"
    return "".join(character if character.isprintable() else " " for character in short).strip()

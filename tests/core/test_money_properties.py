"""Money, tried with whatever Hypothesis thinks of."""

import string
from decimal import ROUND_HALF_UP, Decimal, localcontext

from hypothesis import example, given
from hypothesis import strategies as st

from receivables.core.money import (
    DECIMAL_MARKS,
    EXPORT_FORMAT,
    FORMATS,
    GROUP_MARKS,
    AmountError,
    NumberFormat,
    currencies,
    decimals,
    format_money,
    format_number,
    money,
    parse_money,
    parse_number,
    round_money,
    split,
)

codes = st.sampled_from(sorted(currencies()))
telling_codes = st.sampled_from(["JPY", "SAR", "KWD", "CLF"])
formats = st.builds(
    lambda marks, digits, grouping: NumberFormat(*marks, digits, grouping),
    st.sampled_from([(mark, group) for mark in DECIMAL_MARKS for group in GROUP_MARKS if mark != group]),
    st.sampled_from(["latn", "arab"]),
    st.sampled_from(["3", "indian"]),
)
BLANKS = " \u00a0\u202f"
letters = string.digits + "٠٣٩۴.,'٫٬+-− \u00a0\u202f\u200f\u202ee_１\x00"


@st.composite
def amounts(draw, currency):
    places = decimals(currency)
    units = draw(st.integers(-(10 ** (15 + places)) + 1, 10 ** (15 + places) - 1))
    return Decimal(units).scaleb(-places)


@st.composite
def nearly_typed(draw):
    """An amount in some format, with a character or two changed: closer to real mistakes than random text."""
    currency = draw(telling_codes)
    text = format_money(draw(amounts(currency)), currency, draw(formats), draw(st.booleans()))
    for _slip in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *letters])) + text[at + draw(st.integers(0, 1)) :]
    return text


typed = st.text(alphabet=letters, max_size=12) | nearly_typed()
numbers = st.decimals(min_value=Decimal("-99999999999"), max_value=Decimal("99999999999"), allow_nan=False)


@given(st.data(), codes, formats, st.booleans(), st.sampled_from("-−"))
def test_what_is_shown_reads_as_the_same_amount(data, currency, fmt, with_code, minus):
    amount = data.draw(amounts(currency))
    text = format_money(amount, currency, fmt, with_code, minus)
    assert parse_money(text, currency, fmt) == amount
    assert parse_money(format_money(amount, currency, fmt.ungrouped()), currency, fmt) == amount


@given(numbers, st.integers(0, 10), formats)
def test_what_is_shown_of_a_number_reads_as_the_rounded_number(value, places, fmt):
    with localcontext() as context:
        context.prec = 80
        rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert parse_number(format_number(value, places, fmt), fmt, places) == rounded


def reference(text, fmt):
    """The number that a careful person reads, written down independently: character by character, without patterns.

    None where the text has more or less than one meaning.
    """
    marks = dict.fromkeys(["٬", fmt.group_mark, *BLANKS], ",") | {"٫": ".", fmt.decimal_mark: "."}
    if fmt.decimal_mark == "٫":
        marks.setdefault(".", ".")
    if fmt.group_mark == "٬":
        marks.setdefault(",", ",")
    plain = ""
    for character in text:
        if character.isdecimal() and character not in string.digits + "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹":
            return None
        plain += str(int(character)) if character.isdecimal() else marks.get(character, character)
    whole, point, fraction = plain.partition(".")
    groups = whole.split(",")
    if len(groups) > 1:
        middle = 2 if fmt.grouping == "indian" else 3
        full = 1 <= len(groups[0]) <= middle and all(len(group) == middle for group in groups[1:-1])
        if not full or len(groups[-1]) != 3 or groups[0].startswith("0"):
            return None
    figures = "".join(groups) + fraction
    if (point and not fraction) or not figures or not set(figures) <= set(string.digits):
        return None
    return Decimal(f"{''.join(groups) or 0}.{fraction}")


@given(typed, formats, telling_codes)
@example("1.234", FORMATS["comma"], "KWD")
@example("0,500", FORMATS["point"], "SAR")
@example("1,234", FORMATS["arabic"], "SAR")
def test_no_text_is_read_as_another_number_than_a_person_reads(text, fmt, currency):
    try:
        value = parse_money(text, currency, fmt)
    except AmountError:
        return
    body = text.replace("\u200f", "").replace("−", "-").replace(currency, "", 1).strip(BLANKS)
    sign = -1 if body.startswith("-") else 1
    assert value == sign * reference(body.lstrip("+-").strip(BLANKS), fmt)
    assert value == money(value, currency)


@given(st.integers(0, 10**10), st.integers(0, 4), formats, st.booleans())
def test_a_plainly_typed_number_is_always_read(units, places, fmt, negative):
    value = Decimal(units).scaleb(-places)
    whole, _point, fraction = format(value, "f").partition(".")
    text = ("-" if negative and value else "") + whole + (fmt.decimal_mark + fraction if fraction else "")
    assert parse_number(text, fmt, 4) == (-value if negative else value)


@given(st.text() | typed, formats, telling_codes)
def test_any_text_gives_an_amount_or_a_sentence(text, fmt, currency):
    for read in (lambda: parse_money(text, currency, fmt), lambda: parse_number(text, fmt, 6)):
        refusal, value = None, None
        try:
            value = read()
        except AmountError as error:
            refusal = error
        assert isinstance(value, Decimal) and abs(value) < 10**15 if refusal is None else refusal.messages[0].encode()


@given(st.text() | typed)
def test_plain_text_is_taken_as_money_only_if_it_is_one_for_every_program(text):
    try:
        value = money(text, "SAR")
    except ValueError:
        return
    assert text.isascii()
    assert value == parse_number(text, EXPORT_FORMAT, 99) if value else value == 0


@given(st.decimals() | st.floats() | st.integers(), codes)
def test_rounding_gives_the_nearest_amount_or_refuses(value, currency):
    try:
        rounded = round_money(value, currency)
    except ValueError:
        return
    places = decimals(currency)
    with localcontext() as context:
        context.prec = 200
        off = abs(rounded) - abs(Decimal(value))
        half = Decimal("0.5").scaleb(-places)
        assert -half < off <= half
    assert rounded.as_tuple().exponent == -places
    assert money(rounded, currency) == rounded
    assert str(rounded) != str(Decimal("-0").scaleb(-places))


weights = st.lists(st.decimals(0, 10**12, places=6) | st.just(Decimal(0)), min_size=1, max_size=30)


@given(st.data(), weights, telling_codes)
def test_a_split_is_exact_fair_and_always_the_same(data, weights, currency):
    total = data.draw(amounts(currency))
    whole = sum(weights)
    if not whole:
        total = Decimal(0)
    parts = split(total, weights, currency)
    assert sum(parts) == total
    assert parts == split(total, weights, currency)
    assert parts == [-part for part in split(-total, weights, currency)]
    unit = Decimal(1).scaleb(-decimals(currency))
    with localcontext() as context:
        context.prec = 80
        for part, weight in zip(parts, weights, strict=True):
            assert money(part, currency) == part
            assert weight or part == 0
            assert not whole or abs(part - total * weight / whole) < unit


@given(st.data(), weights, telling_codes)
def test_equal_weights_differ_by_one_unit_at_most_and_the_first_gets_it(data, weights, currency):
    total = abs(data.draw(amounts(currency)))
    equal = [Decimal(1)] * len(weights)
    parts = split(total, equal, currency)
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= Decimal(1).scaleb(-decimals(currency))

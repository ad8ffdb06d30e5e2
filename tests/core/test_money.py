"""Money: decimals, rounding, splits, and the truth table of what may be typed."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import translation

from receivables.core.money import (
    DEFAULT_FORMAT,
    EXPORT_FORMAT,
    FORMATS,
    NARROW_NBSP,
    NBSP,
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

POINT, COMMA, SPACE = FORMATS["point"], FORMATS["comma"], FORMATS["space"]
APOSTROPHE, INDIAN, ARABIC = FORMATS["apostrophe"], FORMATS["indian"], FORMATS["arabic"]


def D(text: str) -> Decimal:
    return Decimal(text)


# Currencies and rounding


@pytest.mark.parametrize(("code", "places"), [("JPY", 0), ("SAR", 2), ("USD", 2), ("KWD", 3), ("CLF", 4)])
def test_decimals(code, places):
    assert decimals(code) == places


@pytest.mark.parametrize("code", ["", "sar", "ZZZ", "SARX", "SA", "XXX", "XTS", "SAR ", None])
def test_unknown_currencies_are_refused(code):
    with pytest.raises(ValueError, match="unknown currency"):
        decimals(code)


@pytest.mark.parametrize(
    ("value", "currency", "rounded"),
    [
        ("0.005", "SAR", "0.01"),
        ("-0.005", "SAR", "-0.01"),
        ("0.00499999999999999999999999999999999999", "SAR", "0.00"),
        ("2.5", "JPY", "3"),
        ("-2.5", "JPY", "-3"),
        ("1.5", "JPY", "2"),
        ("0.0005", "KWD", "0.001"),
        ("-0.001", "SAR", "0.00"),
        ("-0", "SAR", "0.00"),
        ("999999999999999.99", "SAR", "999999999999999.99"),
    ],
)
def test_a_half_goes_away_from_zero(value, currency, rounded):
    assert str(round_money(D(value), currency)) == rounded


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        D("NaN"),
        D("sNaN"),
        D("Infinity"),
        D("-Infinity"),
        D("1e15"),
        D("-1e15"),
        True,
        None,
    ],
)
@pytest.mark.parametrize("function", [round_money, money])
def test_what_is_no_exact_bounded_number_is_refused(function, value):
    with pytest.raises(ValueError):
        function(value, "SAR")


def test_rounding_up_to_the_bound_is_refused():
    with pytest.raises(ValueError):
        round_money(D("999999999999999.995"), "SAR")


@pytest.mark.parametrize(
    "value", ["0.005", "1e2", "1_000", "１２", " 5", "+5", "NaN", "", "5.", ".5", "1,5", "5\n", D("1e-200")]
)
def test_money_takes_only_plain_text_and_no_surplus_decimals(value):
    with pytest.raises(ValueError):
        money(value, "SAR")


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("12.5", "SAR", "12.50"),
        (12, "KWD", "12.000"),
        (D("7.00"), "JPY", "7"),
        ("-3", "SAR", "-3.00"),
        ("-0", "SAR", "0.00"),
    ],
)
def test_money_has_exactly_its_currencys_decimals(value, currency, text):
    assert str(money(value, currency)) == text


# Splits


@pytest.mark.parametrize(
    ("total", "weights", "currency", "parts"),
    [
        ("4.55", ["10.10", "10.10", "10.10"], "SAR", ["1.52", "1.52", "1.51"]),
        ("-0.05", ["1", "0", "1"], "SAR", ["-0.03", "0.00", "-0.02"]),
        ("100", ["1", "1", "1"], "JPY", ["34", "33", "33"]),
        ("0.001", ["5", "6"], "KWD", ["0.000", "0.001"]),
        ("0", ["0", "0"], "SAR", ["0.00", "0.00"]),
        ("0", [], "SAR", []),
        ("999999999999999.99", ["0.000001", "999999999999999"], "SAR", ["0.00", "999999999999999.99"]),
    ],
)
def test_split(total, weights, currency, parts):
    assert [str(part) for part in split(D(total), [D(weight) for weight in weights], currency)] == parts


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        ("1", ["0", "0"]),
        ("1", []),
        ("1", ["-1", "2"]),
        ("0", ["-1", "1"]),
        ("0.005", ["1"]),
        ("1", ["NaN"]),
        ("1", ["1e15"]),
    ],
)
def test_splits_that_have_no_answer(total, weights):
    with pytest.raises(ValueError):
        split(D(total), [D(weight) for weight in weights], "SAR")


def test_a_split_refuses_floats():
    with pytest.raises(ValueError):
        split(D("1"), [0.5, 0.5], "SAR")


# How numbers look


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        (POINT, "−1,234,567.50"),
        (COMMA, "−1.234.567,50"),
        (SPACE, f"−1{NARROW_NBSP}234{NARROW_NBSP}567,50"),
        (APOSTROPHE, "−1'234'567.50"),
        (INDIAN, "−12,34,567.50"),
        (ARABIC, "−١٬٢٣٤٬٥٦٧٫٥٠"),
        (NumberFormat(".", ",", "arab"), "−١,٢٣٤,٥٦٧.٥٠"),
        (EXPORT_FORMAT, "−1234567.50"),
    ],
)
def test_formats(fmt, text):
    assert format_money(D("-1234567.5"), "SAR", fmt) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0", "SAR", "0.00"),
        ("1234", "JPY", "1,234"),
        ("0.5", "KWD", "0.500"),
        ("-0.05", "SAR", "−0.05"),
        ("999", "SAR", "999.00"),
    ],
)
def test_amounts_have_their_currencys_decimals(amount, currency, text):
    assert format_money(D(amount), currency, POINT) == text


def test_exports_use_a_plain_minus_and_codes_stay_beside_their_amount():
    assert format_money(D("-1234.5"), "SAR", EXPORT_FORMAT, minus="-") == "-1234.50"
    assert format_money(D("-5"), "SAR", POINT, with_code=True) == f"SAR{NBSP}−5.00"


def test_amounts_are_never_rounded_for_display_but_numbers_are():
    with pytest.raises(ValueError):
        format_money(D("1.005"), "SAR", POINT)
    assert format_number(D("1.005"), 2, POINT) == "1.01"
    assert format_number(D("1234.567890"), None, POINT) == "1,234.567890"
    assert format_number(D("1E+3"), None, POINT) == "1,000"
    assert format_number(D("-0.001"), 2, POINT) == "0.00"


@pytest.mark.parametrize(
    "arguments",
    [
        (",", ","),
        (".", "."),
        (";", ","),
        (".", ";"),
        ("", ","),
        (".", ",", "thai"),
        (".", ",", "latn", "4"),
        ("'", ","),
    ],
)
def test_formats_that_could_be_confused(arguments):
    with pytest.raises(ValueError):
        NumberFormat(*arguments)


def test_a_person_may_choose_another_format_than_the_organization():
    organization = SimpleNamespace(decimal_mark=",", group_mark=".", digits="latn")
    assert NumberFormat.of(None) == DEFAULT_FORMAT
    assert NumberFormat.of(organization) == COMMA
    assert NumberFormat.of(organization, SimpleNamespace(number_style="")) == COMMA
    assert NumberFormat.of(organization, SimpleNamespace(number_style="indian")) == INDIAN


# How typed numbers are read

READ = [
    (POINT, "SAR", "1234.5", "1234.50"),
    (POINT, "SAR", "1,234.56", "1234.56"),
    (POINT, "SAR", "1,234", "1234.00"),
    (POINT, "SAR", " 5 ", "5.00"),
    (POINT, "SAR", "5\r\n", "5.00"),
    (POINT, "SAR", f"{NBSP}5{NARROW_NBSP}", "5.00"),
    (POINT, "SAR", "1 234.50", "1234.50"),
    (POINT, "SAR", "+5", "5.00"),
    (POINT, "SAR", "-5", "-5.00"),
    (POINT, "SAR", "−5", "-5.00"),
    (POINT, "SAR", "- 5", "-5.00"),
    (POINT, "SAR", ".5", "0.50"),
    (POINT, "SAR", "007", "7.00"),
    (POINT, "SAR", "0", "0.00"),
    (POINT, "SAR", "SAR 5", "5.00"),
    (POINT, "SAR", "5 SAR", "5.00"),
    (POINT, "SAR", "sar5", "5.00"),
    (POINT, "SAR", f"SAR{NBSP}−5.00", "-5.00"),
    (POINT, "SAR", "−SAR 5", "-5.00"),
    (POINT, "SAR", "\u20665.00\u2069\u200f", "5.00"),
    (POINT, "SAR", "١٢٣٫٥٠", "123.50"),
    (POINT, "SAR", "١٬٢٣٤٫٥", "1234.50"),
    (POINT, "SAR", "١٬٢٣٤", "1234.00"),
    (POINT, "SAR", "۱۲۳", "123.00"),
    (POINT, "SAR", "999999999999999.99", "999999999999999.99"),
    (POINT, "KWD", "1.234", "1.234"),
    (POINT, "KWD", "1,234", "1234.000"),
    (POINT, "JPY", "1,234", "1234"),
    (COMMA, "SAR", "1.234", "1234.00"),
    (COMMA, "KWD", "1.234", "1234.000"),
    (COMMA, "KWD", "1,234", "1.234"),
    (COMMA, "SAR", "1.234,56", "1234.56"),
    (COMMA, "SAR", "1234,5", "1234.50"),
    (SPACE, "SAR", "1 234,5", "1234.50"),
    (APOSTROPHE, "SAR", "1'234.5", "1234.50"),
    (APOSTROPHE, "SAR", "1’234.5", "1234.50"),
    (INDIAN, "SAR", "12,34,567.5", "1234567.50"),
    (INDIAN, "SAR", "1,234", "1234.00"),
    (ARABIC, "SAR", "1,234.50", "1234.50"),
    (ARABIC, "SAR", "١٬٢٣٤٬٥٦٧٫٥٠", "1234567.50"),
    (NumberFormat("٫", "."), "SAR", "1.234٫5", "1234.50"),
    (NumberFormat(",", "٬"), "KWD", "1,234", "1.234"),
    (EXPORT_FORMAT, "SAR", "1234.5", "1234.50"),
]


@pytest.mark.parametrize(("fmt", "currency", "text", "value"), READ)
def test_read(fmt, currency, text, value):
    assert str(parse_money(text, currency, fmt)) == value


UNREADABLE = [
    (POINT, text)
    for text in (
        "", " ", "NaN", "sNaN", "Infinity", "-inf", "1e2", "9e99", "1E+2", "1_000", "１２", "0x10", "1/2", "½", "²", "Ⅷ",
        "\x00", "5\x00", "\x005", "--5", "+-5", "5-", "5+", "(5)", "$5", "5 %", "5.", ".", ",", "-", "+", "SAR", "USD 5",
        "SAR 5 SAR", "5 SAR SAR", "1.234,56", "12,50", "1,23", "1,2345", "12345,678", "1,234,56", ",123", "1,,234", "0,500",
        "00,123", "0 500", "12 34", "1  234", "1 234,567", "1,234 567", "1.2.3", "1,234.567.8", "1'234", "1،234", "1\u200b234",
        "\u202e321", "\u202d5", "\ufeff5", "1٢", "١۲", "٣,٤٥", "\ud800", "a" * 5000, "1" * 65, "5 5", "5\n5", "<b>5</b>",
    )
] + [
    (COMMA, "1,234.56"), (COMMA, "12.50"), (COMMA, "0.500"), (COMMA, "1.23"), (COMMA, ".5"), (SPACE, "1.234"),
    (INDIAN, "123,456"), (INDIAN, "1,234,567"), (INDIAN, "12,345,67"), (EXPORT_FORMAT, "1,234"),
    (APOSTROPHE, "1,234"), (NumberFormat("٫", "."), "12.50"), (NumberFormat(".", "'"), "1,5"),
]  # fmt: skip


@pytest.mark.parametrize(("fmt", "text"), UNREADABLE)
def test_what_has_no_single_meaning_is_refused(fmt, text):
    with pytest.raises(AmountError) as caught:
        parse_money(text, "SAR", fmt)
    assert caught.value.code == "AMT-1"
    caught.value.messages[0].encode()


@pytest.mark.parametrize(
    ("fmt", "currency", "text", "code"),
    [
        (POINT, "SAR", "0.005", "AMT-2"),
        (POINT, "SAR", "1.234", "AMT-2"),
        (POINT, "SAR", "5.000", "AMT-2"),
        (COMMA, "SAR", "1,234", "AMT-2"),
        (POINT, "JPY", "100.00", "AMT-2"),
        (POINT, "KWD", "0.0005", "AMT-2"),
        (POINT, "SAR", "1000000000000000", "AMT-3"),
        (POINT, "SAR", "-1,000,000,000,000,000", "AMT-3"),
        (POINT, "SAR", "1" * 64, "AMT-3"),
        (POINT, "SAR", "-0", "AMT-4"),
        (POINT, "SAR", "−0.00", "AMT-4"),
    ],
)
def test_what_can_be_read_but_not_taken(fmt, currency, text, code):
    with pytest.raises(AmountError) as caught:
        parse_money(text, currency, fmt)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("fmt", "currency", "text", "message"),
    [
        (
            POINT,
            "SAR",
            "1.234,56",
            "Enter an amount like 1,234.50. “1.234,56” could mean more than one thing.",
        ),
        (COMMA, "KWD", "5%s{x}", "Enter an amount like 1.234,500. “5%s{x}” could mean more than one thing."),
        (ARABIC, "JPY", "x\x00y", "Enter an amount like ١٬٢٣٥. “x y” could mean more than one thing."),
        (POINT, "SAR", "0.005", "SAR has 2 decimals."),
        (POINT, "JPY", "0.5", "JPY has 0 decimals."),
        (POINT, "SAR", "-0", "Enter zero without a minus sign."),
    ],
)
def test_messages(fmt, currency, text, message):
    with translation.override("en"), pytest.raises(AmountError) as caught:
        parse_money(text, currency, fmt)
    assert caught.value.messages == [message]


def test_long_texts_are_shortened_in_messages():
    with pytest.raises(AmountError) as caught:
        parse_money("x" * 5000, "SAR", POINT)
    assert len(caught.value.messages[0]) < 150


def test_rates_are_no_money():
    assert parse_number("3.7512345678", POINT, 10) == D("3.7512345678")
    assert parse_number("15", POINT, 6) == D("15")
    for text, code in [("1.1234567", "AMT-2"), ("SAR 5", "AMT-1"), ("1e2", "AMT-1")]:
        with pytest.raises(AmountError) as caught:
            parse_number(text, POINT, 6)
        assert caught.value.code == code


def test_an_unknown_currency_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="unknown currency"):
        parse_money("5", "ZZZ", POINT)


# The same rules in the database


def ask(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_the_database_knows_the_same_decimals():
    codes = sorted(currencies())
    listed = ask(
        "SELECT currency_decimals(code) FROM unnest(%s::text[]) WITH ORDINALITY AS t(code, n) ORDER BY n",
        codes,
    )
    assert dict(zip(codes, listed, strict=True)) == {code: decimals(code) for code in codes}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("amount", "currency", "passes"),
    [
        (D("12.50"), "SAR", True),
        (D("12.5000"), "SAR", True),
        (D("0.005"), "SAR", False),
        (D("0.5"), "JPY", False),
        (D("0.001"), "KWD", True),
        (D("0.0001"), "CLF", True),
        (D("-999999999999999.99"), "SAR", True),
        (D("1e15"), "SAR", False),
        (D("NaN"), "SAR", False),
        (D("Infinity"), "SAR", False),
        (D("-Infinity"), "SAR", False),
        (D("1"), None, False),
        (D("1"), "sar", False),
        (D("1"), "", False),
        (None, "SAR", True),
        (None, None, True),
    ],
)
def test_the_database_refuses_the_same_amounts(amount, currency, passes):
    """A CHECK lets NULL pass, so that NULL counts as true here."""
    assert ask("SELECT coalesce(money_ok(%s::numeric, %s::text), true)", amount, currency) == [passes]


@pytest.mark.django_db
def test_a_restore_can_check_amounts():
    """pg_restore copies rows with an empty search path; the functions behind the CHECKs must find each other then."""
    ask("SELECT set_config('search_path', '', true)")
    assert ask("SELECT public.money_ok(1.5, 'SAR')") == [True]

"""How amounts look, and the truth table of what may be typed."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation

from receivables.core.money import (
    DEFAULT_FORMAT,
    EXPORT_FORMAT,
    FORMATS,
    NARROW_NBSP,
    NBSP,
    AmountError,
    NumberFormat,
    format_money,
    format_number,
    parse_money,
    parse_number,
)

POINT, COMMA, SPACE = FORMATS["point"], FORMATS["comma"], FORMATS["space"]
APOSTROPHE, INDIAN, ARABIC = FORMATS["apostrophe"], FORMATS["indian"], FORMATS["arabic"]


def D(text: str) -> Decimal:
    return Decimal(text)


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
    assert format_money(D("-5"), "SAR", POINT, with_code=True) == f"−5.00{NBSP}SAR"


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
    (POINT, "SAR", f"−5.00{NBSP}SAR", "-5.00"),
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


NOWHERE_READ = [
    *[
        "",
        " ",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e2",
        "9e99",
        "1E+2",
        "1_000",
        "１２",
        "0x10",
        "1/2",
        "½",
        "²",
    ],
    *["\x00", "5\x00", "\x005", "--5", "+-5", "5-", "5+", "(5)", "$5", "5 %", "-", "+", "<b>5</b>", "Ⅷ", "+"],
    *["SAR", "USD 5", "SAR 5 SAR", "5 SAR SAR", "5 5", "5\n5", "12 34", "1  234", "0 500", "1.2.3", "1,,2"],
    *["\u202e321", "\u202d5", "\ufeff5", "1\u200b234", "1٢", "١۲", "1،234", "\ud800", "a" * 5000, "1" * 65],
]
READ_ELSEWHERE = {
    POINT: [
        *[
            "1.234,56",
            "12,50",
            "1,23",
            "1,2345",
            "12345,678",
            "1,234,56",
            ",123",
            "1,,234",
            "0,500",
            "00,123",
        ],
        *["5.", ".", ",", "1 234,567", "1,234 567", "1,234.567.8", "1'234", "٣,٤٥"],
    ],
    COMMA: ["1,234.56", "12.50", "0.500", "1.23", ".5", "5,"],
    SPACE: ["1.234", "1,234.5"],
    APOSTROPHE: ["1,234", "1'23"],
    INDIAN: ["123,456", "1,234,567", "12,345,67"],
    ARABIC: ["1.234,5", "1,23"],
    EXPORT_FORMAT: ["1,234"],
    NumberFormat("٫", "."): ["12.50"],
    NumberFormat(",", "٬"): ["12.50"],
}
UNREADABLE = [(fmt, text) for fmt in FORMATS.values() for text in NOWHERE_READ]
UNREADABLE += [(fmt, text) for fmt, texts in READ_ELSEWHERE.items() for text in texts]


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

"""Money: decimals of a currency, rounding, exact splits, and the same rules in the database."""

from decimal import Decimal

import pytest
from django.db import connection

from receivables.core.money import currencies, decimals, money, round_money, split


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
    """Rows are restored with an empty search path; the functions behind the CHECKs find each other then."""
    ask("SELECT set_config('search_path', '', true)")
    assert ask("SELECT public.money_ok(1.5, 'SAR')") == [True]

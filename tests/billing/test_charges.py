"""What charges add up to, without a database: tax once per document and group, reductions over the groups."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.billing.charges import Charge, Tax, amount_of, included_net, price
from receivables.billing.models import TaxTreatment
from receivables.core.money import decimals

D = Decimal
REVENUE, EXPENSE, PAYABLE = 4000, 6100, 2200
VAT8, VAT15, VAT5 = (
    Tax(number, f"VAT {rate}", D(rate), PAYABLE + number) for number, rate in ((1, 8), (2, 15), (3, 5))
)


def taxed(amount, tax, kind="charge"):
    return Charge(kind, "charge", D(amount), REVENUE, TaxTreatment.ADDED, tax)


def plain(amount, kind="charge"):
    return Charge(kind, "charge", D(amount), REVENUE)


def reduction(amount, tax=None, kind="price_concession"):
    return Charge(kind, "reduction", D(amount), EXPENSE, TaxTreatment.INCLUDED, tax)


def shown(priced):
    return [(str(line.net), str(line.tax_amount)) for line in priced.lines]


# name, charges, currency, (net, tax) of each line, total
TABLE = [
    ("nothing", [], "USD", [], "0"),
    ("no tax", [plain("900.00"), plain("100.00")], "USD", [("900.00", "0"), ("100.00", "0")], "1000.00"),
    (
        "three equal lines share 4.55 by largest remainder",
        [taxed("10.10", VAT15)] * 3, "USD",
        [("10.10", "1.52"), ("10.10", "1.52"), ("10.10", "1.51")], "34.85",
    ),
    (
        "a reduction on one group of 8 %",
        [taxed("1000.00", VAT8), reduction("-50.00")], "USD",
        [("1000.00", "80.00"), ("-46.30", "-3.70")], "1030.00",
    ),
    (
        "the whole of it leaves nothing, in net and in tax",
        [taxed("1000.00", VAT8), reduction("-1080.00")], "USD",
        [("1000.00", "80.00"), ("-1000.00", "-80.00")], "0.00",
    ),
    (
        "a reduction is split over two groups by gross",
        [taxed("100.00", VAT15), taxed("100.00", VAT5), reduction("-22.00")], "USD",
        [("100.00", "15.00"), ("100.00", "5.00"), ("-10.00", "-1.50"), ("-10.00", "-0.50")], "198.00",
    ),
    (
        "and over an untaxed one",
        [taxed("100.00", VAT15), plain("115.00"), reduction("-23.00")], "USD",
        [("100.00", "15.00"), ("115.00", "0"), ("-10.00", "-1.50"), ("-11.50", "0.00")], "207.00",
    ),
    (
        "a second reduction finds what the first left",
        [taxed("1000.00", VAT8), reduction("-50.00"), reduction("-1030.00")], "USD",
        [("1000.00", "80.00"), ("-46.30", "-3.70"), ("-953.70", "-76.30")], "0.00",
    ),
    (
        "bad debt has no tax and leaves the tax alone",
        [taxed("1000.00", VAT8), plain("-50.00", "bad_debt")], "USD",
        [("1000.00", "80.00"), ("-50.00", "0")], "1030.00",
    ),
    ("yen have no decimals", [taxed("1001", VAT8)], "JPY", [("1001", "80")], "1081"),
    (
        "a reduction in yen",
        [taxed("1001", VAT8), reduction("-100")], "JPY",
        [("1001", "80"), ("-93", "-7")], "981",
    ),
    (
        "dinars have three",
        [taxed("10.101", VAT5), taxed("10.101", VAT5)], "KWD",
        [("10.101", "0.505"), ("10.101", "0.505")], "21.212",
    ),
    (
        "an included charge keeps its gross",
        [Charge("charge", "x", D("108.00"), REVENUE, TaxTreatment.INCLUDED, VAT8)], "USD",
        [("100.00", "8.00")], "108.00",
    ),
    ("a reduction of nothing goes below zero", [reduction("-5.00")], "USD", [("-5.00", "0.00")], "-5.00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("charges", "currency", "lines", "total"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_price_charges(charges, currency, lines, total):
    priced = price(charges, currency)
    assert [(D(net), D(tax)) for net, tax in shown(priced)] == [(D(net), D(tax)) for net, tax in lines]
    assert priced.total == D(total)


def test_price_books_taxes_on_their_own_accounts():
    priced = price([taxed("100.00", VAT15), taxed("100.00", VAT5), reduction("-22.00")], "USD")
    assert priced.by_account() == {
        REVENUE: D("200.00"),
        EXPENSE: D("-20.00"),
        VAT15.gl_account_id: D("13.50"),
        VAT5.gl_account_id: D("4.50"),
    }
    assert [(tax.name, net, amount) for tax, net, amount in priced.taxes] == [
        ("VAT 15", D("90.00"), D("13.50")),
        ("VAT 5", D("90.00"), D("4.50")),
    ]


def test_price_counts_what_was_given_by_kind():
    priced = price([plain("1000"), plain("-50", "bad_debt"), reduction("-20")], "USD")
    assert (priced.given("bad_debt"), priced.given("price_concession")) == (D(50), D(20))


@pytest.mark.parametrize(
    ("quantity", "rate", "currency", "amount"),
    [
        ("3", "10.10", "USD", "30.30"),
        ("2.5", "0.333333", "USD", "0.83"),
        ("1", "0.005", "USD", "0.01"),
        ("1", "-0.005", "USD", "-0.01"),
        ("7", "0.5", "JPY", "4"),
        ("1.5", "1.001", "KWD", "1.502"),
    ],
)
def test_price_quantity_times_rate_rounded_once(quantity, rate, currency, amount):
    assert amount_of(D(quantity), D(rate), currency) == D(amount)


def test_price_the_net_inside_a_gross():
    assert included_net(D("-50.00"), D(8), "USD") == D("-46.30")


def test_the_fingerprint_tells_what_customer_or_ledger_would_see():
    one = price([plain("10.00")], "USD")
    assert one.digest == price([plain("10.0")], "USD").digest
    assert one.digest != price([plain("10.01")], "USD").digest
    assert one.digest != price([Charge("charge", "other words", D(10), REVENUE)], "USD").digest
    assert one.digest != price([Charge("charge", "charge", D(10), EXPENSE)], "USD").digest
    counted = [
        price([Charge("charge", "charge", D(10), REVENUE, quantity=D(count), rate=D(10) / D(count))], "USD").digest
        for count in ("2", "5", "2.0")
    ]
    assert counted[0] == counted[2] != counted[1], "quantity and rate are printed"
    assert one.digest not in counted


CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
TAXES = st.sampled_from([None, VAT5, VAT8, VAT15])


@st.composite
def priced_charges(draw):
    """Charges of an invoice, and a reduction of at most what they add up to."""
    currency = draw(CURRENCIES)
    unit = D(1).scaleb(-decimals(currency))
    amounts = draw(st.lists(st.tuples(st.integers(1, 10_000_000), TAXES), min_size=1, max_size=8))
    charges = [taxed(number * unit, tax) if tax else plain(number * unit) for number, tax in amounts]
    total = price(charges, currency).total
    part = draw(st.integers(1, int(total / unit)))
    return currency, charges, -part * unit, -total


@given(priced_charges())
def test_price_lines_add_up_to_their_totals(case):
    currency, charges, part, _whole = case
    priced = price([*charges, reduction(part)], currency)
    assert sum(line.net for line in priced.lines) == priced.net
    assert sum(line.tax_amount for line in priced.lines) == priced.tax
    assert priced.net + priced.tax == priced.total == price(charges, currency).total + part
    assert sum(priced.by_account().values()) == priced.total
    assert sum(amount for _tax, _net, amount in priced.taxes) == priced.tax


@given(priced_charges())
def test_price_a_full_reduction_to_no_net_and_no_tax(case):
    currency, charges, part, whole = case
    emptied = price([*charges, reduction(whole)], currency)
    assert (emptied.total, emptied.net, emptied.tax) == (0, 0, 0)
    assert all(amount == 0 for _tax, _net, amount in emptied.taxes)
    in_two = [reduction(part)] + ([reduction(whole - part)] if whole != part else [])
    assert price([*charges, *in_two], currency).total == 0

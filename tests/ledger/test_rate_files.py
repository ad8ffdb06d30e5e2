"""Files of exchange rates: tables, what the European Central Bank publishes, and what is no such file."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from receivables.core.errors import Refused
from receivables.core.money import FORMATS
from receivables.ledger.rates.files import Choices, read_day, read_rates

DAY = date(2026, 11, 20)
DAILY = b"Date, USD, JPY, SAR, \n20 November 2026, 1.0800, 162.00, 4.0500, \n"
HISTORY = b"Date,USD,JPY,CYP,SAR,\n2026-11-20,1.0800,162.00,N/A,4.05,\n2026-11-19,1.0750,161.25,N/A,4.03125,\n"
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube><Cube time="2026-11-20"><Cube currency="USD" rate="1.0800"/><Cube currency="SAR" rate="4.0500"/></Cube></Cube>
</gesmes:Envelope>"""


def choices(own="USD", **more):
    return Choices(own, FORMATS["point"], until=date(2027, 1, 1), **more)


def rates(content, own="USD", **more):
    return {(each.currency, each.date): each.rate for each in read_rates(content, choices(own, **more)).quotes}


@pytest.mark.parametrize("content", [DAILY, XML, HISTORY])
def test_the_bank_in_books_kept_in_dollars(content):
    """1 EUR = 1.08 USD = 4.05 SAR: a riyal is 1.08 / 4.05 = 0.2666666667 USD, a euro 1.08."""
    found = rates(content)
    assert found["SAR", DAY] == Decimal("0.2666666667")
    assert found["EUR", DAY] == Decimal("1.08")
    assert ("USD", DAY) not in found


def test_the_bank_in_books_kept_in_euros_is_its_own_number_turned_round():
    quote = read_rates(DAILY, choices("EUR")).quotes[0]
    assert (quote.currency, quote.quoted, quote.inverse) == ("USD", Decimal("1.0800"), True)
    assert quote.rate == Decimal("0.9259259259")


def test_a_history_has_days_and_gaps():
    found = read_rates(HISTORY, choices())
    assert not found.problems
    assert len(found.quotes) == 6  # EUR, JPY and SAR on two days; N/A is no rate
    assert len(rates(HISTORY, since=DAY)) == 3
    assert {code for code, _day in rates(HISTORY, only=frozenset({"SAR"}))} == {"SAR"}


def test_the_bank_without_ones_own_currency_says_so():
    found = read_rates(DAILY, choices("KWD"))
    assert found.quotes == []
    assert found.problems[0].value == "KWD"


def test_a_table_of_ones_own_with_its_errors_row_by_row():
    content = (
        b"Currency;Date;Rate\nEUR;2026-11-20;1,0875\nsar;20.11.2026;0,2667\nXQX;2026-11-20;1\nEUR;11/20/2026;1\n"
        b"EUR;2026-11-21;abc\nUSD;2026-11-20;1\nJPY;2026-11-20;0\nEUR;2030-01-01;1\nKWD;2026-11-20\n"
    )
    found = read_rates(content, Choices("USD", FORMATS["comma"], until=date(2027, 1, 1)))
    assert [(quote.currency, quote.rate) for quote in found.quotes] == [
        ("EUR", Decimal("1.0875")), ("SAR", Decimal("0.2667")),
    ]  # fmt: skip
    assert [problem.place for problem in found.problems] == [f"Row {row}" for row in (4, 5, 6, 7, 8, 9, 10)]


def test_a_workbook_keeps_dates_and_numbers():
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (["Code", "Valid from", "Exchange rate"], ["SAR", date(2026, 11, 20), 1 / 3.75]):
        book.active.append(row)
    book.save(content)
    assert rates(content.getvalue()) == {("SAR", DAY): Decimal("0.2666666667")}
    book.active.append(["EUR", date(2026, 11, 20), 1e300])
    content = io.BytesIO()
    book.save(content)
    assert [problem.place for problem in read_rates(content.getvalue(), choices()).problems] == ["Row 3"]
    inverse = rates(b"currency,date,rate\nSAR,2026-11-20,3.75\n", inverse=True)
    assert inverse == {("SAR", DAY): Decimal("0.2666666667")}


BOMB = b'<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;">]><x><Cube time="2026-11-20">&b;</Cube></x>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"), (BOMB, "document type"), (b"<html><p>no</p></html>", "no file of exchange rates"),
        (b"<Cube", "damaged XML"), (b"a,b\n1,2\n", "needs the columns"), (b"%PDF-1.4 x", "no table"),
        (b"PK\x03\x04rubbish", "damaged"), (b"x" * (4 * 1024 * 1024 + 1), "larger"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_rates_is_refused_whole(content, said):
    with pytest.raises(Refused, match=said):
        read_rates(content, choices())


def test_more_rates_than_anybody_needs_are_refused():
    lines = [f"EUR,{1990 + day // 365}-{day % 12 + 1:02}-{day % 28 + 1:02},1.1" for day in range(10_001)]
    with pytest.raises(Refused, match="more than"):
        read_rates("\n".join(["Currency,Date,Rate", *lines]).encode(), choices())


def test_days_that_can_mean_two_things_are_not_read():
    assert read_day("3 November 2026") == date(2026, 11, 3)
    assert [read_day(text) for text in ("03/11/2026", "2026-13-01", "3 Novembre 2026", "")] == [None] * 4

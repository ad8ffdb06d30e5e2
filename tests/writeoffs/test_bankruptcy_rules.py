"""The rules of bankruptcies, without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from receivables.core.money import DEFAULT_FORMAT
from receivables.customers.models import Agreement, AgreementType
from receivables.writeoffs.bankruptcy.dividends import shared
from receivables.writeoffs.bankruptcy.drafting import parted
from receivables.writeoffs.bankruptcy.rules import (
    AdditionFacts,
    BankruptcyFacts,
    DividendFacts,
    WithdrawalFacts,
    add_to_bankruptcy_blocker,
    dividend_possible_blocker,
    record_dividend_blocker,
    start_bankruptcy_blocker,
    withdraw_bankruptcy_blocker,
)
from receivables.writeoffs.planning import Debt

DAY = date(2026, 11, 10)
FILING = BankruptcyFacts(DAY, DAY, "Court 24-1")
PAID = DividendFacts("USD", DEFAULT_FORMAT, D(10), D(100), D(50), "PAY-1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"started": True}, "started"),
        ({"asked": True}, "already_asked"),
        ({"filed_on": date(2026, 11, 11)}, "to_come"),
        ({"reference": "  "}, "no_case"),
        ({"customer_active": False}, "customer_inactive"),
        ({"type_found": False}, "no_bankruptcy_type"),
        ({"posting_date": DAY, "posted": date(2026, 11, 11)}, "before_debt"),
        ({"posting_date": DAY, "posted": DAY}, None),
    ],
)
def test_start_bankruptcy_blocker(changes, code):
    found = start_bankruptcy_blocker(replace(FILING, **changes))
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"unapplied": None}, "no_payment"),
        ({"amount": D(0)}, "amount"),
        ({"amount": D("1.001")}, "amount"),
        ({"amount": D("100.01")}, "more_than_unapplied"),
        ({"amount": D("50.01")}, "more_than_owed"),
        ({"amount": D(50)}, None),
        ({"unrouted": ["2210 State tax"]}, "no_target"),
    ],
)
def test_record_dividend_blocker(changes, code):
    found = record_dividend_blocker(replace(PAID, **changes))
    assert (found.code if found else None) == code


def test_add_to_bankruptcy_blocker():
    for changes, code in (
        ({}, None),
        ({"withdrawn": True, "owed": False}, "withdrawn"),
        ({"asked": True}, "already_asked"),
        ({"owed": False}, "nothing_outside"),
        ({"type_found": False}, "no_bankruptcy_type"),
        ({"posting_date": DAY, "posted": date(2026, 11, 11)}, "before_debt"),
        ({"posting_date": DAY, "posted": DAY}, None),
    ):
        found = add_to_bankruptcy_blocker(replace(AdditionFacts(owed=True), **changes))
        assert (found.code if found else None) == code, changes


def test_withdraw_bankruptcy_blocker():
    asked = WithdrawalFacts(DAY, reason="Another customer of that name")
    for changes, code in (
        ({}, None),
        ({"reason": None}, None),
        ({"withdrawn": True, "dividend": "WO-2"}, "withdrawn"),
        ({"dividend": "WO-2"}, "dividend"),
        ({"reason": "  "}, "no_reason"),
        ({"posting_date": date(2026, 11, 9)}, "before_filing"),
        ({"posting_date": DAY}, None),
    ):
        found = withdraw_bankruptcy_blocker(replace(asked, **changes))
        assert (found.code if found else None) == code, changes


@pytest.mark.parametrize(
    ("owed", "money", "code"), [(True, True, None), (False, True, "nothing_owed"), (True, False, "no_money")]
)
def test_record_dividend_needs_debt_and_money(owed, money, code):
    found = dividend_possible_blocker(owed=owed, money=money)
    assert (found.code if found else None) == code


def debt(agreement, item, balance="10", *, written_off=False):
    return Debt(1, agreement, item, f"D-{item}", DAY, 7, "USD", D(balance), D(balance), written_off=written_off)


def test_start_bankruptcy_parts_debt_by_the_day_of_its_document():
    """Due dates don't matter, and what was written off is old debt; what is bankrupt already is left alone."""
    held = {
        1: Agreement(type=AgreementType(payment_segment_type="normal")),
        2: Agreement(type=AgreementType(payment_segment_type="normal")),
        3: Agreement(type=AgreementType(payment_segment_type="")),
    }
    debts = [debt(1, 1), debt(1, 2), debt(2, 3, written_off=True), debt(3, 4, written_off=True)]
    days = {1: DAY, 2: date(2026, 11, 11), 3: date(2026, 11, 12), 4: DAY}
    moved, later = parted(debts, held, days, DAY)
    assert [[each.item_id for each in part] for part in (moved, later)] == [[1, 3], [2]]


def test_record_dividend_gives_every_debt_its_share():
    debts = [debt(3, 1, "950"), debt(3, 2, "80"), debt(3, 3, "20")]
    assert [amount for _debt, amount in shared(debts, D("100"), "USD")] == [D("90.48"), D("7.62"), D("1.90")]
    assert shared([], D(5), "USD") == []

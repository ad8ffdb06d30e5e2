"""The rules of credit notes as truth tables, without a database; and the arithmetic of their taxes."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.billing.charges import Tax
from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.rules import (
    CreditNoteFacts,
    PartFacts,
    issue_credit_note_blocker,
    reverse_credit_note_blocker,
)
from receivables.billing.credit_notes.splitting import Booked, credited_lines, left_of, valued
from receivables.core.money import DEFAULT_FORMAT, decimals

DAY = date(2026, 11, 3)
PART = PartFacts("INV-000001", "USD", D(50), D(130), DAY, DAY, field="amount_1")
FACTS = CreditNoteFacts(DEFAULT_FORMAT, [PART], DAY, reason="Bad debt", own_currency="USD")


def blocked(facts):
    found = issue_credit_note_blocker(facts)
    return found.code if found else None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"amount": D(130)}, None),
        ({"amount": D("130.01")}, "more_than_open"),
        ({"amount": D(0)}, "amount"),
        ({"amount": D(-1)}, "amount"),
        ({"amount": D("1.001")}, "amount"),
        ({"amount": D("1.001"), "currency": "KWD"}, None),
        ({"balance": D(0)}, "more_than_open"),
        ({"voided": True}, "void"),
        ({"asked": True}, "already_asked"),
        ({"issued": date(2026, 11, 4)}, "before_invoice"),
    ],
)
def test_issue_credit_note_on_one_invoice(changes, code):
    assert blocked(replace(FACTS, parts=[replace(PART, **changes)])) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason_usable": False}, "reason_inactive"),
        ({"by_credit_note": False}, "journal_only"),
        ({"parts": []}, "no_amount"),
        ({"parts": [PART, PART]}, "named_twice"),
        ({"parts": [PART, replace(PART, number="INV-000002")]}, None),
        ({"parts": [PART, replace(PART, number="INV-000002", currency="EUR")]}, "two_currencies"),
        ({"posting_date": date(2026, 11, 2)}, "before_revision"),
        ({"posting_date": DAY}, None),
        ({"limit": D(50), "parts": [replace(PART, own_total=D(50))]}, None),
        ({"limit": D(50), "parts": [replace(PART, own_total=D("50.0001"))]}, "above_reason_limit"),
        ({"limit": D(0), "parts": [replace(PART, own_total=D("0.01"))]}, "above_reason_limit"),
    ],
)
def test_issue_credit_note_as_a_whole(changes, code):
    assert blocked(replace(FACTS, **changes)) == code


def test_issue_credit_note_says_what_is_open_beside_the_amount():
    found = issue_credit_note_blocker(replace(FACTS, parts=[replace(PART, amount=D(150))]))
    assert found.field == "amount_1"
    assert "Only 130.00 USD is open on invoice INV-000001" in str(found.message).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"reason": "Wrong customer"}, None),
        ({"reason": " "}, "no_reason"),
        ({"reversed_already": True}, "already_reversed"),
        ({"posting_date": DAY}, None),
        ({"posting_date": date(2026, 11, 2)}, "before_credit_note"),
    ],
)
def test_reverse_credit_note_once_and_with_a_reason(changes, code):
    values = {"number": "CN-000001", "reversed_already": False, "posted": DAY, **changes}
    found = reverse_credit_note_blocker(**values)
    assert (found.code if found else None) == code


# The arithmetic


@st.composite
def credited_invoices(draw):
    """An invoice's tax groups, and amounts that together take off no more than it says."""
    currency = draw(st.sampled_from(["USD", "KWD", "JPY"]))
    unit = D(1).scaleb(-decimals(currency))
    taxes = [Tax(1, "Full", D(15), 1), Tax(2, "Half", D("7.5"), 2), None]
    booked = []
    for tax in draw(st.lists(st.sampled_from(taxes), min_size=1, max_size=3, unique=True)):
        net = draw(st.integers(0, 2000)) * unit
        booked.append(Booked(tax, net, (net * tax.rate / 100).quantize(unit) if tax else D(0)))
    units = int(sum((line.net + line.tax_amount for line in booked), D(0)) / unit)
    cuts = sorted(draw(st.lists(st.integers(0, units), max_size=5)))
    steps = [after - before for before, after in zip([0, *cuts], cuts, strict=False)]
    amounts = [step * unit for step in steps if step] + [(units - sum(steps)) * unit]
    rules = draw(st.lists(st.sampled_from(Reason.TaxRule), min_size=len(amounts), max_size=len(amounts)))
    return currency, booked, amounts, rules


@given(credited_invoices())
def test_lines_and_taxes_of_credit_notes_add_up(drawn):
    """Whatever is taken off in whatever slices, with its tax or without: each adds up, none is negative, the last
    leaves nothing, and of no tax more is taken back than the invoice says."""
    currency, booked, amounts, rules = drawn
    earlier = []
    for amount, rule in zip(amounts, rules, strict=True):
        if not amount:
            continue
        lines = credited_lines(rule, amount, left_of(booked, earlier, currency), currency)
        assert sum(line.total for line in lines) == amount
        assert all(line.net >= 0 and line.tax_amount >= 0 for line in lines)
        worth = valued(lines, amount * 3, currency)
        assert sum(line.own_net + line.own_tax for line in worth) == amount * 3
        earlier.append([Booked(line.tax, line.net, line.tax_amount) for line in lines])
    left = left_of(booked, earlier, currency)
    assert all(pair == (0, 0) for pair in left.values())
    for said in booked:
        back = sum((line.tax_amount for lines in earlier for line in lines if line.tax == said.tax), D(0))
        assert back <= said.tax_amount


def test_a_note_without_tax_leaves_the_later_one_its_share_only():
    """Source: the tax rules of reasons. Of 100.00 with 15 % and 50.00 untaxed, 40.00 given up without tax leave the
    shares as they were: 80.00 taken back at once hold 80 x 115/165 taxed, so 7.27 of tax and not 9.60."""
    vat = Tax(1, "VAT", D(15), 1)
    booked, given_up = [Booked(vat, D(100), D(15)), Booked(None, D(50), D(0))], [Booked(None, D(40), D(0))]
    lines = credited_lines(Reason.TaxRule.AT_ONCE, D(80), left_of(booked, [given_up], "SAR"), "SAR")
    assert [(line.tax, line.net, line.tax_amount) for line in lines] == [
        (vat, D("48.49"), D("7.27")), (None, D("24.24"), D(0)),
    ]  # fmt: skip


@pytest.mark.parametrize("rule", [Reason.TaxRule.NONE, Reason.TaxRule.RELIEF_LATER])
def test_tax_stays_where_it_is_unless_it_is_taken_back_at_once(rule):
    left = {Tax(1, "VAT", D(15), 1): (D(100), D(15))}
    [line] = credited_lines(rule, D(80), left, "SAR")
    assert (line.tax, line.net, line.tax_amount) == (None, D(80), D(0))


def test_the_published_split_of_a_tax_taken_back_at_once():
    left = {Tax(1, "VAT", D(15), 1): (D(100), D(15))}
    [line] = credited_lines(Reason.TaxRule.AT_ONCE, D(80), left, "SAR")
    assert (line.net, line.tax_amount) == (D("69.57"), D("10.43"))

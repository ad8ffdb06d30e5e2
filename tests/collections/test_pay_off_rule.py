"""The pay-off rule as a truth table, with the published figures, and its properties."""

from decimal import Decimal as D

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from receivables.approvals.rules import Authority
from receivables.collections.payoff import pay_off, pay_off_all
from receivables.collections.payoff_facts import Limits, PayOffFacts
from receivables.collections.rules import AssignmentFacts
from receivables.core.money import DEFAULT_FORMAT

NONE = None


def facts(balance, applied, limit=None, *, currency="SAR", own="SAR", voided=False, **more):
    limits = {name: D(more.pop(name)) for name in ("percent", "cap", "reason_limit") if name in more}
    for name in ("bad_debt", "given", "given_to_customer", "total", "rate"):
        if name in more:
            more[name] = D(more[name])
    return PayOffFacts(
        AssignmentFacts("INV-1", currency, D(balance), D(applied), voided, DEFAULT_FORMAT, currency),
        Limits(own, None if limit is None else D(limit), reason="Bad debt", **limits),
        **{"pay_bill": True, "total": D(balance), "customer": "Najd Foods", "customer_id": 1, **more},
    )


M, USD = {"pay_bill": False}, {"currency": "USD", "rate": "3.75"}
KWD = {"currency": "KWD", "own": "KWD"}
JPY = {"currency": "JPY", "own": "JPY"}

# balance, applied, limit, more -> bad debt, new balance, code of the refusal
TABLE = [
    # The published example, and its edges.
    ("130", "50", "50", {}, "0", "80", "above_pay_off_limit"),
    ("130", "50", "80", {}, "80", "0", ""),
    ("130", "50", "79.99", {}, "0", "80", "above_pay_off_limit"),
    ("130", "50", "80.01", {}, "80", "0", ""),
    ("130", "50", NONE, {}, "80", "0", ""),
    ("130", "129.99", "0", {}, "0", "0.01", "above_pay_off_limit"),
    ("130", "130", "0", {}, "0", "0", ""),
    ("130", "129.99", "0.01", {}, "0.01", "0", ""),
    ("130", "80", "50", {}, "50", "0", ""),
    ("130", "79.99", "50", {}, "0", "50.01", "above_pay_off_limit"),
    ("130", "130", NONE, {}, "0", "0", ""),
    ("130", "130", "50", {}, "0", "0", ""),
    # More than is owed, whatever the person answers.
    ("130", "150", "50", {}, "0", "-20", "more_than_owed"),
    ("130", "150", "50", M, "0", "-20", "more_than_owed"),
    ("130", "150", NONE, {}, "0", "-20", "more_than_owed"),
    ("130", "130.01", "50", M, "0", "-0.01", "more_than_owed"),
    ("0", "0.01", NONE, {}, "0", "-0.01", "more_than_owed"),
    # Nothing applied.
    ("130", "0", NONE, {}, "0", "130", "nothing_applied"),
    ("130", "0", "500", {}, "0", "130", "nothing_applied"),
    ("130", "0", "500", {"bad_debt": "10", **M}, "0", "130", "nothing_applied"),
    ("130", "0", "0", M, "0", "130", ""),
    # The default for a shortfall: it stays open.
    ("130", "50", "50", M, "0", "80", ""),
    ("130", "50", NONE, M, "0", "80", ""),
    ("130", "130", "50", M, "0", "0", ""),
    ("130", "129.99", "0", M, "0", "0.01", ""),
    # Bad debt by hand is bound by the same limit.
    ("130", "50", "50", {"bad_debt": "30", **M}, "30", "50", ""),
    ("130", "50", "50", {"bad_debt": "50", **M}, "50", "30", ""),
    ("130", "50", "50", {"bad_debt": "50.01", **M}, "0", "80", "above_pay_off_limit"),
    ("130", "50", NONE, {"bad_debt": "80", **M}, "80", "0", ""),
    ("130", "50", NONE, {"bad_debt": "80.01", **M}, "0", "80", "bad_debt_beyond_rest"),
    ("130", "50", "0", {"bad_debt": "0.01", **M}, "0", "80", "above_pay_off_limit"),
    ("130", "50", NONE, {"bad_debt": "-1", **M}, "0", "80", "negative_bad_debt"),
    ("130", "50", NONE, {"bad_debt": "1.001", **M}, "0", "80", "decimals"),
    ("130", "50", NONE, {"bad_debt": "30"}, "0", "80", "two_wishes"),
    ("130", "50", NONE, {"bad_debt": "80"}, "80", "0", ""),
    ("130", "130", "50", {"bad_debt": "1", **M}, "0", "0", "bad_debt_beyond_rest"),
    # What was given on the invoice before counts.
    ("50", "20", "50", {"given": "20"}, "30", "0", ""),
    ("50", "20", "50", {"given": "20.01"}, "0", "30", "above_pay_off_limit"),
    ("50", "20", "50", {"given": "40", "bad_debt": "10", **M}, "10", "20", ""),
    ("50", "20", "50", {"given": "40", "bad_debt": "10.01", **M}, "0", "30", "above_pay_off_limit"),
    ("50", "50", "50", {"given": "500"}, "0", "0", ""),
    ("50", "20", NONE, {"given": "500"}, "30", "0", ""),
    # Another currency, compared unrounded at the rate of the payment's date.
    ("100", "86.67", "50", USD, "13.33", "0", ""),
    ("100", "86.66", "50", USD, "0", "13.34", "above_pay_off_limit"),
    ("100", "86.67", "49.98", USD, "0", "13.33", "above_pay_off_limit"),
    ("100", "86.67", "49.9875", USD, "13.33", "0", ""),
    ("100", "90", "50", {"given": "3.33", **USD}, "10", "0", ""),
    ("100", "90", "50", {"given": "3.34", **USD}, "0", "10", "above_pay_off_limit"),
    ("100", "0.01", NONE, USD, "99.99", "0", ""),
    # Currencies of three and of no decimals.
    ("10", "9.500", "0.500", KWD, "0.500", "0", ""),
    ("10", "9.499", "0.500", KWD, "0", "0.501", "above_pay_off_limit"),
    ("10", "9.9999", "1", KWD, "0", "0.0001", "decimals"),
    ("1000", "950", "50", JPY, "50", "0", ""),
    ("1000", "949", "50", JPY, "0", "51", "above_pay_off_limit"),
    ("1000", "999", "0", JPY, "0", "1", "above_pay_off_limit"),
    ("1000", "999.5", "50", JPY, "0", "0.5", "decimals"),
    # A limit is tested on what is left, never on the original balance.
    ("45", "45", "0.10", {}, "0", "0", ""),
    ("500", "455", "0.10", {}, "0", "45", "above_pay_off_limit"),
    ("500", "455", "0.10", M, "0", "45", ""),
    # The narrower limits: all that are set must allow.
    ("1000", "950", NONE, {"percent": "5"}, "50", "0", ""),
    ("1000", "949.99", NONE, {"percent": "5"}, "0", "50.01", "above_percent"),
    ("1000", "950", "49", {"percent": "5"}, "0", "50", "above_pay_off_limit"),
    ("500", "480", NONE, {"percent": "5", "total": "1000", "given": "30"}, "20", "0", ""),
    ("500", "480", NONE, {"percent": "5", "total": "1000", "given": "30.01"}, "0", "20", "above_percent"),
    ("1000", "999.99", NONE, {"percent": "0"}, "0", "0.01", "above_percent"),
    ("130", "50", NONE, {"cap": "100", "given_to_customer": "20"}, "80", "0", ""),
    ("130", "50", NONE, {"cap": "100", "given_to_customer": "20.01"}, "0", "80", "above_customer_cap"),
    ("100", "90", NONE, {"cap": "37.50", **USD}, "10", "0", ""),
    ("100", "90", NONE, {"cap": "37.49", **USD}, "0", "10", "above_customer_cap"),
    ("130", "50", NONE, {"excluded": True}, "0", "80", "customer_excluded"),
    ("130", "50", NONE, {"excluded": True, **M}, "0", "80", ""),
    ("130", "130", NONE, {"excluded": True}, "0", "0", ""),
    ("130", "50", NONE, {"excluded": True, "bad_debt": "1", **M}, "0", "80", "customer_excluded"),
    ("130", "50", "100", {"reason_limit": "79.99"}, "0", "80", "above_reason_limit"),
    ("130", "50", "100", {"reason_limit": "80"}, "80", "0", ""),
    ("130", "50", NONE, {"authority": Authority(D(0), D(80))}, "80", "0", ""),
    ("130", "50", NONE, {"authority": Authority(D(0), D(79))}, "0", "80", "above_authority"),
    ("130", "50", NONE, {"voided": True}, "0", "80", "void"),
    ("130", "-1", NONE, {}, "0", "131", "negative"),
]


@pytest.mark.parametrize(("balance", "applied", "limit", "more", "bad_debt", "left", "code"), TABLE)
def test_the_rule(balance, applied, limit, more, bad_debt, left, code):
    found = pay_off(facts(balance, applied, limit, **more))
    assert (found.bad_debt, found.new_balance) == (D(bad_debt), D(left))
    assert (found.blocker.code if found.blocker else "") == code
    assert bool(found.notice) is (not code and D(applied) > 0)


def said(balance, applied, limit=None, **more):
    found = pay_off(facts(balance, applied, limit, **more))
    return str(found.blocker.message if found.blocker else found.notice).replace("\u00a0", " ")


def test_the_sentences():
    assert said("130", "50", "50") == (
        "This invoice can't be paid off: the pending balance of 80.00 SAR exceeds the pay off limit of 50.00 SAR."
    )
    assert said("130", "150", "50") == (
        "The amount to apply (150.00 SAR) is bigger than the invoice balance (130.00 SAR)."
    )
    assert said("130", "50", "80") == "80.00 SAR will be recorded as bad debt and the invoice paid off."
    assert said("130", "50") == "No pay-off limit is set: all of the remaining 80.00 SAR will be recorded as bad debt."
    assert said("130", "0") == "Nothing is applied to this invoice; use Write off debt."
    assert said("130", "130", "50") == "Paid in full."
    assert said("130", "50", "50", **M) == "80.00 SAR stays open on this invoice."
    assert said("100", "86.66", "50", **USD) == (
        "This invoice can't be paid off: the pending balance of 13.34 USD (50.025 SAR) exceeds the pay off limit of "
        "50.00 SAR."
    )
    assert said("130", "50", "50", given="1", bad_debt="60", **M).startswith("This bad debt can't be recorded: 60.00")
    assert said("130", "50", "50", bad_debt="30", **M) == (
        "30.00 SAR will be recorded as bad debt; 50.00 SAR stays open on this invoice."
    )


def test_what_repairs_a_refusal():
    assert pay_off(facts("130", "150", "50")).repair == 130
    assert pay_off(facts("130", "50", "50")).leave_open
    assert not pay_off(facts("130", "50", "50", bad_debt="60", **M)).leave_open


def test_what_one_invoice_is_given_counts_for_the_next_of_the_same_customer():
    rows = [facts("130", "70", cap="100"), facts("130", "89", cap="100"), facts("130", "90", cap="100", customer_id=2)]
    assert [each.bad_debt for each in pay_off_all(rows)] == [60, 0, 40]


def test_nothing_is_spread_over_invoices_so_that_it_fits():
    rows = [facts("45", "45", "0.10"), facts("500", "455", "0.10", **M)]
    assert [each.new_balance for each in pay_off_all(rows)] == [0, 45]


cents = st.integers(0, 100_000).map(lambda n: D(n) / 100)


@generated(
    balance=cents, applied=cents, limit=st.none() | cents, typed=cents, given=cents, pay=st.booleans(),
    percent=st.none() | st.integers(0, 100), rate=st.integers(1, 900).map(lambda n: D(n) / 100),
)  # fmt: skip
def test_never_more_than_owed_and_bad_debt_within_the_limit(balance, applied, limit, typed, given, pay, percent, rate):
    more = {} if percent is None else {"percent": percent}
    row = facts(balance, applied, limit, bad_debt=typed, given=given, pay_bill=pay, rate=rate, currency="USD", **more)
    found = pay_off(row)
    if found.blocker is not None:
        assert found.bad_debt == 0
        return
    assert applied + found.bad_debt + found.new_balance == balance
    assert found.bad_debt >= 0
    assert found.new_balance >= 0
    if found.bad_debt and limit is not None:
        assert (found.bad_debt + given) * rate <= limit
    if pay:
        assert found.new_balance == 0

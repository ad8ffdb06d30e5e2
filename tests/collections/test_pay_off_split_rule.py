"""A difference split over reasons, and what is over a limit asked for: the rule as truth tables."""

from decimal import Decimal as D

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from receivables.approvals.rules import Authority
from receivables.collections.payoff import pay_off
from receivables.collections.payoff_facts import Limits, Part, PayOffFacts, ReasonFacts
from receivables.collections.rules import AssignmentFacts
from receivables.core.money import DEFAULT_FORMAT

UP_TO_20 = Authority(D(0), D(20))
REASONS = {
    "bad debt": ReasonFacts(1, "Bad debt", True, "bad_debt"),
    "small": ReasonFacts(2, "Small difference", True, "bad_debt"),
    "fee": ReasonFacts(3, "Bank fee", False),
    "fee up to 5": ReasonFacts(3, "Bank fee", False, maximum=D(5)),
    "fee, 2 taken": ReasonFacts(3, "Bank fee", False, maximum=D(5), taken=D(2)),
    "price": ReasonFacts(4, "Price concession", False, "price_concession"),
    "price up to 20": ReasonFacts(4, "Price concession", False, "price_concession", authority=UP_TO_20),
    "price, 15 given": ReasonFacts(4, "Price concession", False, "price_concession", given=D(15), authority=UP_TO_20),
}


def facts(parts, limit=None, *, pay_bill=False, bad_debt="0", applied="50", **more):
    """An invoice of 130.00 with 50.00 applied: 80.00 is left."""
    named = tuple(Part(REASONS[name], D(amount)) for name, amount in parts.items())
    return PayOffFacts(
        AssignmentFacts("INV-1", "SAR", D(130), D(applied), False, DEFAULT_FORMAT, "SAR"),
        Limits("SAR", None if limit is None else D(limit), reason="Bad debt", reason_id=1),
        pay_bill=pay_bill, bad_debt=D(bad_debt), total=D(130), customer="Najd Foods", customer_id=1, parts=named,
        **more,
    )  # fmt: skip


P = {"pay_bill": True}
# parts, limit, more -> what is posted by reason, what stays open, code of the refusal
SPLIT = [
    # The parts and Pay bill? together are what is left: bad debt is only what nobody named.
    ({"fee": "5"}, None, P, {"Bank fee": 5, "Bad debt": 75}, 0, ""),
    ({"fee": "5"}, "75", P, {"Bank fee": 5, "Bad debt": 75}, 0, ""),
    ({"fee": "5"}, "74.99", P, {}, 80, "above_pay_off_limit"),
    ({"fee": "30", "price": "50"}, "0", P, {"Bank fee": 30, "Price concession": 50}, 0, ""),
    ({"fee": "80"}, "0", {}, {"Bank fee": 80}, 0, ""),
    ({"fee": "80.01"}, "0", {}, {}, 80, "parts_beyond_rest"),
    ({"fee": "80.01"}, None, P, {}, 80, "parts_beyond_rest"),
    ({"fee": "5"}, None, {}, {"Bank fee": 5}, 75, ""),
    ({"fee": "5"}, "30", {"bad_debt": "30"}, {"Bank fee": 5, "Bad debt": 30}, 45, ""),
    ({"fee": "51"}, None, {"bad_debt": "30"}, {}, 80, "parts_beyond_rest"),
    ({"fee": "5"}, None, {"bad_debt": "75", **P}, {"Bank fee": 5, "Bad debt": 75}, 0, ""),
    ({"fee": "5"}, None, {"bad_debt": "74", **P}, {}, 80, "two_wishes"),
    # The limit is for bad debt and small differences together.
    ({"small": "30", "bad debt": "21"}, "50", {}, {}, 80, "above_pay_off_limit"),
    ({"small": "30", "bad debt": "20"}, "50", {}, {"Small difference": 30, "Bad debt": 20}, 30, ""),
    ({"small": "30"}, "80", P, {"Small difference": 30, "Bad debt": 50}, 0, ""),
    ({"small": "30"}, "79", P, {}, 80, "above_pay_off_limit"),
    # One reason named twice, or named beside what was typed, is one part.
    ({"bad debt": "10"}, "30", {"bad_debt": "20"}, {"Bad debt": 30}, 50, ""),
    ({"bad debt": "10"}, "29", {"bad_debt": "20"}, {}, 80, "above_pay_off_limit"),
    # Each part its own reason's limit, with what the reason took before, and its own authority.
    ({"fee up to 5": "5"}, "0", {}, {"Bank fee": 5}, 75, ""),
    ({"fee up to 5": "5.01"}, None, {}, {}, 80, "above_reason_limit"),
    ({"fee, 2 taken": "3"}, None, {}, {"Bank fee": 3}, 77, ""),
    ({"fee, 2 taken": "3.01"}, None, {}, {}, 80, "above_reason_limit"),
    ({"price up to 20": "20"}, "0", {}, {"Price concession": 20}, 60, ""),
    ({"price up to 20": "20.01"}, None, {}, {}, 80, "above_authority"),
    ({"price, 15 given": "5.01"}, None, {}, {}, 80, "above_authority"),
    ({"price up to 20": "20"}, "60", P, {"Price concession": 20, "Bad debt": 60}, 0, ""),
    ({"price": "20"}, None, {"authority": UP_TO_20, "bad_debt": "9"}, {"Price concession": 20, "Bad debt": 9}, 51, ""),
    # What can't be meant.
    ({"fee": "0"}, None, {}, {}, 80, "empty_part"),
    ({"fee": "-1"}, None, {}, {}, 80, "empty_part"),
    ({"fee": "1.001"}, None, {}, {}, 80, "decimals"),
    ({"fee": "5"}, None, {"applied": "0"}, {}, 130, "nothing_applied"),
    # An excluded customer is given no bad debt; a bank fee is not given at all.
    ({"fee": "5"}, None, {"excluded": True}, {"Bank fee": 5}, 75, ""),
    ({"small": "5"}, None, {"excluded": True}, {}, 80, "customer_excluded"),
]  # fmt: skip


def by_reason(parts):
    return {part.reason.name: part.amount for part in parts}


@pytest.mark.parametrize(("parts", "limit", "more", "posted", "left", "code"), SPLIT)
def test_split(parts, limit, more, posted, left, code):
    found = pay_off(facts(parts, limit, **more))
    assert (found.blocker.code if found.blocker else "") == code
    assert (by_reason(found.parts), found.new_balance, found.asked) == (posted, left, ())
    assert found.bad_debt == sum(amount for name, amount in posted.items() if name in ("Bad debt", "Small difference"))


ASK = {"ask": True}
# parts, limit, more -> what is posted, what waits, what stays open until then, code
ASKED = [
    ({}, "50", {**P, **ASK}, {}, {"Bad debt": 80}, 80, ""),
    ({}, "80", {**P, **ASK}, {"Bad debt": 80}, {}, 0, ""),
    ({}, "0", {"bad_debt": "30", **ASK}, {}, {"Bad debt": 30}, 80, ""),
    ({}, None, {**P, **ASK, "authority": UP_TO_20}, {}, {"Bad debt": 80}, 80, ""),
    ({"fee": "5"}, "50", {**P, **ASK}, {"Bank fee": 5}, {"Bad debt": 75}, 75, ""),
    ({"price up to 20": "21"}, "59", {**P, **ASK}, {"Bad debt": 59}, {"Price concession": 21}, 21, ""),
    ({"price up to 20": "21"}, "58", {**P, **ASK}, {}, {"Bad debt": 59, "Price concession": 21}, 80, ""),
    ({"small": "30"}, "50", {**P, **ASK}, {}, {"Small difference": 30, "Bad debt": 50}, 80, ""),
    # What no approval helps against.
    ({"fee up to 5": "6"}, None, {**P, **ASK}, {}, {}, 80, "above_reason_limit"),
    ({}, "50", {**P, **ASK, "excluded": True}, {}, {}, 80, "customer_excluded"),
    ({}, "50", {**P, **ASK, "applied": "150"}, {}, {}, -20, "more_than_owed"),
    # One thing waits on an invoice at a time.
    ({}, None, {**P, "waiting": D(10)}, {}, {}, 80, "already_asked"),
    ({}, "0", {**P, **ASK, "waiting": D(10)}, {}, {}, 80, "already_asked"),
    ({}, None, {"waiting": D(10)}, {}, {}, 80, ""),
]


@pytest.mark.parametrize(("parts", "limit", "more", "posted", "waits", "left", "code"), ASKED)
def test_asked(parts, limit, more, posted, waits, left, code):
    found = pay_off(facts(parts, limit, **more))
    assert (found.blocker.code if found.blocker else "") == code
    assert (by_reason(found.parts), by_reason(found.asked), found.new_balance) == (posted, waits, left)


def test_only_what_helps_is_offered():
    assert pay_off(facts({}, "50", **P)).askable
    assert not pay_off(facts({"fee up to 5": "6"}, None, **P)).askable
    assert not pay_off(facts({}, "50", excluded=True, **P)).askable


def said(parts, limit=None, **more):
    return pay_off(facts(parts, limit, **more)).notice.replace("\u00a0", " ")


def test_no_concession_is_called_bad_debt():
    assert said({"price": "50", "fee": "30"}, "0", **P) == (
        "50.00 SAR will be recorded as “Price concession”. 30.00 SAR will be recorded as “Bank fee”."
        " The invoice is paid off."
    )
    assert said({"fee": "5"}, "50", **P, **ASK) == (
        "5.00 SAR will be recorded as “Bank fee”."
        " 75.00 SAR as “Bad debt” will wait for approval and stay open until then."
    )
    assert said({"fee": "5"}) == "5.00 SAR will be recorded as “Bank fee”. 75.00 SAR stays open on this invoice."


cents = st.integers(1, 9_000).map(lambda n: D(n) / 100)


@generated(fee=cents, price=cents, limit=st.none() | cents, pay=st.booleans(), ask=st.booleans(), typed=cents)
def test_the_parts_are_what_is_left_and_never_more(fee, price, limit, pay, ask, typed):
    wish = {"pay_bill": True} if pay else {"bad_debt": typed}
    row = facts({"fee": fee, "price": price}, limit, ask=ask, **wish)
    found = pay_off(row)
    settled = sum((part.amount for part in found.parts), D(0))
    assert settled + found.new_balance == row.left
    assert found.waits <= found.new_balance
    if pay and found.blocker is None:
        assert settled + found.waits == row.left
    if limit is not None:
        assert found.bad_debt <= limit

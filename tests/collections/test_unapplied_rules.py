"""Money on account: the rules as truth tables, without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from receivables.collections.rules import AssignmentFacts
from receivables.collections.unapplied.rules import (
    MoneyFacts,
    RefundFacts,
    TargetFacts,
    act_day_blocker,
    assign_payment_blocker,
    move_payment_assignment_blocker,
    no_money_blocker,
    refund_stands_blocker,
    refund_unapplied_blocker,
    reverse_refund_blocker,
    unassign_payment_blocker,
)
from receivables.core.money import NumberFormat

FMT = NumberFormat()
MONEY = MoneyFacts("PMT-000001", "USD", Decimal(300), undone=False, fmt=FMT)


def target(applied="100", balance="100", number="INV-1", **changed):
    facts = {"currency": "USD", "voided": False, "payment_currency": "USD", **changed}
    same_payer = facts.pop("same_payer", True)
    assignment = AssignmentFacts(
        number, facts["currency"], Decimal(balance), Decimal(applied), facts["voided"], FMT, facts["payment_currency"]
    )
    return TargetFacts(assignment, same_payer, f"amount_{number}")


def code(blocker):
    return blocker.code if blocker else None


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (MONEY, None),
        (replace(MONEY, unapplied=Decimal(0)), "nothing_left"),
        (replace(MONEY, undone=True), "payment_undone"),
        (replace(MONEY, undone=True, unapplied=Decimal(0)), "payment_undone"),
    ],
)
def test_no_money_blocker(money, expected):
    assert code(no_money_blocker(money)) == expected


@pytest.mark.parametrize(
    ("targets", "expected", "field"),
    [
        ([target()], None, ""),
        ([target("100"), target("200", "200", "INV-2")], None, ""),
        ([], "nothing_chosen", ""),
        ([target("0")], "zero", "amount_INV-1"),
        ([target("-1")], "negative", "amount_INV-1"),
        ([target("100.001")], "decimals", "amount_INV-1"),
        ([target("100.01")], "more_than_owed", "amount_INV-1"),
        ([target(voided=True)], "void", "amount_INV-1"),
        ([target(currency="EUR")], "currency", "amount_INV-1"),
        ([target(same_payer=False)], "other_payer", "amount_INV-1"),
        ([target("10"), target("10")], "named_twice", "amount_INV-1"),
        ([target("300.01", "400")], "more_than_unapplied", "amount_INV-1"),
        ([target("200", "400"), target("100.01", "400", "INV-2")], "more_than_unapplied", ""),
    ],
)
def test_assign_payment_blocker(targets, expected, field):
    found = assign_payment_blocker(MONEY, targets)
    assert (code(found), found.field if found else "") == (expected, field)


def test_the_sentence_says_how_much_is_too_much():
    found = assign_payment_blocker(MONEY, [target("200", "400"), target("150", "400", "INV-2")])
    assert (
        found.message.replace("\xa0", " ") == "You apply 350.00 USD, but 300.00 USD is on account. Take 50.00 USD off."
    )


def test_nothing_is_given_up_later():
    assert code(assign_payment_blocker(MONEY, [target()], gives_up=True)) == "pay_off_later"


@pytest.mark.parametrize(("live", "expected"), [(True, None), (False, "already_taken_off")])
def test_unassign_payment_blocker(live, expected):
    assert code(unassign_payment_blocker(number="PMT-1", invoice="INV-1", live=live)) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"target": None}, None),
        ({"live": False}, "already_taken_off"),
        ({"same": True}, "same_invoice"),
        ({"target": target("100", "99")}, "more_than_owed"),
        ({"target": target("0")}, "zero"),
        ({"target": target(same_payer=False)}, "other_payer"),
        ({"amount": Decimal(101), "target": target("101", "200")}, "more_than_applied"),
    ],
)
def test_move_payment_assignment_blocker(changed, expected):
    facts = {
        "number": "PMT-1", "invoice": "INV-9", "live": True, "amount": Decimal(100), "applied": Decimal(100),
        "target": target(), "same": False, **changed,
    }  # fmt: skip
    assert code(move_payment_assignment_blocker(**facts)) == expected


DAY = date(2026, 11, 3)
REFUND = RefundFacts(MONEY, Decimal(300), True, "USD", DAY, DAY)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"amount": Decimal("300.01")}, "more_than_unapplied"),
        ({"amount": Decimal(0)}, "zero"),
        ({"amount": Decimal(-1)}, "zero"),
        ({"amount": Decimal("1.001")}, "decimals"),
        ({"bank_active": False}, "bank_inactive"),
        ({"bank_currency": "EUR"}, "currency"),
        ({"day": date(2026, 11, 2)}, "before_payment"),
        ({"waiting": True}, "already_asked"),
        ({"money": replace(MONEY, undone=True)}, "payment_undone"),
        ({"money": replace(MONEY, unapplied=Decimal(0))}, "nothing_left"),
    ],
)
def test_refund_unapplied_blocker(changed, expected):
    assert code(refund_unapplied_blocker(replace(REFUND, **changed))) == expected


@pytest.mark.parametrize(("already", "expected"), [(False, None), (True, "already_reversed")])
def test_reverse_refund_blocker(already, expected):
    assert code(reverse_refund_blocker(number="RF-1", reversed_already=already)) == expected


@pytest.mark.parametrize(("refund", "expected"), [("", None), ("RF-1", "refund_stands")])
def test_refund_stands_blocker(refund, expected):
    assert code(refund_stands_blocker(number="PMT-1", refund=refund)) == expected


@pytest.mark.parametrize(("chosen", "expected"), [(DAY, None), (date(2026, 11, 2), "before_payment")])
def test_act_day_blocker(chosen, expected):
    assert code(act_day_blocker(number="PMT-1", posted=DAY, chosen=chosen)) == expected

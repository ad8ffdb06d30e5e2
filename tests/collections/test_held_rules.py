"""May money be held, used, put back? Truth tables without a database."""

from decimal import Decimal as D

import pytest

from receivables.collections.held.rules import (
    HeldFacts,
    apply_deposit_blocker,
    hold_overpayment_blocker,
    record_deposit_blocker,
    release_held_money_blocker,
)
from receivables.collections.unapplied.rules import MoneyFacts
from receivables.core.money import NumberFormat

FMT = NumberFormat()


def held(amount="30", holds_money=True):
    return HeldFacts("A-7", "USD", holds_money, D(amount), FMT)


def code_of(blocker):
    return blocker and (blocker.code, blocker.field)


@pytest.mark.parametrize(
    ("unapplied", "undone", "amount", "expected"),
    [
        ("100", False, "100", None),
        ("100", False, "100.01", ("more_than_unapplied", "amount")),
        ("100", False, "0", ("zero", "amount")),
        ("100", False, "-1", ("zero", "amount")),
        ("100", False, "1.001", ("decimals", "amount")),
        ("0", False, "1", ("nothing_left", "")),
        ("100", True, "1", ("payment_undone", "")),
    ],
)
def test_hold_overpayment_blocker(unapplied, undone, amount, expected):
    money = MoneyFacts("PAY-1", "USD", D(unapplied), undone, FMT)
    assert code_of(hold_overpayment_blocker(money, D(amount))) == expected


@pytest.mark.parametrize(
    ("amount", "already", "required", "expected"),
    [
        ("30", "0", None, None),
        ("30", "0", "50", None),
        ("30", "20", "50", None),
        ("30.01", "20", "50", ("more_than_required", "required")),
        ("0", "0", None, ("zero", "amount")),
        ("1.001", "0", None, ("decimals", "amount")),
        ("1", "0", "50.001", ("decimals", "required")),
    ],
)
def test_record_deposit_blocker(amount, already, required, expected):
    wanted = None if required is None else D(required)
    blocker = record_deposit_blocker(amount=D(amount), currency="USD", held=D(already), required=wanted, fmt=FMT)
    assert code_of(blocker) == expected


@pytest.mark.parametrize(
    ("facts", "amount", "expected"),
    [
        (held(), "30", None),
        (held(), "30.01", ("more_than_held", "amount")),
        (held(), "0", ("zero", "amount")),
        (held("0"), "1", ("nothing_held", "")),
        (held(holds_money=False), "1", ("holds_no_money", "")),
    ],
)
def test_release_held_money_blocker(facts, amount, expected):
    assert code_of(release_held_money_blocker(facts, D(amount))) == expected


@pytest.mark.parametrize(
    ("facts", "is_deposit", "owed", "runs", "expected"),
    [
        (held(), True, "5", False, None),
        (held(), True, "5", True, None),
        (held(), True, "0", True, ("service_runs", "")),
        (held(), True, "0", False, ("nothing_owed", "")),
        (held("0"), True, "5", False, ("nothing_held", "")),
        (held(), False, "5", False, ("no_deposit", "")),
    ],
)
def test_apply_deposit_blocker(facts, is_deposit, owed, runs, expected):
    """`owed` is for stopped service alone; other service may still run."""
    assert code_of(apply_deposit_blocker(facts, is_deposit=is_deposit, owed=D(owed), runs=runs)) == expected

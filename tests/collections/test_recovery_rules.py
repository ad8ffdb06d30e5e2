"""May bad debt be recovered: the rules as truth tables."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from receivables.collections.recoveries.rules import (
    PartFacts,
    nothing_lost_blocker,
    recover_bad_debt_blocker,
    reverse_recovery_blocker,
)
from receivables.collections.unapplied.rules import MoneyFacts
from receivables.core.money import DEFAULT_FORMAT

MONEY = MoneyFacts("PMT-1", "USD", D(100), False, DEFAULT_FORMAT)
PART = PartFacts("s1", "INV-1", "USD", D(30), D(50), date(2026, 11, 3))
OTHER = replace(PART, key="s2", invoice="INV-2")


def code(blocker):
    return (blocker.code, blocker.field) if blocker else None


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([PART], None),
        ([PART, OTHER], None),
        ([], ("nothing_chosen", "")),
        ([PART, PART], ("named_twice", "recover_s1")),
        ([replace(PART, amount=D(0))], ("amount", "recover_s1")),
        ([replace(PART, amount=D(-1))], ("amount", "recover_s1")),
        ([replace(PART, amount=D("0.001"))], ("amount", "recover_s1")),
        ([replace(PART, left=None)], ("taken_back", "recover_s1")),
        ([replace(PART, currency="EUR")], ("currency", "recover_s1")),
        ([replace(PART, same_payer=False)], ("other_payer", "recover_s1")),
        ([replace(PART, amount=D(50))], None),
        ([replace(PART, amount=D("50.01"))], ("more_than_lost", "recover_s1")),
        ([replace(PART, amount=D(101), left=D(200))], ("more_than_unapplied", "recover_s1")),
        (
            [replace(PART, amount=D(60), left=D(60)), replace(OTHER, amount=D(60), left=D(60))],
            ("more_than_unapplied", ""),
        ),
    ],
)
def test_recover_bad_debt_blocker(parts, expected):
    assert code(recover_bad_debt_blocker(MONEY, parts)) == expected


def test_recover_bad_debt_wants_money_and_a_day_after_the_loss():
    assert code(recover_bad_debt_blocker(replace(MONEY, undone=True), [PART])) == ("payment_undone", "")
    assert code(recover_bad_debt_blocker(replace(MONEY, unapplied=D(0)), [PART])) == ("nothing_left", "")
    early, same = date(2026, 11, 2), date(2026, 11, 3)
    assert code(recover_bad_debt_blocker(MONEY, [PART], posting_date=early)) == ("before_loss", "posting_date")
    assert recover_bad_debt_blocker(MONEY, [PART], posting_date=same) is None


def test_three_decimals_are_kept_and_none_where_there_are_none():
    dinar = replace(PART, currency="KWD", amount=D("0.501"), left=D("0.500"))
    assert code(recover_bad_debt_blocker(replace(MONEY, currency="KWD"), [dinar]))[0] == "more_than_lost"
    yen = replace(PART, currency="JPY", amount=D("30.5"))
    assert code(recover_bad_debt_blocker(replace(MONEY, currency="JPY"), [yen]))[0] == "amount"


def test_reverse_recovery_blocker():
    posted, before = date(2026, 11, 3), date(2026, 11, 2)
    ask = {"number": "RCV-1", "reversed_already": False, "posted": posted}
    assert reverse_recovery_blocker(**ask) is None
    assert reverse_recovery_blocker(**ask, posting_date=posted) is None
    assert code(reverse_recovery_blocker(**ask, posting_date=before)) == ("before_recovery", "posting_date")
    assert code(reverse_recovery_blocker(**{**ask, "reversed_already": True})) == ("already_reversed", "")


def test_nothing_lost_blocker():
    assert nothing_lost_blocker(customer="Acme", currency="USD", any_left=True) is None
    assert str(nothing_lost_blocker(customer="Acme", currency="USD", any_left=False).message) == (
        "Acme has no bad debt in USD that could be recovered."
    )

"""The rules and the split, without a database."""

from datetime import date
from decimal import Decimal as D

import pytest

from receivables.core.money import DEFAULT_FORMAT
from receivables.writeoffs.planning import (
    Debt,
    Movement,
    Route,
    Routes,
    after_money,
    oldest_first,
    plan,
    unpaid_parts,
    walked,
)
from receivables.writeoffs.rules import (
    DebtFacts,
    ReversalFacts,
    WriteOffFacts,
    request_write_off_blocker,
    reverse_write_off_blocker,
    write_off_debt_blocker,
)

REVENUE, STATE, CITY, EXPENSE, TRANSFER = 4000, 2210, 2220, 6150, 1900
STD, OWN = Route(1, EXPENSE), Route(2, STATE)
ROUTES = Routes({REVENUE: STD, STATE: OWN}, default=STD)


def debt(balance="108", item=7, agreement=1, own="", currency="USD", **more):
    booked = more.pop("booked", {REVENUE: D(100), STATE: D(8)})
    return Debt(
        1, agreement, item, f"INV-{item}", date(2026, 1, item or 1), 1200, currency, D(balance), D(own or balance),
        booked=booked, **more,
    )  # fmt: skip


def shares(*picked, routes=ROUTES):
    return [(each.booked_account_id, each.amount, each.own_amount) for each in plan(picked, routes, "USD").shares]


def test_the_unpaid_part_is_split_in_proportion_to_the_cent():
    assert shares((debt("48"), D(48))) == [(REVENUE, D("44.44"), D("44.44")), (STATE, D("3.56"), D("3.56"))]


def test_in_a_foreign_currency_at_the_value_it_is_booked_at():
    done = plan([(debt("100", own="117.01", currency="EUR"), D(50))], ROUTES, "USD")
    assert done.own_amount == D("58.51")
    assert sum(share.own_amount for share in done.shares) == D("58.51")


@pytest.mark.parametrize(
    ("taken", "reduced", "left"),
    [
        ({}, "0", {REVENUE: D(1000), STATE: D(50)}),
        ({STATE: D(50)}, "500", {REVENUE: D(500)}),  # a credit note over all that was taxed took the tax back
        ({}, "100", {REVENUE: D(900), STATE: D(50)}),  # bad debt that left the tax
        ({}, "1020", {STATE: D(30)}),  # revenue first, then the rest
    ],
)
def test_tax_that_was_taken_back_is_not_reclaimed(taken, reduced, left):
    assert unpaid_parts({REVENUE: D(1000), STATE: D(50)}, taken, D(reduced), {STATE}, "USD") == left


def test_a_charge_booked_the_other_way_lessens_revenue():
    assert unpaid_parts({REVENUE: D(1000), 6100: D(-50)}, {}, D(0), set(), "USD") == {REVENUE: D(950)}


def test_debt_on_no_item_is_walked_newest_first_and_the_last_one_cut():
    newest, older = Movement(D(50), {REVENUE: D(50)}), Movement(D(108), {REVENUE: D(100), STATE: D(8)})
    assert walked([newest, older], D(104), "USD") == {REVENUE: D(100), STATE: D(4)}
    assert walked([newest], D(80), "USD") == {REVENUE: D(50), None: D(30)}


def test_what_nothing_explains_needs_a_default_and_an_account_its_target():
    beside = debt("30", item=None, booked={})
    assert shares((beside, D(30))) == [(None, D(30), D(30))]
    assert plan([(beside, D(30))], Routes({}), "USD").unexplained == 30
    assert plan([(debt(), D(108))], Routes({REVENUE: STD}), "USD").unrouted == (STATE,)


def test_debt_that_was_written_off_keeps_its_account():
    bankrupt = Routes({EXPENSE: Route(9, EXPENSE), STATE: Route(9, STATE)})
    moved = debt("80", written_off=True, booked={}, item=3)
    assert shares((moved, D(80)), routes=bankrupt) == []
    assert plan([(moved, D(80))], Routes({1200: Route(9, 1200)}), "USD").shares[0].route == Route(9, 1200)


def test_an_amount_falls_on_the_oldest_and_own_money_pays_first():
    old, new = debt("100", item=1), debt("50", item=2)
    assert oldest_first([old, new], D(120)) == {(1, 1): D(100), (1, 2): D(20)}
    assert oldest_first([old, new], None) == {(1, 1): D(100), (1, 2): D(50)}
    left, used = after_money([(old, D(100)), (new, D(50))], D(110))
    assert ([(each.item_id, amount) for each, amount in left], used) == ([(2, D(40))], D(110))


def facts(**changed):
    row = DebtFacts(
        "INV-1", "USD", D(changed.pop("amount", "50")), D(100), field="amount_1_1", **changed.pop("debt", {})
    )
    return WriteOffFacts(
        **{"fmt": DEFAULT_FORMAT, "debts": [row], "reason": "Gone", "left": D(50), **changed}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"debts": []}, "nothing_picked"),
        ({"amount": "0"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "100.01"}, "more_than_owed"),
        ({"debt": {"written_off": True}}, "written_off"),
        ({"debt": {"eligible": False}}, "not_eligible"),
        ({"reason": "  "}, "no_reason"),
        ({"asked": True}, "already_asked"),
        ({"left": D(0), "money": D(200)}, "covered"),
        ({"posting_date": date(2026, 1, 1), "posted": date(2026, 1, 2)}, "before_debt"),
        ({"type_usable": False}, "no_write_off_type"),
        ({"unrouted": ["4200 Detention"]}, "no_target"),
        ({"unexplained": D(5)}, "unexplained"),
    ],
)
def test_write_off_debt_blocker(changed, code):
    found = write_off_debt_blocker(facts(**changed))
    assert (found.code if found else None) == code
    assert request_write_off_blocker(facts(**changed)) == found


def test_one_write_off_has_one_currency():
    rows = [DebtFacts("A", "USD", D(1), D(1)), DebtFacts("B", "EUR", D(1), D(1))]
    assert write_off_debt_blocker(WriteOffFacts(DEFAULT_FORMAT, rows, "x", left=D(2))).code == "two_currencies"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"amount": D(40)}, None),
        ({"left": D(0)}, "already_reversed"),
        ({"unpaid": D(0), "moved_on": "WO-000009"}, "moved_on"),
        ({"amount": D(0)}, "amount"),
        ({"amount": D("1.001")}, "amount"),
        ({"amount": D(101)}, "more_than_left"),
        ({"unpaid": D(60)}, "paid_since"),
        ({"unpaid": D(60), "amount": D(60)}, None),
        ({"reason": " "}, "no_reason"),
        ({"posting_date": date(2026, 1, 1)}, "before_write_off"),
    ],
)
def test_reverse_write_off_blocker(changed, code):
    row = {
        "number": "WO-000001", "currency": "USD", "fmt": DEFAULT_FORMAT, "left": D(100), "unpaid": D(100),
        "posted": date(2026, 1, 2), "reason": "Paid by cheque", **changed,
    }  # fmt: skip
    found = reverse_write_off_blocker(ReversalFacts(**row))
    assert (found.code if found else None) == code

"""Which debt is paid first (a truth table without database), and the operation that posts it."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from accounts.roles import Role
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.distribution.paying import filled
from receivables.collections.distribution.rules import ShareFacts, distribute_payment_blocker
from receivables.collections.distribution.strategies import STRATEGIES, Debt, distribute
from receivables.collections.models import PaymentAssignment
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.collections.unapplied.operations import unassign_payment
from receivables.collections.unapplied.rules import MoneyFacts
from receivables.core.errors import Refused
from receivables.core.money import NumberFormat
from receivables.customers.models import Agreement, AgreementType
from receivables.ledger.models import Allocation, JournalEntry, OpenItem
from tests.builders import balances, make_account, make_invoice, make_member, make_organization
from tests.collections.support import refused
from tests.support.barred import Barred
from tests.support.invariants import broken
from tests.support.written_off import written_off


def debt(item, priority=10, due="2026-03-01", balance="100", agreement=1, **more):
    return Debt(item, agreement, priority, date.fromisoformat(due), D(balance), **more)


OLD, NEW = "2026-01-01", "2026-05-01"
# (what differs, the way, the debts, the order in which they are paid)
ORDERS = [
    ("priority before age", "priority", [debt(1, 20, OLD), debt(2, 10, NEW)], [2, 1]),
    ("then age", "priority", [debt(1, due=NEW), debt(2, due=OLD)], [2, 1]),
    ("then the agreement", "priority", [debt(1, agreement=8), debt(2, agreement=7)], [2, 1]),
    ("then the item", "priority", [debt(2), debt(1)], [1, 2]),
    ("ages of two agreements in turn", "priority", [
        debt(1, due=OLD), debt(2, due=NEW), debt(3, agreement=2),
    ], [1, 3, 2]),
    ("written off last, whatever its priority", "priority", [
        debt(1, 1, OLD, written_off=True), debt(2, 99, NEW),
    ], [2, 1]),
    ("of what is written off by priority", "priority", [
        debt(1, 91, written_off=True), debt(2, 90, written_off=True), debt(3, 99),
    ], [3, 2, 1]),
    ("bankrupt debt never", "priority", [debt(1, takes_payments=False), debt(2, 99)], [2]),
    ("by age", "oldest", [debt(1, 10, NEW), debt(2, 20, OLD)], [2, 1]),
    ("by age, written off last", "oldest", [debt(1, due=OLD, written_off=True), debt(2, due=NEW)], [2, 1]),
    ("by age, bankrupt debt never", "oldest", [debt(1, due=OLD, takes_payments=False), debt(2)], [2]),
]  # fmt: skip


@pytest.mark.parametrize(("way", "debts", "order"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_who_is_paid_first(way, debts, order):
    assert list(distribute(way, D(1000), debts)) == order
    assert list(distribute(way, D(1000), list(reversed(debts)))) == order


@pytest.mark.parametrize(
    ("amount", "paid"),
    [
        ("0", {}),
        ("0.01", {1: "0.01"}),
        ("100", {1: "100"}),
        ("100.01", {1: "100", 2: "0.01"}),
        ("250", {1: "100", 2: "100"}),
    ],
)
def test_how_far_it_goes(amount, paid):
    """What no debt takes is left over: nothing is ever overpaid."""
    debts = [debt(1), debt(2, due=NEW)]
    assert distribute("priority", D(amount), debts) == {key: D(value) for key, value in paid.items()}


@pytest.mark.parametrize("greedy", [{1: D(101)}, {1: D(100), 2: D(100)}, {1: D(-1)}, {1: D(0)}])
def test_a_way_that_pays_too_much_is_a_fault(monkeypatch, greedy):
    monkeypatch.setitem(STRATEGIES, "greedy", lambda amount, debts: greedy)
    with pytest.raises(ValueError, match="greedy"):
        distribute("greedy", D(150), [debt(1), debt(2)])


def test_a_way_that_nobody_knows_is_refused():
    with pytest.raises(Refused) as caught:
        distribute("gone", D(1), [debt(1)])
    assert caught.value.code == "no_distribution"


@pytest.mark.parametrize(
    ("amounts", "shares", "paid"),
    [
        ("100", {1: "60"}, [{1: "60"}]),
        ("40 100", {1: "60", 2: "50"}, [{1: "40"}, {1: "20", 2: "50"}]),
        ("40 0 5", {1: "60"}, [{1: "40"}, {}, {1: "5"}]),
        ("100 100", {1: "60"}, [{1: "60"}, {}]),
        ("", {1: "60"}, []),
    ],
)
def test_several_moneys_are_used_in_turn(amounts, shares, paid):
    """What was overpaid before comes first, then the payment's own money."""
    wanted = {key: D(value) for key, value in shares.items()}
    expected = [{key: D(value) for key, value in part.items()} for part in paid]
    assert filled([D(each) for each in amounts.split()], wanted) == expected


MONEY = MoneyFacts("PAY-1", "USD", D(100), False, NumberFormat())


def share(amount="60", owed="60", takes=True, key=1):
    return ShareFacts("INV-1", "A-1", "Freight", None if owed is None else D(owed), D(amount), takes, f"debt_{key}")


@pytest.mark.parametrize(
    ("shares", "code", "field"),
    [
        ([share()], None, None),
        ([share(), share("40", "90", key=2)], None, None),
        ([], "nothing_chosen", ""),
        ([share("60.01")], "more_than_owed", "debt_1"),
        ([share(), share("40.01", "90", key=2)], "more_than_unapplied", ""),
        ([share("100.01", "200")], "more_than_unapplied", "debt_1"),
        ([share(), share(takes=False, key=2)], "no_payments", "debt_2"),
        ([share(owed=None)], "not_open", "debt_1"),
        ([share("0")], "zero", "debt_1"),
        ([share("-1")], "zero", "debt_1"),
        ([share("1.001")], "decimals", "debt_1"),
    ],
)
def test_distribute_payment_blocker(shares, code, field):
    blocker = distribute_payment_blocker(MONEY, shares)
    assert (blocker and blocker.code, blocker and blocker.field) == (code, field)


# The operation


@pytest.fixture
def house(db):
    return Barred(make_member(make_organization(), Role.ADMIN))


def left_of(*debts):
    return [OpenItem.objects.get(pk=getattr(each, "open_item_id", each.pk)).balance for each in debts]


def state_of(item):
    return Agreement.objects.get(pk=item.agreement_id).state


def test_distribute_payment_pays_by_priority_and_recovers_last(house):
    """Parking before freight, both before what was written off; bankrupt debt and the barred agreement nothing."""
    actor = house.actor
    parking = house.another("PARK", "50", priority=5)
    lost, bankrupt = house.freight("200"), house.freight("200")
    recovered, never = written_off(actor, lost), written_off(actor, bankrupt, code="WO-BKR")
    before = balances(actor)
    payment = house.received("300")

    paid = distribute_payment(actor=actor, payment=payment)

    assert left_of(parking, house.plain, recovered, never, house.invoice, payment) == [0, 0, 50, 200, 300, 0]
    assert [act.kind for act in paid.acts] == [PaymentAssignment.Kind.ASSIGNED]
    assert paid.amount == 300
    after = balances(actor)
    moved = {code: after.get(code, 0) - before.get(code, 0) for code in {*before, *after}}
    assert {code: each for code, each in moved.items() if each} == {"1000": 300, "1200": -150, "6150": -150}
    kinds = JournalEntry.objects.filter(source_type="collections.paymentassignment").order_by("pk")
    assert [entry.kind.partition(" ")[0] for entry in kinds] == ["application", "application", "recovered"]
    assert broken() == {}


def test_distribute_payment_leaves_on_account_what_no_debt_takes(house):
    payment = house.received("500")
    distribute_payment(actor=house.actor, payment=payment)
    assert left_of(house.plain, house.invoice, payment) == [0, 300, -400]
    assert refused(distribute_payment, actor=house.actor, payment=payment).code == "nothing_chosen"


def test_distribute_payment_as_a_person_directs_it(house):
    other = house.freight("80")
    payment = house.received("100")
    distribute_payment(actor=house.actor, payment=payment, amounts={other.open_item_id: D(30)}, reason="As agreed")
    assert left_of(house.plain, other, payment) == [100, 50, -70]


def test_distribute_payment_refuses_what_is_not_this_accounts_debt(house):
    payment = house.received("100")
    for other in (make_invoice(house.actor, make_account(house.actor, "Other"), "10"), house.invoice, payment):
        told = refused(distribute_payment, actor=house.actor, payment=payment, amounts={other.open_item_id: D(10)})
        assert told.code == ("no_payments" if other == house.invoice else "not_open")
        assert told.field == f"debt_{other.open_item_id}"
    stranger = make_member(make_organization("Rival Lines"), Role.ADMIN)
    assert refused(distribute_payment, actor=stranger, payment=payment).code == "not_found"


def test_distribute_payment_by_age_where_the_organization_says_so(house):
    parking = house.another("PARK", "50", priority=5, issued=date.today() + timedelta(days=1))
    house.actor.organization.payment_distribution = "oldest"
    payment = house.received("100")
    distribute_payment(actor=house.actor, payment=payment)
    assert left_of(house.plain, parking) == [0, 50]


def test_a_recovery_is_taken_off_and_bounces_like_any_payment(house):
    """Do-not-overpay caps it; a one-time agreement closes when it is paid off and comes back with the bounce."""
    AgreementType.objects.of(house.actor).filter(code="WO-STD").update(one_time_charge=True)
    item = written_off(house.actor, house.plain)
    assert state_of(item) == "active"
    payment = house.received("150")
    over = refused(distribute_payment, actor=house.actor, payment=payment, amounts={item.pk: D(150)})
    assert over.code == "more_than_owed"
    distribute_payment(actor=house.actor, payment=payment)
    assert (left_of(item, payment), state_of(item)) == ([0, -50], "closed")

    row = Allocation.objects.get(debit_item=item)
    unassign_payment(actor=house.actor, allocation=row, reason="Wrong account")
    assert (left_of(item, payment), state_of(item)) == ([100, -150], "reactivated")

    distribute_payment(actor=house.actor, payment=payment)
    bounce_payment(actor=house.actor, payment=payment, reason="No funds")
    assert (left_of(item), state_of(item)) == ([100], "reactivated")
    second = house.received("100")
    distribute_payment(actor=house.actor, payment=second)
    delete_payment(actor=house.actor, payment=second)
    assert (left_of(item), state_of(item)) == ([100], "reactivated")
    assert broken() == {}


def test_a_recovery_credits_the_account_that_was_debited(house):
    """Where a tax was debited instead of the type's own account, the money goes back to the true payable."""
    item = written_off(house.actor, house.plain, code="WO-LIA", gl="2200")
    distribute_payment(actor=house.actor, payment=house.received("40"))
    assert left_of(item) == [60]
    assert balances(house.actor)["2200"] == 60

"""Taking a write-off back: whole, in part with its taxes, repeatedly, and never into credit."""

import random
from decimal import Decimal as D

import pytest

from receivables.billing.models import Invoice
from receivables.billing.operations import void_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import record_payment
from receivables.core import dates
from receivables.core.errors import NotPermitted, Refused
from receivables.core.money import round_money, split
from receivables.customers.models import Agreement, AgreementType
from receivables.customers.operations import stop_agreement
from receivables.ledger.models import OpenItem
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from receivables.writeoffs.planning import own_values
from receivables.writeoffs.queries import transfers_in
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import balances, make_account, make_invoice
from tests.collections.support import rate
from tests.support.invariants import broken
from tests.writeoffs.cast import (
    agreement,
    bankruptcy,
    bill,
    bill_and_late_charge,
    journal,
    owed,
    pick,
    write_off,
    written_off_items,
)

pytestmark = pytest.mark.django_db


def back(actor, done, amount=None, **more):
    return reverse_write_off(actor=actor, write_off=done, reason="Paid after all", amount=amount and D(amount), **more)


def balance(invoice):
    return OpenItem.objects.get(pk=invoice.open_item_id).balance


def test_reverse_write_off_whole_makes_everything_as_it_was(admin):
    account, invoice, late = bill_and_late_charge(admin)
    stop_agreement(actor=admin, agreement=account.agreements.get())
    before = balances(admin)
    done = write_off(admin, account)
    assert owed(account)["FREIGHT"] == (0, "closed")
    made = back(admin, done)
    assert journal(made) == [
        ("1900", "", D("950.00")), ("6150", "WO-STD", D("-950.00")),
        ("1900", "", D("80.00")), ("2210", "WO-2210", D("-80.00")),
        ("1900", "", D("20.00")), ("2220", "WO-2220", D("-20.00")),
        ("1200", "FREIGHT", D("1000.00")), ("1900", "", D("-1000.00")),
        ("1200", "FREIGHT", D("50.00")), ("1900", "", D("-50.00")),
    ]  # fmt: skip
    assert balances(admin) == before
    assert owed(account) == {
        "FREIGHT": (1050, "reactivated"), "WO-STD": (0, "active"), "WO-2210": (0, "active"), "WO-2220": (0, "active"),
    }  # fmt: skip
    assert (balance(invoice), balance(late)) == (1000, 50)
    with pytest.raises(Refused) as refused:
        back(admin, done)
    assert refused.value.code == "already_reversed"
    void_invoice(actor=admin, load=late.loads.get(), reason="Never due")
    assert broken() == {}


def test_reverse_write_off_in_parts_with_taxes_and_the_last_step_takes_the_rest(admin):
    invoice = bill(admin)
    done = write_off(admin, invoice.account)
    back(admin, done, "333.33")
    assert written_off_items(invoice.account) == {"6150": D("600.00"), "2210": D("53.34"), "2220": D("13.33")}
    assert balance(invoice) == D("333.33")
    back(admin, done, "333.33")
    assert back(admin, done).amount == D("333.34")
    assert written_off_items(invoice.account) == {"6150": 0, "2210": 0, "2220": 0}
    assert balances(admin) == {"1200": 1000, "2210": -80, "2220": -20, "4000": -900}
    assert [step.step for step in done.reversals.order_by("pk")] == [1, 2, 3]
    item = OpenItem.objects.get(pk=invoice.open_item_id)
    assert (item.balance, item.live_settlements) == (1000, 0)
    assert broken() == {}


def test_reverse_write_off_in_small_steps_of_a_weak_currency(admin):
    """3 and 2 yen are worth 2 cents and 1 cent: steps that share out no cent come out whole all the same."""
    rate(admin, "JPY", dates.today(admin.organization), "0.0067")
    account = make_account(admin, "Kobe Foods", "JPY")
    invoices = [make_invoice(admin, account, amount) for amount in ("3", "2")]
    before = balances(admin)
    done = write_off(admin, account)
    for step in ("2", "2", None):
        back(admin, done, step)
        assert broken() == {}
    items = [OpenItem.objects.get(pk=each.open_item_id) for each in invoices]
    assert [(item.balance, item.organization_balance) for item in items] == [(3, D("0.02")), (2, D("0.01"))]
    assert balances(admin) == before


def test_own_values_never_take_more_of_a_line_than_it_is_worth():
    """Yen in dollars, in random steps with payments between them."""
    chance = random.Random(7)
    for _run in range(500):
        lines = [[D(chance.choice((1, 2, 3, 10, 100, 4711)))] for _line in range(chance.randint(1, 4))]
        lines = [[amount, round_money(amount * D("0.0067"), "USD")] for (amount,) in lines]
        balance, standing = (sum((line[at] for line in lines), D(0)) for at in (0, 1))
        paid = False
        while balance:
            part = D(chance.randint(1, int(balance)))
            if chance.random() < 0.2:
                worth = standing if part == balance else round_money(standing * part / balance, "USD")
                paid = True
            else:
                parts = split(part, [amount for amount, _own in lines], "JPY")
                values = own_values(lines, parts, standing, "USD", emptied=part == balance)
                worth = sum(values, D(0))
                assert all(value >= 0 and (part or not value) for value, part in zip(values, parts, strict=True))
                taken = zip(lines, parts, values, strict=True)
                lines = [[line[0] - each, line[1] - own] for line, each, own in taken]
                assert all(own >= 0 and (amount or not own) for amount, own in lines) or paid
            balance, standing = balance - part, standing - worth
            assert standing >= 0
        assert standing == 0


def test_what_was_transferred_is_whole_however_many_parts_it_came_in(admin):
    """1,000.00 of one invoice, booked to three accounts, go to one write-off type; 60.00 come back."""
    account, invoice, _late = bill_and_late_charge(admin)
    kind = AgreementType.objects.of(admin).get(code="WO-STD")
    write_off(admin, account, to_type=kind, picks=pick(invoice, "700"))
    back(admin, write_off(admin, account, to_type=kind, picks=pick(invoice, "300")), "60")
    rows = transfers_in(admin, agreement(account, "WO-STD"), 2)
    assert [(row.amount, row.back) for row in rows] == [(300, 60), (700, 0)]


def test_reverse_write_off_of_one_of_two_leaves_the_other(admin):
    invoice = bill(admin)
    first = write_off(admin, invoice.account, picks=pick(invoice, "400"))
    second = write_off(admin, invoice.account)
    back(admin, first)
    assert balance(invoice) == 400
    assert owed(invoice.account)["WO-STD"] == (540, "active")
    back(admin, second, "100")
    assert balance(invoice) == 500
    assert broken() == {}


def test_reverse_write_off_says_what_stands_in_its_way(admin):
    """Debt of which a bankruptcy took the unpaid rest further; and debt that came back from one and was paid."""
    invoice = make_invoice(admin, line_haul="100")
    done = write_off(admin, invoice.account)
    item = OpenItem.objects.get(write_off__write_off=done)
    received(admin, item, "40")
    filed = bankruptcy(admin, invoice.account)
    with pytest.raises(Refused, match=f"moved on with {filed.write_offs.get().number}"):
        back(admin, done)
    withdraw_bankruptcy(actor=admin, bankruptcy=filed, reason="Another customer of that name")
    received(admin, item, "60")
    with pytest.raises(Refused) as refused:
        back(admin, done)
    assert refused.value.code == "paid_since"


def received(actor, item, amount):
    """A payment on written-off debt."""
    payment = record_payment(
        actor=actor, account=item.account, amount=D(amount), bank_account=BankAccount.objects.of(actor).get(),
        date=dates.today(actor.organization), method="check",
    )  # fmt: skip
    distribute_payment(actor=actor, payment=payment, amounts={item.pk: D(amount)})


def test_reverse_write_off_is_refused_beyond_what_is_left_and_for_who_may_not(admin, biller):
    invoice = make_invoice(admin, line_haul="100")
    done = write_off(admin, invoice.account)
    with pytest.raises(NotPermitted):
        back(biller, done)
    with pytest.raises(Refused) as refused:
        back(admin, done, "100.01")
    assert refused.value.code == "more_than_left"
    assert Agreement.objects.get(pk=invoice.agreement_id).payoff_balance == 0
    assert Invoice.objects.get(pk=invoice.pk).open_item.balance == 0

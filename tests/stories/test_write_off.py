"""Writing off as an accountant reads it: what moves, where it stands then, and what is owed all the while."""

from decimal import Decimal as D

import pytest

from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import bounce_payment, record_payment
from receivables.core.errors import Refused
from receivables.core.transactions import preview
from receivables.customers.models import Agreement
from receivables.customers.operations import stop_agreement
from receivables.ledger.models import GLAccount, OpenItem
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.reversing import reverse_write_off
from receivables.writeoffs.writing import tried
from tests.builders import balances, make_account, make_invoice, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.writeoffs.cast import (
    agreement,
    bankruptcy,
    bill,
    bill_and_late_charge,
    journal,
    one_time,
    owed,
    pick,
    reads,
    tax_code,
    write_off,
    written_off_items,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization())


def test_a_bill_and_a_late_charge_of_which_nothing_is_paid(admin):
    """The published example: expense 950, state tax 80, city tax 20 debited; receivables 1,050 credited."""
    account, invoice, late = bill_and_late_charge(admin)
    assert balances(admin) == {"1200": 1050, "2210": -80, "2220": -20, "4000": -950}
    done = write_off(admin, account)
    assert (done.number, done.amount, done.line_count) == ("WO-000001", D("1050.00"), 4)
    assert journal(done) == [
        ("1900", "", D("1000.00")), ("1200", "FREIGHT", D("-1000.00")),
        ("1900", "", D("50.00")), ("1200", "FREIGHT", D("-50.00")),
        ("6150", "WO-STD", D("950.00")), ("1900", "", D("-950.00")),
        ("2210", "WO-2210", D("80.00")), ("1900", "", D("-80.00")),
        ("2220", "WO-2220", D("20.00")), ("1900", "", D("-20.00")),
    ]  # fmt: skip
    assert balances(admin) == {"4000": -950, "6150": 950}
    assert owed(account) == {
        "FREIGHT": (0, "active"), "WO-STD": (950, "active"), "WO-2210": (80, "active"), "WO-2220": (20, "active"),
    }  # fmt: skip
    assert set(OpenItem.objects.filter(pk__in=[invoice.open_item_id, late.open_item_id]).values_list("balance")) == {
        (0,)
    }


def test_a_stopped_agreement_closes_when_its_debt_is_gone(admin):
    account, _invoice, _late = bill_and_late_charge(admin)
    stop_agreement(actor=admin, agreement=account.agreements.get())
    write_off(admin, account, amount=D(1000))
    assert owed(account)["FREIGHT"] == (50, "stopped")
    write_off(admin, account)
    assert owed(account)["FREIGHT"] == (0, "closed")


def test_partly_paid_the_rest_is_split_in_proportion(admin):
    """Revenue 100 and tax 8, of which 60 are paid: 48 is 44.44 of expense and 3.56 of tax."""
    invoice = make_invoice(admin, line_haul="100", tax_code=tax_code(admin, "2210", "State tax", "8"))
    pay(admin, invoice, "60")
    done = write_off(admin, invoice.account)
    assert journal(done) == [
        ("1900", "", D("48.00")), ("1200", "FREIGHT", D("-48.00")),
        ("6150", "WO-STD", D("44.44")), ("1900", "", D("-44.44")),
        ("2210", "WO-2210", D("3.56")), ("1900", "", D("-3.56")),
    ]  # fmt: skip
    assert written_off_items(invoice.account) == {"6150": D("44.44"), "2210": D("3.56")}


def test_more_debt_goes_to_the_agreements_that_are_there(admin):
    invoice = bill(admin)
    write_off(admin, invoice.account, picks=pick(invoice, "500"))
    write_off(admin, invoice.account)
    assert owed(invoice.account)["WO-STD"] == (900, "active")
    assert Agreement.objects.filter(account=invoice.account).count() == 4
    assert balances(admin) == {"4000": -900, "6150": 900}


def test_an_account_without_a_target_stops_it_by_name(admin):
    account, _invoice, _late = bill_and_late_charge(admin)
    GLAccount.objects.of(admin).filter(code="2220").update(write_off_type=None)
    before = balances(admin)
    with pytest.raises(Refused) as refused:
        write_off(admin, account)
    assert refused.value.code == "no_target"
    assert "2220 City tax" in str(refused.value)
    assert balances(admin) == before
    assert Agreement.objects.filter(account=account).count() == 1


def test_onto_another_account(admin):
    """Another account is unusual, and allowed, but said: the debt leaves this one, here even its customer."""
    account, _invoice, _late = bill_and_late_charge(admin)
    other = make_account(admin, "Acme Holding")
    shown = preview(lambda: tried(admin, Wanted(account, "Out of business", onto=other), ask=False))["effects"]
    assert "That account is of another customer: Acme Holding owes the debt then." in shown
    write_off(admin, account, onto=other)
    assert owed(account) == {"FREIGHT": (0, "active")}
    assert owed(other)["WO-STD"] == (950, "active")
    assert agreement(other, "WO-2210").payoff_balance == 80


def test_money_on_account_is_applied_first(admin):
    invoice = bill(admin)
    pay(admin, invoice, "300", "100")
    done = write_off(admin, invoice.account)
    assert done.amount == 700
    assert balances(admin) == {"1000": 300, "2210": -24, "2220": -6, "4000": -900, "6150": 630}


def test_what_is_paid_later_is_recovered_where_it_was_written_off(admin):
    """1,050.00 paid: expense 950, state tax 80 and city tax 20 credited. The agreements stay, for more debt."""
    account, invoice, _late = bill_and_late_charge(admin)
    written = write_off(admin, account)
    paid = record_payment(
        actor=admin, account=account, amount=D(1050), date=invoice.issue_date, method="check",
        bank_account=BankAccount.objects.of(admin).get(),
    )  # fmt: skip
    assert reads(admin, invoice) == ["written_off_owed", "written_off_owed"]
    distribute_payment(actor=admin, payment=paid)
    assert reads(admin, invoice) == ["written_off_recovered", "written_off_recovered"]
    assert balances(admin) == {"1000": 1050, "2210": -80, "2220": -20, "4000": -950}
    assert owed(account) == {
        "FREIGHT": (0, "active"), "WO-STD": (0, "active"), "WO-2210": (0, "active"), "WO-2220": (0, "active"),
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        reverse_write_off(actor=admin, write_off=written, reason="Paid after all")
    assert refused.value.code == "paid_since"
    bounce_payment(actor=admin, payment=paid, reason="Returned")
    reverse_write_off(actor=admin, write_off=written, reason="A mistake")
    assert balances(admin) == {"1200": 1050, "2210": -80, "2220": -20, "4000": -950}
    assert reads(admin, invoice) == ["open", "open"]


def test_what_was_paid_stays_recovered_when_the_rest_is_taken_back(admin):
    """Expense is recovered first: 500 of it. The 550 that are still owed can be taken back, no more."""
    account, invoice, _late = bill_and_late_charge(admin)
    written = write_off(admin, account)
    paid = record_payment(
        actor=admin, account=account, amount=D(500), date=invoice.issue_date, method="check",
        bank_account=BankAccount.objects.of(admin).get(),
    )  # fmt: skip
    distribute_payment(actor=admin, payment=paid)
    with pytest.raises(Refused) as refused:
        reverse_write_off(actor=admin, write_off=written, reason="A mistake", amount=D(551))
    assert refused.value.code == "paid_since"
    reverse_write_off(actor=admin, write_off=written, reason="A mistake", amount=D(550))
    assert balances(admin) == {"1000": 500, "1200": 550, "2210": -80, "2220": -20, "4000": -950}
    assert broken() == {}


def test_a_payment_that_bounces_on_a_closed_one_time_agreement_reactivates_it(admin):
    """100 written off for once, paid: the agreement closes; the cheque comes back: 100 is owed on it again."""
    one_time(admin)
    invoice = make_invoice(admin, line_haul="100")
    write_off(admin, invoice.account)
    paid = received(admin, invoice, "100")
    distribute_payment(actor=admin, payment=paid)
    assert owed(invoice.account)["WO-STD"] == (0, "closed")
    assert balances(admin) == {"1000": 100, "4000": -100}
    bounce_payment(actor=admin, payment=paid, reason="Returned")
    assert owed(invoice.account)["WO-STD"] == (100, "reactivated")
    assert balances(admin) == {"4000": -100, "6150": 100}
    distribute_payment(actor=admin, payment=received(admin, invoice, "100"))
    assert owed(invoice.account)["WO-STD"] == (0, "closed")
    assert broken() == {}


def test_a_payment_to_a_bankrupt_account_stays_on_account_or_pays_its_other_debt(admin):
    """100 bankrupt: 40 that come in pay nothing. With 30 of other debt on the account, 30 are paid and 10 are left."""
    invoice = make_invoice(admin, line_haul="100")
    bankruptcy(admin, invoice.account)
    with pytest.raises(Refused) as refused:
        distribute_payment(actor=admin, payment=received(admin, invoice, "40"))
    assert refused.value.code == "nothing_chosen"
    assert balances(admin) == {"1000": 40, "2100": -40, "4000": -100, "6150": 100}
    again = make_invoice(admin, line_haul="30")
    written_onto = write_off(admin, again.account, onto=invoice.account)
    assert written_onto.amount == 30
    distribute_payment(actor=admin, payment=received(admin, invoice, "40"))
    found = owed(invoice.account)
    assert (found["WO-BKR"], found["WO-STD"]) == ((100, "active"), (0, "active"))
    assert balances(admin) == {"1000": 80, "2100": -50, "4000": -130, "6150": 100}
    assert not OpenItem.objects.filter(agreement__type__code="WO-BKR", live_payments__gt=0).exists()
    assert broken() == {}


def received(actor, invoice, amount):
    return record_payment(
        actor=actor, account=invoice.account, amount=D(amount), date=invoice.issue_date, method="check",
        bank_account=BankAccount.objects.of(actor).get(),
    )  # fmt: skip

"""A customer's bankruptcy as an accountant reads it: what moves, what doesn't, and what the trustee's dividend does."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.held.operations import apply_deposit, record_deposit
from receivables.collections.models import BankAccount
from receivables.collections.operations import bounce_payment, record_payment
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.credit_control.operations import open_dispute
from receivables.customers.models import Agreement
from receivables.customers.operations import create_agreement
from receivables.ledger.models import ExchangeRate, JournalLine, OpenItem
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.bankruptcy.operations import owed_of
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import balances, make_invoice, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.writeoffs.cast import (
    bankruptcy,
    bill_and_late_charge,
    journal,
    owed,
    pick,
    reads,
    write_off,
    written_off_items,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization())


def received(actor, account, amount):
    return record_payment(
        actor=actor, account=account, amount=D(amount), date=today(actor.organization), method="wire",
        bank_account=BankAccount.objects.of(actor).get(),
    )  # fmt: skip


def test_everything_goes_to_the_one_bankruptcy_type_and_keeps_its_accounts(admin):
    """Bill 1,000 (revenue 900, state tax 80, city tax 20) and late charge 50: expense 950, state tax 80, city tax 20
    debited, all on WO-BKR."""
    account, _invoice, _late = bill_and_late_charge(admin)
    found = bankruptcy(admin, account)
    moved = found.write_offs.get()
    assert (moved.method, moved.amount, moved.reason) == ("bankruptcy", 1050, "Court 24-1")
    assert journal(moved) == [
        ("1900", "", D("1000.00")), ("1200", "FREIGHT", D("-1000.00")),
        ("1900", "", D("50.00")), ("1200", "FREIGHT", D("-50.00")),
        ("6150", "WO-BKR", D("950.00")), ("1900", "", D("-950.00")),
        ("2210", "WO-BKR", D("80.00")), ("1900", "", D("-80.00")),
        ("2220", "WO-BKR", D("20.00")), ("1900", "", D("-20.00")),
    ]  # fmt: skip
    assert balances(admin) == {"4000": -950, "6150": 950}
    assert owed(account) == {"FREIGHT": (0, "closed"), "WO-BKR": (1050, "active")}
    account.refresh_from_db()
    assert account.alert.startswith("Bankruptcy filed on ")
    new = found.new_account
    assert (new.customer_id, owed(new)) == (account.customer_id, {"FREIGHT": (0, "active")})
    assert broken() == {}


def test_what_was_written_off_before_moves_and_no_account_changes_its_total(admin):
    account, invoice, _late = bill_and_late_charge(admin)
    write_off(admin, account, picks=pick(invoice, "1000"))
    before = balances(admin)
    assert before == {"1200": 50, "4000": -950, "6150": 900}
    moved = bankruptcy(admin, account).write_offs.get()
    assert balances(admin) == {"4000": -950, "6150": 950}, "only the late charge is new: Dr expense 50"
    assert owed(account) == {
        "FREIGHT": (0, "closed"), "WO-STD": (0, "active"), "WO-2210": (0, "active"), "WO-2220": (0, "active"),
        "WO-BKR": (1050, "active"),
    }  # fmt: skip
    assert written_off_items(account) == {"6150": 950, "2210": 80, "2220": 20}
    reverse_write_off(actor=admin, write_off=moved, reason="The petition was dismissed")
    assert balances(admin) == before
    assert owed(account)["WO-STD"] == (900, "active")
    assert broken() == {}


def test_what_came_after_the_petition_moves_to_the_new_account_and_money_is_not_set_off(admin):
    """100 billed after the petition, of which 30 were paid: 70 is asked for where later service is billed."""
    invoice = make_invoice(admin, line_haul="100")
    pay(admin, invoice, "130", "30")
    found = bankruptcy(admin, invoice.account, invoice.issue_date - timedelta(days=1))
    assert not found.write_offs.exists()
    assert (owed(invoice.account), owed(found.new_account)) == ({"FREIGHT": (0, "closed")}, {"FREIGHT": (70, "active")})
    assert reads(admin, invoice) == ["moved_owed", "moved_owed"]
    assert balances(admin) == {"1000": 130, "1200": 70, "2100": -100, "4000": -100}
    assert broken() == {}


def test_what_the_customer_has_with_us_is_not_set_off(admin):
    """Of 100.00 nothing is paid by the 30.00 that are a deposit and the 20.00 that are on account: 100.00 are written
    off, and the money is held for whoever the court says. A deposit that is applied afterwards finds nothing to pay."""
    account = make_invoice(admin, line_haul="100").account
    bank = BankAccount.objects.of(admin).get()
    made = {"date": today(admin.organization), "method": "wire", "bank_account": bank}
    held = record_deposit(actor=admin, account=account, amount=D(30), **made).agreement
    received(admin, account, "20")
    bankruptcy(admin, account)
    after = {"1000": 50, "2100": -20, "2300": -30, "4000": -100, "6150": 100}
    assert balances(admin) == after
    assert owed(account)["WO-BKR"] == (100, "active")
    with pytest.raises(Refused):
        apply_deposit(actor=admin, agreement=Agreement.objects.get(pk=held.pk))
    assert balances(admin) == after
    assert broken() == {}


def test_disputed_debt_of_after_the_petition_waits_for_its_dispute(admin):
    invoice = make_invoice(admin, line_haul="100")
    open_dispute(actor=admin, invoice=invoice, amount=D(5), why="damage")
    found = bankruptcy(admin, invoice.account, invoice.issue_date - timedelta(days=1))
    assert owed(invoice.account) == {"FREIGHT": (100, "stopped")}
    assert owed(found.new_account) == {"FREIGHT": (0, "active")}


def test_a_dividend_is_paid_where_payments_are_taken(admin):
    """The trustee pays 105 of 1,050, ten percent of every debt: expense 95, state tax 8 and city tax 2 come back."""
    account, _invoice, _late = bill_and_late_charge(admin)
    found = bankruptcy(admin, account)
    paid = received(admin, account, "105")
    with pytest.raises(Refused):
        distribute_payment(actor=admin, payment=paid)
    made = record_dividend(actor=admin, dividend=Dividend(found, paid))
    assert journal(made) == [
        ("1900", "", D("95.00")), ("6150", "WO-BKR", D("-95.00")),
        ("1900", "", D("8.00")), ("2210", "WO-BKR", D("-8.00")),
        ("1900", "", D("2.00")), ("2220", "WO-BKR", D("-2.00")),
        ("6150", "WO-STD", D("95.00")), ("1900", "", D("-95.00")),
        ("2210", "WO-2210", D("8.00")), ("1900", "", D("-8.00")),
        ("2220", "WO-2220", D("2.00")), ("1900", "", D("-2.00")),
    ]  # fmt: skip
    assert balances(admin) == {"1000": 105, "2210": -8, "2220": -2, "4000": -950, "6150": 855}
    assert owed(account) == {
        "FREIGHT": (0, "closed"), "WO-BKR": (945, "active"), "WO-STD": (0, "active"), "WO-2210": (0, "active"),
        "WO-2220": (0, "active"),
    }  # fmt: skip
    assert owed_of(found) == {"USD": 945}
    assert not OpenItem.objects.filter(agreement__type__code="WO-BKR", paid__gt=0).exists()
    assert broken() == {}


def test_a_dividend_that_bounces_is_owed_on_the_ordinary_types_and_can_go_back(admin):
    account, _invoice, _late = bill_and_late_charge(admin)
    found = bankruptcy(admin, account)
    paid = received(admin, account, "105")
    made = record_dividend(actor=admin, dividend=Dividend(found, paid))
    bounce_payment(actor=admin, payment=paid, reason="Returned")
    assert owed(account)["WO-STD"] == (95, "active")
    reverse_write_off(actor=admin, write_off=WriteOff.objects.get(pk=made.pk), reason="The trustee's cheque bounced")
    assert owed_of(found) == {"USD": 1050}
    assert balances(admin) == {"4000": -950, "6150": 950}
    assert Agreement.objects.get(account=account, type__code="WO-STD").payoff_balance == 0
    assert broken() == {}


def test_debt_in_two_currencies_moves_at_the_value_it_is_booked_at(admin):
    """100 dollars and 200 euros at 1.10: one write-off for each currency, and 320 of expense in the books."""
    account = make_invoice(admin, line_haul="100").account
    day, first = today(admin.organization), account.agreements.get()
    ExchangeRate.objects.create(organization=admin.organization, currency="EUR", date=day, rate=D("1.10"))
    euros = create_agreement(actor=admin, account=account, type=first.type, currency="EUR", start_date=day)
    load = create_load(actor=admin, account=account, agreement=euros, line_haul=D(200))
    generate_invoice(actor=admin, load=load)
    found = bankruptcy(admin, account)
    assert sorted(found.write_offs.values_list("currency", "amount", "organization_amount")) == [
        ("EUR", 200, 220), ("USD", 100, 100),
    ]  # fmt: skip
    assert owed_of(found) == {"USD": 100, "EUR": 200}
    booked = JournalLine.objects.filter(organization=admin.organization, gl_account__code="6150")
    assert sum(booked.values_list("organization_amount", flat=True)) == 320
    assert broken() == {}

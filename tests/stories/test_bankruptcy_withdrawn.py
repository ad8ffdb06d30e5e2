"""A bankruptcy that was started in error and withdrawn: everything stands as before, and the filing is remembered."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import record_payment
from receivables.collections.unapplied.operations import unassign_payment
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.customers.models import Account, AgreementType
from receivables.customers.operations import create_agreement
from receivables.ledger.models import Allocation
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.bankruptcy.operations import owed_of
from receivables.writeoffs.bankruptcy.withdrawing import (
    digest_of,
    standing_write_offs,
    untouched_transfers,
    withdraw_bankruptcy,
)
from receivables.writeoffs.models import BankruptcyWithdrawal, WriteOff
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import balances, make_invoice, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.writeoffs.cast import (
    agreement,
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


def billed(actor, account, amount):
    """Another invoice on the freight agreement."""
    load = create_load(actor=actor, account=account, agreement=agreement(account, "FREIGHT"), line_haul=D(amount))
    return generate_invoice(actor=actor, load=load)


def withdraw(actor, found, reason="Another customer of that name"):
    return withdraw_bankruptcy(actor=actor, bankruptcy=found, reason=reason)


def test_withdraw_bankruptcy_makes_everything_as_it_was(admin):
    """Of 1,000.00 (900 revenue, 80 state tax, 20 city tax) 200.00 are paid, and 50.00 late charge: 850.00 move and go
    back. 30.00 that came meanwhile pay the debt afterwards, service is billed again, and another filing is possible."""
    account, invoice, _late = bill_and_late_charge(admin)
    Account.objects.filter(pk=account.pk).update(alert="Call before delivery.")
    pay(admin, invoice, "200")
    before = balances(admin)
    found = bankruptcy(admin, account)
    assert balances(admin) == {"1000": 200, "2210": -16, "2220": -4, "4000": -950, "6150": 770}
    paid = received(admin, account, "30")
    withdraw(admin, found)
    assert journal(found.write_offs.get().reversals.get()) == [
        ("1900", "", D("770.00")), ("6150", "WO-BKR", D("-770.00")),
        ("1900", "", D("64.00")), ("2210", "WO-BKR", D("-64.00")),
        ("1900", "", D("16.00")), ("2220", "WO-BKR", D("-16.00")),
        ("1200", "FREIGHT", D("800.00")), ("1900", "", D("-800.00")),
        ("1200", "FREIGHT", D("50.00")), ("1900", "", D("-50.00")),
    ]  # fmt: skip
    assert balances(admin) == {**before, "1000": 230, "2100": -30}
    assert owed(account) == {"FREIGHT": (850, "active"), "WO-BKR": (0, "active")}
    assert owed(found.new_account) == {"FREIGHT": (0, "cancelled")}
    assert agreement(account, "FREIGHT").stop_date is None
    assert Account.objects.get(pk=account.pk).alert == "Call before delivery."
    assert (owed_of(found), reads(admin, invoice)[0]) == ({}, "part_paid")
    assert [row.name for row in history(admin, account)][:2] == ["withdraw_bankruptcy", "edit_account"]
    distribute_payment(actor=admin, payment=paid)
    assert owed(account)["FREIGHT"] == (820, "active")
    billed(admin, account, "10")
    again = bankruptcy(admin, account)
    assert (owed_of(again), again.new_account_id == found.new_account_id) == ({"USD": 830}, False)
    assert broken() == {}


def test_withdraw_bankruptcy_puts_back_what_was_written_off_before_and_what_came_later(admin):
    """1,000.00 written off before are back on their types; 70.00 billed after the petition come back from the account
    of later service. Service that was to begin next month still is."""
    account, invoice, late = bill_and_late_charge(admin)
    write_off(admin, account, picks=pick(invoice, "1000"))
    pay(admin, late, "50")
    first = billed(admin, account, "70")
    soon = today(admin.organization) + timedelta(days=30)
    kind = AgreementType.objects.of(admin).get(code="FREIGHT")
    kind.pk, kind.code, kind.name = None, "STORAGE", "Storage"
    kind.save(force_insert=True)
    other = create_agreement(actor=admin, account=account, type=kind, start_date=soon)
    found = bankruptcy(admin, account, invoice.issue_date - timedelta(days=1))
    assert owed(found.new_account) == {"FREIGHT": (70, "active")}
    assert owed(account)["WO-BKR"] == (1000, "active")
    withdraw(admin, found)
    assert written_off_items(account) == {"6150": 900, "2210": 80, "2220": 20}
    assert owed(account) == {
        "FREIGHT": (70, "active"), "STORAGE": (0, "pending_start"), "WO-STD": (900, "active"),
        "WO-2210": (80, "active"), "WO-2220": (20, "active"), "WO-BKR": (0, "active"),
    }  # fmt: skip
    other.refresh_from_db()
    assert (other.start_date, other.stop_date) == (soon, None)
    assert reads(admin, first)[0] == "open"
    assert owed(found.new_account) == {"FREIGHT": (0, "closed")}
    assert balances(admin) == {"1000": 50, "1200": 70, "4000": -1020, "6150": 900}
    assert broken() == {}


def test_withdraw_bankruptcy_leaves_what_was_paid_on_the_other_account(admin):
    """100.00 went there; once 25.00 of it are paid it stays, which a person who was shown otherwise is told."""
    invoice = make_invoice(admin, line_haul="100")
    found = bankruptcy(admin, invoice.account, invoice.issue_date - timedelta(days=1))
    shown = digest_of(standing_write_offs(found), untouched_transfers(admin, found))
    distribute_payment(actor=admin, payment=received(admin, found.new_account, "25"))
    with pytest.raises(Refused, match="changed since it was shown"):
        withdraw_bankruptcy(actor=admin, bankruptcy=found, reason="Another customer", seen=shown)
    withdraw(admin, found)
    assert (owed(invoice.account), owed(found.new_account)) == ({"FREIGHT": (0, "active")}, {"FREIGHT": (75, "active")})
    assert broken() == {}


def test_withdraw_bankruptcy_is_refused_over_a_dividend_until_that_is_taken_back(admin):
    """Of 1,050.00 a trustee pays 105.00; the payment is taken off and the dividend reversed before the filing goes."""
    account, _invoice, _late = bill_and_late_charge(admin)
    found = bankruptcy(admin, account)
    made = record_dividend(actor=admin, dividend=Dividend(found, received(admin, account, "105")))
    with pytest.raises(Refused) as refused:
        withdraw(admin, found)
    assert refused.value.code == "dividend"
    assert made.number in str(refused.value)
    for allocation in Allocation.objects.filter(debit_item__write_off__write_off=made, kind="payment"):
        unassign_payment(actor=admin, allocation=allocation, reason="Filed in error")
    reverse_write_off(actor=admin, write_off=WriteOff.objects.get(pk=made.pk), reason="Filed in error")
    withdraw(admin, found)
    assert balances(admin) == {"1000": 105, "1200": 1050, "2100": -105, "2210": -80, "2220": -20, "4000": -950}
    with pytest.raises(Refused) as refused:
        withdraw(admin, found)
    assert refused.value.code == "withdrawn"
    with pytest.raises(Refused):
        record_dividend(actor=admin, dividend=Dividend(found, account.payments.get()))
    assert broken() == {}


def test_withdraw_bankruptcy_is_for_those_who_may_and_says_why(admin):
    account, _invoice, _late = bill_and_late_charge(admin)
    found = bankruptcy(admin, account)
    with pytest.raises(NotPermitted):
        withdraw(make_member(admin.organization, "biller", "Bob Biller"), found)
    with pytest.raises(Refused) as refused:
        withdraw(make_member(make_organization("Rival Lines")), found)
    assert refused.value.code == "not_found"
    with pytest.raises(Refused) as refused:
        withdraw(admin, found, reason=" ")
    assert (refused.value.code, refused.value.field) == ("no_reason", "reason")
    assert not BankruptcyWithdrawal.objects.exists()

"""Whole lives of written-off debt with the figures of the published rules: a deposit, taxes, several debt classes."""

from decimal import Decimal as D

import pytest

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.held.operations import apply_deposit, record_deposit
from receivables.collections.models import BankAccount
from receivables.collections.operations import record_payment
from receivables.core.dates import today
from receivables.customers.models import Agreement, AgreementType, DebtClass
from receivables.customers.operations import create_agreement, stop_agreement
from tests.builders import balances, make_account, make_invoice, make_member, make_organization
from tests.support.invariants import broken
from tests.writeoffs.cast import agreement, journal, owed, tax_code, write_off, written_off_items

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization())


def details(actor, amount):
    return {
        "actor": actor, "amount": D(amount), "date": today(actor.organization), "method": "check",
        "bank_account": BankAccount.objects.of(actor).get(),
    }  # fmt: skip


def paid(actor, account, amount):
    distribute_payment(actor=actor, payment=record_payment(account=account, **details(actor, amount)))


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_deposit_pays_the_final_bill_first_and_the_rest_is_split_with_its_tax(admin, by_hand):
    """Revenue 100 and tax 8, deposit 30: 78 are written off, 72.22 as expense and 5.78 as tax, whether the deposit is
    applied by hand or by the write-off. Of the 78 that come later, expense is recovered before tax."""
    invoice = make_invoice(admin, line_haul="100", tax_code=tax_code(admin, "2210", "State tax", "8"))
    account = invoice.account
    deposit = record_deposit(account=account, **details(admin, "30"))
    assert balances(admin) == {"1000": 30, "1200": 108, "2210": -8, "2300": -30, "4000": -100}
    stop_agreement(actor=admin, agreement=agreement(account, "FREIGHT"))
    if by_hand:
        apply_deposit(actor=admin, agreement=Agreement.objects.get(pk=deposit.agreement_id), reason="Final bill")
        assert balances(admin) == {"1000": 30, "1200": 78, "2210": -8, "4000": -100}
    done = write_off(admin, account)
    assert journal(done) == [
        ("1900", "", D("78.00")), ("1200", "FREIGHT", D("-78.00")),
        ("6150", "WO-STD", D("72.22")), ("1900", "", D("-72.22")),
        ("2210", "WO-2210", D("5.78")), ("1900", "", D("-5.78")),
    ]  # fmt: skip
    assert balances(admin) == {"1000": 30, "2210": D("-2.22"), "4000": -100, "6150": D("72.22")}
    assert owed(account) == {
        "FREIGHT": (0, "closed"), "DEPOSIT": (0, "closed"), "WO-STD": (D("72.22"), "active"),
        "WO-2210": (D("5.78"), "active"),
    }  # fmt: skip
    paid(admin, account, "50")
    assert written_off_items(account) == {"6150": D("22.22"), "2210": D("5.78")}
    paid(admin, account, "28")
    assert balances(admin) == {"1000": 108, "2210": -8, "4000": -100}
    assert owed(account)["WO-STD"] == (0, "active")
    assert broken() == {}


def service(actor, account, code, debt_class):
    """Another kind of service on the account, of a debt class of its own."""
    kind = AgreementType.objects.of(actor).get(code="FREIGHT")
    kind.pk, kind.code, kind.name = None, code, code.title()
    kind.debt_class = DebtClass.objects.create(organization=actor.organization, code=debt_class, name=debt_class)
    kind.save(force_insert=True)
    return create_agreement(actor=actor, account=account, type=kind)


def test_debt_of_several_classes_stands_on_one_write_off_agreement(admin):
    """Freight 120, storage 45.50 and customs 9.99 of three debt classes: one agreement over 175.49. Storage goes on, so
    it stays active; the others were stopped and close."""
    account = make_account(admin)
    freight = agreement(account, "FREIGHT")
    storage, customs = service(admin, account, "STORAGE", "STO"), service(admin, account, "CUSTOMS", "CUS")
    for each, amount in ((freight, "120"), (storage, "45.50"), (customs, "9.99")):
        load = create_load(actor=admin, account=account, agreement=each, line_haul=D(amount))
        generate_invoice(actor=admin, load=load)
    for each in (freight, customs):
        stop_agreement(actor=admin, agreement=Agreement.objects.get(pk=each.pk))
    done = write_off(admin, account)
    assert journal(done) == [
        ("1900", "", D("120.00")), ("1200", "FREIGHT", D("-120.00")),
        ("1900", "", D("45.50")), ("1200", "STORAGE", D("-45.50")),
        ("1900", "", D("9.99")), ("1200", "CUSTOMS", D("-9.99")),
        ("6150", "WO-STD", D("175.49")), ("1900", "", D("-175.49")),
    ]  # fmt: skip
    assert owed(account) == {
        "FREIGHT": (0, "closed"), "STORAGE": (0, "active"), "CUSTOMS": (0, "closed"), "WO-STD": (D("175.49"), "active"),
    }  # fmt: skip
    kept = agreement(account, "WO-STD")
    assert kept.current_balance == kept.payoff_balance
    assert balances(admin) == {"4000": D("-175.49"), "6150": D("175.49")}
    assert broken() == {}

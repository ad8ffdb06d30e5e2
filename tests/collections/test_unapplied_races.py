"""The same money wanted twice at the same instant, on real commits: one gets it, the other is told why not."""

import os
from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.models import BankAccount
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.unapplied.operations import assign_payment, unassign_payment
from receivables.collections.unapplied.refunds import refund_unapplied
from receivables.core.errors import Refused
from receivables.ledger.models import Allocation
from tests.builders import make_account, make_invoice, make_load, make_member, make_organization, make_type, pay
from tests.collections.support import item_of
from tests.support.invariants import broken
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
ENOUGH = str(100 * ROUNDS)  # is owed on an invoice that every round pays some of


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


def money(admin, account):
    return record_payment(
        actor=admin, account=account, amount=Decimal(100), date=date(2026, 11, 3), method="ach",
        bank_account=BankAccount.objects.of(admin).get(),
    )  # fmt: skip


def assign(admin, payment, invoice, amount=80):
    return assign_payment(actor=admin, payment=payment, assignments=[Assignment(invoice, Decimal(amount))])


def codes(results):
    faults = [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert faults == []
    return sorted(each.code for each in results if isinstance(each, Refused))


def test_the_same_money_to_two_invoices(admin):
    account = make_account(admin)
    first, second = make_invoice(admin, account, ENOUGH), make_invoice(admin, account, ENOUGH)
    for _round in range(ROUNDS):
        payment = money(admin, account)
        results = race(lambda p=payment: assign(admin, p, first), lambda p=payment: assign(admin, p, second))
        assert codes(results) == ["more_than_unapplied"]
        assert item_of(payment).balance == -20
    assert broken() == {}


def test_applied_while_it_is_deleted(admin):
    account = make_account(admin)
    invoice = make_invoice(admin, account, "2000")
    for _round in range(ROUNDS):
        payment = money(admin, account)
        results = race(
            lambda p=payment: assign(admin, p, invoice), lambda p=payment: delete_payment(actor=admin, payment=p)
        )
        assert codes(results) in ([], ["payment_undone"])
        assert (item_of(payment).balance, item_of(invoice).balance) == (0, 2000)
    assert broken() == {}


def test_given_back_while_it_is_applied(admin):
    account = make_account(admin)
    invoice, bank = make_invoice(admin, account, ENOUGH), BankAccount.objects.of(admin).get()
    for _round in range(ROUNDS):
        payment = money(admin, account)
        results = race(
            lambda p=payment: assign(admin, p, invoice),
            lambda p=payment: refund_unapplied(
                actor=admin, payment=p, amount=Decimal(70), bank_account=bank, date=date(2026, 11, 3), method="ach",
                reason="Paid twice",
            ),
        )  # fmt: skip
        assert codes(results) == ["more_than_unapplied"]
        assert item_of(payment).balance in (-20, -30)
    assert broken() == {}


def test_a_refund_is_granted_while_its_payment_is_deleted(admin):
    """Either it is given back and the payment stays, or the payment goes and nothing waits any more."""
    biller = make_member(admin.organization, Role.BILLER, "Bob Biller")
    account, bank = make_account(admin), BankAccount.objects.of(admin).get()
    for _round in range(ROUNDS):
        payment = money(admin, account)
        request = refund_unapplied(
            actor=biller, payment=payment, amount=Decimal(70), bank_account=bank, date=date(2026, 11, 3), method="ach",
            reason="Paid twice",
        )  # fmt: skip
        results = race(
            lambda r=request: approve_request(actor=admin, request=r),
            lambda p=payment: delete_payment(actor=admin, payment=p),
        )
        assert codes(results) in (["refund_stands"], ["decided"])
        assert item_of(payment).balance == (-30 if codes(results) == ["refund_stands"] else 0)
    assert not ApprovalRequest.objects.filter(state=ApprovalRequest.State.WAITING).exists()
    assert broken() == {}


def test_taken_off_while_the_invoice_is_regenerated(admin):
    """Whoever comes first: never a new revision under a payment."""
    charge = make_type(admin, "Detention", "charge")
    load = make_load(admin)
    invoice = generate_invoice(actor=admin, load=load)
    for _round in range(ROUNDS):
        payment = pay(admin, invoice, "10")
        add_accessorial(actor=admin, load=load, type=charge, entity="customer", amount=Decimal(5))
        row = Allocation.objects.get(credit_item=payment.open_item)
        results = race(
            lambda r=row: unassign_payment(actor=admin, allocation=r, reason="Regenerate"),
            lambda: regenerate_invoice(actor=admin, load=load),
        )
        assert codes(results) in ([], ["payment_exists"])
        assert item_of(payment).balance == -10
    assert broken() == {}

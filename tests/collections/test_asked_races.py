"""What waits for approval, decided at the instant when its payment or its invoice changes, on real commits."""

import os
from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request
from receivables.collections.models import BankAccount, PayOff, PayOffPolicy
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.payoff_queries import Wish, pay_off_facts, policy_of
from receivables.core.errors import Refused
from tests.builders import make_account, make_invoice, make_member, make_organization, pay
from tests.collections.pay_offs import limited, paid_off
from tests.collections.support import fresh, item_of
from tests.support.invariants import broken
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "8"))
DAY = date(2026, 11, 3)


@pytest.fixture
def bob(committed_db):
    found = make_member(make_organization(), Role.BILLER, "Bob Biller")
    limited(found, "50")
    return found


@pytest.fixture
def olga(bob):
    return make_member(bob.organization, Role.OPERATIONS_MANAGER, "Olga Manager")


def asked(bob, invoice):
    payment = record_payment(
        actor=bob, account=invoice.account, amount=Decimal(50), date=DAY, method="wire",
        bank_account=BankAccount.objects.of(bob).get(),
        assignments=[Assignment(invoice, Decimal(50), pay_bill=True, ask=True)],
    )  # fmt: skip
    return payment, ApprovalRequest.objects.get(state="waiting")


def refusals(results):
    assert [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)] == []
    return [each.code for each in results if isinstance(each, Refused)]


def test_granted_while_its_payment_is_deleted(bob, olga):
    """Either it stands on its own, or it was withdrawn with the payment and the decision is refused."""
    account = make_account(bob)
    for _round in range(ROUNDS):
        invoice = make_invoice(bob, account, "130")
        payment, request = asked(bob, invoice)
        results = race(
            lambda r=request: approve_request(actor=olga, request=r),
            lambda p=payment: delete_payment(actor=bob, payment=p),
        )
        granted = PayOff.objects.filter(payment=payment).exists()
        assert refusals(results) == ([] if granted else ["decided"])
        assert item_of(invoice).balance == (50 if granted else 130)
    assert broken() == {}


def test_granted_while_the_rest_is_paid(bob, olga):
    """The last 80.00 are given up or paid, never both."""
    account = make_account(bob)
    for _round in range(ROUNDS):
        invoice = make_invoice(bob, account, "130")
        _payment, request = asked(bob, invoice)
        results = race(
            lambda r=request: approve_request(actor=olga, request=r), lambda i=invoice: pay(bob, fresh(i), "80")
        )
        assert refusals(results) in (["facts_moved"], ["more_than_owed"])
        assert item_of(invoice).balance == 0
        ApprovalRequest.objects.filter(state="waiting").update(state="withdrawn")
    assert broken() == {}


def test_a_limit_lowered_while_the_grid_is_open(bob):
    """Saved before or after the change: what was given up is what the limit of that moment allowed, or it is stale."""
    account = make_account(bob)
    for _round in range(ROUNDS):
        limited(bob, "80")
        invoice = fresh(make_invoice(bob, account, "130"))
        wish = [Wish(invoice, Decimal(50), True)]
        seen = pay_off_facts(bob, policy_of(bob), wish, currency="USD", rate=Decimal(1), day=DAY)[0].digest
        results = race(
            lambda i=invoice, s=seen: paid_off(bob, i, "50", seen=s),
            lambda: PayOffPolicy.objects.of(bob).update(maximum=Decimal(10)),
        )
        assert refusals(results) in ([], ["stale"])
        assert item_of(invoice).balance == (130 if refusals(results) else 0)
    assert broken() == {}

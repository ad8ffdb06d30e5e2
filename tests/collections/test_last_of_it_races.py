"""Two people reach for the last of something at the same instant, on real commits: of a balance, a limit, a customer's
cap, a payment's money. RACE_ROUNDS rounds each (4 by default, 200 in the full campaign)."""

import os
from datetime import date
from decimal import Decimal

import pytest

from receivables.collections.excess.operations import book_small_excess
from receivables.collections.models import BankAccount, PayOff, PayOffPolicy, SmallExcess
from receivables.collections.operations import Assignment, record_payment
from receivables.collections.unapplied.operations import assign_payment
from receivables.core.errors import Refused
from receivables.ledger.models import GLAccount
from tests.builders import make_account, make_invoice, make_member, make_organization, pay
from tests.collections.pay_offs import limited, paid_off, second_account
from tests.collections.support import fresh, item_of
from tests.support.invariants import broken
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "4"))


@pytest.fixture
def bob(committed_db):
    return make_member(make_organization())


def refusals(results):
    assert [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)] == []
    return [each.code for each in results if isinstance(each, Refused)]


def test_two_payments_for_the_last_of_a_balance(bob):
    account = make_account(bob)
    for _round in range(ROUNDS):
        invoice = make_invoice(bob, account, "100")
        results = race(*[lambda i=invoice: pay(bob, fresh(i), "70")] * 2)
        assert (refusals(results), item_of(invoice).balance) == (["more_than_owed"], 30)
    assert broken() == {}


def test_two_payments_for_the_last_of_a_limit(bob):
    """Each gives up 30.00 of the same invoice; the limit of 50.00 is for both together."""
    limited(bob, "50")
    account = make_account(bob)
    for _round in range(ROUNDS):
        invoice = make_invoice(bob, account, "130")
        results = race(*[lambda i=invoice: paid_off(bob, fresh(i), "10", bad_debt="30")] * 2)
        assert refusals(results) == ["above_pay_off_limit"]
        assert item_of(invoice).balance == 90
    assert PayOff.objects.count() == ROUNDS
    assert broken() == {}


def test_two_payments_for_the_last_of_a_customers_cap(bob):
    """On two invoices of two accounts, which share nothing but their customer."""
    account = make_account(bob)
    other = second_account(bob, account)
    for round_ in range(ROUNDS):
        limited(bob, None, cap=30 * round_ + 50)
        pair = [make_invoice(bob, each, "130") for each in (account, other)]
        results = race(*[lambda i=invoice: paid_off(bob, fresh(i), "100") for invoice in pair])
        assert refusals(results) == ["above_customer_cap"]
        assert sorted(item_of(each).balance for each in pair) == [0, 130]
    assert broken() == {}


def test_two_people_assign_the_same_payment(bob):
    account = make_account(bob)
    bank, day = BankAccount.objects.of(bob).get(), date(2026, 11, 3)
    for _round in range(ROUNDS):
        money = {"amount": Decimal(100), "date": day, "method": "wire", "bank_account": bank}
        payment = record_payment(actor=bob, account=account, **money)
        pair = [make_invoice(bob, account, "100") for _each in range(2)]
        results = race(
            *[
                lambda i=invoice, p=payment: assign_payment(
                    actor=bob, payment=p, assignments=[Assignment(i, Decimal(100))]
                )
                for invoice in pair
            ]
        )
        assert refusals(results) == ["nothing_left"]
        assert sorted(item_of(each).balance for each in (*pair, payment)) == [0, 0, 100]
    assert broken() == {}


def test_two_people_book_the_same_excess(bob):
    """What was paid too much becomes income once."""
    income = GLAccount.objects.of(bob).get(code="4100")
    PayOffPolicy.objects.of(bob).update(over_maximum=Decimal(5), over_account=income)
    account = make_account(bob)
    for _round in range(ROUNDS):
        payment = pay(bob, make_invoice(bob, account, "100"), "101", "100")
        results = race(*[lambda p=payment: book_small_excess(actor=bob, payment=p)] * 2)
        assert (refusals(results), item_of(payment).balance) == (["nothing_left"], 0)
    assert SmallExcess.objects.count() == ROUNDS
    assert broken() == {}

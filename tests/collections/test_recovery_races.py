"""The same bad debt recovered twice, or recovered while it is taken back: one of them wins, or one falls with it."""

import os
from decimal import Decimal

import pytest

from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.collections.operations import delete_payment
from receivables.collections.recoveries.operations import recover_bad_debt, reverse_recovery
from receivables.core.errors import Refused
from tests.billing.credit_notes import credit
from tests.builders import balances, make_account, make_invoice, make_member, make_organization
from tests.collections.recoveries import came, losses
from tests.support.invariants import broken
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20")) // 2


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


def codes(results):
    faults = [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert faults == []
    return sorted(each.code for each in results if isinstance(each, Refused))


def recover(admin, account, loss, amount=40):
    return recover_bad_debt(
        actor=admin, money=came(admin, account, str(amount)), parts=[(loss, Decimal(amount))]
    )[0]  # fmt: skip


def given_up(admin, account):
    """50.00 of an invoice, by a credit note."""
    invoice = make_invoice(admin, account, "50")
    return credit(admin, invoice, "50", kind="bad_debt"), losses(invoice)[0]


def test_the_same_bad_debt_is_recovered_twice(admin):
    account = make_account(admin)
    for _round in range(ROUNDS):
        _note, loss = given_up(admin, account)
        results = race(lambda x=loss: recover(admin, account, x), lambda x=loss: recover(admin, account, x))
        assert codes(results) == ["more_than_lost"]
    assert balances(admin)["6100"] == 10 * ROUNDS
    assert broken() == {}


def test_recovered_while_it_is_taken_back(admin):
    """Either it is refused, or it falls with the bad debt and its money is on account."""
    account = make_account(admin)
    for _round in range(ROUNDS):
        note, loss = given_up(admin, account)
        results = race(
            lambda x=loss: recover(admin, account, x),
            lambda n=note: reverse_credit_note(actor=admin, credit_note=n, reason="Owed after all"),
        )
        assert codes(results) in ([], ["taken_back"])
        assert "6100" not in balances(admin)
    assert broken() == {}


def test_reversed_while_its_payment_is_deleted(admin):
    account = make_account(admin)
    for _round in range(ROUNDS):
        _note, loss = given_up(admin, account)
        made = recover(admin, account, loss)
        results = race(
            lambda m=made: reverse_recovery(actor=admin, recovery=m, reason="Wrong"),
            lambda m=made: delete_payment(actor=admin, payment=m.payment),
        )
        assert codes(results) in ([], ["already_reversed"])
    assert balances(admin).get("1000") is None
    assert broken() == {}

"""Money held, attacked by SQL as the application's login: it is what its documents say, and stays so."""

from copy import deepcopy
from decimal import Decimal as D

import pytest

from receivables.collections.held.operations import hold_overpayment, record_deposit
from receivables.collections.models import BankAccount
from receivables.collections.operations import delete_payment
from receivables.core.errors import Refused
from tests.support.attack import DAY, NO_RIGHT, Line, insert, make_books, refused, settle, sql

pytestmark = pytest.mark.django_db


class House:
    """Books with 60.00 held as an overpayment out of the 100.00 that are on account, and a deposit of 30.00."""

    def __init__(self):
        self.books = make_books()
        actor, self.payment = self.books.actor, self.books.payment
        self.over = hold_overpayment(actor=actor, payment=self.payment, amount=D(60))
        self.deposit = record_deposit(
            actor=actor, account=self.books.account, amount=D(30), date=DAY, method="wire",
            bank_account=BankAccount.objects.of(actor).get(),
        )  # fmt: skip

    def release(self, amount, **changed):
        values = {
            "organization_id": self.books.org, "holding_id": self.over.pk, "currency": "USD", "amount": amount,
            "reason": "", "posting_date": DAY, "created_at": DAY,
        }  # fmt: skip
        return insert("collections_holdingrelease", **{**values, **changed})

    def held(self, amount, **changed):
        values = {"item": self.over.open_item_id, "agreement": self.over.agreement_id, "opens": True}
        return Line("2400", amount, **{**values, **changed})

    def money(self, amount, **changed):
        return Line("2100", amount, **{"item": self.payment.open_item_id, "opens": True, **changed})


@pytest.fixture(scope="module")
def kept_house(keep):
    return keep(House)


@pytest.fixture
def house(kept_house, db):
    return deepcopy(kept_house)


def test_sql_nothing_is_taken_without_its_document(house):
    for other in (Line("1000", -10), Line("4000", -10), house.money(-10)):
        with refused("RV007", what=str(other)):
            house.books.entry(house.held(10), other)


def test_sql_no_document_without_its_entry(house):
    with refused("RV007"):
        house.release(10)
    with refused("RV007"):
        insert(
            "collections_holding", organization_id=house.books.org, payment_id=house.payment.pk, currency="USD",
            agreement_id=house.over.agreement_id, amount=5, reason="", posting_date=DAY, created_at=DAY,
            open_item_id=house.books.item(kind="overpayment", agreement_id=house.over.agreement_id, gl_account_id=1),
        )  # fmt: skip


def test_sql_never_more_than_is_held(house):
    with refused("RV007"):
        house.release(61)
        house.books.entry(house.held(61), house.money(-61))


def test_sql_it_settles_nothing_directly(house):
    """Held money pays by way of the payment that brought it, so that a bounce finds what it paid."""
    with refused("RV007"):
        entry = house.books.entry(house.held(10, opens=False), house.books.receivable(-10))
        house.books.allocation(kind="credit_note", credit_item_id=house.over.open_item_id, entry_id=entry, amount=10)
    with refused("RV007"):
        entry = house.books.entry(house.held(10, opens=False), house.books.receivable(-10))
        house.books.allocation(kind="transfer", credit_item_id=house.over.open_item_id, entry_id=entry, amount=10)


def test_sql_an_item_of_money_needs_somebody_who_put_it_there(house):
    agreement = house.deposit.agreement
    item = house.books.item(
        kind="deposit", agreement_id=agreement.pk, account_id=agreement.account_id,
        gl_account_id=agreement.type.gl_account_id,
    )  # fmt: skip
    with refused("RV007"):
        house.books.entry(Line("1000", 9), Line("2300", -9, item=item, agreement=agreement.pk, opens=True))


def test_sql_what_is_held_is_never_changed_or_deleted(house):
    for table in ("collections_holding", "collections_holdingrelease"):
        with refused(NO_RIGHT):
            sql(f"UPDATE {table} SET amount = 1")
        with refused(NO_RIGHT):
            sql(f"DELETE FROM {table}")


def test_a_payment_undone_holds_nothing(house):
    delete_payment(actor=house.books.actor, payment=house.payment)
    settle()
    with refused("RV007", "23514"):
        house.books.entry(house.held(-5), house.money(5))
    with pytest.raises(Refused):
        hold_overpayment(actor=house.books.actor, payment=house.payment, amount=D(5))

"""Whatever is recorded, applied, moved, taken off, given back and deleted, in whatever order: the books hold."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from receivables.billing.operations import generate_invoice
from receivables.collections.models import Payment, Refund
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.unapplied.operations import assign_payment, move_payment_assignment, unassign_payment
from receivables.collections.unapplied.refunds import refund_unapplied, reverse_refund
from receivables.core.errors import Refused
from receivables.core.transactions import GUARD_MESSAGES
from receivables.ledger.models import Allocation
from tests.builders import balances, make_account, make_load, make_member, make_organization
from tests.collections.support import bank_in, rate
from tests.support.examples import examples, rolled_back
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db

CENTS = st.integers(0, 20_000).map(lambda cents: Decimal(cents) / 100)
WHICH = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), CENTS, CENTS),
        st.tuples(st.just("assign"), WHICH, WHICH, CENTS),
        st.tuples(st.just("unassign"), WHICH),
        st.tuples(st.just("move"), WHICH, WHICH, CENTS),
        st.tuples(st.just("refund"), WHICH, CENTS),
        st.tuples(st.just("reverse"), WHICH),
        st.tuples(st.just("delete"), WHICH),
    ),
    min_size=4,
    max_size=12,
)
BY_GUARD = {code for code, _message in GUARD_MESSAGES.values()} - {"already_reversed"}
DAY, LATER = date(2026, 11, 3), date(2026, 11, 10)


class Office:
    """An account in euros with three invoices of 200.00, in books kept in dollars, with two rates."""

    def __init__(self):
        self.actor = make_member(make_organization())
        rate(self.actor, "EUR", date(2026, 10, 1), "1.1037")
        rate(self.actor, "EUR", DAY, "1.2511")
        rate(self.actor, "EUR", LATER, "0.9973")
        self.account, self.bank = make_account(self.actor, currency="EUR"), bank_in(self.actor, "EUR")
        loads = [make_load(self.actor, self.account, "200") for _each in range(3)]
        issued = date(2026, 10, 1)
        self.invoices = [generate_invoice(actor=self.actor, load=each, issue_date=issued) for each in loads]

    def record(self, amount, applied):
        parts = [Assignment(each, applied) for each in self.invoices[:2]] if applied else []
        record_payment(
            actor=self.actor, account=self.account, amount=amount, date=DAY, method="cash", bank_account=self.bank,
            assignments=parts,
        )  # fmt: skip

    def assign(self, which, invoice, amount):
        if payment := pick(Payment, which):
            wanted = [Assignment(self.invoices[invoice % 3], amount)]
            assign_payment(actor=self.actor, payment=payment, assignments=wanted)

    def unassign(self, which):
        if row := pick(Allocation.objects.filter(reverses__isnull=True), which):
            unassign_payment(actor=self.actor, allocation=row, reason="Wrong")

    def move(self, which, invoice, amount):
        if row := pick(Allocation.objects.filter(reverses__isnull=True), which):
            to = self.invoices[invoice % 3]
            move_payment_assignment(actor=self.actor, allocation=row, invoice=to, amount=amount, reason="Wrong")

    def refund(self, which, amount):
        if payment := pick(Payment, which):
            refund_unapplied(
                actor=self.actor, payment=payment, amount=amount, bank_account=self.bank, date=LATER, method="ach",
                reason="Paid twice",
            )  # fmt: skip

    def reverse(self, which):
        if refund := pick(Refund, which):
            reverse_refund(actor=self.actor, refund=refund, reason="Came back")

    def delete(self, which):
        if payment := pick(Payment, which):
            delete_payment(actor=self.actor, payment=payment)


def pick(rows, which):
    """One of the rows there are, or None."""
    found = list(getattr(rows, "objects", rows).order_by("pk"))
    return found[which % len(found)] if found else None


@given(steps=STEPS)
@examples(15)
def test_the_books_hold_after_any_sequence(steps):
    with rolled_back():
        office, codes = Office(), set()
        for name, *arguments in steps:
            try:
                getattr(office, name)(*arguments)
            except Refused as refused:
                codes.add(refused.code)
        assert not codes & BY_GUARD, "a rule should have refused before the database had to"
        assert sum(balances(office.actor).values(), Decimal(0)) == 0
        connection.check_constraints()
        assert broken() == {}

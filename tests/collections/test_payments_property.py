"""Whatever is recorded, deleted, added, removed and regenerated, in whatever order: the books stay the books."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from receivables.billing.models import Accessorial
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice, remove_accessorial
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.core.errors import Refused
from receivables.core.transactions import GUARD_MESSAGES
from receivables.ledger.models import Allocation, JournalLine, OpenItem
from tests.builders import balances, make_account, make_load, make_member, make_organization, make_type
from tests.support.examples import examples, rolled_back

pytestmark = pytest.mark.django_db

CENTS = st.integers(0, 30_000).map(lambda cents: Decimal(cents) / 100)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(0, 1), CENTS, CENTS),
        st.tuples(st.just("delete"), st.integers(0, 9)),
        st.tuples(st.just("add"), st.integers(0, 1), CENTS),
        st.tuples(st.just("remove"), st.integers(0, 9)),
        st.tuples(st.just("regenerate"), st.integers(0, 1)),
    ),
    min_size=3,
    max_size=12,
)


BY_GUARD = {code for code, _message in GUARD_MESSAGES.values()} - {"already_reversed"}


class Office:
    """One account with two invoices of 200.00 and the verbs that move them."""

    def __init__(self):
        self.actor = make_member(make_organization())
        self.account = make_account(self.actor)
        self.type = make_type(self.actor)
        self.bank = BankAccount.objects.of(self.actor).get()
        self.loads = [make_load(self.actor, self.account, "200") for _each in range(2)]
        self.invoices = [generate_invoice(actor=self.actor, load=load) for load in self.loads]

    def record(self, which, amount, applied):
        record_payment(
            actor=self.actor, account=self.account, amount=amount, date=date(2026, 11, 3), method="cash",
            bank_account=self.bank, assignments=[Assignment(self.invoices[which], applied)],
        )  # fmt: skip

    def delete(self, which):
        payments = list(Payment.objects.order_by("pk"))
        if payments:
            delete_payment(actor=self.actor, payment=payments[which % len(payments)])

    def add(self, which, amount):
        add_accessorial(
            actor=self.actor, load=self.loads[which], type=self.type, entity="customer", amount=-amount, note=""
        )

    def remove(self, which):
        rows = list(Accessorial.objects.order_by("pk"))
        if rows:
            remove_accessorial(actor=self.actor, accessorial=rows[which % len(rows)])

    def regenerate(self, which):
        regenerate_invoice(actor=self.actor, load=self.loads[which])


def check_books(actor):
    assert sum(balances(actor).values(), Decimal(0)) == 0
    for item in OpenItem.objects.of(actor):
        lines = list(JournalLine.objects.filter(open_item=item))
        assert item.balance == sum((line.amount for line in lines), Decimal(0))
        assert item.amount == sum((line.amount for line in lines if line.opens), Decimal(0))
        assert min(item.amount, Decimal(0)) <= item.balance <= max(item.amount, Decimal(0))
    for payment in Payment.objects.of(actor).select_related("open_item"):
        live = Allocation.objects.filter(
            credit_item=payment.open_item, reverses__isnull=True, reversed_by__isnull=True
        ).values_list("amount", flat=True)
        assert sum(live, Decimal(0)) <= payment.amount
        assert payment.open_item.balance == payment.open_item.amount + sum(live, Decimal(0))


@given(steps=STEPS)
@examples(20)
def test_the_books_hold_after_any_sequence(steps):
    with rolled_back():
        office, codes = Office(), set()
        for name, *arguments in steps:
            try:
                getattr(office, name)(*arguments)
            except Refused as refused:
                codes.add(refused.code)
        assert not codes & BY_GUARD, "a rule should have refused before the database had to"
        check_books(office.actor)
        connection.check_constraints()

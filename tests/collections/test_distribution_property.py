"""Whatever is received, distributed, held, put back, written off and bounced: bankrupt debt is never paid."""

from decimal import Decimal as D

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.held.models import Holding
from receivables.collections.held.operations import hold_overpayment, release_held_money
from receivables.collections.models import Payment
from receivables.collections.operations import bounce_payment
from receivables.collections.unapplied.operations import unassign_payment
from receivables.core.errors import Refused
from receivables.core.transactions import GUARD_MESSAGES
from receivables.customers.models import Agreement
from receivables.ledger.models import Allocation, JournalLine, OpenItem
from tests.builders import balances, make_member, make_organization
from tests.support.barred import Barred
from tests.support.examples import examples, rolled_back
from tests.support.invariants import broken
from tests.support.written_off import written_off

pytestmark = pytest.mark.django_db

CENTS = st.integers(1, 40_000).map(lambda cents: D(cents) / 100)
WHICH = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), CENTS),
        st.tuples(st.just("distribute"), WHICH, st.booleans()),
        st.tuples(st.just("direct"), WHICH, WHICH, CENTS),
        st.tuples(st.just("hold"), WHICH, CENTS),
        st.tuples(st.just("release"), WHICH, CENTS),
        st.tuples(st.just("write_off"), WHICH, st.sampled_from(["WO-STD", "WO-LIA", "WO-BKR"])),
        st.tuples(st.just("unassign"), WHICH),
        st.tuples(st.just("bounce"), WHICH),
    ),
    min_size=4,
    max_size=12,
)
BY_GUARD = {code for code, _message in GUARD_MESSAGES.values()} - {"already_reversed", "no_payments"}


def pick(rows, which):
    """One of the rows there are, or None."""
    found = list(rows.order_by("pk"))
    return found[which % len(found)] if found else None


class Office(Barred):
    """Three invoices for freight, one that takes no payments, and 200.00 that are bankrupt."""

    def __init__(self):
        super().__init__(make_member(make_organization()))
        self.invoices = [self.freight(amount) for amount in ("120", "80.01", "33.33")]
        self.bankrupt = written_off(self.actor, self.freight("200"), code="WO-BKR")

    def receive(self, amount):
        self.received(str(amount))

    def distribute(self, which, keep_rest):
        if payment := pick(Payment.objects, which):
            distribute_payment(actor=self.actor, payment=payment, keep_rest=keep_rest)

    def direct(self, which, item, amount):
        payment, debt = pick(Payment.objects, which), pick(OpenItem.objects.filter(balance__gt=0), item)
        if payment and debt:
            distribute_payment(actor=self.actor, payment=payment, amounts={debt.pk: amount})

    def hold(self, which, amount):
        if payment := pick(Payment.objects, which):
            hold_overpayment(actor=self.actor, payment=payment, amount=amount)

    def release(self, which, amount):
        if held := pick(Holding.objects, which):
            release_held_money(actor=self.actor, agreement=held.agreement, amount=amount, reason="Back")

    def write_off(self, which, code):
        invoice = self.invoices[which % 3]
        if OpenItem.objects.get(pk=invoice.open_item_id).balance:
            written_off(self.actor, invoice, code=code)

    def unassign(self, which):
        if row := pick(Allocation.objects.filter(reverses__isnull=True, kind="payment"), which):
            unassign_payment(actor=self.actor, allocation=row, reason="Wrong")

    def bounce(self, which):
        if payment := pick(Payment.objects, which):
            bounce_payment(actor=self.actor, payment=payment, reason="No funds")


@given(steps=STEPS)
@examples(10)
def test_bankrupt_debt_is_never_paid_and_every_agreement_is_its_lines(steps):
    with rolled_back():
        office, codes = Office(), set()
        for name, *arguments in steps:
            try:
                getattr(office, name)(*arguments)
            except Refused as refused:
                codes.add(refused.code)
        assert not codes & BY_GUARD, "a rule should have refused before the database had to"
        connection.check_constraints()
        lines = JournalLine.objects.filter(agreement__type__payment_segment_type="")
        money = lines.filter(amount__lt=0, entry__kind__startswith="recovered")
        assert not money.exists()
        assert not Allocation.objects.filter(
            kind="payment", debit_item__agreement__type__payment_segment_type=""
        ).exists()
        assert OpenItem.objects.get(pk=office.bankrupt.pk).balance == 200
        for agreement in Agreement.objects.all():
            moved = JournalLine.objects.filter(agreement=agreement).aggregate(sum=Sum("amount"))["sum"] or 0
            assert agreement.payoff_balance == moved
        assert sum(balances(office.actor).values(), D(0)) == 0
        assert balances(office.actor).get("1900", 0) == 0
        assert broken() == {}

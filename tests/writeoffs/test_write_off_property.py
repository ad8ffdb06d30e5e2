"""Whatever is billed, paid, written off, moved, taken back, bounced, made bankrupt or not after all, in whatever order:
owed is what the journal says, and no payment reaches a bankruptcy."""

from collections.abc import Callable
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import bounce_payment, record_payment
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.transactions import GUARD_MESSAGES
from receivables.customers.models import Agreement
from receivables.customers.operations import create_account
from receivables.ledger.models import OpenItem
from receivables.writeoffs.bankruptcy.coming_back import Addition, add_to_bankruptcy, outside
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from receivables.writeoffs.models import Bankruptcy, DebtTransfer, WriteOff
from receivables.writeoffs.reversing import reverse_write_off
from receivables.writeoffs.transfers.operations import reverse_transfer
from tests.builders import balances, make_account, make_member, make_organization
from tests.support.examples import rolled_back
from tests.support.invariants import broken
from tests.writeoffs.cast import bankruptcy, move, tax_code, write_off

pytestmark = pytest.mark.django_db

CENTS = st.integers(1, 20_000).map(lambda cents: D(cents) / 100)
WHICH = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("bill"), WHICH, CENTS),
        st.tuples(st.just("pay"), WHICH, CENTS),
        st.tuples(st.just("bounce"), WHICH),
        st.tuples(st.just("write_off"), WHICH, CENTS),
        st.tuples(st.just("reverse"), WHICH, CENTS),
        st.tuples(st.just("move"), WHICH, WHICH, CENTS),
        st.tuples(st.just("move_back"), WHICH),
        st.tuples(st.just("bankrupt"), WHICH),
        st.tuples(st.just("dividend"), WHICH, CENTS),
        st.tuples(st.just("add"), WHICH),
        st.tuples(st.just("withdraw"), WHICH),
    ),
    min_size=4,
    max_size=14,
)
# Refusals by the database that a rule should have spoken first.
BY_GUARD = {code for code, _message in GUARD_MESSAGES.values()} - {"already_reversed"}


class Office:
    """Two accounts of one customer that owe 108.00 each, of which 8 is tax, and the verbs that move the debt."""

    def __init__(self) -> None:
        self.actor = make_member(make_organization())
        self.tax = tax_code(self.actor, "2210", "State tax", "8")
        first = make_account(self.actor)
        self.accounts = [first, create_account(actor=self.actor, customer=first.customer, name="Second")]
        self.bill(0, D(100))
        self.bill(1, D(100))

    def _account(self, which):
        return self.accounts[which % 2]

    def _one(self, rows, which):
        found = list(rows.order_by("pk"))
        return found[which % len(found)] if found else None

    def bill(self, which, amount):
        account = self._account(which)
        service = account.agreements.filter(type__code="FREIGHT").order_by("-pk").first()
        load = create_load(
            actor=self.actor, account=account, agreement=service, line_haul=amount, tax_code=self.tax
        )  # fmt: skip
        generate_invoice(actor=self.actor, load=load)

    def pay(self, which, amount):
        distribute_payment(actor=self.actor, payment=self._received(self._account(which), amount))

    def _received(self, account, amount):
        bank = BankAccount.objects.of(self.actor).get()
        details = {"date": today(self.actor.organization), "method": "check", "bank_account": bank}
        return record_payment(actor=self.actor, account=account, amount=amount, **details)

    def bounce(self, which):
        paid = self._one(Payment.objects.filter(reversal__isnull=True), which)
        if paid:
            bounce_payment(actor=self.actor, payment=paid, reason="Returned")

    def write_off(self, which, amount):
        write_off(self.actor, self._account(which), amount=amount)

    def reverse(self, which, amount):
        found = self._one(WriteOff.objects.all(), which)
        if found:
            reverse_write_off(actor=self.actor, write_off=found, reason="A mistake", amount=amount)

    def move(self, source, target, amount):
        rows = Agreement.objects.of(self.actor)
        move(self.actor, self._one(rows, source), self._one(rows, target), amount=amount)

    def move_back(self, which):
        found = self._one(DebtTransfer.objects.all(), which)
        if found:
            reverse_transfer(actor=self.actor, transfer=found, reason="A mistake")

    def bankrupt(self, which):
        bankruptcy(self.actor, self._account(which))

    def dividend(self, which, amount):
        found = self._one(Bankruptcy.objects.all(), which)
        if found:
            paid = self._received(found.account, amount)
            record_dividend(actor=self.actor, dividend=Dividend(found, paid))

    def add(self, which):
        found = self._one(Bankruptcy.objects.all(), which)
        if found:
            add_to_bankruptcy(actor=self.actor, addition=Addition(found))
            assert not outside(self.actor, found)

    def withdraw(self, which):
        found = self._one(Bankruptcy.objects.all(), which)
        if found:
            withdraw_bankruptcy(actor=self.actor, bankruptcy=found, reason="A mistake")


def _owed(actor):
    return sum(Agreement.objects.of(actor).values_list("payoff_balance", flat=True), D(0))


@given(steps=STEPS)
@settings(max_examples=settings.default.max_examples // 4)  # a history takes long
def test_the_books_hold_after_any_history(steps):
    with rolled_back():
        office, codes = Office(), set()
        for name, *arguments in steps:
            verb: Callable[..., None] = getattr(office, name)
            before = _owed(office.actor)
            try:
                with transaction.atomic():
                    verb(*arguments)
            except Refused as refused:
                codes.add(refused.code)
            if name in ("move", "move_back", "reverse", "bankrupt", "add", "withdraw"):
                assert _owed(office.actor) == before, "what is owed in all stays as it is"
        assert not codes & BY_GUARD, "a rule should have refused before the database had to"
        connection.check_constraints()
        assert broken() == {}
        assert "1900" not in balances(office.actor), "the transfer account comes to nothing"
        assert not OpenItem.objects.filter(agreement__type__payment_segment_type="", live_payments__gt=0).exists()

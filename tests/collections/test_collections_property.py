"""Whatever is recorded, split, asked for, granted, refused, assigned, removed, resolved, regenerated and deleted, in
whatever order: the books hold, and the same acts lead to the same books."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.models import BankAccount, Payment, PayOff
from receivables.collections.operations import Assignment, bounce_payment, delete_payment, record_payment
from receivables.collections.resolution import resolve_short_payment
from receivables.collections.reversing import reverse_pay_off
from receivables.collections.unapplied.operations import assign_payment, unassign_payment
from receivables.core.errors import Refused
from receivables.core.transactions import GUARD_MESSAGES
from receivables.ledger.models import Allocation, OpenItem
from tests.billing.credit_notes import reason_of
from tests.builders import balances, make_account, make_load, make_member, make_organization, make_type
from tests.collections.pay_offs import limited
from tests.support.examples import examples, rolled_back
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db

CENTS = st.integers(0, 20_000).map(lambda cents: Decimal(cents) / 100)
WHICH = st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("record"), WHICH, CENTS, CENTS, st.sampled_from(["", "pay", "typed", "split"]), st.booleans()
        ),
        st.tuples(st.just("assign"), WHICH, WHICH, CENTS),
        st.tuples(st.just("remove"), WHICH),
        st.tuples(st.just("delete"), WHICH, st.booleans()),
        st.tuples(st.just("regenerate"), WHICH, CENTS),
        st.tuples(st.just("resolve"), WHICH, CENTS),
        st.tuples(st.just("decide"), WHICH, st.booleans()),
        st.tuples(st.just("reverse"), WHICH),
    ),
    min_size=4,
    max_size=14,
)
BY_GUARD = {code for code, _message in GUARD_MESSAGES.values()} - {"already_reversed", "stale"}
DAY = date(2026, 11, 3)


class Office:
    """A Biller who may concede up to 30.00 alone, a manager, a limit of 40.00, and two invoices of 200.00."""

    def __init__(self, name):
        self.bob = make_member(make_organization(name), Role.BILLER, f"Bob of {name}")
        self.olga = make_member(self.bob.organization, Role.OPERATIONS_MANAGER, f"Olga of {name}")
        limited(self.bob, "40")
        AuthorityLimit.objects.create(
            organization=self.bob.organization, role=Role.BILLER, kind="price_concession", currency="USD",
            maximum=Decimal(30),
        )  # fmt: skip
        self.account, self.type = make_account(self.bob), make_type(self.bob)
        self.bank = BankAccount.objects.of(self.bob).get()
        self.loads = [make_load(self.bob, self.account, "200") for _each in range(2)]
        self.invoices = [generate_invoice(actor=self.bob, load=each, issue_date=DAY) for each in self.loads]

    def rows(self, model, **of):
        return list(model.objects.of(self.bob).filter(**of).order_by("pk"))

    def pick(self, which, model, **of):
        found = self.rows(model, **of)
        return found[which % len(found)] if found else None

    def record(self, which, amount, applied, wish, ask):
        fee, price = reason_of(self.bob, "bank_fee"), reason_of(self.bob, "price_concession")
        wanted = {
            "": {}, "pay": {"pay_bill": True}, "typed": {"bad_debt": Decimal(25)},
            "split": {"pay_bill": True, "parts": [(fee, Decimal(5)), (price, Decimal(31))]},
        }[wish]  # fmt: skip
        record_payment(
            actor=self.bob, account=self.account, amount=amount, date=DAY, method="cash", bank_account=self.bank,
            assignments=[Assignment(self.invoices[which % 2], applied, ask=ask, **wanted)],
        )  # fmt: skip

    def assign(self, which, invoice, amount):
        if payment := self.pick(which, Payment):
            assign_payment(
                actor=self.bob, payment=payment, assignments=[Assignment(self.invoices[invoice % 2], amount)]
            )

    def remove(self, which):
        if row := self.pick(which, Allocation, kind="payment", reverses__isnull=True):
            unassign_payment(actor=self.bob, allocation=row, reason="Wrong")

    def delete(self, which, bounced):
        payment = self.pick(which, Payment)
        if payment and bounced:
            bounce_payment(actor=self.bob, payment=payment, reason="No funds")
        elif payment:
            delete_payment(actor=self.bob, payment=payment)

    def regenerate(self, which, amount):
        load = self.loads[which % 2]
        add_accessorial(actor=self.bob, load=load, type=self.type, entity="customer", amount=-amount, note="")
        regenerate_invoice(actor=self.bob, load=load)

    def resolve(self, which, amount):
        resolve_short_payment(
            actor=self.bob, load=self.loads[which % 2], type=self.type, amount=amount, reason="Damaged"
        )

    def decide(self, which, grant):
        request = self.pick(which, ApprovalRequest, state="waiting")
        if request and grant:
            approve_request(actor=self.olga, request=request)
        elif request:
            reject_request(actor=self.olga, request=request, reason="No")

    def reverse(self, which):
        if given_up := self.pick(which, PayOff):
            reverse_pay_off(actor=self.bob, pay_off=given_up, reason="They pay after all")

    def play(self, steps):
        """The codes of the refusals."""
        codes = []
        for name, *arguments in steps:
            try:
                with transaction.atomic():
                    getattr(self, name)(*arguments)
                codes.append("")
            except Refused as refused:
                codes.append(refused.code)
        return codes

    def state(self):
        items = [(each.kind, each.amount, each.balance) for each in self.rows(OpenItem)]
        asked = [(each.state, each.amount) for each in self.rows(ApprovalRequest)]
        given_up = [(each.amount, each.whole, each.asked_id is not None) for each in self.rows(PayOff)]
        return balances(self.bob), items, asked, given_up


@given(steps=STEPS)
@examples(10)
def test_the_books_hold_and_the_same_acts_lead_to_the_same_books(steps):
    with rolled_back():
        office, twin = Office("Blue Freight"), Office("Red Freight")
        codes = office.play(steps)
        assert not set(codes) & BY_GUARD, "a rule should have refused before the database had to"
        assert twin.play(steps) == codes
        assert twin.state() == office.state()
        assert sum(balances(office.bob).values(), Decimal(0)) == 0
        connection.check_constraints()
        assert broken() == {}

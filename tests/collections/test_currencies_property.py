"""Whatever is paid, applied across currencies, taken off, given back and deleted: both currencies come out even, and
the exchange account holds exactly what the two sides of each settlement were booked at differently."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, Sum
from hypothesis import given
from hypothesis import strategies as st

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.crossing import Crossing
from receivables.collections.models import BankAccount, Payment, Refund
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.unapplied.operations import assign_payment, unassign_payment
from receivables.collections.unapplied.refunds import refund_unapplied
from receivables.core.errors import Refused
from receivables.core.money import decimals
from receivables.core.transactions import GUARD_MESSAGES
from receivables.ledger.models import Allocation, JournalLine, OpenItem
from tests.builders import balances, make_account, make_member, make_organization
from tests.collections.support import bank_in, rate
from tests.support.examples import examples, rolled_back
from tests.support.invariants import broken

DAYS = (date(2026, 10, 1), date(2026, 11, 3), date(2026, 11, 10))
RATES = {
    "SAR": ("0.27", "0.2666666667", "0.2641"),
    "JPY": ("0.0067", "0.0065", "0.0071"),
    "KWD": ("3.3", "3.25", "3.1"),
}
TOTALS = {"USD": "200", "SAR": "750.35", "JPY": "30001", "KWD": "60.007"}
CODES = sorted(TOTALS)
WHICH, PART = st.integers(0, 9), st.fractions(0, 1, max_denominator=997)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.sampled_from(CODES), PART),
        st.tuples(st.just("assign"), WHICH, st.sampled_from(CODES), PART),
        st.tuples(st.just("settle"), WHICH, st.sampled_from(CODES)),
        st.tuples(st.just("unassign"), WHICH),
        st.tuples(st.just("refund"), WHICH, PART),
        st.tuples(st.just("delete"), WHICH),
    ),
    min_size=4,
    max_size=12,
)
BY_GUARD = {code for code, _message in GUARD_MESSAGES.values()} - {"already_reversed"}


def part_of(total, part, currency):
    return round(Decimal(part.numerator) * Decimal(total) / part.denominator, decimals(currency))


class Office:
    """A customer with an invoice in each of four currencies, in books kept in dollars, and three days of rates."""

    def __init__(self):
        self.actor = make_member(make_organization())
        for currency, values in RATES.items():
            for day, value in zip(DAYS, values, strict=True):
                rate(self.actor, currency, day, value)
        self.account = make_account(self.actor)
        self.banks = {code: bank_in(self.actor, code) for code in RATES}
        self.banks["USD"] = BankAccount.objects.of(self.actor).get(currency="USD")
        self.invoices = {code: self.invoice(code) for code in CODES}

    def invoice(self, code):
        first = self.account.agreements.first()
        more = {"organization": self.actor.organization, "type": first.type, "start_date": first.start_date}
        agreement, _made = self.account.agreements.get_or_create(
            currency=code, defaults={**more, "number": f"{first.number}-{code}"}
        )
        load = create_load(actor=self.actor, account=self.account, agreement=agreement, line_haul=Decimal(TOTALS[code]))
        return generate_invoice(actor=self.actor, load=load, issue_date=DAYS[0])

    def record(self, code, part):
        record_payment(
            actor=self.actor, account=self.account, amount=part_of(TOTALS[code], part, code), date=DAYS[1],
            method="wire", bank_account=self.banks[code],
        )  # fmt: skip

    def assign(self, which, code, part):
        if payment := pick(Payment, which):
            self.apply(payment, code, part_of(TOTALS[code], part, code))

    def settle(self, which, code):
        if payment := pick(Payment, which):
            self.apply(payment, code, OpenItem.objects.get(pk=self.invoices[code].open_item_id).balance)

    def apply(self, payment, code, amount):
        wanted = [Assignment(self.invoices[code], amount)]
        assign_payment(actor=self.actor, payment=payment, assignments=wanted)

    def unassign(self, which):
        if row := pick(Allocation.objects.filter(reverses__isnull=True), which):
            unassign_payment(actor=self.actor, allocation=row, reason="Wrong")

    def refund(self, which, part):
        if payment := pick(Payment, which):
            refund_unapplied(
                actor=self.actor, payment=payment, amount=part_of(payment.amount, part, payment.currency),
                bank_account=self.banks[payment.currency], date=DAYS[2], method="ach", reason="Paid twice",
            )  # fmt: skip

    def delete(self, which):
        if payment := pick(Payment, which):
            delete_payment(actor=self.actor, payment=payment)


def pick(rows, which):
    found = list(getattr(rows, "objects", rows).order_by("pk"))
    return found[which % len(found)] if found else None


def booked(item, *entries):
    lines = JournalLine.objects.filter(entry__in=[entry for entry in entries if entry], open_item=item)
    return lines.aggregate(sum=Sum("organization_amount"))["sum"] or Decimal(0)


def differences():
    """What the exchange account must hold: of each standing settlement and refund, one side less the other."""
    live = Allocation.objects.filter(reverses__isnull=True, reversed_by__isnull=True)
    total = sum((-booked(row.debit_item_id, row.entry_id) for row in live), Decimal(0))
    total -= sum((booked(row.credit_item_id, row.taken_entry_id or row.entry_id) for row in live), Decimal(0))
    for refund in Refund.objects.filter(reversal__isnull=True):
        lines = JournalLine.objects.filter(
            entry__source_type="collections.refund", entry__source_id=refund.pk, entry__reverses__isnull=True
        )
        total -= lines.exclude(gl_account__role="exchange").aggregate(sum=Sum("organization_amount"))["sum"]
    return total


@pytest.mark.django_db
@given(steps=STEPS)
@examples(10)
def test_both_currencies_come_out_even_after_any_sequence(steps):
    with rolled_back():
        office, codes = Office(), set()
        for name, *arguments in steps:
            try:
                getattr(office, name)(*arguments)
            except Refused as refused:
                codes.add(refused.code)
        assert not codes & BY_GUARD, "a rule should have refused before the database had to"
        connection.check_constraints()
        assert broken() == {}
        assert not OpenItem.objects.filter(balance=0).exclude(organization_balance=0).exists()
        assert balances(office.actor).get("7000", Decimal(0)) == differences()
        lost = JournalLine.objects.filter(gl_account__code__startswith="6").exclude(organization_amount=F("amount"))
        assert not lost.exists(), "no exchange difference stands among the expenses"


@given(st.sampled_from(CODES), st.sampled_from(CODES), st.integers(1, 10**9))
def test_the_most_that_money_pays_is_the_most(debt, money, units):
    rates = {code: Decimal(RATES[code][1]) if code in RATES else Decimal(1) for code in CODES}
    across = Crossing(debt, money, rates[debt], rates[money])
    left, unit = Decimal(units).scaleb(-decimals(money)), Decimal(1).scaleb(-decimals(debt))
    most = across.most_for(left)
    assert across.taken_for(most) <= left
    assert across.taken_for(most + 2 * unit) >= left or across.taken_for(most + 2 * unit) > across.taken_for(most)

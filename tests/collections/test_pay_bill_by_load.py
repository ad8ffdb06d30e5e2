"""Pay bill? on a summary invoice: of which load something is given up, and how the loads read."""

from datetime import date
from decimal import Decimal as D

import pytest

from receivables.billing.filters import listed_loads
from receivables.billing.models import Revision
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.billing.summary.parts import part_of, parts_of
from receivables.collections.models import BankAccount
from receivables.collections.operations import Assignment, delete_payment, record_payment
from tests.builders import make_account, make_load
from tests.collections.support import fresh

pytestmark = pytest.mark.django_db


class TestSummaryInvoice:
    """Three loads of 1,000, 2,000 and 500; what is given up is said of a load only where that is known."""

    @pytest.fixture
    def summed(self, biller):
        account = make_account(biller)
        loads = [make_load(biller, account, amount) for amount in ("1000", "2000", "500")]
        return generate_summary_invoice(actor=biller, loads=loads), loads

    def parts(self, biller, invoice, loads):
        invoice = fresh(invoice)
        found = parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))
        listed = [part_of(each) for each in listed_loads(biller).filter(pk__in=found).order_by("pk")]
        assert listed == [found[load.pk] for load in loads], "lists say the same"
        day = {"voided": False, "due_date": date(2026, 12, 3), "today": date(2026, 11, 3)}
        return [(each.paid, each.written_off, each.balance, each.status(**day).code) for each in listed]

    def test_short_on_one_load_it_is_that_load_that_is_written_off(self, biller, summed):
        invoice, loads = summed
        shares = {loads[0].pk: D(1000), loads[1].pk: D(1960), loads[2].pk: D(500)}
        payment = save(biller, invoice, "3460", shares=shares, pay_bill=True)
        assert self.parts(biller, invoice, loads) == [
            (1000, 0, 0, "paid"), (1960, 40, 0, "settled_written_off"), (500, 0, 0, "paid"),
        ]  # fmt: skip
        delete_payment(actor=biller, payment=payment)
        assert self.parts(biller, invoice, loads) == [(0, 0, 1000, "open"), (0, 0, 2000, "open"), (0, 0, 500, "open")]

    def test_bad_debt_by_hand_goes_to_the_only_load_that_is_open(self, biller, summed):
        invoice, loads = summed
        shares = {loads[0].pk: D(1000), loads[1].pk: D(1900), loads[2].pk: D(500)}
        save(biller, invoice, "3400", shares=shares, bad_debt=D(40))
        assert self.parts(biller, invoice, loads)[1] == (1900, 40, 60, "part_paid")

    def test_where_nobody_knows_no_load_reads_paid(self, biller, summed):
        invoice, loads = summed
        save(biller, invoice, "3460", pay_bill=True)
        assert [row[3] for row in self.parts(biller, invoice, loads)] == ["settled_written_off"] * 3


def save(actor, invoice, amount, **wish):
    return record_payment(
        actor=actor, account=invoice.account, amount=D(amount), date=date(2026, 11, 3), method="check",
        bank_account=BankAccount.objects.of(actor).get(), assignments=[Assignment(invoice, D(amount), **wish)],
    )  # fmt: skip

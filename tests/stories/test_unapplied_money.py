"""A customer pays more than is owed: the rest is applied later, corrected, moved, and at last given back.

1000 bank, 1200 receivables, 2100 unapplied money, 4000 revenue, 7000 exchange gain or loss.
"""

from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.collections.models import BankAccount
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.unapplied.operations import assign_payment, move_payment_assignment, unassign_payment
from receivables.collections.unapplied.refunds import refund_unapplied, reverse_refund
from receivables.core.events import history
from receivables.ledger.models import Allocation
from tests.builders import balances, make_account, make_invoice, make_load, make_member, make_organization
from tests.collections.support import bank_in, item_of, rate
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 3)


@pytest.fixture
def admin():
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


def received(actor, account, amount, bank=None):
    return record_payment(
        actor=actor, account=account, amount=Decimal(amount), date=DAY, method="wire",
        bank_account=bank or BankAccount.objects.of(actor).get(),
    )  # fmt: skip


def standing(payment, invoice):
    return Allocation.objects.get(
        credit_item=payment.open_item, debit_item=invoice.open_item, reverses__isnull=True, reversed_by__isnull=True
    )


def test_the_rest_of_a_payment(admin):
    account = make_account(admin)
    march, april = make_invoice(admin, account, "1000"), make_invoice(admin, account, "400")
    assert balances(admin) == {"1200": 1400, "4000": -1400}

    payment = received(admin, account, "1500")
    assert balances(admin) == {"1000": 1500, "1200": 1400, "2100": -1500, "4000": -1400}

    wanted = [Assignment(march, Decimal(1000)), Assignment(april, Decimal(300))]
    assign_payment(actor=admin, payment=payment, assignments=wanted)
    assert balances(admin) == {"1000": 1500, "1200": 100, "2100": -200, "4000": -1400}

    unassign_payment(actor=admin, allocation=standing(payment, march), reason="Paid by somebody else")
    assert balances(admin) == {"1000": 1500, "1200": 1100, "2100": -1200, "4000": -1400}

    move_payment_assignment(
        actor=admin, allocation=standing(payment, april), invoice=march, reason="As the remittance says"
    )
    assert [item_of(each).balance for each in (march, april)] == [700, 400]
    assert balances(admin) == {"1000": 1500, "1200": 1100, "2100": -1200, "4000": -1400}

    refund = refund_unapplied(
        actor=admin, payment=payment, amount=Decimal(1200), bank_account=payment.bank_account, date=DAY,
        method="wire", reason="Paid twice",
    )  # fmt: skip
    assert balances(admin) == {"1000": 300, "1200": 1100, "4000": -1400}

    reverse_refund(actor=admin, refund=refund, reason="The bank sent it back")
    delete_payment(actor=admin, payment=payment)
    assert balances(admin) == {"1200": 1400, "4000": -1400}
    assert [event.name for event in history(admin, payment)] == [
        "delete_payment", "reverse_refund", "refund_unapplied", "move_payment_assignment", "unassign_payment",
        "assign_payment", "record_payment",
    ]  # fmt: skip
    assert broken() == {}


def test_money_in_another_currency(admin):
    """100.00 EUR billed at 1.10 = 110.00 USD; 150.00 EUR came at 1.25 = 187.50 USD; 50.00 EUR went back at 1.20."""
    rate(admin, "EUR", date(2026, 10, 1), "1.10")
    rate(admin, "EUR", DAY, "1.25")
    rate(admin, "EUR", date(2026, 11, 10), "1.20")
    account, euros = make_account(admin, currency="EUR"), bank_in(admin, "EUR")
    load = make_load(admin, account, "100")
    invoice = generate_invoice(actor=admin, load=load, issue_date=date(2026, 10, 1))
    payment = received(admin, account, "150", euros)
    assert balances(admin) == {"1000": Decimal("187.50"), "1200": 110, "2100": Decimal("-187.50"), "4000": -110}

    assign_payment(actor=admin, payment=payment, assignments=[Assignment(invoice, Decimal(100))])
    assert balances(admin) == {"1000": Decimal("187.50"), "2100": Decimal("-62.50"), "4000": -110, "7000": -15}

    refund = refund_unapplied(
        actor=admin, payment=payment, amount=Decimal(50), bank_account=euros, date=date(2026, 11, 10), method="wire",
        reason="Paid too much",
    )  # fmt: skip
    assert balances(admin) == {"1000": Decimal("127.50"), "4000": -110, "7000": Decimal("-17.50")}

    reverse_refund(actor=admin, refund=refund, reason="Came back")
    unassign_payment(actor=admin, allocation=standing(payment, invoice), reason="Wrong invoice")
    assert balances(admin) == {"1000": Decimal("187.50"), "1200": 110, "2100": Decimal("-187.50"), "4000": -110}

    assign_payment(actor=admin, payment=payment, assignments=[Assignment(invoice, Decimal("33.33"))])
    assign_payment(actor=admin, payment=payment, assignments=[Assignment(invoice, Decimal("66.67"))])
    delete_payment(actor=admin, payment=payment)
    assert balances(admin) == {"1200": 110, "4000": -110}
    assert broken() == {}

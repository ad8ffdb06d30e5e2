"""The published example: an invoice of 1,000.00, a payment of 950.00, and the five steps that settle it."""

from decimal import Decimal

import pytest

from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.operations import delete_payment
from receivables.core.errors import Refused
from tests.builders import balances, make_member, make_organization, make_type, pay, seed_load

pytestmark = pytest.mark.django_db


@pytest.fixture
def biller():
    return make_member(make_organization())


def open_item(invoice):
    invoice = Invoice.objects.select_related("open_item").get(pk=invoice.pk)
    return invoice.open_item


def test_five_steps_by_hand(biller):
    load = seed_load(biller)
    write_off = make_type(biller)
    invoice = generate_invoice(actor=biller, load=load)
    assert balances(biller) == {"1200": Decimal("1000"), "4000": Decimal("-1000")}

    payment = pay(biller, invoice, "950")
    assert balances(biller) == {"1000": Decimal("950"), "1200": Decimal("50"), "4000": Decimal("-1000")}
    with pytest.raises(Refused) as refused:
        regenerate_invoice(actor=biller, load=load)
    assert refused.value.code == "payment_exists"
    assert f"Delete payment {payment.number} first" in str(refused.value)

    delete_payment(actor=biller, payment=payment)
    assert open_item(invoice).balance == 1000
    add_accessorial(actor=biller, load=load, type=write_off, entity="customer", amount=Decimal("-50"))
    revision = regenerate_invoice(actor=biller, load=load)
    assert (revision.number, revision.total) == (2, Decimal("950"))
    again = pay(biller, invoice, "950")

    item = open_item(invoice)
    assert (item.amount, item.balance, item.paid) == (Decimal("950"), Decimal("0"), Decimal("950"))
    assert again.number != payment.number
    assert balances(biller) == {"1000": Decimal("950"), "4000": Decimal("-1000"), "6100": Decimal("50")}
    assert Revision.objects.get(invoice=invoice, number=1).total == 1000
    assert Load.objects.get(pk=load.pk).agreement.payoff_balance == 0

"""A check of 950.00 on an invoice of 1,000.00, the rest given away, and then the check bounces: all is owed again."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.billing.models import Accessorial, Invoice
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.models import Payment, PaymentReversal, Resolution
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.collections.resolution import resolve_short_payment
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from tests.builders import balances, make_load, make_member, make_organization, make_type, pay
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db
NSF = "Returned: insufficient funds"


@pytest.fixture
def biller():
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def short(biller):
    """Billed 1,000.00, received 950.00, the 50.00 written off in one step."""
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    payment = pay(biller, invoice, "950")
    resolve_short_payment(actor=biller, load=load, type=make_type(biller), reason="Damaged carton")
    assert balances(biller) == {"1000": 950, "4000": -1000, "6100": 50}
    return load, invoice, payment


def standing(invoice):
    """Total, open, paid and the number of live payments."""
    item = Invoice.objects.select_related("open_item").get(pk=invoice.pk).open_item
    return item.amount, item.balance, item.paid, item.live_payments


def test_bounce_payment_makes_the_customer_owe_the_whole_again(biller, short):
    load, invoice, payment = short
    reversal = bounce_payment(actor=biller, payment=payment, reason=NSF)
    assert balances(biller) == {"1200": 1000, "4000": -1000}
    assert standing(invoice) == (1000, 1000, 0, 0)
    assert reversal.kind == PaymentReversal.Kind.BOUNCED
    assert Accessorial.objects.get().state == Accessorial.State.REMOVED
    assert Resolution.objects.filter(undoes__isnull=False).count() == 1
    names = [event.name for event in history(biller, payment)][:2]
    assert names == ["bounce_payment", "undo_resolution"], "the payment's history tells of both"
    assert {"bounce_payment", "undo_resolution"} <= {event.name for event in history(biller, load)}
    assert broken() == {}


def test_delete_payment_leaves_the_reduction_unless_asked(biller, short):
    _load, invoice, payment = short
    delete_payment(actor=biller, payment=payment)
    assert standing(invoice) == (950, 950, 0, 0)
    assert balances(biller) == {"1200": 950, "4000": -1000, "6100": 50}


def test_delete_payment_takes_the_reduction_back_if_asked(biller, short):
    _load, invoice, payment = short
    delete_payment(actor=biller, payment=payment, with_reductions=True)
    assert standing(invoice) == (1000, 1000, 0, 0)
    assert balances(biller) == {"1200": 1000, "4000": -1000}
    assert broken() == {}


def test_another_payment_on_the_invoice_is_put_back_as_it_was(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    kept, bounced = pay(biller, invoice, "300"), pay(biller, invoice, "600")
    resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    bounce_payment(actor=biller, payment=bounced, reason=NSF)
    assert standing(invoice) == (1000, 700, 300, 1)
    assert balances(biller) == {"1000": 300, "1200": 700, "4000": -1000}
    assert Payment.objects.filter(reversal__isnull=True).get() == kept
    assert broken() == {}


def test_two_reductions_given_with_it_are_both_taken_back(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    payment, kind = pay(biller, invoice, "950"), make_type(biller)
    for amount in (20, 30):
        resolve_short_payment(actor=biller, load=load, type=kind, amount=Decimal(amount))
    bounce_payment(actor=biller, payment=payment, reason=NSF)
    assert standing(invoice) == (1000, 1000, 0, 0)
    assert balances(biller) == {"1200": 1000, "4000": -1000}


def test_what_was_billed_since_stays(biller, short):
    """Detention of 25.00 went onto the invoice after the resolution; the bounce does not touch it."""
    load, invoice, payment = short
    delete_payment(actor=biller, payment=payment)
    extra = make_type(biller, "Detention", "charge")
    add_accessorial(actor=biller, load=load, type=extra, entity="customer", amount=Decimal(25))
    regenerate_invoice(actor=biller, load=load)
    again = pay(biller, invoice, "900")
    resolve_short_payment(actor=biller, load=load, type=make_type(biller, "Claim", "price_concession"))
    bounce_payment(actor=biller, payment=again, reason=NSF)
    assert standing(invoice) == (975, 975, 0, 0), "the reduction of the deleted payment stays, this one's does not"


def test_a_reduction_that_waits_for_approval_is_withdrawn(biller):
    AuthorityLimit.objects.create(
        organization=biller.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=Decimal(20)
    )
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    payment = pay(biller, invoice, "950")
    resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    bounce_payment(actor=biller, payment=payment, reason=NSF)
    assert ApprovalRequest.objects.get().state == ApprovalRequest.State.WITHDRAWN
    assert standing(invoice) == (1000, 1000, 0, 0)


def test_if_the_invoice_cannot_be_regenerated_nothing_happens(biller, short):
    """A discount of 50.00 was added by hand meanwhile: without the reduction the total would not change."""
    load, invoice, payment = short
    extra = make_type(biller, "Claim", "price_concession")
    add_accessorial(actor=biller, load=load, type=extra, entity="customer", amount=Decimal(50))
    with pytest.raises(Refused) as refused:
        bounce_payment(actor=biller, payment=payment, reason=NSF)
    assert refused.value.code == "reduction_stays"
    assert "on load L-000001 can't be taken back with the payment: Nothing to regenerate" in str(refused.value)
    assert standing(invoice) == (950, 0, 950, 1)


def test_bounce_payment_wants_a_reason_and_happens_once(biller, short):
    _load, _invoice, payment = short
    with pytest.raises(Refused) as refused:
        bounce_payment(actor=biller, payment=payment, reason=" ")
    assert refused.value.field == "reason"
    bounce_payment(actor=biller, payment=payment, reason=NSF)
    for again in (bounce_payment, delete_payment):
        with pytest.raises(Refused):
            again(actor=biller, payment=payment, reason=NSF)


def test_bounce_payment_needs_billing_alone_delete_with_the_reduction_both_bundles(biller, short):
    _load, invoice, payment = short
    clerk = make_member(biller.organization, Role.BILLER, "Clea Clerk", denied=["accessorials"])
    with pytest.raises(NotPermitted):
        delete_payment(actor=clerk, payment=payment, with_reductions=True)
    bounce_payment(actor=clerk, payment=payment, reason=NSF)
    assert standing(invoice) == (1000, 1000, 0, 0)

"""A customer refuses 120.00 of an invoice: it is noted, nobody is reminded, and no figure moves until it is decided."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from receivables.collections.resolution import resolve_short_payment
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.credit_control.models import Dispute
from receivables.credit_control.operations import open_dispute, resolve_dispute
from receivables.credit_control.panels import marks_of
from receivables.credit_control.queries import disputes_of, held_items
from tests.builders import balances, make_load, make_member, make_organization, make_type, pay
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def biller():
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def load(biller):
    """Billed 1,000.00, received 880.00."""
    load = make_load(biller)
    pay(biller, generate_invoice(actor=biller, load=load), "880")
    return load


def invoice_of(load):
    return Invoice.objects.select_related("open_item", "account").get(loads=load.pk)


def held(actor):
    invoices = Invoice.objects.of(actor)
    disputed, waiting = held_items(actor, invoices.values_list("account", flat=True))
    return list(invoices.filter(open_item__in=disputed | waiting))


def marks(actor, invoice):
    return [(mark["currency"], mark["amount"]) for mark in marks_of(disputes_of(actor, invoice=invoice))]


def test_open_dispute_moves_no_money_and_holds_the_invoice_from_reminders(biller, load):
    invoice, before = invoice_of(load), balances(biller)
    open_dispute(actor=biller, invoice=invoice, load=load, amount=D(120), why="damage", note="Two pallets wet")
    assert balances(biller) == before == {"1000": 880, "1200": 120, "4000": -1000}
    assert invoice_of(load).open_item.balance == 120
    assert held(biller) == [invoice]
    assert marks(biller, invoice) == [("USD", 120)]
    for about in (load, invoice, invoice.account, invoice.account.customer):
        assert history(biller, about).first().name == "open_dispute", about
    assert broken() == {}


def test_resolve_dispute_with_a_reduction_after_the_customer_was_right(biller, load):
    invoice = invoice_of(load)
    dispute = open_dispute(actor=biller, invoice=invoice, amount=D(120), why="rate")
    resolve_short_payment(actor=biller, load=load, type=make_type(biller, "Claim", "price_concession"))
    assert held(biller) == [], "a settled invoice needs no reminder and no mark"
    assert marks(biller, invoice) == []
    resolve_dispute(actor=biller, dispute=dispute, decision="accepted", reason="The quote said 880")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.decision, dispute.outcome) == ("resolved", "accepted", "The quote said 880")
    assert balances(biller) == {"1000": 880, "4000": -1000, "4900": 120}


@pytest.mark.parametrize(
    ("decision", "state"), [("rejected", "resolved"), ("partly", "resolved"), ("withdrawn", "withdrawn")]
)
def test_once_it_is_closed_the_customer_is_reminded_again(biller, load, decision, state):
    dispute = open_dispute(actor=biller, invoice=invoice_of(load), amount=D(120), why="damage")
    resolve_dispute(actor=biller, dispute=dispute, decision=decision, reason="They signed for it")
    assert held(biller) == []
    assert Dispute.objects.get().state == state
    with pytest.raises(Refused) as refused:
        resolve_dispute(actor=biller, dispute=dispute, decision=decision, reason="Again")
    assert refused.value.code == "already_closed"


def test_several_disputes_never_add_up_to_more_than_is_open(biller, load):
    invoice = invoice_of(load)
    for amount in (100, 20):
        open_dispute(actor=biller, invoice=invoice, amount=D(amount), why="other")
    with pytest.raises(Refused) as refused:
        open_dispute(actor=biller, invoice=invoice, amount=D("0.01"), why="other")
    assert refused.value.code == "disputed_already"


def test_a_part_payment_lowers_the_mark_and_leaves_the_dispute_as_it_is(biller, load):
    invoice = invoice_of(load)
    open_dispute(actor=biller, invoice=invoice, amount=D(120), why="damage")
    pay(biller, invoice, "70")
    assert marks(biller, invoice) == [("USD", 50)]
    assert Dispute.objects.get().amount == 120
    assert held(biller) == [invoice]


def test_open_dispute_is_refused_for_a_load_of_another_invoice(biller, load):
    other = make_load(biller)
    with pytest.raises(Refused):
        open_dispute(actor=biller, invoice=invoice_of(load), load=other, amount=D(1), why="damage")


def test_resolve_dispute_wants_a_reason_and_both_verbs_their_permission(biller, load):
    auditor = make_member(biller.organization, Role.AUDITOR, "Ann Auditor")
    with pytest.raises(NotPermitted):
        open_dispute(actor=auditor, invoice=invoice_of(load), amount=D(1), why="damage")
    dispute = open_dispute(actor=biller, invoice=invoice_of(load), amount=D(1), why="damage")
    with pytest.raises(NotPermitted):
        resolve_dispute(actor=auditor, dispute=dispute, decision="rejected", reason="No")
    with pytest.raises(Refused) as refused:
        resolve_dispute(actor=biller, dispute=dispute, decision="rejected", reason=" ")
    assert refused.value.field == "reason"

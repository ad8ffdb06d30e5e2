"""Changes whose answer was lost or that were done by half, and what people do about them meanwhile."""

from decimal import Decimal

import httpx
import pytest

from receivables.billing.operations import generate_invoice, regenerate_invoice, void_invoice
from receivables.collections.operations import Assignment
from receivables.collections.unapplied.operations import assign_payment, unassign_payment
from receivables.integrations import egress
from receivables.integrations.models import Connection, Delivery, Kind
from receivables.integrations.noting import Notes
from receivables.integrations.operations import ignore_delivery, pause_connection, retry_delivery
from receivables.integrations.resting import MAX_TRIES
from receivables.integrations.systems.qbo import planner
from receivables.ledger.models import Allocation
from tests.builders import make_load, pay
from tests.integrations.conftest import sync
from tests.integrations.stages import VARIANTS
from tests.integrations.test_every_system import again, reduce
from tests.integrations.test_fault_matrix import intacct as refused

State = Delivery.State


def paid():
    return Delivery.objects.get(source="collections.payment")


@pytest.mark.parametrize("stage", VARIANTS, indirect=True)
def test_a_changed_and_a_voided_invoice_whose_answers_were_lost(bob, connection, books, invoice, write_off):
    """What was done is not taken for a change of somebody's over there."""
    regenerate_invoice(actor=bob, load=reduce(bob, invoice, write_off))
    for void in (False, True):
        if void:
            void_invoice(actor=bob, load=again(invoice).loads.get(), reason="Wrong customer")
        books.faults = ["cut_after", "cut_after", "cut_after"]
        for _each in range(6):
            sync(connection)
        books.faults = []
        row = Delivery.objects.get(kind="invoice")
        assert (row.state, books.receivable()) == (State.SYNCED, 0 if void else 950), row.message


@pytest.mark.parametrize("stage", ["quickbooks_desktop"], indirect=True)
def test_what_was_taken_back_and_not_entered_anew_is_not_taken_for_delivered(bob, connection, books, invoice):
    """A payment is deleted there and entered anew; entering is refused, and here it goes back to what it was."""
    payment = pay(bob, invoice, "100", applied="60")
    sync(connection)
    assert books.live_payments() == [100]
    assign_payment(actor=bob, payment=payment, assignments=[Assignment(again(invoice), Decimal(40))])
    books.closed_before = "2030-01-01"
    sync(connection)
    assert (paid().state, books.live_payments()) == (State.ERROR, [])
    latest = Allocation.objects.filter(credit_item__payment=payment).latest("pk")
    unassign_payment(actor=bob, allocation=latest, reason="As it was")
    books.closed_before = ""
    sync(connection)
    assert (paid().state, books.live_payments(), books.receivable()) == (State.SYNCED, [100], 900)


@pytest.mark.parametrize("stage", VARIANTS, indirect=True)
def test_ignore_delivery_of_what_is_uncertain_still_asks_when_it_is_tried_again(bob, connection, books, invoice):
    pay(bob, invoice, "400")
    books.faults = ["cut_after", "cut_after"]
    for _each in range(3):
        sync(connection)
        if paid().state == State.UNCERTAIN:
            break
    books.faults = []
    ignore_delivery(actor=bob, delivery=paid(), reason="I look myself")
    sync(connection)
    assert paid().state == State.IGNORED
    retry_delivery(actor=bob, delivery=paid())
    for _each in range(3):
        sync(connection)
    assert (paid().state, books.live_payments()) == (State.SYNCED, [400])


@pytest.mark.parametrize("stage", ["sage_intacct"], indirect=True)
def test_nothing_is_sent_for_what_is_there_by_half(bob, connection, books, invoice, write_off):
    """An invoice was reversed there, and what takes its place was refused: its payment waits."""
    regenerate_invoice(actor=bob, load=reduce(bob, invoice, write_off))
    pay(bob, again(invoice), "100")
    books.faults = [None, refused("BL01001973", "The account 4000 is required.")]
    sync(connection)
    assert Delivery.objects.get(kind="invoice").state == State.ERROR
    assert (paid().state, paid().message) == (State.HELD, f"Waits until {invoice.number} has been delivered.")
    retry_delivery(actor=bob, delivery=Delivery.objects.get(kind="invoice"))
    sync(connection)
    assert (paid().state, books.receivable()) == (State.SYNCED, 850)


def test_what_waits_for_something_that_was_handled_outside_says_so(bob, connection, books, invoice):
    later = generate_invoice(actor=bob, load=make_load(bob, invoice.account, "100"))
    books.closed_before = "2030-01-01"
    sync(connection)
    row = Delivery.objects.get(source="billing.invoice", source_id=later.pk)
    assert row.state == State.ERROR
    ignore_delivery(actor=bob, delivery=row, reason="Entered by hand")
    books.closed_before = ""
    pay(bob, later, "100")
    sync(connection)
    assert paid().state == State.HELD
    assert f"{later.number}, which is marked as handled outside" in paid().message


def test_nobody_to_be_reached_for_days_blames_no_document(bob, connection, books, invoice, monkeypatch):
    """A line that is down on a weekend leaves nothing for a person to do."""

    def down(*args, **kwargs):
        raise httpx.ConnectError("down")

    pay(bob, invoice, "400")
    with monkeypatch.context() as patched:
        patched.setattr(egress, "fetch", down)
        for _each in range(MAX_TRIES + 2):
            Connection.objects.update(paused_until=None)
            sync(connection)
    connection.refresh_from_db()
    assert (connection.paused_until is not None, connection.problem) == (True, "QuickBooks Online cannot be reached.")
    assert (paid().state, paid().message) == (State.QUEUED, "QuickBooks Online cannot be reached.")
    Connection.objects.update(paused_until=None)
    sync(connection)
    connection.refresh_from_db()
    assert (paid().state, books.live_payments(), connection.problem) == (State.SYNCED, [400], "")


def test_an_invoice_that_was_deleted_there_is_a_conflict_that_says_what_to_do(
    bob, connection, quickbooks, invoice, write_off
):
    quickbooks.objects["Invoice"].clear()
    regenerate_invoice(actor=bob, load=reduce(bob, invoice, write_off))
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble) == (State.ERROR, "conflict")
    assert "deleted in QuickBooks Online. Settle there" in row.message


def test_what_cannot_be_prepared_says_so_and_holds_nothing_else_up(bob, connection, books, invoice, monkeypatch):
    def broken(*args):
        raise KeyError("Id")

    monkeypatch.setitem(planner.BODIES, Kind.PAYMENT, broken)
    pay(bob, invoice, "400")
    later = generate_invoice(actor=bob, load=make_load(bob, invoice.account, "100"))
    sync(connection)
    assert Delivery.objects.get(reference=later.number).state == State.SYNCED
    assert (paid().state, "on our side" in paid().message) == (State.QUEUED, True)
    for _each in range(MAX_TRIES):
        sync(connection)
    assert paid().state == State.ERROR, "in the end somebody is told"


def test_what_a_person_said_of_a_connection_stays(bob, connection):
    """A worker whose last call is refused or leads nowhere ends no pause."""
    pause_connection(actor=bob, connection=connection, reason="Year end")
    notes = Notes(connection, "a worker")
    notes.stop(state=Connection.State.BROKEN, problem="It refuses our access.")
    notes.write()
    connection.refresh_from_db()
    assert (connection.state, connection.problem) == (Connection.State.PAUSED, "Year end")

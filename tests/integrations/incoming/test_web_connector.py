"""What people do over there in QuickBooks Desktop: its Web Connector brings it at its next visit, page by page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from lxml import etree

from receivables.collections.operations import delete_payment
from receivables.integrations.incoming import tasks
from receivables.integrations.incoming.models import IncomingChange, Watch
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.qbd import changes
from receivables.integrations.systems.qbd.visits import begin
from receivables.integrations.tasks import look_for_changes
from tests.builders import balances, pay
from tests.integrations.conftest import states, sync
from tests.integrations.incoming.test_incoming import accept
from tests.integrations.stages import PASSWORD, visit
from tests.integrations.test_quickbooks_desktop import fetch, service

pytestmark = [
    pytest.mark.django_db, pytest.mark.parametrize("stage", ["quickbooks_desktop"], indirect=True)
]  # fmt: skip


def look(connection, books):
    """The next visit is one that asks what changed; how many changes are known after it."""
    moment = timezone.now() - timedelta(minutes=10)
    Watch.objects.filter(connection=connection).update(looked_at=moment)
    books.requests.clear()
    visit(connection, books)
    return IncomingChange.objects.count()


def remote(reference):
    return Delivery.objects.get(reference=reference).remote["TxnID"]


def test_a_payment_over_there_is_proposed_recorded_once_and_never_sent(bob, connection, books, invoice, monkeypatch):
    monkeypatch.setattr(changes, "PAGE", 1)
    own = pay(bob, invoice, "20")
    sync(connection)
    assert look(connection, books) == 0, "what we did ourselves is no news"
    customer = Delivery.objects.get(kind="customer").remote["ListID"]
    books.record_payment(customer, "930", {remote(invoice.number): "930"})
    assert (look(connection, books), look(connection, books)) == (1, 1)
    assert sum('iterator="Continue"' in each for each in books.requests) == 1, "two payments are two pages"
    change = IncomingChange.objects.get()
    assert (change.what, change.amount, change.customer) == ("payment", Decimal(930), invoice.account.customer)
    assert (change.reference, change.applied) == ("EFT 7", [{"invoice": invoice.pk, "amount": "930.00"}])
    assert balances(bob)["1200"] == 980, "nothing is posted by itself"
    writes = books.writes
    payment = accept(bob, change)
    sync(connection)
    assert (books.writes, states(connection)[payment.number], books.receivable()) == (writes, "synced", 50)
    assert (look(connection, books), sorted(books.live_payments())) == (1, [20, 930])
    books._taken_back(deletion("ReceivePayment", remote(own.number)))
    assert look(connection, books) == 2
    gone = IncomingChange.objects.get(what="deleted")
    assert (gone.reference, gone.amount) == (own.number, Decimal(20))
    assert own.number in gone.message
    delete_payment(actor=bob, payment=payment)
    sync(connection)
    assert books.live_payments() == [], "what was recorded here is ours from then on, here and there"


def deletion(kind, key):
    """The message by which somebody over there deletes a document."""
    message = etree.Element("TxnDelRq")
    etree.SubElement(message, "TxnDelType").text = kind
    etree.SubElement(message, "TxnID").text = key
    return message


def test_what_is_changed_over_there_is_shown_and_goes_when_it_is_as_it_was(bob, connection, books, invoice):
    sync(connection)
    lines = next(iter(books.objects["Invoice"].values()))["lines"]
    books.change_the_invoice()
    assert look(connection, books) == 1
    change = IncomingChange.objects.get()
    assert (change.what, change.reference, change.state) == ("changed", invoice.number, "open")
    row = next(iter(books.objects["Invoice"].values()))
    row["lines"] = lines
    books._touch(row)
    look(connection, books)
    change.refresh_from_db()
    assert change.state == "gone"


def test_a_look_waits_for_our_own_documents_and_begins_anew_with_a_new_visit(bob, connection, books, invoice):
    sync(connection)
    name = f"receivables-{connection.pk}"
    Watch.objects.update(looked_at=timezone.now() - timedelta(minutes=10), since=timezone.now())
    since = Watch.objects.get().since
    pay(bob, invoice, "20")
    look_for_changes()
    port = service()
    ticket = port.authenticate(name, PASSWORD)[0]
    for request in ("ReceivePaymentAddRq", "ReceivePaymentQueryRq"):
        assert request in (text := fetch(port, ticket))
        assert port.receiveResponseXML(ticket, books(text), "", "") < 100, "there is more to ask"
    assert Watch.objects.get().position["kind"] == "invoice"
    ticket = port.authenticate(name, PASSWORD)[0]
    assert "ReceivePaymentQueryRq" in fetch(port, ticket), "the pages of an ended visit are asked for again"
    assert port.receiveResponseXML(ticket, "", "0x80040400", "It broke off.") == 100
    watch = Watch.objects.get()
    assert (watch.position, watch.since) == ({}, since)
    assert "brought no answer" in watch.problem
    assert tasks.watched() == [], "no worker asks where a program over there does"


def test_what_was_there_before_the_first_visit_is_not_looked_at_and_a_pause_asks_nothing(bob, connection, books):
    assert begin(connection) is None
    assert Watch.objects.get().since <= timezone.now()
    Watch.objects.update(looked_at=timezone.now() - timedelta(minutes=10))
    Connection.objects.update(state=Connection.State.PAUSED)
    assert begin(connection) is None

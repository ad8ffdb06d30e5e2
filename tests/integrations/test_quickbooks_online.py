"""What only QuickBooks Online does: its keys, its tokens, its faults. The stories are in test_every_system."""

from receivables.integrations.models import Delivery
from receivables.integrations.vault import opened
from tests.builders import pay
from tests.integrations.conftest import sync
from tests.integrations.standins.server import Reply

State = Delivery.State


def test_without_the_key_the_same_shows_a_double(bob, connection, quickbooks, invoice):
    """The control of the stories about cut connections: the stand-in can hold a payment twice."""
    quickbooks.replay = False
    pay(bob, invoice, "400")
    quickbooks.faults = ["cut_after"]
    sync(connection)
    sync(connection)
    assert len(quickbooks.live_payments()) == 2


def test_too_many_calls_pause_the_connection_and_lose_nothing(bob, connection, quickbooks, invoice):
    pay(bob, invoice, "950")
    quickbooks.faults = [Reply(429, "{}", {"Retry-After": "60"})]
    sync(connection)
    connection.refresh_from_db()
    assert connection.paused_until is not None
    connection.paused_until = None
    connection.save(update_fields=["paused_until"])
    sync(connection)
    assert quickbooks.receivable() == 50


def test_a_no_inside_a_yes_is_a_no(bob, connection, quickbooks, invoice):
    body = {"Fault": {"Error": [{"code": "6540", "Message": "Deposited", "Detail": "deposited"}]}}
    quickbooks.faults = [Reply(200, body)]
    payment = pay(bob, invoice, "950")
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.trouble, row.system_text) == (State.ERROR, "needs_person", "Deposited deposited")


def test_a_lapsed_token_is_renewed_and_the_newest_kept(bob, connection, quickbooks, invoice):
    assert opened(type(connection).objects.get(pk=connection.pk).secrets)["refresh_token"] == "refresh-1"
    quickbooks.access = "revoked meanwhile"
    pay(bob, invoice, "950")
    sync(connection)
    assert quickbooks.receivable() == 50
    assert opened(type(connection).objects.get(pk=connection.pk).secrets)["refresh_token"] == "refresh-2"


def test_a_lost_grant_breaks_the_connection_and_loses_nothing(bob, connection, quickbooks, invoice):
    quickbooks.access = quickbooks.refresh = "gone"
    payment = pay(bob, invoice, "950")
    sync(connection)
    connection.refresh_from_db()
    assert connection.state == connection.State.BROKEN
    assert Delivery.objects.get(source="collections.payment", source_id=payment.pk).state == State.QUEUED

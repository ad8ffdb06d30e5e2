"""Error Transactions: what is shown, tried again, left to others; connections paused, resumed, mapped."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.credit_notes.models import Reason
from receivables.billing.models import AccessorialType, Invoice, RevisionLine
from receivables.billing.operations import generate_invoice
from receivables.collections.models import PayOffPolicy
from receivables.core.errors import NotPermitted, Refused
from receivables.integrations.models import Connection, Delivery, Mapping
from receivables.integrations.operations import (
    ignore_delivery,
    map_accounts,
    pause_connection,
    resume_connection,
    retry_deliveries,
    retry_delivery,
)
from receivables.integrations.queries import local_keys
from receivables.integrations.rules import ignore_delivery_blocker, retry_delivery_blocker
from receivables.ledger.models import GLAccount
from tests.builders import make_member, make_organization, pay, seed_load
from tests.integrations.conftest import map_charges, sync

State = Delivery.State


@pytest.fixture
def failed(bob, connection):
    """An invoice that lacks a mapping, and its payment, which waits for it."""
    invoice = generate_invoice(actor=bob, load=seed_load(bob))
    pay(bob, invoice, "950")
    sync(connection)
    return Delivery.objects.get(kind="invoice")


@pytest.fixture
def client(bob, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client = Client()
    client.force_login(bob.user, backend="accounts.backends.MembershipBackend")
    return client


@pytest.mark.parametrize(
    ("state", "retried", "left"),
    [
        ("queued", False, False), ("held", True, True), ("sending", False, False), ("synced", False, False),
        ("error", True, True), ("uncertain", True, True), ("ignored", True, False),
    ],
)  # fmt: skip
def test_what_may_be_done_in_which_state(state, retried, left):
    assert (retry_delivery_blocker(state=state) is None, ignore_delivery_blocker(state=state) is None) == (
        retried,
        left,
    )


def test_retry_delivery_sends_it_once_the_cause_is_gone(bob, connection, quickbooks, failed):
    map_charges(connection)
    retry_delivery(actor=bob, delivery=failed)
    sync(connection)
    assert quickbooks.receivable() == 50
    with pytest.raises(Refused, match="delivered"):
        retry_delivery(actor=bob, delivery=failed)


def test_retry_deliveries_takes_what_can_be_and_leaves_the_rest(bob, connection, failed):
    every = list(Delivery.objects.values_list("pk", flat=True))
    assert retry_deliveries(actor=bob, deliveries=every) == 2  # the invoice that failed, the payment that is held
    with pytest.raises(Refused, match="Choose"):
        retry_deliveries(actor=bob, deliveries=[])


def test_ignore_delivery_needs_a_reason_and_lasts(bob, connection, quickbooks, failed):
    with pytest.raises(Refused):
        ignore_delivery(actor=bob, delivery=failed, reason=" ")
    ignore_delivery(actor=bob, delivery=failed, reason="Booked there by hand")
    map_charges(connection)
    sync(connection)
    failed.refresh_from_db()
    assert (failed.state, failed.note, quickbooks.receivable()) == (State.IGNORED, "Booked there by hand", 0)


def test_map_accounts_tries_again_what_lacked_a_mapping(bob, connection, quickbooks, failed):
    missing = failed.message
    assert "Fuel surcharge" in missing
    fuel = next(f"item:{line.accessorial.type_id}" for line in _lines(failed) if line.accessorial)
    assert map_accounts(actor=bob, connection=connection, values={fuel: " 2 "}) == 1
    sync(connection)
    assert quickbooks.receivable() == 50
    assert map_accounts(actor=bob, connection=connection, values={fuel: ""}) == 1
    assert not Mapping.objects.filter(local_key=fuel).exists()
    with pytest.raises(Refused):
        map_accounts(actor=bob, connection=connection, values={"item:999999": "2"})


def _lines(delivery):
    return RevisionLine.objects.filter(revision__invoice=delivery.source_id).select_related("accessorial")


def test_pause_connection_and_resume_connection(bob, connection, quickbooks, failed):
    map_charges(connection)
    pause_connection(actor=bob, connection=connection, reason="Year end")
    retry_delivery(actor=bob, delivery=failed)
    sync(connection)
    assert quickbooks.writes == 1  # the customer, from before
    with pytest.raises(Refused, match="paused already"):
        pause_connection(actor=bob, connection=connection, reason="Again")
    resume_connection(actor=bob, connection=connection)
    sync(connection)
    assert quickbooks.receivable() == 50
    Connection.objects.filter(pk=connection.pk).update(state="paused", secrets="")
    with pytest.raises(Refused, match="credentials"):
        resume_connection(actor=bob, connection=connection)


def test_the_pages_say_what_failed_and_what_to_do(client, connection, failed):
    page = client.get(reverse("error_transactions")).content.decode()
    assert "Fuel surcharge" in page
    assert "Books" in page
    detail = client.get(failed.get_absolute_url()).content.decode()
    assert "Fix it on the connection" in detail
    assert "not mapped yet" in client.get(reverse("connection", args=[connection.pk])).content.decode()
    held = client.get(reverse("error_transactions"), {"view": "held"}).content.decode()
    assert "Waits until" in held


def test_chosen_rows_are_tried_again_from_the_list(client, connection, quickbooks, failed):
    map_charges(connection)
    answer = client.post(reverse("retry_deliveries"), {"selected": [failed.pk], "_key": _key(client)}, follow=True)
    assert "1 transaction is tried again." in answer.content.decode()
    sync(connection)
    assert quickbooks.receivable() == 50


def test_mappings_are_saved_from_the_page(client, connection, failed):
    body = {"map:item:line_haul": "2", "_key": _key(client)}
    client.post(reverse("map_accounts", args=[connection.pk]), body)
    assert Mapping.objects.get(local_key="item:line_haul").remote_id == "2"


def _key(client):
    return str(uuid4())


def test_the_document_says_how_it_stands(client, connection, failed):
    invoice = Invoice.objects.get(pk=failed.source_id)
    assert "does not know" in client.get(invoice.get_absolute_url()).content.decode()
    payment = client.get(Delivery.objects.get(kind="payment").customer.accounts.get().payments.get().get_absolute_url())
    assert "Waits until" in payment.content.decode()


def test_another_organization_sees_nothing(bob, connection, failed, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    charlie = make_member(make_organization("Rival"), Role.ADMIN, "Charlie Rival")
    client = Client()
    client.force_login(charlie.user, backend="accounts.backends.MembershipBackend")
    assert client.get(failed.get_absolute_url()).status_code == 404
    assert client.get(reverse("connection", args=[connection.pk])).status_code == 404
    assert "Fuel surcharge" not in client.get(reverse("error_transactions")).content.decode()


def test_a_collector_may_not_retry(bob, connection, failed):
    cora = make_member(bob.organization, Role.COLLECTOR, "Cora Collector")
    with pytest.raises(NotPermitted):
        retry_delivery(actor=cora, delivery=failed)


def test_whatever_documents_need_can_be_mapped_also_once_it_is_out_of_use(bob, connection, failed):
    """A charge that was billed and a reason that is no longer offered, and the account of small over-payments."""
    AccessorialType.objects.of(bob).update(active=False)
    Reason.objects.of(bob).update(active=False)
    income = GLAccount.objects.of(bob).filter(kind="income").last()
    PayOffPolicy.objects.of(bob).update(over_maximum=5, over_account=income)
    offered = {each.key for each in local_keys(bob, connection)}
    billed = {f"item:{line.accessorial.type_id}" for line in _lines(failed) if line.accessorial}
    lost = {f"item:account:{pk}" for pk in Reason.objects.of(bob).values_list("gl_account", flat=True)}
    assert billed | lost | {f"account:{income.pk}"} <= offered


def test_books_that_something_was_delivered_to_stay_those_of_their_connection(client, connection, invoice):
    """Another company has documents of others under the same keys."""
    url = f"/settings/integrations/connection/{connection.pk}/change/"
    kept = {"name": "Books", "start_date": "2026-01-01", "receivables_account": "84", "environment": "sandbox"}
    for more in ({"company": "777"}, {"company": "9130", "environment": "production"}):
        assert b"Add another connection" in client.post(url, {**kept, **more}).content
    client.post(url, {**kept, "company": "9130", "name": "Office"})
    connection.refresh_from_db()
    assert (connection.name, connection.options["company"]) == ("Office", "9130")
    Delivery.objects.update(remote={})
    client.post(url, {**kept, "company": "777"})
    connection.refresh_from_db()
    assert connection.options["company"] == "777"

"""What people over there do: a payment is proposed, never posted; a document that differs is shown; each once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import delete_payment
from receivables.core.errors import NotPermitted, Refused
from receivables.integrations.incoming import tasks, watching
from receivables.integrations.incoming.models import IncomingChange, Watch
from receivables.integrations.incoming.operations import accept_incoming, dismiss_incoming
from receivables.integrations.incoming.reading import Changes
from receivables.integrations.incoming.rules import accept_incoming_blocker, dismiss_incoming_blocker
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.registry import ADAPTERS
from tests.builders import balances, make_member, pay
from tests.integrations.conftest import states, sync

pytestmark = pytest.mark.django_db


def look(connection):
    system = ADAPTERS[connection.system]
    Watch.objects.get_or_create(
        connection=connection,
        organization=connection.organization,
        defaults={"since": timezone.now() - timedelta(hours=1)},
    )
    return watching.look(connection, system.watching.read, system.link(connection))


def remote(connection, reference):
    return Delivery.objects.get(connection=connection, reference=reference).remote["Id"]


def customer_key(connection):
    return Delivery.objects.get(connection=connection, kind="customer").remote["Id"]


def accept(bob, change):
    account = change.customer.accounts.get()
    return accept_incoming(
        actor=bob, change=change, account=account, bank_account=BankAccount.objects.of(bob).get(), method="ach"
    )  # fmt: skip


def test_rules_of_incoming_changes():
    for what, state, code in [
        ("payment", "open", None), ("payment", "accepted", "decided"), ("payment", "gone", "decided"),
        ("changed", "open", "conflict"), ("deleted", "open", "conflict"), ("payment", "dismissed", "decided"),
    ]:  # fmt: skip
        found = accept_incoming_blocker(what=what, state=state)
        assert (found and found.code) == code
        left = dismiss_incoming_blocker(state=state)
        assert (left and left.code) == (None if state == "open" else "decided")


def test_accept_incoming_records_the_payment_once_and_sends_nothing(bob, connection, quickbooks, invoice):
    """1,000.00 billed; 950.00 are recorded over there; here it is the same after a click, and both sides agree."""
    their_invoice = remote(connection, invoice.number)
    quickbooks.record_payment(customer_key(connection), "950", {their_invoice: "950"})
    assert (look(connection), look(connection), look(connection)) == (1, 0, 0)
    change = IncomingChange.objects.get()
    assert (change.what, change.amount, change.reference) == ("payment", Decimal(950), "EFT 7")
    assert balances(bob)["1200"] == 1000, "nothing is posted by itself"
    writes = quickbooks.writes
    payment = accept(bob, change)
    invoice.open_item.refresh_from_db()
    assert (payment.date, invoice.open_item.balance) == (date(2026, 11, 5), Decimal(50))
    sync(connection)
    assert (quickbooks.writes, states(connection)[payment.number]) == (writes, "synced")
    assert (quickbooks.receivable(), look(connection)) == (50, 0)
    with pytest.raises(Refused, match="decided already"):
        accept(bob, change)
    delete_payment(actor=bob, payment=payment)
    sync(connection)
    assert quickbooks.live_payments() == [], "from then on it is ours, here and there"


def test_more_than_is_open_here_stays_on_account(bob, connection, quickbooks, invoice):
    quickbooks.record_payment(customer_key(connection), "1000", {remote(connection, invoice.number): "1000"})
    look(connection)
    pay(bob, invoice, "900")
    payment = accept(bob, IncomingChange.objects.get())
    payment.open_item.refresh_from_db()
    assert payment.open_item.balance == -900
    assert balances(bob).get("1200") is None


def test_our_own_documents_are_no_news_and_what_differs_is_a_conflict(bob, connection, quickbooks, invoice):
    payment = pay(bob, invoice, "400")
    sync(connection)
    assert look(connection) == 0
    row = quickbooks.objects["Payment"][remote(connection, payment.number)]
    row["TotalAmt"] = Decimal(300)
    quickbooks._bump(row)
    quickbooks.change_the_invoice()
    assert (look(connection), look(connection)) == (2, 0)
    assert {(each.entity, each.what, each.reference) for each in IncomingChange.objects.all()} == {
        ("payment", "changed", payment.number), ("invoice", "changed", invoice.number),
    }  # fmt: skip
    conflict = IncomingChange.objects.get(entity="payment")
    with pytest.raises(Refused, match="not here yet"):
        accept(bob, conflict)
    row["TotalAmt"] = Decimal(400)
    quickbooks._bump(row)
    look(connection)
    conflict.refresh_from_db()
    assert conflict.state == "gone", "it is as we sent it again"
    del quickbooks.objects["Payment"][row["Id"]]
    quickbooks.deleted.append(("Payment", row["Id"], timezone.now()))
    look(connection)
    conflict.refresh_from_db()
    assert (conflict.state, conflict.what) == ("open", "deleted")


def test_dismiss_incoming_needs_a_reason_and_comes_back_when_it_changes(bob, connection, quickbooks, invoice):
    key = quickbooks.record_payment(customer_key(connection), "10", {})
    look(connection)
    change = IncomingChange.objects.get()
    with pytest.raises(Refused, match="Say why"):
        dismiss_incoming(actor=bob, change=change, reason="")
    dismiss_incoming(actor=bob, change=change, reason="Not ours")
    assert look(connection) == 0
    quickbooks._bump(quickbooks.objects["Payment"][key])
    assert look(connection) == 1
    change.refresh_from_db()
    assert change.state == "open"
    quickbooks.deleted.append(("Payment", quickbooks.objects["Payment"].pop(key)["Id"], timezone.now()))
    look(connection)
    change.refresh_from_db()
    assert change.state == "gone"
    auditor = make_member(bob.organization, Role.AUDITOR, "Ann Auditor")
    with pytest.raises(NotPermitted):
        dismiss_incoming(actor=auditor, change=change, reason="No")


def test_strangers_zeros_and_what_is_under_way_are_left_alone(bob, connection, quickbooks, invoice):
    quickbooks.objects["Customer"]["999"] = {"Id": "999", "SyncToken": "0", "DisplayName": "Somebody else"}
    quickbooks.touched["999"] = timezone.now()
    quickbooks.record_payment("999", "10", {})
    quickbooks.record_payment(customer_key(connection), "0", {})
    payment = pay(bob, invoice, "400")
    sync(connection)
    ours = Delivery.objects.get(reference=payment.number)
    pending = {"steps": [], "done": 0, "sent": True}
    Delivery.objects.filter(pk=ours.pk).update(remote={}, state="uncertain", pending=pending)
    assert look(connection) == 0, "it carries our number, and its key is not known yet"


def test_a_look_that_fails_or_is_too_much_is_said(bob, connection, quickbooks, invoice, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    browser = Client()
    browser.force_login(bob.user, backend="accounts.backends.MembershipBackend")
    quickbooks.access = "another"
    quickbooks.refresh = "another"
    assert look(connection) == 0
    assert "connect it again" in Watch.objects.get().problem
    until = timezone.now()
    watching.look(connection, lambda link, since: Changes([], until, more=True), None)
    assert "by hand" in Watch.objects.get().problem
    assert Watch.objects.get().since == until
    page = browser.get(connection.get_absolute_url()).content.decode()
    assert page.count("Compare payments since the last look by hand") == 2  # now, and in the history for ever
    Watch.objects.update(since=timezone.now() - timedelta(days=90))
    asked = []
    watching.look(connection, lambda link, since: asked.append(since) or Changes([], since), None)
    assert timezone.now() - asked[0] < timedelta(days=30)
    assert tasks.watched() == [connection.pk]
    Connection.objects.update(state="paused")
    assert tasks.watched() == []


def test_accept_incoming_page(bob, connection, quickbooks, invoice, settings):
    """The dialog says what it will do; what it does is the operation."""
    settings.REQUIRE_SECOND_FACTOR = False
    quickbooks.record_payment(customer_key(connection), "950", {remote(connection, invoice.number): "950"})
    look(connection)
    change = IncomingChange.objects.get()
    browser = Client()
    browser.force_login(bob.user, backend="accounts.backends.MembershipBackend")
    assert "EFT 7" in browser.get(reverse("incoming_changes")).content.decode()
    assert invoice.number in browser.get(change.get_absolute_url()).content.decode()
    address = reverse("accept_incoming", args=[change.pk])
    page = browser.get(address).content.decode().replace("\u00a0", " ")
    assert f"is applied to invoice {invoice.number}" in page
    form = {
        "account": change.customer.accounts.get().pk, "bank_account": BankAccount.objects.of(bob).get().pk,
        "method": "ach", "_key": "5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f11",
    }  # fmt: skip
    assert browser.post(address, form).headers["Location"] == Payment.objects.get().get_absolute_url()
    assert browser.get(reverse("incoming_changes"), {"view": "decided"}).content.decode().count("EFT 7") == 1


def test_what_is_ours_is_found_by_an_index(connection, invoice):
    """Of 100,000 deliveries one was found in 127 ms by reading them all, for each document that changed."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for found in (
        watching.called(watching.KEYS, remote(connection, invoice.number)),
        Q(remote__contains={"Documents": [{"Id": "1"}]}),
    ):
        assert "delivery_remote" in Delivery.objects.filter(found).order_by().explain()

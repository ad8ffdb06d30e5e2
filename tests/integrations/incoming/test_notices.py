"""QuickBooks Online tells that something changed: whoever cannot sign learns nothing, who can makes us look sooner."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from receivables.integrations.models import Connection
from receivables.integrations.systems.qbo.notices import companies_of, signature_of
from receivables.integrations.vault import opened, sealed

TOKEN = "verifier-of-the-app"
OLDER = {"eventNotifications": [{"realmId": "9130", "dataChangeEvent": {"entities": [
    {"id": "1", "operation": "Create", "name": "Payment", "lastUpdated": "2026-11-05T20:52:31.657Z"}]}}]}  # fmt: skip
EVENTS = [
    {"specversion": "1.0", "id": "88cd52aa", "source": "intuit.x", "type": "qbo.invoice.updated.v1",
     "time": "2026-11-05T21:31:25.179851517Z", "intuitentityid": "1", "intuitaccountid": each, "data": {}}
    for each in ("9130", "4711")
]  # fmt: skip


def told(body, signature=None, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = signature_of(TOKEN, raw) if signature is None else signature
    browser = Client(enforce_csrf_checks=True)
    return browser.post(
        reverse("quickbooks_online_changes"), raw, content_type="application/json",
        headers={"intuit-signature": given, **headers},
    )  # fmt: skip


def looks():
    return ProcrastinateJob.objects.filter(task_name="incoming.look", status="todo").count()


@pytest.fixture
def told_of(connection):
    """The connection, with a verifier token."""
    connection.secrets = sealed({**opened(connection.secrets), "verifier_token": TOKEN})
    connection.save(update_fields=["secrets"])
    return connection


def test_whose_books_a_notice_is_about():
    deep = b"[" * 100_000
    for body, companies in (
        (OLDER, {"9130"}), (EVENTS, {"9130", "4711"}), ({}, set()), ([], set()), ("x", set()), (7, set()),
        ([{"type": "qbo.customer.updated.v1", "intuitaccountid": "9130"}], set()),
        ([{"type": "other.invoice.updated.v1", "intuitaccountid": "9130"}], set()),
        ([{"type": "qbo.invoice.updated.v1", "intuitaccountid": each} for each in
          (None, 9130, {}, "", "9" * 41, "1\u0000", "1' or '1'='1", ["9130"])], set()),
        ([None, "x", 1, {"type": 5}, {"type": "qbo"}], set()),
        ({"eventNotifications": {"realmId": "9130"}}, set()),
        ({"eventNotifications": [{"realmId": "9130", "dataChangeEvent": []}, {"realmId": "9130"}]}, set()),
    ):  # fmt: skip
        assert companies_of(json.dumps(body).encode()) == companies, body
    for raw in (b"", b"{", b"\xff\xfe", deep, b"9" * 5000, b"{}" * 3):
        assert companies_of(raw) == set()


def test_a_signed_notice_of_either_form_makes_us_look_once_however_often_it_comes(told_of):
    assert told(OLDER).status_code == 200
    assert looks() == 1
    assert [told(EVENTS).status_code for _again in range(3)] == [200, 200, 200]
    assert looks() == 1
    job = ProcrastinateJob.objects.get(task_name="incoming.look")
    assert (job.args, job.scheduled_at is not None) == ({"connection_id": told_of.pk}, True)


def test_whoever_cannot_sign_learns_nothing_and_starts_nothing(told_of):
    stranger = [{**EVENTS[0], "intuitaccountid": "4711"}]
    raw = json.dumps(OLDER).encode()
    refused = [
        told(OLDER, signature_of("another", raw)), told(OLDER, ""), told(OLDER, "\u00e9\u20ac"), told(OLDER, "x" * 99),
        told(raw + b" ", signature_of(TOKEN, raw)), told(stranger), told(b"not json"), told(b""), told(b"[" * 60_000),
        told(b" " * 300_000 + raw), told(OLDER, **{"content-length": "many"}),
    ]  # fmt: skip
    assert {(each.status_code, each.content) for each in refused} == {(404, b"")}
    assert Client().get(reverse("quickbooks_online_changes")).status_code == 405
    assert looks() == 0
    told_of.secrets = sealed({name: each for name, each in opened(told_of.secrets).items() if name != "verifier_token"})
    told_of.save(update_fields=["secrets"])
    for token in ("", TOKEN):
        assert told(OLDER, signature_of(token, raw)).status_code == 404, "without a token nobody signs"
    Connection.objects.update(secrets="sealed with a key that is gone")
    assert told(OLDER).status_code == 404


def test_a_paused_connection_is_answered_and_not_looked_through(told_of):
    Connection.objects.update(state=Connection.State.PAUSED)
    assert (told(OLDER).status_code, looks()) == (200, 0)

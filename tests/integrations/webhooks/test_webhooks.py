"""Webhooks out: signed as an independent library checks it, in order, tried again, given up, sent again."""

import json
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from accounts.roles import Role
from receivables.billing.operations import add_accessorial, regenerate_invoice, void_invoice
from receivables.collections.operations import delete_payment
from receivables.core.errors import NotPermitted, Refused
from receivables.core.history import WORDS
from receivables.core.navigation import notices
from receivables.integrations.vault import opened, sealed
from receivables.integrations.webhooks import delivering, tasks
from receivables.integrations.webhooks.models import Call, Endpoint, Message
from receivables.integrations.webhooks.operations import (
    pause_webhook,
    ping_webhook,
    resend_webhook,
    resume_webhook,
    rotate_webhook_secret,
    show_webhook_secret,
)
from receivables.integrations.webhooks.outbox import gather
from receivables.integrations.webhooks.payloads import EVENTS
from receivables.integrations.webhooks.rules import (
    pause_webhook_blocker,
    ping_webhook_blocker,
    resend_webhook_blocker,
    resume_webhook_blocker,
    rotate_webhook_secret_blocker,
    show_webhook_secret_blocker,
)
from receivables.integrations.webhooks.signing import new_secret, signature
from tests.builders import make_invoice, make_member, make_organization, make_type, pay
from tests.integrations.standins.server import Reply, running
from tests.integrations.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db):
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


@pytest.fixture
def shop(alice):
    """A program that is told everything; `endpoint` is where, `send` does what the worker does."""
    with running(Receiver()) as receiver:
        endpoint = Endpoint.objects.create(
            organization=alice.organization, name="Shop", url=f"{receiver.address}/hook",
            secrets=sealed({"current": new_secret()}),
        )  # fmt: skip
        yield SimpleNamespace(receiver=receiver, endpoint=endpoint, send=lambda: send(endpoint))


def send(endpoint):
    while gather():
        pass
    queued = Message.objects.filter(endpoint=endpoint, state="queued")
    queued.update(next_attempt_at=None)
    for subject in dict.fromkeys(queued.order_by("pk").values_list("subject", flat=True)):
        delivering.deliver_subject(endpoint.pk, subject)


def told(receiver):
    return [json.loads(body)["type"] for _headers, body in receiver.heard]


def secret_of(endpoint):
    return opened(Endpoint.objects.get(pk=endpoint.pk).secrets)["current"]


def queued_jobs():
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.deliver'")
        return cursor.fetchone()[0]


def test_rules_of_webhooks():
    live, paused, disabled = Endpoint.State.LIVE, Endpoint.State.PAUSED, Endpoint.State.DISABLED
    for rule, facts in [
        (pause_webhook_blocker, [({"state": live}, None), ({"state": paused}, "not_live")]),
        (resume_webhook_blocker, [({"state": live}, "live"), ({"state": disabled}, None), ({"state": paused}, None)]),
        (ping_webhook_blocker, [({"state": live}, None), ({"state": disabled}, "not_live")]),
        (rotate_webhook_secret_blocker, [({"both_sign": False}, None), ({"both_sign": True}, "both_sign")]),
        (show_webhook_secret_blocker, [({"shown": False}, None), ({"shown": True}, "shown")]),
        (resend_webhook_blocker, [({"state": "queued"}, "waiting"), ({"state": "failed"}, None)]),
    ]:
        for given, code in facts:
            found = rule(**given)
            assert (found and found.code) == code, (rule.__name__, given)
    assert set(EVENTS) <= set(WORDS), "every event that is told is one that is recorded"


def test_the_published_vector_is_signed_as_published():
    """The example of the standard's own library."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


def test_documents_are_told_in_order_and_signed(alice, shop):
    invoice = make_invoice(alice)
    delete_payment(actor=alice, payment=pay(alice, invoice, "950"))
    load, given_up = invoice.loads.get(), make_type(alice)
    add_accessorial(actor=alice, load=load, type=given_up, entity="customer", amount=Decimal(-50))
    regenerate_invoice(actor=alice, load=load)
    shop.send()
    assert sorted(told(shop.receiver)) == ["invoice.created", "invoice.revised", "payment.recorded", "payment.reversed"]
    documents = [(each["type"], each["data"]) for each in (json.loads(body) for _h, body in shop.receiver.heard)]
    assert [each for each, data in documents if data["document"]["object"] == "invoice"] == [
        "invoice.created", "invoice.revised",
    ]  # fmt: skip
    revised = dict(documents)["invoice.revised"]
    assert (revised["version"], revised["document"]["number"]) == (1, invoice.number)
    assert Decimal(revised["document"]["total"]) == 950
    for headers, body in shop.receiver.heard:
        Webhook(secret_of(shop.endpoint)).verify(body, headers)
    headers, body = shop.receiver.heard[0]
    for wrong in (lambda: Webhook(new_secret()).verify(body, headers), lambda: Webhook(
        secret_of(shop.endpoint)).verify(body + " ", headers)):  # fmt: skip
        with pytest.raises(WebhookVerificationError):
            wrong()
    shop.send()
    assert len(shop.receiver.heard) == 4, "nothing is told twice"


def test_what_is_not_heard_is_tried_again_with_the_same_id_and_keeps_the_order(alice, shop):
    shop.receiver.answers = [Reply(500, "broken"), Reply(302, "", {"Location": "http://127.0.0.1:1/"}), Reply(200, "")]
    void_invoice(actor=alice, load=make_invoice(alice).loads.get(), reason="Wrong customer")
    shop.send()
    assert told(shop.receiver) == ["invoice.created"]
    message = Message.objects.get(type="invoice.created")
    assert (message.state, message.tries) == ("queued", 1)
    assert message.next_attempt_at > timezone.now()
    assert (tasks.defer_due(), queued_jobs()) == (0, 0), "not before its time"
    shop.send()
    shop.send()
    assert told(shop.receiver) == ["invoice.created"] * 3 + ["invoice.voided"]
    assert len({headers["webhook-id"] for headers, _body in shop.receiver.heard}) == 2
    assert [call.status for call in message.calls.order_by("pk")] == ["500", "302", "200"]
    assert not Call.objects.filter(request__contains="v1,").exists()
    assert secret_of(shop.endpoint) not in Endpoint.objects.get().secrets


def test_resume_webhook_after_an_endpoint_never_answered_and_resend_webhook(alice, shop):
    make_invoice(alice)
    shop.receiver.answers = [Reply(503, "")] * 20
    for _attempt in range(len(delivering.WAITS) + 1):
        shop.send()
    endpoint = Endpoint.objects.get()
    assert (endpoint.state, Message.objects.get().state) == ("disabled", "failed")
    cache.clear()  # what the frame says may be half a minute old
    assert "Shop" in notices(alice)[0]["text"]
    make_invoice(alice)
    heard = len(shop.receiver.heard)
    shop.send()
    assert len(shop.receiver.heard) == heard, "it waits"
    shop.receiver.answers = []
    resume_webhook(actor=alice, endpoint=endpoint)
    resend_webhook(actor=alice, message=Message.objects.get(state="failed"))
    assert tasks.defer_due() == queued_jobs() == 2
    shop.send()
    assert {each.state for each in Message.objects.all()} == {"delivered"}
    with pytest.raises(Refused, match="live already"):
        resume_webhook(actor=alice, endpoint=endpoint)


def test_ping_webhook_gone_disables_at_once_and_pause_webhook_waits(alice, shop):
    shop.receiver.answers = [Reply(410, "")]
    ping_webhook(actor=alice, endpoint=shop.endpoint)
    shop.send()
    assert Endpoint.objects.get().state == "disabled"
    resume_webhook(actor=alice, endpoint=shop.endpoint)
    pause_webhook(actor=alice, endpoint=shop.endpoint, reason="Moving")
    make_invoice(alice)
    shop.send()
    assert told(shop.receiver) == ["ping"]
    with pytest.raises(Refused, match="Resume"):
        ping_webhook(actor=alice, endpoint=shop.endpoint)


def test_rotate_webhook_secret_signs_with_both_for_a_day(alice, shop):
    before = secret_of(shop.endpoint)
    rotate_webhook_secret(actor=alice, endpoint=shop.endpoint)
    after = secret_of(shop.endpoint)
    ping_webhook(actor=alice, endpoint=shop.endpoint)
    shop.send()
    headers, body = shop.receiver.heard[-1]
    for secret in (before, after):
        Webhook(secret).verify(body, headers)
    with pytest.raises(Refused, match="still signs"):
        rotate_webhook_secret(actor=alice, endpoint=shop.endpoint)
    Endpoint.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    ping_webhook(actor=alice, endpoint=shop.endpoint)
    shop.send()
    headers, body = shop.receiver.heard[-1]
    assert " " not in headers["webhook-signature"]
    Webhook(after).verify(body, headers)


def test_show_webhook_secret_once(alice, shop, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    browser = Client()
    browser.force_login(alice.user, backend="accounts.backends.MembershipBackend")
    address = reverse("show_webhook_secret", args=[shop.endpoint.pk])
    assert "Show the secret" in browser.get(reverse("webhook", args=[shop.endpoint.pk])).content.decode()
    assert secret_of(shop.endpoint) in browser.post(address).content.decode().replace("&#x2B;", "+")
    assert browser.post(address).status_code == 302
    with pytest.raises(Refused, match="shown once"):
        show_webhook_secret(actor=alice, endpoint=shop.endpoint)
    assert "Show the secret" not in browser.get(reverse("webhook", args=[shop.endpoint.pk])).content.decode()
    biller = make_member(alice.organization, Role.BILLER, "Bill Biller")
    with pytest.raises(NotPermitted):
        show_webhook_secret(actor=biller, endpoint=shop.endpoint)


def test_only_chosen_types_and_own_organizations(alice, shop):
    Endpoint.objects.update(types=["payment.recorded"])
    pay(alice, make_invoice(alice), "10")
    rita = make_member(make_organization("Red"), Role.ADMIN, "Rita Red")
    pay(rita, make_invoice(rita), "10")
    shop.send()
    assert told(shop.receiver) == ["payment.recorded"]

"""Telling endpoints what is written down for them: one document's messages in order, each until it is heard.

No transaction is open during a call. A worker killed after a call and before its outcome was kept sends the message
again, under the same id, by which the other side knows it.
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.core.events import record
from receivables.core.operations import SystemActor
from receivables.integrations.vault import Unreadable, opened
from receivables.integrations.webhooks import signing
from receivables.integrations.webhooks.models import Call, Endpoint, Message
from receivables.integrations.webhooks.sending import Answered, post

# How long after each attempt the next one follows; after the last the endpoint is given up. About three days in all.
WAITS = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)] + [
    timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)
]
GONE = 410  # they say that nobody wants this any more
State = Message.State


def secrets_in_use(endpoint: Endpoint, moment: datetime) -> list[str]:
    """The secret that signs, and the one before while it still does. Raises `Unreadable`."""
    found = opened(endpoint.secrets)
    both = [found["current"]] if "current" in found else []
    if "previous" in found and endpoint.previous_until is not None and endpoint.previous_until > moment:
        both.append(found["previous"])
    return both


def deliver_subject(endpoint_id: int, subject: str) -> int:
    """Send what is due of one document to one endpoint, in order; how many were sent. Stops at what is not heard."""
    sent = 0
    while True:
        endpoint = Endpoint.objects.select_related("organization").get(pk=endpoint_id)
        message = Message.objects.filter(endpoint=endpoint, subject=subject, state=State.QUEUED).order_by("pk").first()
        if endpoint.state != Endpoint.State.LIVE or message is None:
            return sent
        if message.next_attempt_at is not None and message.next_attempt_at > timezone.now():
            return sent
        sent += 1
        if not send(endpoint, message):
            return sent


def send(endpoint: Endpoint, message: Message) -> bool:
    """One attempt; whether it was heard."""
    moment = timezone.now()
    try:
        headers = signing.headers(secrets_in_use(endpoint, moment), message.webhook_id, moment, message.payload)
    except Unreadable:
        headers = {}
    started = monotonic()
    if headers.get("webhook-signature"):
        answered = post(endpoint.url, message.payload, headers)
    else:
        answered = Answered(0, "no readable secret")
    _keep(endpoint, message, headers, answered, int((monotonic() - started) * 1000))
    return answered.good


@transaction.atomic
def _keep(endpoint: Endpoint, message: Message, headers: dict[str, str], answered: Answered, took: int) -> None:
    """Write down what came of an attempt, and when the next one is due."""
    current = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    shown = {**headers, "webhook-signature": "…"} if headers else {}
    Call.objects.create(
        organization_id=message.organization_id, message=message, status=str(answered.status or ""),
        request="\n".join([f"POST {endpoint.url}", *(f"{name}: {value}" for name, value in shown.items())]),
        response=answered.text, delivered=answered.good, milliseconds=took,
    )  # fmt: skip
    current.tries += 1
    if answered.good:
        current.state, current.delivered_at, current.next_attempt_at = State.DELIVERED, timezone.now(), None
    elif answered.status != GONE and current.tries <= len(WAITS):
        current.next_attempt_at = timezone.now() + WAITS[current.tries - 1]
    else:
        current.state, current.next_attempt_at = State.FAILED, None
    current.save(update_fields=["state", "tries", "next_attempt_at", "delivered_at"])
    if current.state == State.FAILED:
        disable(endpoint, gone=answered.status == GONE)


def disable(endpoint: Endpoint, *, gone: bool) -> None:
    """Tell an endpoint nothing more until an administrator looks at it; what comes meanwhile waits."""
    why = _("It answered that it wants no more messages (410).") if gone else _("It did not answer for three days.")
    live = Endpoint.objects.filter(pk=endpoint.pk, state=Endpoint.State.LIVE)
    if live.update(state=Endpoint.State.DISABLED, problem=why):
        actor: Any = SystemActor(endpoint.organization, _("Webhooks"), frozenset())
        record(actor, "webhook_disabled", endpoint, reason=why)

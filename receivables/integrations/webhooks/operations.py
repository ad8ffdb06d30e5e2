"""What administrators do about webhooks. Nothing here talks to anybody."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from receivables.approvals.rules import no_reason_blocker
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.integrations.vault import Unreadable, opened, sealed
from receivables.integrations.webhooks.models import Endpoint, Message
from receivables.integrations.webhooks.outbox import new_id
from receivables.integrations.webhooks.payloads import PING, body
from receivables.integrations.webhooks.rules import (
    pause_webhook_blocker,
    ping_webhook_blocker,
    resend_webhook_blocker,
    resume_webhook_blocker,
    rotate_webhook_secret_blocker,
    show_webhook_secret_blocker,
)
from receivables.integrations.webhooks.signing import new_secret

OVERLAP = timedelta(hours=24)


def _locked(actor: Any, endpoint: Endpoint) -> Endpoint:
    return lock_rows(Endpoint.objects.of(actor), [endpoint.pk])[0]


@operation
def pause_webhook(*, actor: Any, endpoint: Endpoint, reason: str) -> Endpoint:
    """Tell nothing more until somebody resumes it; what happens meanwhile waits."""
    current = _locked(actor, endpoint)
    refuse(pause_webhook_blocker(state=current.state) or no_reason_blocker(reason))
    current.state, current.problem = Endpoint.State.PAUSED, reason
    current.save(update_fields=["state", "problem"])
    record(actor, "pause_webhook", current, reason=reason)
    return current


@operation
def resume_webhook(*, actor: Any, endpoint: Endpoint) -> Endpoint:
    """Go on, beginning with what waited; what was given up may be sent again by hand."""
    current = _locked(actor, endpoint)
    refuse(resume_webhook_blocker(state=current.state))
    current.state, current.problem = Endpoint.State.LIVE, ""
    current.save(update_fields=["state", "problem"])
    Message.objects.filter(endpoint=current, state=Message.State.QUEUED).update(next_attempt_at=None)
    record(actor, "resume_webhook", current)
    return current


@operation
def ping_webhook(*, actor: Any, endpoint: Endpoint) -> Message:
    """Send a test message, signed like any other."""
    current = _locked(actor, endpoint)
    refuse(ping_webhook_blocker(state=current.state))
    text = body(PING, timezone.now(), {"organization": actor.organization.slug, "event": "", "document": None})
    made = Message.objects.create(
        organization=actor.organization, endpoint=current, webhook_id=new_id(), type=PING, subject=PING, payload=text
    )
    record(actor, "ping_webhook", current)
    return made


def both_sign(endpoint: Endpoint) -> bool:
    """Whether a secret that was replaced still signs."""
    return endpoint.previous_until is not None and endpoint.previous_until > timezone.now()


@operation
def rotate_webhook_secret(*, actor: Any, endpoint: Endpoint) -> Endpoint:
    """Make a new secret; for a day both sign, so that the other side can change over without losing a message."""
    current = _locked(actor, endpoint)
    refuse(rotate_webhook_secret_blocker(both_sign=both_sign(current)))
    try:
        before = opened(current.secrets).get("current", "")
    except Unreadable:
        before = ""
    kept = {"previous": before} if before else {}
    current.secrets = sealed({"current": new_secret(), **kept})
    current.previous_until = timezone.now() + OVERLAP if before else None
    current.shown_at = None
    current.save(update_fields=["secrets", "previous_until", "shown_at"])
    record(actor, "rotate_webhook_secret", current)
    return current


@operation
def show_webhook_secret(*, actor: Any, endpoint: Endpoint) -> str:
    """The secret that signs, once."""
    current = _locked(actor, endpoint)
    refuse(show_webhook_secret_blocker(shown=current.shown_at is not None))
    current.shown_at = timezone.now()
    current.save(update_fields=["shown_at"])
    record(actor, "show_webhook_secret", current)
    return opened(current.secrets)["current"]


@operation
def resend_webhook(*, actor: Any, message: Message) -> Message:
    """Send a message again, under its own id and with the same body."""
    current = lock_rows(Message.objects.of(actor).select_related("endpoint"), [message.pk])[0]
    refuse(resend_webhook_blocker(state=current.state))
    before = current.state
    current.state, current.tries, current.next_attempt_at = Message.State.QUEUED, 0, None
    current.save(update_fields=["state", "tries", "next_attempt_at"])
    record(actor, "resend_webhook", current.endpoint, reference=current.webhook_id, before=before)
    return current

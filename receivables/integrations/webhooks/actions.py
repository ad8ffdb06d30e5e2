"""What can be clicked about webhooks."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.integrations.actions import ReasonForm
from receivables.integrations.webhooks import operations
from receivables.integrations.webhooks.models import Endpoint, Message
from receivables.integrations.webhooks.rules import (
    pause_webhook_blocker,
    ping_webhook_blocker,
    resend_webhook_blocker,
    resume_webhook_blocker,
    rotate_webhook_secret_blocker,
)

ENDPOINT, MESSAGE = "webhooks.endpoint", "webhooks.message"


def _pause(actor: Any, endpoint: Endpoint, data: dict[str, Any]) -> tuple[Any, str]:
    done = operations.pause_webhook(actor=actor, endpoint=endpoint, reason=data["reason"])
    return done, _("%(name)s is paused. What happens meanwhile waits.") % {"name": done.name}


def _resume(actor: Any, endpoint: Endpoint, data: dict[str, Any]) -> tuple[Any, str]:
    done = operations.resume_webhook(actor=actor, endpoint=endpoint)
    return done, _("%(name)s is live. What waited is sent now.") % {"name": done.name}


def _ping(actor: Any, endpoint: Endpoint, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.ping_webhook(actor=actor, endpoint=endpoint), _("A test message is sent in a moment.")


def _rotate(actor: Any, endpoint: Endpoint, data: dict[str, Any]) -> tuple[Any, str]:
    done = operations.rotate_webhook_secret(actor=actor, endpoint=endpoint)
    return done, _("There is a new secret. For 24 hours messages carry both signatures.")


def _confirm_rotate(endpoint: Endpoint, actor: Any) -> dict[str, Any]:
    effects = [
        _("A new secret is made and can be shown once."),
        _("For 24 hours every message carries the signatures of both, then the old one ends."),
    ]
    return {"effects": effects, "tone": "warning"}


def _resend(actor: Any, message: Message, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.resend_webhook(actor=actor, message=message), _("It is sent again in a moment.")


def _rotate_blocker(endpoint: Endpoint, actor: Any) -> Blocker | None:
    return rotate_webhook_secret_blocker(both_sign=operations.both_sign(endpoint))


def _is_live(endpoint: Endpoint, actor: Any) -> bool:
    return endpoint.state == Endpoint.State.LIVE


def _is_not_live(endpoint: Endpoint, actor: Any) -> bool:
    return not _is_live(endpoint, actor)


def register() -> None:
    """Called once, when the application is ready."""
    for action in (
        Action(
            "pause_webhook", ENDPOINT, gettext_lazy("Pause"), _pause, form=ReasonForm, visible=_is_live,
            blocker=lambda endpoint, actor: pause_webhook_blocker(state=endpoint.state),
        ),
        Action(
            "resume_webhook", ENDPOINT, gettext_lazy("Resume"), _resume, visible=_is_not_live, style="primary",
            blocker=lambda endpoint, actor: resume_webhook_blocker(state=endpoint.state),
        ),
        Action(
            "ping_webhook", ENDPOINT, gettext_lazy("Send a test"), _ping,
            blocker=lambda endpoint, actor: ping_webhook_blocker(state=endpoint.state),
        ),
        Action(
            "rotate_webhook_secret", ENDPOINT, gettext_lazy("Replace the secret"), _rotate, confirm=_confirm_rotate,
            blocker=_rotate_blocker,
        ),
        Action(
            "resend_webhook", MESSAGE, gettext_lazy("Send again"), _resend,
            blocker=lambda message, actor: resend_webhook_blocker(state=message.state),
        ),
    ):  # fmt: skip
        actions.register(action)

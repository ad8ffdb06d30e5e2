"""What can be clicked about deliveries and connections."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.views import ActionForm
from receivables.integrations import operations
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.registry import missing_settings
from receivables.integrations.rules import (
    LEFT,
    RETRIED,
    ignore_delivery_blocker,
    pause_connection_blocker,
    resume_connection_blocker,
    retry_delivery_blocker,
)


class ReasonForm(ActionForm):
    """Why it is done."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip


def _fact(label: Any, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value or "–"}


def _facts(delivery: Delivery) -> list[dict[str, Any]]:
    return [
        _fact(_("Document"), delivery.reference),
        _fact(_("Connection"), delivery.connection.name),
        _fact(_("What went wrong"), delivery.message),
    ]


def _retry_blocker(delivery: Delivery, actor: Any) -> Blocker | None:
    return retry_delivery_blocker(state=delivery.state)


def _confirm_retry(delivery: Delivery, actor: Any) -> dict[str, Any]:
    effects = [_("The document is read as it is now and sent in the background; nothing is sent twice.")]
    return {"facts": _facts(delivery), "effects": effects}


def _retry(actor: Any, delivery: Delivery, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.retry_delivery(actor=actor, delivery=delivery), _("It is tried again in a moment.")


def _ignore_blocker(delivery: Delivery, actor: Any) -> Blocker | None:
    return ignore_delivery_blocker(state=delivery.state)


def _confirm_ignore(delivery: Delivery, actor: Any) -> dict[str, Any]:
    effects = [_("It is not tried again by itself. Do over there what it would have done.")]
    return {"facts": _facts(delivery), "effects": effects, "tone": "warning"}


def _ignore(actor: Any, delivery: Delivery, data: dict[str, Any]) -> tuple[Any, str]:
    done = operations.ignore_delivery(actor=actor, delivery=delivery, reason=data["reason"])
    return done, _("%(reference)s is marked as handled outside.") % {"reference": done.reference}


def _pause_blocker(connection: Connection, actor: Any) -> Blocker | None:
    return pause_connection_blocker(state=connection.state)


def _pause(actor: Any, connection: Connection, data: dict[str, Any]) -> tuple[Any, str]:
    done = operations.pause_connection(actor=actor, connection=connection, reason=data["reason"])
    return done, _("%(name)s is paused. What changes meanwhile waits.") % {"name": done.name}


def _resume_blocker(connection: Connection, actor: Any) -> Blocker | None:
    return resume_connection_blocker(state=connection.state, signed_in=not missing_settings(connection))


def _resume(actor: Any, connection: Connection, data: dict[str, Any]) -> tuple[Any, str]:
    done = operations.resume_connection(actor=actor, connection=connection)
    return done, _("%(name)s is live. What waited is sent now.") % {"name": done.name}


def _of_state(states: Any) -> Any:
    return lambda obj, actor: obj.state in states


def register() -> None:
    """Called once, when the application is ready."""
    delivery, connection = "integrations.delivery", "integrations.connection"
    actions.register(
        Action(
            "retry_delivery", delivery, gettext_lazy("Retry"), _retry, blocker=_retry_blocker,
            visible=_of_state(RETRIED), confirm=_confirm_retry, style="primary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "ignore_delivery", delivery, gettext_lazy("Handled outside"), _ignore, form=ReasonForm,
            blocker=_ignore_blocker, visible=_of_state(LEFT), confirm=_confirm_ignore,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "pause_connection", connection, gettext_lazy("Pause"), _pause, form=ReasonForm, blocker=_pause_blocker,
            visible=_of_state([Connection.State.LIVE]),
        )
    )  # fmt: skip
    actions.register(
        Action(
            "resume_connection", connection, gettext_lazy("Resume"), _resume, blocker=_resume_blocker,
            visible=_of_state([Connection.State.PAUSED, Connection.State.BROKEN]), style="primary",
        )
    )  # fmt: skip

"""What can be clicked about a connection's access, and what is said of it on every page."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.integrations.granting.operations import disconnect_system, is_connected
from receivables.integrations.granting.rules import disconnect_system_blocker
from receivables.integrations.models import Connection


def _blocker(connection: Connection, actor: Any) -> Blocker | None:
    return disconnect_system_blocker(connected=is_connected(connection))


def _confirm(connection: Connection, actor: Any) -> dict[str, Any]:
    effects = [
        _("Our access ends, and the connection is paused. What changes meanwhile waits."),
        _("Nothing changes over there; connected again, it goes on where it was."),
    ]
    return {"effects": effects, "tone": "warning"}


def _run(actor: Any, connection: Connection, data: dict[str, Any]) -> tuple[Any, str]:
    done = disconnect_system(actor=actor, connection=connection)
    return done, _("%(name)s is disconnected.") % {"name": done.name}


def broken_notices(actor: Any) -> list[dict[str, str]]:
    """A notice for each connection that lost its access."""
    rows = Connection.objects.of(actor).filter(state=Connection.State.BROKEN).order_by("name")
    words = _("“%(name)s” lost its access: nothing is delivered until it is connected again.")
    return [{"text": words % {"name": row.name}, "url": row.get_absolute_url()} for row in rows[:3]]


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "disconnect_system", "integrations.connection", gettext_lazy("Disconnect"), _run, blocker=_blocker,
            confirm=_confirm, visible=lambda connection, actor: is_connected(connection),
        )
    )  # fmt: skip

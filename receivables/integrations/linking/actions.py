"""What can be clicked about what is over there already."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.integrations.linking.operations import look_blocker, look_through_system
from receivables.integrations.models import Connection
from receivables.integrations.registry import ADAPTERS


def _blocker(connection: Connection, actor: Any) -> Blocker | None:
    return look_blocker(connection)


def _confirm(connection: Connection, actor: Any) -> dict[str, Any]:
    fetched = ADAPTERS[connection.system].fetched
    when = _("At its next visit, the Web Connector brings the lists.") if fetched else _("A worker reads the lists.")
    return {"effects": [when, _("Nothing over there is changed, and nothing is linked by itself.")]}


def _run(actor: Any, connection: Connection, data: dict[str, Any]) -> tuple[Any, str]:
    look_through_system(actor=actor, connection=connection)
    return connection, _("%(name)s is looked through.") % {"name": connection.name}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "look_through_system", "integrations.connection", gettext_lazy("Look through what is there"), _run,
            blocker=_blocker, confirm=_confirm,
        )
    )  # fmt: skip

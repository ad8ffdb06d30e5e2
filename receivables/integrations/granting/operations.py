"""Taking access that was granted, and giving it back. The calls themselves are made outside of these."""

from typing import Any

from receivables.core.access import lock_rows
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.jobs import defer_task
from receivables.core.operations import operation
from receivables.integrations.granting.rules import connect_system_blocker, disconnect_system_blocker
from receivables.integrations.models import Connection
from receivables.integrations.registry import ADAPTERS
from receivables.integrations.systems.base import Grant
from receivables.integrations.vault import Unreadable, opened, sealed

REVOKE = "integrations.revoke"
State = Connection.State


def grant_of(connection: Connection) -> Grant | None:
    registered = ADAPTERS.get(connection.system)
    return registered.grant if registered else None


def secrets_of(connection: Connection) -> dict[str, str]:
    """What is known of the credentials; nothing where they cannot be read any more."""
    try:
        return opened(connection.secrets)
    except Unreadable:
        return {}


def is_connected(connection: Connection) -> bool:
    grant = grant_of(connection)
    return grant is not None and bool(secrets_of(connection).get(grant.tokens[0]))


def connect_blocker(connection: Connection, answered: str = "") -> Blocker | None:
    """The rule of `connect_system` with this connection's facts."""
    grant, secrets = grant_of(connection), secrets_of(connection)
    company = str(connection.options.get(grant.company[1]) or "") if grant else ""
    entered = grant is not None and all(secrets.get(name) for name in grant.needs)
    return connect_system_blocker(offered=grant is not None, entered=entered, company=company, answered=answered)


@operation
def connect_system(*, actor: Any, connection: Connection, company: str) -> Connection:
    """Note that access was granted and its tokens are kept. What was stopped for want of it goes on; a connection that
    somebody paused stays paused."""
    current = lock_rows(Connection.objects.of(actor), [connection.pk])[0]
    refuse(connect_blocker(current, company))
    grant = grant_of(current)
    if grant is not None and company:
        current.options = {**current.options, grant.company[1]: company}
    if current.state == State.BROKEN:
        current.state, current.problem = State.LIVE, ""
    current.save(update_fields=["options", "state", "problem"])
    record(actor, "connect_system", current)
    return current


@operation
def disconnect_system(*, actor: Any, connection: Connection) -> Connection:
    """Forget the tokens and pause; they are given back over there in the background. The client stays entered."""
    current = lock_rows(Connection.objects.of(actor), [connection.pk])[0]
    refuse(disconnect_system_blocker(connected=is_connected(current)))
    grant = grant_of(current)
    assert grant is not None
    secrets = secrets_of(current)
    token = secrets[grant.tokens[0]]
    current.secrets = sealed({name: value for name, value in secrets.items() if name not in grant.tokens})
    current.state, current.problem = State.PAUSED, ""
    current.save(update_fields=["secrets", "state", "problem"])
    defer_task(
        REVOKE, queue="jobs", lock=f"revoke:{current.pk}", connection_id=current.pk, kept=sealed({"token": token})
    )  # fmt: skip
    record(actor, "disconnect_system", current)
    return current

"""What people do about deliveries and connections. Nothing here talks to another system."""

from collections.abc import Iterable
from collections.abc import Mapping as Values
from typing import Any

from django.utils import timezone

from receivables.approvals.rules import no_reason_blocker
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.events import build, record, record_all
from receivables.core.operations import operation
from receivables.integrations.models import Connection, Delivery, Mapping
from receivables.integrations.queries import LocalKey, document_of, documents_of, local_keys
from receivables.integrations.registry import missing_settings
from receivables.integrations.rules import (
    RETRIED,
    ignore_delivery_blocker,
    map_accounts_blocker,
    pause_connection_blocker,
    resume_connection_blocker,
    retry_deliveries_blocker,
    retry_delivery_blocker,
)

State = Delivery.State
LONGEST = 100


def _requeued(delivery: Delivery) -> None:
    """A call of which nobody knows is asked after at once; everything else is read and sent anew."""
    delivery.state = State.QUEUED if delivery.pending is None else State.UNCERTAIN
    delivery.tries, delivery.next_attempt_at, delivery.changed_at = 0, None, timezone.now()
    delivery.keep()


@operation
def retry_delivery(*, actor: Any, delivery: Delivery) -> Delivery:
    """Try a document again that failed, is held, uncertain, or was handled outside."""
    current = lock_rows(Delivery.objects.of(actor), [delivery.pk])[0]
    refuse(retry_delivery_blocker(state=current.state))
    before = current.state
    _requeued(current)
    record(actor, "retry_delivery", current, about=[document_of(current)], before=before)
    return current


@operation
def retry_deliveries(*, actor: Any, deliveries: Iterable[int]) -> int:
    """Try several again at once; those that cannot be are left alone. How many were queued."""
    rows = [row for row in lock_rows(Delivery.objects.of(actor), list(deliveries)) if row.state in RETRIED]
    refuse(retry_deliveries_blocker(chosen=len(rows)))
    documents = documents_of(rows)
    built = []
    for row in rows:
        about = [documents.get((row.source, row.source_id))]
        built.append((build(actor, "retry_deliveries", row, about=about, before=row.state), row))
    for row in rows:
        _requeued(row)
    record_all(actor, built)
    return len(rows)


@operation
def ignore_delivery(*, actor: Any, delivery: Delivery, reason: str) -> Delivery:
    """Leave a document to people over there: it is not tried again by itself. What it was uncertain of stays known,
    should somebody try it again after all."""
    current = lock_rows(Delivery.objects.of(actor), [delivery.pk])[0]
    refuse(ignore_delivery_blocker(state=current.state) or no_reason_blocker(reason))
    current.state, current.note, current.changed_at = State.IGNORED, reason, timezone.now()
    current.keep()
    record(actor, "ignore_delivery", current, about=[document_of(current)], reason=reason)
    return current


def _locked(actor: Any, connection: Connection) -> Connection:
    return lock_rows(Connection.objects.of(actor), [connection.pk])[0]


@operation
def pause_connection(*, actor: Any, connection: Connection, reason: str) -> Connection:
    """Send nothing more until somebody resumes it; what changes meanwhile waits."""
    current = _locked(actor, connection)
    refuse(pause_connection_blocker(state=current.state) or no_reason_blocker(reason))
    current.state, current.problem = Connection.State.PAUSED, reason
    current.save(update_fields=["state", "problem"])
    record(actor, "pause_connection", current, reason=reason)
    return current


@operation
def resume_connection(*, actor: Any, connection: Connection) -> Connection:
    """Send again, beginning with what waited."""
    current = _locked(actor, connection)
    refuse(resume_connection_blocker(state=current.state, signed_in=not missing_settings(current)))
    current.state, current.problem, current.paused_until = Connection.State.LIVE, "", None
    current.save(update_fields=["state", "problem", "paused_until"])
    record(actor, "resume_connection", current)
    return current


@operation
def map_accounts(*, actor: Any, connection: Connection, values: Values[str, str]) -> int:
    """Say what our charges, taxes and accounts are called over there; an empty value takes a mapping away.

    What failed for want of a mapping is tried again. How many mappings changed.
    """
    current = _locked(actor, connection)
    known = {each.key: each for each in local_keys(actor, current)}
    given = {key: value.strip() for key, value in values.items()}
    refuse(
        map_accounts_blocker(
            unknown=[key for key in given if key not in known],
            too_long=[key for key, value in given.items() if len(value) > LONGEST],
        )
    )
    changed = {key: value for key, value in given.items() if value != known[key].remote_id}
    for key, value in changed.items():
        _map(current, known[key], value)
    if changed:
        # First what is being sent with the old mapping, which may fail for it, then what has failed already.
        under_way = Delivery.objects.of(actor).filter(connection=current, state__in=[State.SENDING, State.UNCERTAIN])
        under_way.update(again=True)
        waiting = Delivery.objects.of(actor).filter(
            connection=current, state=State.ERROR, trouble=Delivery.Trouble.NEEDS_MAPPING
        )
        waiting.update(state=State.QUEUED, tries=0, next_attempt_at=None, changed_at=timezone.now())
        record(actor, "map_accounts", current, changes=len(changed), after=changed)
    return len(changed)


def _map(connection: Connection, key: LocalKey, value: str) -> None:
    rows = Mapping.objects.filter(connection=connection, local_key=key.key)
    if not value:
        rows.delete()
    elif not rows.update(remote_id=value):
        Mapping.objects.create(
            organization_id=connection.organization_id, connection=connection, what=key.what, local_key=key.key,
            remote_id=value,
        )  # fmt: skip

"""From events to deliveries: which documents changed, and on which connections they have to be looked at again.

The database puts every event of an organization with connections on a list, in the event's own transaction; here the
list is worked off. Nothing is lost and nothing is read from a clock or a number that commits out of order.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from receivables.core.models import Event
from receivables.integrations.models import Change, Connection, Delivery
from receivables.integrations.sources import SOURCES, Source, following

BATCH = 500
CUSTOMERS = "customers.customer"
State = Delivery.State
# What a new change wakes up again. What was handled outside stays there until somebody asks for it.
WOKEN = [State.SYNCED, State.HELD, State.ERROR]


def gather() -> int:
    """Work off one batch of changes; how many there were."""
    with transaction.atomic():
        taken = list(Change.objects.select_for_update(skip_locked=True).order_by("event_id")[:BATCH])
        if not taken:
            return 0
        touched: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for event in Event.objects.filter(pk__in=[change.event_id for change in taken]):
            for label, pk in documents_of(event):
                touched[event.organization_id][label].add(pk)
        for organization_id, documents in touched.items():
            wake(organization_id, documents)
        Change.objects.filter(pk__in=[change.pk for change in taken]).delete()
    return len(taken)


def documents_of(event: Event) -> Iterable[tuple[str, int]]:
    """The documents that an event is about. Customers only where the event is theirs: every event names them."""
    for ref in event.refs:
        label, _colon, pk = ref.rpartition(":")
        if label in SOURCES and (label != CUSTOMERS or event.subject_type == label):
            yield label, int(pk)


def wake(organization_id: int, documents: dict[str, set[int]]) -> None:
    """Queue these documents on every connection of the organization that is in use."""
    connections = list(Connection.objects.filter(organization_id=organization_id).order_by("pk"))
    for label, pks in following(documents).items():
        if not pks:  # most kinds: preparing to read nothing costs as much as reading
            continue
        source = SOURCES[label]
        rows = {row.pk: row for row in source.rows.filter(organization_id=organization_id, pk__in=pks)}
        for connection in connections:
            queue(connection, source, rows)


def queue(connection: Connection, source: Source, rows: dict[int, Any]) -> None:
    """Note that these documents may have changed; those from before the connection's start are left alone."""
    known = dict(
        Delivery.objects.select_for_update(no_key=True)
        .filter(connection=connection, source=source.label, source_id__in=rows)
        .order_by("pk")
        .values_list("source_id", "customer_id")
    )
    again(connection, source, list(known))
    new = [
        fresh(connection, source, row)
        for pk, row in rows.items()
        if pk not in known and source.label != CUSTOMERS and begins(row) >= connection.start_date
    ]
    Delivery.objects.bulk_create(new, ignore_conflicts=True)
    customers = {*known.values(), *(each.customer_id for each in new)}
    held = Delivery.objects.filter(connection=connection, customer__in=customers, state=State.HELD)
    held.update(state=State.QUEUED, changed_at=timezone.now())


def begins(row: Any) -> Any:
    """The date of a document, which decides whether a connection has it."""
    if hasattr(row, "claim"):
        return row.claim.posting_date
    for name in ("issue_date", "date"):
        if hasattr(row, name):
            return getattr(row, name)
    return row.payment.date


def fresh(connection: Connection, source: Source, row: Any) -> Delivery:
    return Delivery(
        organization_id=connection.organization_id, connection=connection, kind=source.kind, source=source.label,
        source_id=row.pk, customer_id=source.customer(row), reference=str(getattr(row, "number", "")),
        currency=row.currency,
    )  # fmt: skip


def again(connection: Connection, source: Source, keys: list[int]) -> None:
    """Documents that may have changed are looked at again, or after the call that is under way."""
    rows = Delivery.objects.filter(connection=connection, source=source.label, source_id__in=keys)
    rows.filter(state__in=WOKEN).update(
        state=State.QUEUED, changed_at=timezone.now(), next_attempt_at=None, trouble=Delivery.Trouble.NONE, message="",
        tries=0,
    )  # fmt: skip
    rows.filter(state__in=[State.SENDING, State.UNCERTAIN]).update(again=True)

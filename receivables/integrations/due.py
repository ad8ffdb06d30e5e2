"""What is due on a connection, and who may work it off.

The customers of a connection are spread over lanes. One worker at a time works off a lane, by a lock of the queue, so
that what a customer gets leaves one after the other. What it has written down as being sent is its own for a while:
should two workers meet after all, or one be taken for dead, the other leaves those customers alone until then.
"""

from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from receivables.core.statements import run
from receivables.integrations.models import Connection, Delivery

State = Delivery.State
LANES = 8
LEASE = timedelta(minutes=3)  # longer than a set of calls is worked on, the slowest answer included


def ready() -> Q:
    """Deliveries whose time has come; also what was being sent by a worker that was not heard of since."""
    its_time = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=timezone.now())
    return Q(state__in=[State.QUEUED, State.SENDING, State.UNCERTAIN]) & its_time


def lane_of(customer_id: int) -> int:
    return customer_id % LANES


def lanes() -> Any:
    """The lane of a row's customer, for a query."""
    return F("customer_id") % LANES


def keep_others_out(connection: Connection, customers: set[int]) -> None:
    """Wait until nobody else decides what is sent to these customers; until the end of the transaction."""
    for lane in sorted({lane_of(each) for each in customers}):
        run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"deliver:{connection.pk}:{lane}"])


def taken(connection: Connection, customers: set[int]) -> set[int]:
    """Those of these customers whom another worker is sending to."""
    rows = Delivery.objects.filter(
        connection=connection, customer__in=customers, state=State.SENDING, next_attempt_at__gt=timezone.now()
    )
    return set(rows.values_list("customer", flat=True))


def takes_calls(connection: Connection, *, hold: bool = False) -> bool:
    """Whether a connection is live now, and not told to wait.

    `hold`: for the rest of the transaction, so that whoever pauses it or maps accounts comes before or after.
    """
    lock = " FOR SHARE" if hold else ""
    statement = f"SELECT state, paused_until FROM integrations_connection WHERE id = %s{lock}"  # noqa: S608  no value
    ((state, until),), _count = run(statement, [connection.pk])
    return state == Connection.State.LIVE and (until is None or until <= timezone.now())

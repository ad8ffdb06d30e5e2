"""What the worker runs: see what changed, and deliver what is due, one worker at a time for the customers of a lane."""

from django.db import InterfaceError, OperationalError
from django.utils import timezone, translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from receivables.core.errors import Refused
from receivables.integrations.delivering import deliver_lane
from receivables.integrations.due import lanes, ready
from receivables.integrations.gathering import gather
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.registry import PUSHED

BUSY = (OperationalError, InterfaceError, Refused)  # the database, or somebody in it, is busy


def look_for_changes() -> None:
    while gather():
        pass


def defer_due() -> int:
    """Queue a job for every lane with something to deliver; how many."""
    live = Connection.objects.filter(state=Connection.State.LIVE, system__in=PUSHED).exclude(
        paused_until__gt=timezone.now()
    )
    due = Delivery.objects.filter(ready(), connection__in=live).annotate(lane=lanes()).order_by()
    pairs = due.values_list("connection", "lane").distinct()
    for connection, lane in pairs:
        lock = f"deliver:{connection}:{lane}"
        try:
            deliver.configure(lock=lock, queueing_lock=lock).defer(connection_id=connection, lane=lane)
        except AlreadyEnqueued:
            continue
    return len(pairs)


@app.periodic(cron="* * * * * */10", periodic_id="deliveries")
@app.task(name="integrations.tick", queue="jobs", lock="integrations.tick", queueing_lock="integrations.tick")
def tick(timestamp: int) -> None:
    look_for_changes()
    defer_due()


@app.task(
    name="integrations.deliver", queue="jobs",
    retry=RetryStrategy(max_attempts=5, exponential_wait=3, retry_exceptions=BUSY),
)  # fmt: skip
def deliver(*, connection_id: int, lane: int) -> None:
    """Deliver what is due to the customers of a lane; its lock keeps all other deliveries to them out."""
    connection = Connection.objects.select_related("organization").get(pk=connection_id)
    with translation.override(connection.organization.language):
        deliver_lane(connection, lane)

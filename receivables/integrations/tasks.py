"""What the worker runs: see what changed, and deliver each customer's documents, one customer at a time."""

from django.db import InterfaceError, OperationalError
from django.utils import timezone, translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from receivables.integrations.delivering import deliver_customer, ready
from receivables.integrations.gathering import gather
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.registry import PUSHED


def look_for_changes() -> None:
    while gather():
        pass


def defer_due() -> int:
    """Queue a job for every customer with something to deliver; how many."""
    live = Connection.objects.filter(state=Connection.State.LIVE, system__in=PUSHED).exclude(
        paused_until__gt=timezone.now()
    )
    pairs = Delivery.objects.filter(ready(), connection__in=live).values_list("connection", "customer").distinct()
    for connection, customer in pairs:
        lock = f"deliver:{connection}:{customer}"
        try:
            deliver.configure(lock=lock, queueing_lock=lock).defer(connection_id=connection, customer_id=customer)
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
    retry=RetryStrategy(max_attempts=5, exponential_wait=3, retry_exceptions=(OperationalError, InterfaceError)),
)  # fmt: skip
def deliver(*, connection_id: int, customer_id: int) -> None:
    """Deliver what is due for one customer; its lock keeps all other deliveries of this customer out."""
    connection = Connection.objects.select_related("organization").get(pk=connection_id)
    with translation.override(connection.organization.language):
        deliver_customer(connection, customer_id)

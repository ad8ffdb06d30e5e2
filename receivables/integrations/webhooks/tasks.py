"""What the worker runs: write down what happened, and tell each endpoint, one document at a time."""

from django.db import InterfaceError, OperationalError
from django.db.models import Min, Q
from django.utils import timezone, translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from receivables.integrations.webhooks.delivering import deliver_subject
from receivables.integrations.webhooks.models import Endpoint, Message
from receivables.integrations.webhooks.outbox import gather

MOST = 1000  # documents queued at once; the rest follows with the next tick


def defer_due() -> int:
    """Queue a job for every document whose first waiting message is due; how many."""
    queued = Message.objects.filter(state=Message.State.QUEUED, endpoint__state=Endpoint.State.LIVE)
    first = queued.order_by().values("endpoint", "subject").annotate(first=Min("pk")).values("first")
    its_time = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=timezone.now())
    due = queued.filter(its_time, pk__in=first).order_by("pk").values_list("endpoint", "subject")[:MOST]
    for endpoint, subject in due:
        lock = f"webhook:{endpoint}:{subject}"
        try:
            deliver.configure(lock=lock, queueing_lock=lock).defer(endpoint_id=endpoint, subject=subject)
        except AlreadyEnqueued:
            continue
    return len(due)


@app.periodic(cron="* * * * * */5", periodic_id="webhooks")
@app.task(name="webhooks.tick", queue="jobs", lock="webhooks.tick", queueing_lock="webhooks.tick")
def tick(timestamp: int) -> None:
    while gather():
        pass
    defer_due()


@app.task(
    name="webhooks.deliver", queue="jobs",
    retry=RetryStrategy(max_attempts=5, exponential_wait=3, retry_exceptions=(OperationalError, InterfaceError)),
)  # fmt: skip
def deliver(*, endpoint_id: int, subject: str) -> None:
    """Send what is due of one document to one endpoint; its lock keeps the order."""
    endpoint = Endpoint.objects.select_related("organization").get(pk=endpoint_id)
    with translation.override(endpoint.organization.language):
        deliver_subject(endpoint_id, subject)

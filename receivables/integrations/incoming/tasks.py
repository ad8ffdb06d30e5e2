"""What the worker runs: every few minutes, what changed over there."""

from django.utils import timezone, translation
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from receivables.integrations.incoming.watching import look
from receivables.integrations.models import Connection
from receivables.integrations.registry import ADAPTERS


def watched() -> list[int]:
    """The live connections whose system tells what changed."""
    systems = [name for name, each in ADAPTERS.items() if each.watching is not None]
    live = Connection.objects.filter(state=Connection.State.LIVE, system__in=systems)
    return list(live.exclude(paused_until__gt=timezone.now()).order_by("pk").values_list("pk", flat=True))


@app.periodic(cron="*/5 * * * *", periodic_id="incoming")
@app.task(name="incoming.tick", queue="jobs", lock="incoming.tick", queueing_lock="incoming.tick")
def tick(timestamp: int) -> None:
    for pk in watched():
        lock = f"incoming:{pk}"
        try:
            look_at.configure(lock=lock, queueing_lock=lock).defer(connection_id=pk)
        except AlreadyEnqueued:
            continue


@app.task(name="incoming.look", queue="jobs")
def look_at(*, connection_id: int) -> None:
    """Look through one connection."""
    connection = Connection.objects.select_related("organization").get(pk=connection_id)
    system = ADAPTERS[connection.system]
    if connection.state == Connection.State.LIVE and system.watching is not None:
        with translation.override(connection.organization.language):
            look(connection, system.watching.read, system.link(connection))

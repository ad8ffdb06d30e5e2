"""What the worker runs: every few minutes, what changed over there."""

from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from receivables.integrations.incoming.watching import look
from receivables.integrations.models import Connection
from receivables.integrations.registry import ADAPTERS

SOON = 5  # seconds: notices that come in a bunch are looked at once


def watched() -> list[int]:
    """The live connections whose system tells what changed when it is asked."""
    systems = [name for name, each in ADAPTERS.items() if each.watching is not None and not each.fetched]
    live = Connection.objects.filter(state=Connection.State.LIVE, system__in=systems)
    return list(live.exclude(paused_until__gt=timezone.now()).order_by("pk").values_list("pk", flat=True))


@app.periodic(cron="*/5 * * * *", periodic_id="incoming")
@app.task(name="incoming.tick", queue="jobs", lock="incoming.tick", queueing_lock="incoming.tick")
def tick(timestamp: int) -> None:
    for pk in watched():
        ask_for_look(pk)


def ask_for_look(pk: int, *, soon: bool = False) -> None:
    """Have one connection looked through, once, however often it is asked for meanwhile. `soon`: not at this very
    moment, so that more may be asked for."""
    if soon and pk not in watched():
        return
    lock = f"incoming:{pk}"
    wait: Any = {"seconds": SOON} if soon else None
    try:
        with transaction.atomic():
            look_at.configure(lock=lock, queueing_lock=lock, schedule_in=wait).defer(connection_id=pk)
    except AlreadyEnqueued:
        pass


@app.task(name="incoming.look", queue="jobs")
def look_at(*, connection_id: int) -> None:
    """Look through one connection."""
    connection = Connection.objects.select_related("organization").get(pk=connection_id)
    system = ADAPTERS[connection.system]
    watching = system.watching
    if connection.state == Connection.State.LIVE and watching is not None and watching.read is not None:
        with translation.override(connection.organization.language):
            look(connection, watching.read, system.link(connection))

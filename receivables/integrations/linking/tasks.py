"""What the worker runs: a look through what a system has, when somebody asked for one."""

from django.utils import translation
from procrastinate.contrib.django import app

from receivables.integrations.linking.looking import look
from receivables.integrations.linking.operations import LOOK
from receivables.integrations.models import Connection
from receivables.integrations.registry import ADAPTERS


@app.task(name=LOOK, queue="jobs")
def look_through(*, connection_id: int) -> None:
    """Look through one connection's system."""
    connection = Connection.objects.select_related("organization").get(pk=connection_id)
    system = ADAPTERS[connection.system]
    if system.listing.read is not None:
        with translation.override(connection.organization.language):
            look(connection, system.listing.read, lambda: system.link(connection))

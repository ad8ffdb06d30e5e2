"""What the worker runs: giving access back over there."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from receivables.integrations.granting.operations import REVOKE, grant_of
from receivables.integrations.models import Connection
from receivables.integrations.systems.base import Fault
from receivables.integrations.vault import opened


@app.task(name=REVOKE, queue="jobs", retry=RetryStrategy(max_attempts=5, exponential_wait=5, retry_exceptions=(Fault,)))
def revoke(*, connection_id: int, kept: str) -> None:
    """Give a token back; where nobody answers, again a little later. It ends by itself after some weeks."""
    connection = Connection.objects.get(pk=connection_id)
    grant = grant_of(connection)
    if grant is not None:
        grant.revoke(connection, opened(kept)["token"])

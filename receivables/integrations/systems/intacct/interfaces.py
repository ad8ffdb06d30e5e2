"""Which of Sage Intacct's two interfaces a connection speaks, and what of it depends on that."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from receivables.integrations.incoming.reading import Changes, Watching
from receivables.integrations.linking.reading import Listing, Theirs
from receivables.integrations.models import Connection
from receivables.integrations.systems.intacct import changes as by_xml
from receivables.integrations.systems.intacct import directory, rest_reading
from receivables.integrations.systems.intacct.connection import speaks_rest
from receivables.integrations.systems.intacct.gateway import Gateway
from receivables.integrations.systems.intacct.rest_client import RestLink


def link(connection: Connection) -> Gateway | RestLink:
    """A link over the interface that the connection is set to. Raises `Fault`."""
    return RestLink(connection) if speaks_rest(connection.options) else Gateway(connection)


def _changes(opened: Any, since: datetime) -> Changes:
    return (rest_reading if isinstance(opened, RestLink) else by_xml).changes(opened, since)


def _read(opened: Any, kind: str) -> Iterator[Theirs]:
    return (rest_reading if isinstance(opened, RestLink) else directory).read(opened, kind)


WATCHING = Watching(_changes, lambda change, wanted: {"Key": change.remote_id})
LISTING = Listing(_read, lambda key: {"Key": key})

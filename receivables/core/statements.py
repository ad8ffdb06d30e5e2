"""Statements that are the same each time: their values go to the server beside them, so that psycopg prepares them once
they have been used often (`prepare_threshold`), and reading and planning them is saved from then on."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql import base
from pghistory import runtime

Base: Any = base.ServerBindingCursor  # its stub knows no connection


class Binding(Base):
    """Remembers its statement, which Django's log of queries asks for."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        done = super().execute(query, params, **options)
        self._query = SimpleNamespace(query=query.encode())
        return done


HISTORY: Any = vars(runtime)["_inject_history_context"]
MOST = 20_000  # values beside a statement, of which the server takes 65,535; with more they are put into it


def run(statement: str, values: Sequence[Any]) -> tuple[list[Any], int]:
    """Run a statement on the connection, in its transaction: the rows that it returns, and how many it touched.

    Within a request pghistory writes who it is before every statement that changes something, as a second command,
    which can't be prepared. What is changed here has no such history: it has events.
    """
    own: Any = connections[DEFAULT_DB_ALIAS]
    own.ensure_connection()
    wrappers = own.execute_wrappers
    own.execute_wrappers = [each for each in wrappers if each is not HISTORY]
    try:
        with own.cursor() if len(values) > MOST else own._prepare_cursor(Binding(own.connection)) as cursor:
            cursor.execute(statement, values)
            # Whether there are rows: `description` would build an object for each column.
            returned = cursor.pgresult is not None and cursor.pgresult.nfields
            return (cursor.fetchall() if returned else []), cursor.rowcount
    finally:
        own.execute_wrappers = wrappers

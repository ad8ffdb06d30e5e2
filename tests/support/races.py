"""Two people at once: second connections, and callables that start at the same instant."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.db import connections

from receivables.core import provision

SECONDS = 60


@contextlib.contextmanager
def other_connection(alias: str = "default", autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A second connection to the test's database: as the application, or as the owner. Rolled back at the end."""
    connection = provision.connect(alias)
    connection.autocommit = autocommit
    try:
        yield connection
    finally:
        connection.close()


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same instant, each in a thread with its own Django connection.

    Returns what each returned, or the exception it raised, in the order of the calls. Needs `committed_db`: threads
    do not see what a test has not committed.
    """
    outcomes: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls), timeout=SECONDS)

    def run(position: int, call: Callable[[], Any]) -> None:
        try:
            connections["default"].ensure_connection()
            barrier.wait()
            outcomes[position] = call()
        except Exception as error:  # any refusal may be the outcome; the test judges it
            outcomes[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError(f"a racer still runs after {SECONDS} seconds: a deadlock that nobody ends")
    return outcomes

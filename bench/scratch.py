"""A database for one run: migrated, guarded and granted like a real one, dropped afterwards."""

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql

from receivables.core import plans, privileges, provision

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@contextlib.contextmanager
def database() -> Iterator[str]:
    """A fresh database on the server that the settings name. Both aliases lead to it; it is gone afterwards."""
    name = f"rv_bench_{os.getpid()}"
    owner, app = settings.DATABASES["owner"], settings.DATABASES["default"]
    with provision.maintenance() as connection:
        if settings.EMBEDDED:
            provision.ensure_login(connection, owner["USER"], "", "CREATEDB")
        provision.ensure_login(connection, app["USER"], app["PASSWORD"])
        drop_leftovers(connection)
        connection.execute(provision.create_database(connection, name, owner["USER"]))
    before = connections.settings["default"]["NAME"]
    try:
        point(name)
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            plans.settle(cursor)
            privileges.apply(cursor, app["USER"])
            privileges.apply_to_database(cursor, name, app["USER"])
        yield name
    finally:
        point(before)
        with provision.maintenance() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def point(name: str) -> None:
    """Let both aliases lead to this database."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def drop_leftovers(connection: psycopg.Connection) -> None:
    """Databases of runs that were killed."""
    rows = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^rv_bench_[0-9]+$'").fetchall()
    for (name,) in rows:
        if not os.path.exists(f"/proc/{re.sub('[^0-9]', '', name)}"):
            with contextlib.suppress(psycopg.errors.ObjectInUse):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def server_facts() -> dict[str, str]:
    """What the figures depend on: version and durability of the server."""
    with provision.connect("default") as connection:
        facts = {name: str(connection.execute(f"SHOW {name}").fetchone()[0]) for name in (*DURABLE, "shared_buffers")}
        facts["server_version"] = connection.info.parameter_status("server_version") or "?"
    return facts


def not_durable(facts: dict[str, str]) -> list[str]:
    """Settings under which a commit costs less than in production; no figure may be published with one."""
    return [f"{name} is {facts[name]}" for name, wanted in DURABLE.items() if facts[name] != wanted]


def settle() -> None:
    """After a load: statistics and visibility for the planner, and the write-ahead log flushed out of the way."""
    with provision.connect("owner", options="") as connection:
        connection.execute("VACUUM ANALYZE")
    if settings.EMBEDDED:
        with provision.maintenance() as connection:
            connection.execute("CHECKPOINT")


def plain(search_path: str = "public", **changes: Any) -> psycopg.Connection:
    """A psycopg connection as the application, without Django and without time limits."""
    options = f"-c statement_timeout=0 -c search_path={search_path}"
    connection = provision.connect("default", options=options, **changes)
    connection.autocommit = False
    return connection

"""Databases of the tests: one migrated template, and a copy of it for every worker and every test that commits.

The owner migrates and copies; `default` is the application's login, as in production, so that a test which needs a
right the application lacks fails here first. Real databases are never named in the test settings.
"""

import contextlib
import hashlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from receivables.core import privileges, provision
from tests.support import stock

ROOT = Path(__file__).resolve().parent.parent.parent
ALIASES = ("default", "owner")
KEPT_TEMPLATES = 4
LOCK = 7_204_117  # an advisory lock: one process at a time makes a template
_counter = itertools.count()
KEPT_COPIES = 20  # of a process, some 26 MB each
_over: list[str] = []  # copies that no test needs any more


def fingerprint() -> str:
    """Changes with any migration, guard or grant: equal fingerprints mean equal templates."""
    core = ROOT / "receivables" / "core"
    files = [
        ROOT / "requirements.txt",
        *(core / f"{name}.py" for name in ("guards", "fields", "migrating", "plans", "privileges", "provision")),
        core / "management" / "commands" / "prepare_database.py",
    ]
    for config in apps.get_app_configs():
        if config.name in settings.OWN_APPS:
            files += [*Path(config.path).glob("migrations/*.py"), Path(config.path) / "grants.py"]
    digest = hashlib.sha256(settings.DATABASES["default"]["USER"].encode())
    for file in sorted(files):
        if file.exists():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def ensure_template() -> str:
    """The name of the migrated template, made first if no process has made it yet."""
    name = f"rv_template_{fingerprint()}"
    with provision.maintenance() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        drop_leftovers(connection)
        if not exists(connection, name):
            make_template(connection, name)
    return name


def ensure_stocked(template: str) -> str:
    """The name of a copy of the template with the stock of organizations, as the code of now makes them."""
    digest = hashlib.sha256(template.encode())
    for package in ("accounts", "receivables"):
        for file in sorted((ROOT / package).rglob("*.py")):
            digest.update(file.read_bytes())
    digest.update(Path(stock.__file__).read_bytes())
    name = f"rv_stock_{digest.hexdigest()[:12]}"
    with provision.maintenance() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not exists(connection, name):
            draft = f"{name}_draft"
            drop(connection, draft)
            duplicate(connection, template, draft)
            with pointed_at(draft):
                stock.fill()
            rename(connection, draft, name)
    return name


def make_template(connection: psycopg.Connection, name: str) -> None:
    """As a person makes a database, from nothing; and so the proof that it can be made."""
    if settings.EMBEDDED:
        for setting in ("fsync", "full_page_writes"):  # a crash may cost the tests' cluster, never a test's truth
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    draft = f"{name}_draft"
    drop(connection, draft)
    with pointed_at(draft):
        call_command("prepare_database", verbosity=0)
    rename(connection, draft, name)


def rename(connection: psycopg.Connection, draft: str, name: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))


def duplicate(connection: psycopg.Connection, template: str, name: str) -> None:
    """A copy of a database, which nobody may be using, with the application's rights on it.

    Where a crash may cost the cluster, its files are copied, a sixth of the work of writing each page to the log.
    """
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(name),
            sql.Identifier(settings.DATABASES["owner"]["USER"]),
            sql.Identifier(template),
            sql.Identifier("file_copy" if careless(connection) else "wal_log"),
        )
    )
    privileges.apply_to_database(connection, name, settings.DATABASES["default"]["USER"])


def careless(connection: psycopg.Connection) -> bool:
    """Whether this is the tests' own cluster, which a crash may cost."""
    return connection.execute("SHOW fsync").fetchone() == ("off",)


@contextlib.contextmanager
def copy(template: str) -> Iterator[str]:
    """A copy of the template, to which both aliases lead. Nobody is left in it afterwards; in time it is dropped."""
    name = f"rv_copy_{os.getpid()}_{next(_counter)}"
    with provision.maintenance() as connection:
        duplicate(connection, template, name)
    try:
        with pointed_at(name):
            yield name
    finally:
        with provision.maintenance() as connection:
            retire(connection, name)


def retire(connection: psycopg.Connection, name: str) -> None:
    """Close a copy, and drop those that were closed when they are many. Each is two thousand files, and a file system
    passes over the places of what was just deleted one by one, for each file it makes: a copy made right after a drop
    takes a second of processor time instead of a fifth."""
    if not careless(connection):
        drop(connection, name)
        return
    connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):  # then whoever is left goes by himself
        connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])
    _over.append(name)
    if len(_over) >= KEPT_COPIES:
        drop_retired(connection)


def drop_retired(connection: psycopg.Connection) -> None:
    while _over:
        drop(connection, _over.pop())


@contextlib.contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Both aliases lead to this database, in this thread and in those that start now. The connections of before are
    laid aside: a transaction that is open on one of them stays open."""
    before = {alias: (connections[alias], connections.settings[alias]["NAME"]) for alias in ALIASES}
    for alias in ALIASES:
        connections.settings[alias]["NAME"] = name
        del connections[alias]
    try:
        yield
    finally:
        for alias, (connection, known_as) in before.items():
            connections[alias].close()
            connections.settings[alias]["NAME"] = known_as
            connections[alias] = connection


def drop_leftovers(connection: psycopg.Connection) -> None:
    """Copies of processes that are gone, and all but the newest templates."""
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'rv\\_%' ORDER BY oid DESC"
    ).fetchall()
    names = [name for (name,) in rows]
    kinds = ("template", "stock")
    templates = [[name for name in names if re.fullmatch(rf"rv_{kind}_[0-9a-f]{{12}}", name)] for kind in kinds]
    orphans = [name for name in names if (found := re.match(r"rv_copy_(\d+)_", name)) and not _alive(int(found[1]))]
    for name in [*orphans, *(name for kept in templates for name in kept[KEPT_TEMPLATES:])]:
        with contextlib.suppress(psycopg.errors.ObjectInUse):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database, throwing out whoever is connected. A login that may not do that waits until they have gone,
    some seconds at most; what is left even then, the next run drops."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        connection.execute(statement + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        with contextlib.suppress(psycopg.errors.ObjectInUse):
            connection.execute(statement)

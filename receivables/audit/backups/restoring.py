"""A database from a backup: all of it or nothing, with the logins and rights that this version gives."""

import json
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from receivables.audit.backups.making import DUMP, FORM, HEADS, MANIFEST, SUMS, checksum, fingerprint
from receivables.audit.backups.programs import run
from receivables.core import provision

LEAVE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usesysid IS NOT NULL"
TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


def read(folder: Path, *, other_key: bool = False) -> dict[str, Any]:
    """The manifest of a backup that is whole and that this installation can use. Raises `ImproperlyConfigured`."""
    try:
        sums = [line.split("  ", 1) for line in (folder / SUMS).read_text().splitlines()]
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        broken = [name for sum_, name in sums if checksum(folder / name) != sum_]
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{folder} is no whole backup: {error}") from error
    if broken or {name for _sum, name in sums} != {DUMP, MANIFEST}:
        raise ImproperlyConfigured(f"{folder} was changed since it was made: {', '.join(broken) or SUMS}.")
    if manifest.get("form") != FORM:
        raise ImproperlyConfigured(f"{folder} was made by another version of the program.")
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not other_key and manifest["secret_key"] not in map(fingerprint, keys):
        raise ImproperlyConfigured(
            "The backup was made with another SECRET_KEY, without which the credentials of accounting systems and the "
            "second factors can't be read. Set it, also among SECRET_KEY_FALLBACKS, or restore with --other-key."
        )
    return manifest


def restore(folder: Path, *, replace: bool = False) -> None:
    """Fill the database of DATABASE_URL from a backup that was read. What is there is replaced only on demand, and
    only when the new one is whole. Raises `ImproperlyConfigured`."""
    provision.create_missing()
    name = str(connections["owner"].settings_dict["NAME"])
    if is_empty():
        _fill(folder, name)
    elif replace:
        _replace(folder, name)
    else:
        raise ImproperlyConfigured(f"The database {name} is not empty. To put the backup in its place: --replace")
    call_command("prepare_database", verbosity=0)


def is_empty() -> bool:
    with provision.connect("owner") as connection:
        return connection.execute(TABLES).fetchone() == (0,)


def _fill(folder: Path, database: str) -> None:
    """Into an empty database, in one transaction. The dump makes its schema `public` anew, as pg_dump wants it."""
    run(
        "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(folder / DUMP),
        database=database,
    )  # fmt: skip


def _replace(folder: Path, name: str) -> None:
    """Beside the database first; then the old one goes, with whoever is connected, and the new one takes its name."""
    draft = f"{name}_restored"
    owner = settings.DATABASES["owner"]["USER"]
    with provision.maintenance() as connection:
        _drop(connection, draft)
        connection.execute(provision.create_database(connection, draft, owner))
        _fill(folder, draft)
        for alias in ("default", "owner"):
            connections[alias].close()
        _drop(connection, name)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
        )


def _drop(connection: psycopg.Connection, name: str) -> None:
    """With whoever is connected. Autovacuum at work there is nobody's, so that only a superuser may force it out: then
    the connections are ended first, and a plain DROP ends autovacuum by itself."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        connection.execute(drop + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        connection.execute(LEAVE, [name])
        connection.execute(drop)


def heads() -> list[str]:
    """The heads of the seals in the database, as a manifest has them."""
    with provision.connect("owner") as connection:
        return [f"{slug}:{number}:{newest}" for slug, number, newest in connection.execute(HEADS).fetchall()]

"""Making a backup: a dump of one instant, what it is of, and a checksum of each file."""

import hashlib
import hmac
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from receivables.audit.backups.programs import run
from receivables.core import provision

DUMP, MANIFEST, SUMS = "database.dump", "manifest.json", "SHA256SUMS"
FORM = 1  # of the folder

HEADS = """
SELECT o.slug, s.number, encode(s.hash, 'hex') FROM accounts_organization o JOIN LATERAL (
    SELECT number, hash FROM audit_seal WHERE organization_id = o.id ORDER BY number DESC LIMIT 1) s ON true
 ORDER BY o.slug
"""


def make(folder: Path) -> dict[str, Any]:
    """Write a backup into a new folder and return its manifest. The folder appears when it is whole.

    Raises `ImproperlyConfigured` if it exists already, or if `pg_dump` is missing or fails.
    """
    if folder.exists():
        raise ImproperlyConfigured(f"{folder} exists already; a backup never overwrites another one.")
    draft = folder.with_name(f"{folder.name}.partial-{os.getpid()}")
    draft.mkdir(mode=0o700, parents=True)
    try:
        manifest = _dump(draft / DUMP)
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        sums = "".join(f"{checksum(draft / name)}  {name}\n" for name in (DUMP, MANIFEST))
        (draft / SUMS).write_text(sums)
        for name in (DUMP, MANIFEST, SUMS):
            _flush(draft / name)
        draft.rename(folder)
        _flush(folder.parent)
    except BaseException:
        shutil.rmtree(draft)
        raise
    return manifest


def _dump(file: Path) -> dict[str, Any]:
    """Dump what one snapshot sees; the heads of the seals are read in the same one."""
    with provision.connect("owner") as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()[0]  # type: ignore[index]
        heads = connection.execute(HEADS).fetchall()
        run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}",
            database=connection.info.dbname,
        )  # fmt: skip
        return {
            "form": FORM,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": connection.info.dbname,
            "server": connection.info.server_version,
            "django": django.get_version(),
            "migrations": sorted(".".join(key) for key in MigrationRecorder(connections["owner"]).applied_migrations()),
            "heads": [f"{slug}:{number}:{newest}" for slug, number, newest in heads],
            "secret_key": fingerprint(settings.SECRET_KEY),
        }


def fingerprint(secret: str) -> str:
    """By which a secret key is known again, and from which it can't be found: credentials of other systems are
    encrypted with it, and the login of the application may have its password from it."""
    return hmac.new(secret.encode(), b"backup", hashlib.sha256).hexdigest()


def checksum(file: Path) -> str:
    """SHA-256, as `sha256sum` writes it."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Through to the disk: what has its name is whole."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Sealing: journal entries and events are numbered and chained after they were committed, in sets, by the worker.

A row is sealed only when no row with a lower key can be committed any more. For that a mark is taken: the last key
that was given out, and then a transaction number. Once every transaction up to that number is over, what is below the
mark is complete. So the order of the chain is that of the keys, none is skipped that commits later than its
neighbours, and a row that appears among those that are sealed was put there.
"""

import hashlib
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from receivables.audit.canonical import DIGESTS, TABLES, VERSION
from receivables.audit.models import Seal, SealMark
from receivables.core.bulk import insert_rows

logger = logging.getLogger("receivables.audit")

SET = 2_000  # rows of a kind that are sealed in one transaction
# A key may be given out a moment before its transaction has a number; no statement of ours takes that long.
PATIENCE = timedelta(seconds=30)
LOCK = 7_204_118  # the advisory lock of the sealers, together with the organization

# The horizon of snapshots is that of the whole server: where something else is at work on it for long, it is enough
# that no transaction of this database is as old as the mark. (A transaction number is shown in 32 bits.)
OVER = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %(horizon)s OR NOT EXISTS (
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
       AND age(backend_xid) >= age((%(horizon)s & 4294967295)::text::xid))
"""

Row = tuple[str, int, bytes]  # kind, key and digest


def link(previous: bytes, number: int, kind: str, row: int, sealed_at: datetime, digest: bytes) -> bytes:
    """The hash of a seal. `checks/seals.py` and the guard of the table say the same in SQL."""
    at = sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return hashlib.sha256(previous + digest + f"{number}|{kind}|{row}|{VERSION}|{at}".encode()).digest()


def seal(organization: int, *, sets: int = 10, patience: timedelta = PATIENCE) -> int:
    """Seal what is complete of an organization, at most so many sets, and mark what is next; how many were sealed.

    One at a time for an organization: a second sealer finds the first at work and does nothing.
    """
    done = 0
    for _number in range(sets):
        sealed = _seal_set(organization, patience)
        done += sealed
        if sealed == 0:
            _mark(organization)
            break
    return done


@transaction.atomic(durable=True)
def _seal_set(organization: int, patience: timedelta) -> int:
    with connection.cursor() as cursor:
        if not _alone(cursor, organization):
            return 0
        mark = SealMark.objects.filter(organization_id=organization).first()
        if mark is None or not _complete(cursor, mark, patience):
            return 0
        rows = [
            *_rows(cursor, organization, "entry", mark.entries_through),
            *_rows(cursor, organization, "event", mark.events_through),
        ]
    return _append(organization, rows)


def _alone(cursor: Any, organization: int) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, organization])
    return bool(cursor.fetchone()[0])


def _complete(cursor: Any, mark: SealMark, patience: timedelta) -> bool:
    """Whether every transaction that was under way when the mark was taken is over."""
    if timezone.now() - mark.taken_at < patience:
        return False
    cursor.execute(OVER, {"horizon": mark.horizon})
    return bool(cursor.fetchone()[0])


def _rows(cursor: Any, organization: int, kind: str, through: int) -> list[Row]:
    cursor.execute(
        f"""SELECT r.id, {DIGESTS[kind]} FROM {TABLES[kind]} r
             WHERE r.organization_id = %(organization)s AND r.id <= %(through)s AND r.id > coalesce(
                   (SELECT max(row_id) FROM audit_seal WHERE organization_id = %(organization)s AND kind = %(kind)s), 0)
             ORDER BY r.id LIMIT {SET}""",  # noqa: S608 - our own names
        {"organization": organization, "through": through, "kind": kind},
    )
    return [(kind, key, bytes(digest)) for key, digest in cursor.fetchall()]


def _append(organization: int, rows: Iterable[Row]) -> int:
    """Put rows at the end of the chain."""
    number, previous = head(organization)
    sealed_at, links = timezone.now(), []
    for kind, key, digest in rows:
        number += 1
        previous = link(previous, number, kind, key, sealed_at, digest)
        links.append((organization, number, kind, key, VERSION, sealed_at, digest, previous))
    if links:
        insert_rows(Seal, "organization_id number kind row_id version sealed_at digest hash", links)
        logger.info("sealed organization %s up to %s %s", organization, number, previous.hex())
    return len(links)


def head(organization: int) -> tuple[int, bytes]:
    """Number and hash of the newest seal; (0, empty) before the first."""
    newest = Seal.objects.filter(organization_id=organization).order_by("-number").values_list("number", "hash").first()
    return (newest[0], bytes(newest[1])) if newest else (0, b"")


def _mark(organization: int) -> None:
    """Mark what may be sealed next, unless an older mark still waits or nothing is new.

    The order matters: first the last keys, then a transaction number above that of whoever holds one of them.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        if not _alone(cursor, organization):
            return
        mark = SealMark.objects.filter(organization_id=organization).first()
        entries, events = (_last_key(cursor, TABLES[kind]) for kind in ("entry", "event"))
        if mark is not None and (_waits(organization, mark) or (entries, events) == _through(mark)):
            return
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        values = {
            "entries_through": entries, "events_through": events, "horizon": cursor.fetchone()[0],
            "taken_at": timezone.now(),
        }  # fmt: skip
        SealMark.objects.update_or_create(organization_id=organization, defaults=values)


def _last_key(cursor: Any, table: str) -> int:
    cursor.execute("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass), 0)", [table])
    return int(cursor.fetchone()[0])


def _through(mark: SealMark) -> tuple[int, int]:
    return mark.entries_through, mark.events_through


def _waits(organization: int, mark: SealMark) -> bool:
    """Whether rows below the mark are still to be sealed."""
    with connection.cursor() as cursor:
        return any(
            _rows(cursor, organization, kind, through)
            for kind, through in zip(("entry", "event"), _through(mark), strict=True)
        )

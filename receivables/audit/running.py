"""Running checks: one statement each, all of one instant, writing nothing."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from receivables.audit.checks import Check

SHOWN = 20  # offending rows that are named of each check; all are counted


@dataclass
class Finding:
    """What a check found in one organization: how many rows, and the first of them."""

    count: int
    ids: list[str] = field(default_factory=list)


@contextlib.contextmanager
def instant() -> Iterator[Any]:
    """A cursor that sees the database as of one instant and can't write. Not within another transaction.

    An audit of a large database takes longer than a page may: only here is a statement allowed to.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '64MB'")
        yield cursor


def run_check(cursor: Any, check: Check, organization: int | None = None) -> dict[int | None, Finding]:
    """What a check finds in one organization or in all, by organization; None is the database as a whole."""
    only = f"WHERE organization_id = {int(organization)}" if organization and not check.whole_database else ""
    cursor.execute(f"""
        SELECT organization_id, id::text, total FROM (
            SELECT organization_id, id, count(*) OVER (PARTITION BY organization_id) AS total,
                   row_number() OVER (PARTITION BY organization_id ORDER BY id) AS position
              FROM ({check.statement}) AS faults {only}) AS f
         WHERE position <= {SHOWN} ORDER BY organization_id, position""")  # noqa: S608 - our own statements
    found: dict[int | None, Finding] = {}
    for owner, row, total in cursor.fetchall():
        found.setdefault(owner, Finding(total)).ids.append(row)
    return found


def run_checks(
    cursor: Any, checks: Iterable[Check], organization: int | None = None
) -> Iterator[tuple[Check, dict[int | None, Finding]]]:
    """Each check with what it found, as soon as it is known."""
    for check in checks:
        yield check, run_check(cursor, check, organization)

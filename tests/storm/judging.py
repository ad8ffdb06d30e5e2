"""What must hold after a storm, read from the rows alone, and the proof that the reading would notice."""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from receivables.audit.checks import named

# One form, one effect: what was done under a key was done by one request.
ONE_EFFECT = """
SELECT idempotency_key FROM core_event WHERE idempotency_key IS NOT NULL
GROUP BY 1 HAVING count(DISTINCT request_id) > 1"""
# A row of each kind made wrong, and by which promise of the audit that is noticed.
PLANTED = {
    "J1": (
        "ledger_journalline", "UPDATE ledger_journalline SET amount = amount + 1 WHERE id = (SELECT min(id) FROM"
        " ledger_journalline)",
    ),
    "I1": (
        "ledger_openitem", "UPDATE ledger_openitem SET balance = balance / 2 WHERE id = (SELECT min(id) FROM"
        " ledger_openitem WHERE balance > 0)",
    ),
    "J4": (
        "billing_invoice", "UPDATE billing_invoice SET sequence_number = sequence_number + 1 WHERE id = (SELECT max(id)"
        " FROM billing_invoice WHERE sequence_number IS NOT NULL)",
    ),
}  # fmt: skip
# What was done last, twice, as if two requests had done it with one form.
ONE_KEY = """
UPDATE core_event SET idempotency_key = '00000000-0000-0000-0000-000000000001', request_id = id::text
 WHERE id IN (SELECT id FROM core_event ORDER BY id DESC LIMIT 2)"""


def repeated(database: Connection[Any]) -> list[str]:
    """Forms that had more than one effect (X2)."""
    return [str(key) for (key,) in database.execute(ONE_EFFECT).fetchall()]


def forgotten(database: Connection[Any], acknowledged: Iterable[str]) -> list[str]:
    """What was acknowledged to a client and is not there (O1)."""
    kept = {str(key) for (key,) in database.execute("SELECT key FROM core_idempotencykey").fetchall()}
    return sorted(set(acknowledged) - kept)


def blind(database: Connection[Any]) -> list[str]:
    """The promises that would not notice a row that was made wrong; every change is rolled back."""
    missed = []
    for code, (table, change) in PLANTED.items():
        with database.transaction(force_rollback=True):
            database.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            assert database.execute(change).rowcount == 1, code
            if not any(database.execute(check.statement).fetchall() for check in named(code)):
                missed.append(code)
    with database.transaction(force_rollback=True):  # two requests under one key
        database.execute("ALTER TABLE core_event DISABLE TRIGGER USER")
        database.execute(ONE_KEY)
        if not repeated(database):
            missed.append("X2")
    if forgotten(database, ["00000000-0000-0000-0000-000000000000"]) == []:
        missed.append("O1")
    return missed

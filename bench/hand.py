"""Hand-written SQL through psycopg, one statement a table: what the ceilings are made of.

Table names carry no schema: the same statements run against the guarded tables and against the bare ones.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from django.utils import timezone

from bench.world import World

LOCK = "SELECT id FROM customers_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
TAKE = "SELECT kind, first, prefix, width FROM take_numbers(%s, %s, %s)"


@dataclass(frozen=True)
class Subject:
    """One prepared case: the keys of its rows by name, and the invoices a payment is for."""

    keys: dict[str, int]
    invoices: Sequence[dict[str, int]] = ()

    def __getitem__(self, name: str) -> int:
        return self.keys[name]


@lru_cache
def insert(table: str, columns: str, rows: int = 1, returning: bool = False) -> str:
    names = columns.split()
    row = f"({', '.join(['%s'] * len(names))})"
    end = " RETURNING id" if returning else ""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * rows)}{end}"


ITEM = insert(
    "ledger_openitem",
    "organization_id account_id agreement_id gl_account_id kind number currency document_date due_date amount"
    " organization_amount balance organization_balance paid live_payments live_settlements voided",
    returning=True,
)
INVOICE = insert(
    "billing_invoice",
    "organization_id number sequence_number account_id agreement_id open_item_id currency rate issue_date due_date"
    " terms_days reference summary imported current_revision created_at",
    returning=True,
)
REVISION = insert(
    "billing_revision",
    "organization_id invoice_id number cause currency net tax total organization_total bad_debt price_concession"
    " bill_to digest line_count internal reason posting_date created_by_id created_at",
    returning=True,
)
REVISION_LINE = (
    "organization_id revision_id line_no load_id accessorial_id kind description currency net tax_rate tax total"
    " gl_account_id"
)
ENTRY = (
    "organization_id kind source_type source_id document_date posting_date currency line_count total"
    " organization_total memo reverses_id posted_by_id posted_at"
)
LINE = (
    "organization_id entry_id line_no gl_account_id currency amount organization_amount open_item_id opens"
    " agreement_id for_agreement_id memo"
)
PAYMENT = insert(
    "collections_payment",
    "organization_id number sequence_number account_id open_item_id bank_account_id date posting_date currency rate"
    " amount method reference note created_by_id created_at",
    returning=True,
)
ALLOCATION = "organization_id kind debit_item_id credit_item_id entry_id currency amount reverses_id date created_at"
REVERSAL = insert(
    "collections_paymentreversal",
    "organization_id payment_id kind reason posting_date created_by_id created_at",
    returning=True,
)
ACCESSORIAL = insert(
    "billing_accessorial",
    "organization_id load_id type_id entity currency amount note state version created_by_id created_at",
    returning=True,
)
EVENT = insert(
    "core_event",
    "organization_id name subject_type subject_id refs actor_user_id actor_name at reason data request_id",
)


class Hand:
    """Writes through one connection, in whatever transaction it is in."""

    def __init__(self, world: World, connection: psycopg.Connection) -> None:
        self.world = world
        self.connection = connection
        self.cursor = connection.cursor()

    def one(self, statement: str, *values: Any) -> int:
        """The key that a statement returns; the organization is its first value."""
        row = self.cursor.execute(statement, [self.world.organization, *values]).fetchone()
        assert row is not None
        return int(row[0])

    def many(self, table: str, columns: str, rows: Sequence[Sequence[Any]], returning: bool = False) -> list[int]:
        values = [value for row in rows for value in row]
        self.cursor.execute(insert(table, columns, len(rows), returning), values)
        return [int(row[0]) for row in self.cursor.fetchall()] if returning else []

    def lock(self, *accounts: int) -> None:
        self.cursor.execute(LOCK, [list(accounts)]).fetchall()

    def number(self, kind: str) -> tuple[int, str]:
        row = self.cursor.execute(TAKE, [self.world.organization, [kind], [1]]).fetchone()
        assert row is not None
        _kind, first, prefix, width = row
        return first, f"{prefix}{first:0{width}d}"

    def entries(self, *entries: tuple[Any, ...]) -> list[int]:
        """Entries of (kind, source type, source, total, lines, memo, reversed entry)."""
        w = self.world
        rows = [
            (w.organization, kind, source_type, source, w.today, w.today, "USD", lines, total, total, memo, reverses,
             w.user, timezone.now())
            for kind, source_type, source, total, lines, memo, reverses in entries
        ]  # fmt: skip
        return self.many("ledger_journalentry", ENTRY, rows, returning=True)

    def lines(self, *lines: tuple[Any, ...]) -> None:
        """Lines of (entry, number, GL account, amount, item, opens, agreement, for agreement)."""
        rows = [
            (self.world.organization, entry, no, gl, "USD", amount, amount, item, opens, agreement, booked_for, "")
            for entry, no, gl, amount, item, opens, agreement, booked_for in lines
        ]
        self.many("ledger_journalline", LINE, rows)

    def event(
        self, name: str, subject_type: str, subject: int, refs: list[str], data: dict[str, Any], reason: str = ""
    ) -> None:
        w = self.world
        values = [w.organization, name, subject_type, subject, refs, w.user, w.actor.name, timezone.now(), reason,
                  json.dumps(data), ""]  # fmt: skip
        self.cursor.execute(EVENT, values)

"""The ceiling of writing off many debts: the same rows by INSERT … SELECT, one statement a table and set.

Nothing is read but the accounts that are locked, nothing is checked, split or worded: every key, number and share is
given. Haul and fuel go to the write-off type of revenue, tax to that of its own account.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import models

from bench import rows
from bench.rows import NUMBER, Batch
from bench.world import World, defaults, one
from receivables.core.models import Event
from receivables.customers.models import Agreement, AgreementType
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, JournalLine, OpenItem
from receivables.writeoffs.models import WriteOff, WriteOffItem, WriteOffLine

SET = 500  # larger ones cost the guards more for each debt
KEYS = "SELECT min(v) FROM (SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS v FROM generate_series(1, %s)) s"
MADE = {
    "std": Agreement, "own": Agreement, "doc": WriteOff, "std_open": OpenItem, "own_open": OpenItem,
    "std_item": WriteOffItem, "own_item": WriteOffItem, "posted": JournalEntry,
}  # fmt: skip


@dataclass
class ByHand:
    """Writes off the debts of a batch of rows whose accounts wait in `written`, a batch of write-offs."""

    world: World
    connection: psycopg.Connection
    batch: Batch
    written: int

    def __post_init__(self) -> None:
        types = {row.code: row for row in AgreementType.objects.of(self.world.actor).filter(special_role="write_off")}
        tax = GLAccount.objects.of(self.world.actor).get(code="2200")
        self.std, self.own = types["WO-STD"].pk, tax.write_off_type_id
        self.transfer = GLAccount.objects.of(self.world.actor).get(role="transfer").pk

    def all(self) -> None:
        for start in range(0, self.batch.count, SET):
            self.one_set(start, min(start + SET, self.batch.count))
            self.connection.commit()

    def put(self, model: type[models.Model], source: str, **columns: Any) -> None:
        """INSERT a row for each of `source`; `columns` are SQL over it."""
        values = {**defaults(model), "organization_id": self.world.organization, **columns}
        names, shown = ", ".join(values), ", ".join(map(str, values.values()))
        self.connection.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {shown} FROM {source}")

    def one_set(self, start: int, end: int) -> None:
        n = end - start
        accounts = self.batch.first["account"]
        self.connection.execute(
            "SELECT id FROM customers_account WHERE id >= %s AND id < %s ORDER BY id FOR NO KEY UPDATE",
            [accounts + start, accounts + end],
        )
        first = {name: one(self.connection, KEYS, [model._meta.db_table, n]) for name, model in MADE.items()}
        taxed = sum(1 for i in range(start, end) if i % self.batch.taxed_every == 0)
        take = "SELECT first FROM take_numbers(%s, %s, %s)"
        numbered = one(self.connection, take, [self.world.organization, ["agreement"], [n + taxed]])
        document = one(self.connection, take, [self.world.organization, ["write_off"], [n]])
        keys = ", ".join(f"{key} + i - {start} AS {name}_key" for name, key in first.items())
        facts = f"""(SELECT f.*, {keys}, 'WO-' || {NUMBER.format(f"({document} + i - {start})")} AS wo,
               {document} + i - {start} AS sequence, '{self.world.today}'::date AS day
          FROM {self.batch.facts(self.world)} WHERE i >= {start} AND i < {end}) AS g"""
        every = self.batch.taxed_every
        own_number = f"{numbered + n} + i / {every} - {-(-start // every)}"
        self.agreements(facts, f"{numbered} + i - {start}", own_number)
        self.documents(facts)
        self.entries(facts)
        self.lines(facts)
        self.event(facts)
        self.connection.execute(
            f"UPDATE writeoffs_writeoffbatchitem b SET state = 'done', write_off_id = doc_key, finished_at = now()"
            f" FROM {facts} WHERE b.batch_id = {self.written} AND b.account_id = g.account_id"
        )

    def agreements(self, facts: str, std: str, own: str) -> None:
        same = {"account_id": "account_id", "currency": "'USD'", "state": "'active'", "start_date": "day"}
        for name, kind, number, source in (
            ("std", self.std, std, facts), ("own", self.own, own, f"{facts} WHERE taxed"),
        ):  # fmt: skip
            self.put(
                Agreement,
                source,
                id=f"{name}_key",
                type_id=kind,
                number=f"'SA-' || {NUMBER.format(f'({number})')}",
                **same,
            )

    def documents(self, facts: str) -> None:
        user, taxed, gl = self.world.user, f"{facts} WHERE taxed", self.world.gl
        self.put(
            WriteOff, facts, id="doc_key", number="wo", sequence_number="sequence", account_id="account_id",
            method="'distribution'", reason="'Benchmark'", currency="'USD'", amount="total",
            organization_amount="total", line_count="CASE WHEN taxed THEN 3 ELSE 2 END", date="day",
            posting_date="day", created_by_id=user,
        )  # fmt: skip
        same = {
            "account_id": "account_id", "kind": "'write_off'", "number": "wo", "currency": "'USD'",
            "document_date": "day", "due_date": "due",
        }  # fmt: skip
        for name, account, source in (("std", gl["6150"], facts), ("own", gl["2200"], taxed)):
            self.put(OpenItem, source, id=f"{name}_open_key", agreement_id=f"{name}_key", gl_account_id=account, **same)
            self.put(
                WriteOffItem, source, id=f"{name}_item_key", write_off_id="doc_key", agreement_id=f"{name}_key",
                open_item_id=f"{name}_open_key",
            )  # fmt: skip

    def entries(self, facts: str) -> None:
        gl, transfer = self.world.gl, self.transfer
        self.put(
            JournalEntry, facts, id="posted_key", kind="'write_off'", source_type="'writeoffs.writeoff'",
            source_id="doc_key", document_date="day", posting_date="day", currency="'USD'",
            line_count="CASE WHEN taxed THEN 6 ELSE 4 END", total="2 * total", organization_total="2 * total",
            memo="wo", posted_by_id=self.world.user,
        )  # fmt: skip
        lines = f"""{facts}, LATERAL (VALUES
            (1, {transfer}, total, NULL, false, NULL, agreement_id),
            (2, {gl["1200"]}, -total, item_id, false, agreement_id, NULL),
            (3, {gl["6150"]}, haul + 100, std_open_key, true, std_key, NULL),
            (4, {transfer}, -haul - 100, NULL, false, NULL, std_key),
            (5, {gl["2200"]}, tax, own_open_key, true, own_key, NULL),
            (6, {transfer}, -tax, NULL, false, NULL, own_key))
            AS l(line, gl, moved, moved_item, own_line, moved_agreement, for_agreement) WHERE moved <> 0"""
        self.put(
            JournalLine, lines, entry_id="posted_key", line_no="line", gl_account_id="gl", currency="'USD'",
            amount="moved", organization_amount="moved", open_item_id="moved_item", opens="own_line",
            agreement_id="moved_agreement", for_agreement_id="for_agreement",
        )  # fmt: skip
        self.put(
            Allocation, facts, kind="'transfer'", debit_item_id="item_id", entry_id="posted_key", currency="'USD'",
            amount="total", date="day",
        )  # fmt: skip

    def lines(self, facts: str) -> None:
        gl = self.world.gl
        source = f"""{facts}, LATERAL (VALUES
            (1, {gl["4000"]}, haul, std_item_key), (2, {gl["4100"]}, 100, std_item_key),
            (3, {gl["2200"]}, tax, own_item_key)) AS l(line, booked, part, onto) WHERE part <> 0"""
        self.put(
            WriteOffLine, source, write_off_id="doc_key", line_no="line", source_agreement_id="agreement_id",
            source_item_id="item_id", source_account_id=gl["1200"], booked_account_id="booked", item_id="onto",
            currency="'USD'", amount="part", organization_amount="part",
        )  # fmt: skip

    def event(self, facts: str) -> None:
        refs = rows.refs(
            "writeoffs.writeoff:", "doc_key", "customers.account:", "account_id", "customers.customer:",
            f"account_id - {self.batch.first['account']} + {self.batch.first['customer']}", "billing.invoice:",
            "invoice_id", "billing.load:", "load_id", "customers.agreement:", "agreement_id", "customers.agreement:",
            "std_key",
        )  # fmt: skip
        self.put(
            Event, facts, name="'write_off_debt'", subject_type="'writeoffs.writeoff'", subject_id="doc_key",
            refs=f"{refs} || CASE WHEN taxed THEN ARRAY['customers.agreement:' || own_key] ELSE ARRAY[]::text[] END",
            actor_user_id=self.world.user, actor_name="'Bench Admin'", reason="'Benchmark'",
            data="jsonb_build_object('amount', total::text, 'currency', 'USD', 'split',"
                 " jsonb_build_object(wo, total::text))",
        )  # fmt: skip

"""Attacks on a trigger from what its function reads: copies of rows, as they are and with one column changed."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.dropped.attempts import Attack, Books, Guard
from tests.dropped.kinds import columns, others, plain

ROWS, CHANGED = 6, 3  # rows of a sort that are copied; of those, on how many each column is changed
WORDS = {"invoice", "undone", "account", "given up", "given up on", "given up by"}  # of tests.support.foreign
REFERRING = {"credit_control_planitem"}  # whose open item is another document's
TOLD = ("kind", "state", "method", "active", "role")  # columns that tell sorts of rows apart


def made(books: Books, guard: Guard) -> Iterator[Attack]:
    """Copies of rows, then copies and rows with another value in a column that the trigger reads."""
    event, condition = guard.definition.split(" ON ")[0], guard.definition.partition(" WHEN ")[2]
    rows, text = sorts(books, guard.table, condition), condition + reads(books, guard)
    if "INSERT" in event:
        yield from (copied(books, guard.table, row, {}) for row in rows)
        if rows and sequence_of(books, guard.table):
            yield copied(books, guard.table, rows[0], {"number": "FRESH-1", "sequence_number": 999_999})
    for name, kind, _nullable in columns(books, guard.table):
        if name in ("id", "organization_id") or not re.search(rf"\b{name}\b", text):
            continue
        for row in rows[: max(CHANGED, len(rows) // 2)]:
            for other in others(books, guard.table, name, kind, row):
                if "INSERT" in event:
                    yield copied(books, guard.table, row, {name: other})
                if "UPDATE" in event:
                    yield f"UPDATE {guard.table} SET {name} = %s WHERE id = %s", (other, row)


def reads(books: Books, guard: Guard) -> str:
    """The text of the trigger's function, and of those that it calls."""
    own = books.one(
        "SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE t.tgrelid = %s::regclass AND t.tgname = %s",
        guard.table, guard.name,
    )  # fmt: skip
    called = books.rows(
        "SELECT prosrc FROM pg_proc WHERE proname = ANY(%s) AND pronamespace = 'public'::regnamespace",
        re.findall(r"PERFORM (\w+)\(", own),
    )
    return "\n".join([own, *(text for (text,) in called)])


def sorts(books: Books, table: str, condition: str) -> list[int]:
    """The newest rows, of each sort that the trigger tells apart."""
    told = [name for name, *_rest in columns(books, table) if name in TOLD and re.search(rf"\.{name}\b", condition)]
    found = books.rows(
        f"SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY {', '.join(told) or 'true'} ORDER BY id DESC) AS n"
        f" FROM {table}) t WHERE n <= %s ORDER BY n, id DESC LIMIT %s",
        2 if told else ROWS, 6 * ROWS,
    )  # fmt: skip
    return [row for (row,) in found]


def copied(books: Books, table: str, row: int, changed: dict[str, Any]) -> Attack:
    """A copy of a row under a new id; if it is a numbered document, with the next number, taken as it should be; if it
    has an open item, with one of its own."""
    kind = "" if "number" in changed else sequence_of(books, table)
    steps, own, sources = [], {"id": f"nextval(pg_get_serial_sequence('{table}', 'id'))"}, [f"{table} t"]
    fresh = {name: value for name, value in plain(table).items() if value not in WORDS} | unused(books, table, row)
    if kind:
        steps.append(
            f"taken AS (UPDATE core_sequence SET last = last + 1 WHERE kind = '{kind}' AND organization_id ="
            f" (SELECT organization_id FROM {table} WHERE id = {row}) RETURNING last, prefix || lpad(last::text,"
            " greatest(width, length(last::text)), '0') AS number)"
        )
        own |= {"number": "taken.number", "sequence_number": "taken.last"}
        sources.append("taken")
    if "open_item_id" in {name for name, *_rest in columns(books, table)} and table not in REFERRING:
        number, more = ("taken.number", ", taken") if kind else ("'FRESH-1'", "")
        steps.append(
            "item AS (INSERT INTO ledger_openitem SELECT (jsonb_populate_record(NULL::ledger_openitem, to_jsonb(i) ||"
            " jsonb_build_object('id', nextval(pg_get_serial_sequence('ledger_openitem', 'id')), 'number',"
            f" {number}))).* FROM {table} d JOIN ledger_openitem i ON i.id = d.open_item_id{more}"
            f" WHERE d.id = {row} RETURNING id)"
        )
        own["open_item_id"] = "item.id"
        sources.append("item")
    started = f"WITH {', '.join(steps)} " if steps else ""
    kept = {name: value for name, value in fresh.items() if name not in own}
    given = ", ".join(f"'{name}', {value}" for name, value in own.items())
    return (
        f"{started}INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || %s::jsonb"
        f" || jsonb_build_object({given}) || %s::jsonb)).* FROM {', '.join(sources)} WHERE t.id = {row}",
        (json.dumps(kept), json.dumps(changed)),
    )


def sequence_of(books: Books, table: str) -> str:
    """The kind of numbers that a document takes."""
    found = books.one(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'zz_numbers_taken'",
        table,
    )
    return found.split("numbers_taken('")[1].split("'")[0] if found else ""


def unused(books: Books, table: str, row: int) -> dict[str, int]:
    """What a column that refers to a document once at most can still refer to: the newest one of the organization."""
    found = books.rows(
        "SELECT a.attname, k.confrelid::regclass::text FROM pg_constraint k"
        " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
        " WHERE k.contype = 'f' AND cardinality(k.conkey) = 2 AND k.conrelid = %s::regclass"
        " AND a.attname NOT IN ('organization_id', 'open_item_id')"
        " AND EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisunique AND i.indnkeyatts = 1"
        " AND a.attnum = ANY(i.indkey))",
        table,
    )
    newest = {
        name: books.one(
            f"SELECT max(x.id) FROM {target} x JOIN {table} t ON t.id = %s AND x.organization_id = t.organization_id"
            f" WHERE t.{name} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} y WHERE y.{name} = x.id)",
            row,
        )
        for name, target in found
    }
    return {name: value for name, value in newest.items() if value is not None}

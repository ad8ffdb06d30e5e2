"""The kinds of guards that are attacked alike on every table, each with its attacks made from the catalogue."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings

from tests.dropped.attempts import (
    Attack,
    Books,
    Guard,
    Result,
    judge,
    other_constraints,
    other_triggers,
    referring_keys,
    triggers,
)
from tests.support.foreign import FRESH, ForeignReference, copy_of

OF_A_KIND = "p.proname IN ('forbid_change', 'accounts_fixed') AND tgname ~ '^a[ab]_'"
ROWS, FITTING, COMBINATIONS = 12, 3, 400  # rows of a table, those that are attacked, values that are tried on each


def own_tables() -> set[str]:
    return {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_config.name in settings.OWN_APPS and model._meta.managed
    }


# Rows that never change, are never deleted, keep columns


def forbidding(books: Books) -> list[Guard]:
    """Triggers that refuse whatever they see: the event and the columns stand in their definition."""
    named = f"{OF_A_KIND} OR p.proname ~ '^pgtrigger_append_only'"
    return triggers(books, "forbids", named)


def judge_forbidding(books: Books, guard: Guard) -> Result:
    event = guard.definition.split(" ON ")[0]
    if "TRUNCATE" in event:
        attacks, fences = [(f"TRUNCATE {guard.table}", ())], referring_keys(books, guard.table)
        # Keys that refer to the table refuse first: PostgreSQL looks at them before it asks any trigger.
    else:
        attacks = list(_changes(books, guard, event))
        fences = [
            *other_triggers(books, [guard.table], guard.name), *referring_keys(books, guard.table),
            *other_constraints(books, guard.table),
        ]  # fmt: skip
    return judge(books, guard, attacks, fences)


def _changes(books: Books, guard: Guard, event: str) -> Iterator[Attack]:
    rows = [row for (row,) in books.rows(f"SELECT id FROM {guard.table} ORDER BY id DESC LIMIT {ROWS}")]
    if "DELETE" in event:
        yield from ((f"DELETE FROM {guard.table} WHERE id = %s", (row,)) for row in rows)
    if "UPDATE" not in event:
        return
    if " WHEN " not in guard.definition:
        yield from ((f"UPDATE {guard.table} SET id = id WHERE id = %s", (row,)) for row in rows[:3])
        return
    known = {name: kind for name, kind, _nullable in columns(books, guard.table)}
    condition = guard.definition.split(" WHEN ")[1]
    fixed = [name for name in dict.fromkeys(re.findall(r"new\.(\w+)", condition)) if name in known]
    for name in fixed or known:
        for row in rows:
            for other in others(books, guard.table, name, known[name], row):
                yield f"UPDATE {guard.table} SET {name} = %s WHERE id = %s", (other, row)


def columns(books: Books, table: str) -> list[tuple[str, str, bool]]:
    """Name, type and whether it may be empty."""
    return books.rows(
        "SELECT attname, format_type(atttypid, NULL), NOT attnotnull FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        table,
    )


def others(books: Books, table: str, name: str, kind: str, row: int) -> list[Any]:
    """Other values that a column could have: of the newest other rows, then made up."""
    current = books.one(f"SELECT {name}::text FROM {table} WHERE id = %s", row)
    found = books.rows(
        f"SELECT {name}::text FROM {table} WHERE {name}::text IS DISTINCT FROM %s"
        " GROUP BY 1 ORDER BY max(id) DESC LIMIT 2",
        current,
    )
    made_up = [each for each in candidates(kind, "") if each != current]
    return [*(each for (each,) in found), *made_up[:3], *([None] if current is not None else [])]


def candidates(kind: str, definition: str) -> list[Any]:
    """Values of a type that a rule could refuse, as text; and the words that the rule itself names."""
    named = re.findall(r"'([^']*)'::(?:text|character varying)", definition)
    if kind in ("integer", "bigint", "smallint"):
        return ["-1", "0", "1", "999", *(str(int(each) + 1) for each in re.findall(r"\b(\d{1,8})\b", definition))]
    if kind == "numeric":
        return ["NaN", "-1", "0", "0.00001", "1000000000000000", "1", "10"]
    if kind in ("date", "timestamp with time zone"):
        return ["1999-01-02", "2199-01-02"]
    if kind == "boolean":
        return ["true", "false"]
    if kind in ("text", "character varying"):
        return ["", "x", "X", "\n", *dict.fromkeys(named)]
    if kind == "jsonb":
        return ["{}", '{"x": 1}']
    if kind.endswith("[]"):
        return ["{}"]
    return ["\\x00"] if kind == "bytea" else []


# References within an organization


def keys(references: list[ForeignReference]) -> list[tuple[Guard, ForeignReference]]:
    return [
        (
            Guard(
                each.table, each.key, "same organization", f'ALTER TABLE "{each.table}" DROP CONSTRAINT "{each.key}"'
            ),
            each,
        )
        for each in references
    ]


def judge_key(books: Books, guard: Guard, reference: ForeignReference) -> Result:
    """A copy of a row that refers to a stranger's; of what there is but one row, that one is turned."""
    attack = (reference.instead, reference.turned) if reference.instead else (reference.statement, reference.values)
    fences = [*other_triggers(books, [guard.table]), *other_constraints(books, guard.table, guard.name)]
    return judge(books, guard, [attack], fences)


# CHECKs


def checks(books: Books) -> list[Guard]:
    """CHECK constraints but those that Django writes for a positive integer, which are its type."""
    return [
        Guard(table, name, "check", f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"', definition)
        for table, name, definition in books.rows(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c' AND conname !~ '_check$' AND conrelid::regclass::text = ANY(%s) ORDER BY 1, 2",
            list(own_tables()),
        )
    ]


def judge_check(books: Books, guard: Guard) -> Result:
    changes = breaking(books, guard)
    attacks: list[Attack] = []
    for row, change in changes:
        fields = ", ".join(f"{name} = %s" for name in change)
        attacks.append((f"UPDATE {guard.table} SET {fields} WHERE id = %s", (*change.values(), row)))
        attacks.append(copy_of(guard.table, {**plain(guard.table), **change}, row))
    fences = [*other_triggers(books, [guard.table]), *other_constraints(books, guard.table, guard.name)]
    return judge(books, guard, attacks, fences)


def plain(table: str) -> dict[str, Any]:
    """What a copy of a row has of its own, without the words that stand for rows."""
    known = FRESH.get(table, {})
    return {name: "FRESH-1" if value == "text" else value for name, value in known.items() if value != "item"}


def breaking(books: Books, guard: Guard) -> list[tuple[int, dict[str, Any]]]:
    """Rows of a table, and values for them that a CHECK refuses."""
    expression = guard.definition.removeprefix("CHECK ").removesuffix(" NOT VALID")
    return fitting(books, guard.table, expression, "FALSE")


def fitting(books: Books, table: str, expression: str, wanted: str) -> list[tuple[int, dict[str, Any]]]:
    """Rows of a table, and values for them with which a condition is TRUE or FALSE, as is `wanted`."""
    involved = [each for each in columns(books, table) if re.search(rf"\b{each[0]}\b", expression) and each[0] != "id"]
    values = {name: [*candidates(kind, expression), *([None] if nullable else [])] for name, kind, nullable in involved}
    found: list[tuple[int, dict[str, Any]]] = []
    for (row,) in books.rows(f"SELECT id FROM {table} ORDER BY id DESC LIMIT {ROWS}"):
        for change in itertools.islice(_combinations(values), COMBINATIONS):
            if _fits(books, table, expression, row, change, wanted):
                found.append((row, change))
                break
        if len(found) == FITTING:
            break
    return found


def _combinations(values: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """The row as it is, then one column changed, then two, then three."""
    for count in range(4):
        for names in itertools.combinations(values, count):
            for chosen in itertools.product(*(values[name] for name in names)):
                yield dict(zip(names, chosen, strict=True))


def _fits(books: Books, table: str, expression: str, row: int, change: dict[str, Any], wanted: str) -> bool:
    kinds = {name: kind for name, kind, _nullable in columns(books, table)}
    shown = ", ".join(f"%s::{kinds[name]} AS {name}" if name in change else name for name in kinds)
    expression = expression.replace("%", "%%")
    statement = f"SELECT ({expression}) IS {wanted} FROM (SELECT {shown} FROM {table} WHERE id = %s) AS {table}"
    return books.one(statement, *change.values(), row) is True


# What may be there once


def uniques(books: Books) -> list[Guard]:
    """Unique constraints and indexes without an id: one with it is what keys of other tables point at."""
    found = books.rows(
        "SELECT i.indrelid::regclass::text, c.relname, k.oid IS NOT NULL,"
        " concat_ws(' AND ', pg_get_expr(i.indpred, i.indrelid),"
        "   (SELECT string_agg(a.attname || ' IS NOT NULL', ' AND ') FROM pg_attribute a"
        "     WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) AND NOT i.indnullsnotdistinct))"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'u'"
        " WHERE i.indisunique AND NOT i.indisprimary AND i.indrelid::regclass::text = ANY(%s) AND NOT EXISTS (SELECT 1"
        "   FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) AND a.attname = 'id')"
        " ORDER BY 1, 2",
        list(own_tables()),
    )
    return [
        Guard(table, name, "once", f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}" CASCADE', filled)
        if constraint
        else Guard(table, name, "once", f'DROP INDEX "{name}"', filled)
        for table, name, constraint, filled in found
    ]


def judge_unique(books: Books, guard: Guard) -> Result:
    """Two copies at once of a row that the index holds."""
    attacks: list[Attack] = []
    for row, change in fitting(books, guard.table, guard.definition or "true", "TRUE"):
        fresh = {
            name: value for name, value in plain(guard.table).items() if not re.search(rf"\b{name}\b", guard.definition)
        }
        for changed in ({**fresh, **change}, change):
            statement, values = copy_of(guard.table, changed, row)
            attacks += [
                (statement, values),
                (statement.replace(" WHERE id", ", generate_series(1, 2) WHERE id"), values),
            ]
    fences = [*other_triggers(books, [guard.table]), *other_constraints(books, guard.table, guard.name)]
    return judge(books, guard, attacks, fences)

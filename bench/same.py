"""Proof that a ceiling writes what its operation writes: every row of every table, compared after a call of each."""

import re
from typing import Any

from bench import scratch
from bench.cases import Case
from bench.hand import Hand
from bench.world import World


def written(world: World, case: Case, by_hand: bool) -> dict[str, list[tuple[str, ...]]]:
    """What one call of the operation, or of its ceiling, writes: every row of every table, new or changed, without
    what differs from call to call (keys, numbers, instants, fingerprints, the words of an event)."""
    with scratch.plain() as connection:
        hand = Hand(world, connection)
        for each in case.prepare(world, 2):  # the first call may also open the month; the second is looked at
            mark = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
            connection.commit()
            if by_hand:
                case.ceiling(hand, each)
                connection.commit()
            else:
                case.call(world, each)()
        return {table: changed for table in _tables(connection) if (changed := _changed(connection, table, mark))}


def check(world: World, case: Case) -> None:
    """Raises `AssertionError` where a ceiling writes other rows than its operation: then its figure says nothing."""
    operation, hand = written(world, case, by_hand=False), written(world, case, by_hand=True)
    for table in sorted(operation.keys() | hand.keys()):
        ours, theirs = operation.get(table, []), hand.get(table, [])
        if ours != theirs:
            apart = [sorted(set(a) ^ set(b)) for a, b in zip(ours, theirs, strict=False) if a != b]
            raise AssertionError(f"{case.name}: {table} has {len(ours)} rows, by hand {len(theirs)}; apart: {apart}")


def _tables(connection: Any) -> list[str]:
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    return [name for (name,) in connection.execute(query).fetchall()]


VOLATILE = {"id", "digest", "data", "bill_to"}


def _changed(connection: Any, table: str, mark: Any) -> list[tuple[str, ...]]:
    """Rows of a table that transactions from `mark` on wrote. Keys are compared as given or empty."""
    cursor = connection.execute(f"SELECT * FROM {table} WHERE xmin::text::bigint >= %s", [mark[0]])
    found = []
    for row in cursor.fetchall():
        values = zip(cursor.description, row, strict=True)
        found.append(tuple(f"{c.name}={_steady(c.name, v)}" for c, v in values if c.name not in VOLATILE))
    return sorted(found)


def _steady(name: str, value: Any) -> str:
    if name in {"last", "sequence_number"} or name.endswith(("_id", "_at")) or name == "at":
        return "given" if value is not None else "empty"
    if isinstance(value, list):
        return f"{len(value)} values"
    if isinstance(value, str):
        return re.sub("[0-9]+", "9", value)
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)

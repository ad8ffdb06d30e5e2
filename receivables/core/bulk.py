"""Inserting many rows at once: one statement, so one look of each statement-level guard.

A hundred and more go by COPY, with keys that are taken beforehand: the database's own checks and triggers see them as
they see an INSERT, and a row costs this process a quarter of what it costs to build a statement of it.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models
from psycopg.types.json import Jsonb

from receivables.core.rows import insert

FEW = 100
Row = TypeVar("Row", bound=models.Model)


def take_keys(model: type[models.Model], count: int) -> list[int]:
    """Primary keys for rows that others refer to before they are read back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [key for (key,) in cursor.fetchall()]


def copy(model: type[models.Model], columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows by COPY: one statement, so one look of each statement-level guard. Raises Django's database errors."""
    statement = f"COPY {model._meta.db_table} ({columns}) FROM STDIN"  # our own names, nothing typed
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as target:
        for row in rows:
            target.write_row(row)


def insert_all(rows: Iterable[Row]) -> list[Row]:
    """Insert new rows of one model and return them with their keys. Raises Django's database errors."""
    found = list(rows)
    if not found:
        return []
    model: type[Row] = type(found[0])
    if len(found) < FEW:
        return insert(found)
    for row, key in zip(found, take_keys(model, len(found)), strict=True):
        row.pk = key
    columns, values = _reader(model)
    copy(model, columns, map(values, found))
    for row in found:
        row._state.adding, row._state.db = False, "default"
    return found


def insert_rows(model: type[models.Model], names: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows that nobody needs back, given as values of these attributes; those that are left out have a default
    in the database. Raises Django's database errors."""
    found = list(rows)
    if len(found) < FEW:
        insert(model(**dict(zip(names.split(), row, strict=True))) for row in found)
        return
    columns = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    copy(model, ", ".join(columns[name] for name in names.split()), found)


@lru_cache
def _reader(model: type[models.Model]) -> tuple[str, Callable[[Any], tuple[Any, ...]]]:
    """The columns of a table, and what reads them off a row; a field whose value is not simply that of its attribute
    makes it."""
    fields = model._meta.concrete_fields
    plain = attrgetter(*(field.attname for field in fields))
    special = [(position, field) for position, field in enumerate(fields) if _special(field)]

    def values(row: Any) -> tuple[Any, ...]:
        made = list(plain(row))
        for position, field in special:
            made[position] = _value(row, field)
        return tuple(made)

    return ", ".join(str(field.column) for field in fields), values if special else plain


def _special(field: Any) -> bool:
    return isinstance(field, models.JSONField) or getattr(field, "auto_now_add", False) or getattr(
        field, "auto_now", False
    )  # fmt: skip


def _value(row: Any, field: Any) -> Any:
    if isinstance(field, models.JSONField):
        value = getattr(row, field.attname)
        return None if value is None else Jsonb(value)
    return field.pre_save(row, True)

"""Writing rows with little besides the statement: what posting does over and over, where the ORM's own work (building
the statement anew each time) costs more than the database's. The same values reach the same columns as by `bulk_create`
and `bulk_update`; no signal is sent, and none is listened to.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from receivables.core.statements import run

Row = TypeVar("Row", bound=models.Model)


@lru_cache(maxsize=200)
def _columns(model: type[models.Model]) -> tuple[str, str, tuple[tuple[str, Any], ...]]:
    """The beginning of an INSERT, the placeholders of one row, and where each value comes from."""
    _without_history(model)
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    begin = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608  names of our own models
    return begin, f"({', '.join(['%s'] * len(fields))})", tuple((field.attname, field) for field in fields)


def _without_history(model: type[models.Model]) -> None:
    if hasattr(model, "pgh_event_models"):
        raise TypeError(f"{model.__name__} has a history, which is written by the ORM's statements alone")


def insert(rows: Iterable[Row]) -> list[Row]:
    """Insert rows of one table in one statement; they get the keys that the database gave. Nothing for none."""
    listed = list(rows)
    if not listed:
        return listed
    own = connections[DEFAULT_DB_ALIAS]
    begin, one, fields = _columns(type(listed[0]))
    values = [field.get_db_prep_save(getattr(row, name), own) for row in listed for name, field in fields]
    keys, _count = run(f"{begin}{', '.join([one] * len(listed))} RETURNING id", values)
    for row, (key,) in zip(listed, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, DEFAULT_DB_ALIAS
    return listed


@lru_cache(maxsize=200)
def _assignments(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """An UPDATE of these columns from arrays, the key first, and the fields of the arrays."""
    _without_history(model)
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    quote = connection.ops.quote_name
    columns = [quote(field.column) for field in fields]
    arrays = ", ".join(f"%s::{_type_of(field)}[]" for field in fields)
    table, moved = quote(model._meta.db_table), ", ".join(f"{name} = new.{name}" for name in columns[1:])
    statement = (
        f"UPDATE {table} SET {moved} FROM unnest({arrays}) AS new ({', '.join(columns)})"  # noqa: S608  the same
        f" WHERE {table}.{columns[0]} = new.{columns[0]}"
    )
    return statement, tuple(fields)


def _type_of(field: Any) -> str:
    """The type of a column in a cast; a cast to a text of limited length would cut what is too long instead of
    refusing it."""
    kind = str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))
    return "text" if kind.startswith("varchar") else kind


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Save these fields of rows of one table in one statement. Nothing for none."""
    if not rows:
        return
    statement, fields = _assignments(type(rows[0]), tuple(names))
    own = connections[DEFAULT_DB_ALIAS]
    arrays = [[field.get_db_prep_save(getattr(row, field.attname), own) for row in rows] for field in fields]
    _rows, count = run(statement, arrays)
    if count != len(rows):
        raise RuntimeError(f"{count} of {len(rows)} rows of {type(rows[0]).__name__} were there")

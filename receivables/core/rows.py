"""Writing rows with little besides the statement: what posting does over and over, where the ORM's own work (building
the statement anew each time) costs more than the database's. The same values reach the same columns as by `bulk_create`
and `bulk_update`; no signal is sent, and none is listened to.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from receivables.core.statements import run

Row = TypeVar("Row", bound=models.Model)


@lru_cache(maxsize=200)
def _columns(model: type[models.Model]) -> tuple[str, tuple[Any, ...], str]:
    """The beginning of an INSERT, its fields, and the arrays that they come in where there are many rows; none where a
    column is an array itself, or JSON."""
    _without_history(model)
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    plain = not any(isinstance(field, ArrayField | models.JSONField) for field in fields)
    arrays = ", ".join(f"{_mark(field)}::{_type_of(field)}[]" for field in fields) if plain else ""
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) ", tuple(fields), arrays


def _value(field: Any, row: models.Model, own: Any, *, new: bool) -> Any:
    """A field as the database gets it; a word of a list of choices as any other text, since an array has one type."""
    value = field.get_db_prep_save(field.pre_save(row, new), own)
    return str(value) if isinstance(value, str) else value


def _without_history(model: type[models.Model]) -> None:
    if hasattr(model, "pgh_event_models"):
        raise TypeError(f"{model.__name__} has a history, which is written by the ORM's statements alone")


def insert(rows: Iterable[Row]) -> list[Row]:
    """Insert rows of one table in one statement; they get the keys that the database gave. Nothing for none."""
    listed = list(rows)
    if not listed:
        return listed
    own = connections[DEFAULT_DB_ALIAS]
    begin, fields, arrays = _columns(type(listed[0]))
    given = [[_value(field, row, own, new=True) for field in fields] for row in listed]
    values: list[Any]
    if arrays and len(listed) > 1:
        values = [list(column) for column in zip(*given, strict=True)]
        statement = f"{begin}SELECT * FROM unnest({arrays})"  # noqa: S608  the same
    else:
        values = [value for row in given for value in row]
        one = f"({', '.join(['%s'] * len(fields))})"
        statement = f"{begin}VALUES {', '.join([one] * len(listed))}"
    keys, _count = run(f"{statement} RETURNING id", values)
    for row, (key,) in zip(listed, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, DEFAULT_DB_ALIAS
    return listed


def _mark(field: Any, values: list[Any] | None = None) -> str:
    """How an array of a field is sent: of long texts and JSON as they are, since every quote in an array's text has to
    be escaped; of nothing but NULL as a text, whose type does not matter."""
    long = isinstance(field, models.TextField | models.JSONField) and not isinstance(field, models.CharField)
    if values is None:
        return "%b" if long and not field.null else "%s"
    return "%b" if long and any(value is not None for value in values) else "%s"


@lru_cache(maxsize=200)
def _assignments(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """An UPDATE of these columns from arrays, the key first, but for the marks of the arrays, and their fields."""
    _without_history(model)
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    quote = connection.ops.quote_name
    columns = [quote(field.column) for field in fields]
    arrays = ", ".join(f"{{}}::{_type_of(field)}[]" for field in fields)
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
    arrays = [[_value(field, row, own, new=False) for row in rows] for field in fields]
    marks = (_mark(field, values) for field, values in zip(fields, arrays, strict=True))
    _rows, count = run(statement.format(*marks), arrays)
    if count != len(rows):
        raise RuntimeError(f"{count} of {len(rows)} rows of {type(rows[0]).__name__} were there")

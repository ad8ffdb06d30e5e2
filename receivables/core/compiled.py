"""Queries compiled once: what operations read over and over, where building the statement costs more than running it.

LINES = Compiled(lambda: Line.objects.filter(entry__any=Arg("entries")).select_related("entry"))
LINES.fetch(entries=[1, 2])
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import query as queries
from django.db.models.expressions import Expression
from django.db.transaction import TransactionManagementError

from receivables.core.statements import run

populators_of: Any = vars(queries)["get_related_populators"]  # the stubs have a later version's arguments


@models.Field.register_lookup
class AnyOf(models.Lookup):
    """`key__any=[…]`: one parameter however many there are, unlike `__in`, so that the statement stays the same.

    The parameter is read by a subselect, into which the planner does not look: else it would count the keys, find a
    plan made for one of them cheaper than the plan for any number, and plan the prepared statement anew each time.
    """

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        kind = self.lhs.output_field.db_type(connection).partition("(")[0]
        return f"{left} = ANY((SELECT {right}::{kind}[])::{kind}[])", [*left_values, *right_values]


models.ForeignObject.register_lookup(AnyOf)  # foreign keys know none of a plain field's lookups


class Arg(Expression):
    """A value that is given when the query is run."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class _Ready(NamedTuple):
    """A query as it was compiled. `whole` says how rows of a model are made of its columns, if they are, `others` where
    what was annotated stands."""

    statement: str
    values: list[Any]
    compiler: Any
    converters: Any
    whole: Any
    others: dict[str, int]
    populators: list[Any]
    locks: bool


class Compiled:
    """A query of whole rows, with what is annotated and the rows joined by `select_related`, or of `values_list`."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self.build = build
        self._ready: _Ready | None = None

    def _compiled(self) -> _Ready:
        if self._ready is None:
            queryset: Any = self.build()
            compiler = queryset.query.get_compiler(connection=connection)
            statement, values = compiler.as_sql()
            columns = [column for column, _sql, _alias in compiler.select]
            converters = compiler.get_converters(columns)
            whole: Any = None
            populators: list[Any] = []
            if queryset._fields is None:
                found = compiler.klass_info["select_fields"]
                names = [compiler.select[index][0].target.attname for index in found]
                whole = (queryset.model, found[0], found[-1] + 1, names)
                populators = populators_of(compiler.klass_info, compiler.select, connection.alias)
            locks, others = queryset.query.select_for_update, compiler.annotation_col_map
            self._ready = _Ready(statement, values, compiler, converters, whole, others, populators, locks)
        return self._ready

    def fetch(self, **values: Any) -> list[Any]:
        """Run it with a value for each `Arg`."""
        statement, given, compiler, converters, whole, others, populators, locks = self._compiled()
        if locks and not connection.in_atomic_block:
            raise TransactionManagementError("rows are locked within a transaction")
        rows, _count = run(statement, [values[each.name] if isinstance(each, Arg) else each for each in given])
        if converters:
            rows = list(compiler.apply_converters(rows, converters))
        if whole is None:
            return list(rows)
        model, first, last, names = whole
        found = []
        for row in rows:
            made = model.from_db(connection.alias, names, row[first:last])
            for name, position in others.items():
                setattr(made, name, row[position])
            for populator in populators:
                populator.populate(row, made)
            found.append(made)
        return found


def remember(row: models.Model, name: str, rows: list[Any]) -> None:
    """Let `row.name.all()` be these rows, read with those of its like, as `prefetch_related` does."""
    known = getattr(row, name).all()
    known._result_cache, known._prefetch_done = rows, True
    vars(row).setdefault("_prefetched_objects_cache", {})[name] = known

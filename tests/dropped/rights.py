"""What else holds without a refusal of its own: the rights of the application's login, and the history of settings."""

import re
from collections.abc import Iterator

import psycopg
from django.conf import settings

from receivables.audit.checks import named
from receivables.core import privileges
from tests.dropped.attempts import ALONE, BEHIND, Books, Guard, Result, other_constraints, other_triggers
from tests.dropped.kinds import columns, others, own_tables


def withheld(books: Books) -> Iterator[Guard]:
    """Rights that the application has not: on every table, and to change every column that no list names."""
    lists = privileges.table_grants()
    for table in sorted(own_tables()):
        grant = lists.get(table, privileges.DEFAULT)
        verbs = [
            "TRUNCATE",
            "TRIGGER",
            *(["DELETE"] if not grant.delete else []),
            *([] if grant.insert else ["INSERT"]),
        ]
        if grant.update != "all":
            verbs += [f"UPDATE ({name})" for name, *_rest in columns(books, table) if name not in grant.update]
        for verb in verbs:
            yield Guard(table, verb, "right", f'GRANT {verb} ON {table} TO "{login()}"')


def login() -> str:
    return str(settings.DATABASES["default"]["USER"])


def judge_right(books: Books, guard: Guard) -> Result:
    """The application tries it, then with the right: it goes through, or a trigger or key behind refuses it. The audit
    sees the right in any case."""
    column = re.search(r"\((\w+)\)", guard.name)
    statement = {
        "DELETE": f"DELETE FROM {guard.table} WHERE id = (SELECT max(id) FROM {guard.table})",
        "TRUNCATE": f"TRUNCATE {guard.table}",
        "TRIGGER": f"CREATE TRIGGER own BEFORE INSERT ON {guard.table} FOR EACH ROW EXECUTE FUNCTION forbid_change()",
        "INSERT": f"INSERT INTO {guard.table} SELECT * FROM {guard.table} LIMIT 0",
    }.get(guard.name, f"UPDATE {guard.table} SET {column[1]} = {column[1]}" if column else "")
    result = Result(guard)
    if "permission denied" in books.refusal((statement, ()), role=login()):
        result.behind = books.refusal((statement, ()), [guard.drop], role=login())
        # To make a trigger takes a function as well, which the application may not call.
        result.how = BEHIND if result.behind else ALONE
    with books.database.transaction(force_rollback=True):
        books.database.execute(guard.drop)
        found = {row for _organization, row in books.rows(named("the_application_owns_nothing")[0].statement)}
    expected = f"{guard.table} {column[1]} UPDATE" if column else f"{guard.table} {guard.name}"
    result.audited = expected in found
    return result


def histories(books: Books) -> list[Guard]:
    """Triggers that keep what a setting was."""
    return [
        Guard(table, name, "history", f'DROP TRIGGER "{name}" ON "{table}"')
        for table, name in books.rows(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname ~ '^pgtrigger_(insert|update|delete)_'"
            " ORDER BY 1, 2"
        )
    ]


def judge_history(books: Books, guard: Guard) -> Result:
    """A change of the setting is in its history, and is not when the trigger is gone."""
    result = Result(guard)
    for change in _settings_changed(books, guard):
        kept, lost = _written(books, guard, change, ""), _written(books, guard, change, guard.drop)
        if kept and not lost:
            result.how = ALONE
            break
    result.audited = not books.missed_by_the_audit(guard.drop, guard)
    return result


def _settings_changed(books: Books, guard: Guard) -> Iterator[tuple[str, tuple[object, ...]]]:
    table, row = guard.table, books.one(f"SELECT max(id) FROM {guard.table}")
    if "_insert_" in guard.name:
        yield (
            f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || jsonb_build_object('id',"
            f" (SELECT max(id) + 1 FROM {table})))).* FROM {table} t WHERE id = %s", (row,),
        )  # fmt: skip
    elif "_delete_" in guard.name:
        yield f"DELETE FROM {table} WHERE id = %s", (row,)
    else:
        for name, kind, _nullable in columns(books, table):
            if name not in ("id", "organization_id"):
                for other in others(books, table, name, kind, row):
                    yield f"UPDATE {table} SET {name} = %s WHERE id = %s", (other, row)


def _written(books: Books, guard: Guard, change: tuple[str, tuple[object, ...]], removal: str) -> int:
    """How many rows of history a change leaves, with nothing else in its way."""
    count = f"SELECT count(*) FROM {guard.table}event"
    fences = [*other_triggers(books, [guard.table], guard.name), *other_constraints(books, guard.table)]
    before, (statement, values) = books.one(count), change
    try:
        with books.database.transaction(force_rollback=True):
            for fence in [*fences, removal]:
                books.database.execute(fence)
            books.database.execute(statement, values)
            return int(books.one(count)) - before
    except psycopg.Error:
        return 0

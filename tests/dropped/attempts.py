"""One attack, with all guards and without some: tried as the superuser, whom only guards stop, and rolled back."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from receivables.audit.checks import named

Attack = tuple[str, tuple[Any, ...]]
ALONE, APART, BEHIND = "went through", "told apart", "behind others"


@dataclass(frozen=True)
class Guard:
    """A guard as the catalogue names it, the statement that takes it away, and what it is."""

    table: str
    name: str
    kind: str
    drop: str
    definition: str = ""

    def __str__(self) -> str:
        return f"{self.table} {self.name}"


@dataclass
class Result:
    """What became of the attacks without one guard."""

    guard: Guard
    how: str = ""
    behind: str = ""  # what still refused the attack, when only this guard was gone
    audited: bool = False
    tried: list[str] = field(default_factory=list)


class Books:
    """The superuser's connection to the books that are attacked."""

    def __init__(self, database: psycopg.Connection[Any]) -> None:
        self.database = database

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.database.execute(statement, values or None).fetchall()

    def one(self, statement: str, *values: Any) -> Any:
        found = self.rows(statement, *values)
        return found[0][0] if found else None

    def refusal(self, attack: Attack, without: Iterable[str] = (), role: str = "") -> str:
        """What refuses an attack, at the latest at commit: the name of a constraint, or the words. "" if nothing does.

        `without` are the statements that take guards away first, `role` is who attacks instead of the superuser.
        """
        statement, values = attack
        try:
            with self.database.transaction(force_rollback=True):
                for removal in without:
                    self.database.execute(removal)
                if role:
                    self.database.execute(f'SET LOCAL ROLE "{role}"')
                self.database.execute(statement, values or None)
                self.database.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            return words_of(error)
        return ""

    def missed_by_the_audit(self, removal: str, guard: Guard) -> bool:
        """Whether the audit does not name a guard that was dropped."""
        with self.database.transaction(force_rollback=True):
            self.database.execute(removal)
            found = self.rows(named("guards_are_on")[0].statement)
        return str(guard) not in {row for _organization, row in found}


def words_of(error: psycopg.Error) -> str:
    """A refusal in one line: which constraint, or which function and what it said."""
    if error.diag.constraint_name:
        return error.diag.constraint_name
    functions = re.findall(r"PL/pgSQL function (\w+)\(", error.diag.context or "")
    return ": ".join([*functions[:1], error.diag.message_primary or str(error.sqlstate)])


def triggers(books: Books, kind: str, condition: str) -> list[Guard]:
    """Guards that are triggers of which a condition on `pg_trigger` and the `pg_proc` p that they call holds."""
    return [
        Guard(table, name, kind, f'DROP TRIGGER "{name}" ON "{table}"', definition)
        for table, name, definition in books.rows(
            "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t"
            f" JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal AND ({condition}) ORDER BY 1, 2"
        )
    ]


def judge(books: Books, guard: Guard, attacks: Iterable[Attack], fences: Iterable[str]) -> Result:
    """Repeat attacks without a guard until one that it refused goes through; then, if none does, without what else
    stands in front of or behind it (`fences`), so that nothing but this guard can be what refuses."""
    result, fences, kept = Result(guard), list(fences), list(attacks)
    for attack in kept:
        refused = books.refusal(attack)
        still = books.refusal(attack, [guard.drop])
        if refused and not still:
            result.how, result.behind = ALONE, ""
            break
        result.behind = result.behind or still
        result.tried.append(f"{attack[0][:60]} {refused} / {still}")
    else:
        for attack in kept:
            if books.refusal(attack, fences) and not books.refusal(attack, [*fences, guard.drop]):
                result.how = BEHIND
                break
    result.audited = not books.missed_by_the_audit(guard.drop, guard)
    return result


def other_triggers(books: Books, tables: Iterable[str], but: str = "") -> Iterator[str]:
    """Statements that switch off the triggers of tables, but one."""
    for table in tables:
        for (name,) in books.rows(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", table
        ):
            if name != but:
                yield f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"'


def other_constraints(books: Books, table: str, but: str = "") -> Iterator[str]:
    """Statements that drop the CHECKs, keys and unique indexes of a table, but one. What an id is part of is what the
    keys of other tables point at, and holds nothing by itself."""
    for (name,) in books.rows(
        "SELECT conname FROM pg_constraint k WHERE conrelid = %s::regclass AND contype IN ('c', 'f', 'u')"
        " AND NOT (contype = 'u' AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid"
        " AND a.attnum = ANY(k.conkey) AND a.attname = 'id'))",
        table,
    ):
        if name != but:
            yield f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}" CASCADE'
    for (name,) in books.rows(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass"
        " AND i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
        table,
    ):
        if name != but:
            yield f'DROP INDEX IF EXISTS "{name}" CASCADE'


def referring_keys(books: Books, table: str) -> list[str]:
    """Statements that drop the keys which hold rows of a table in their place."""
    found = "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'f' AND confrelid = %s::regclass"
    return [f'ALTER TABLE {source} DROP CONSTRAINT "{name}"' for source, name in books.rows(found, table)]

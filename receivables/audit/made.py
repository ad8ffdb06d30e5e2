"""The guards that the database should have, read from what made them: the migrations, and the models' own constraints.

Whoever removed a guard could as easily change a list of guards that lies in the same database. What the program brings
along says it anew, each time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import md5

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL
from django.db.migrations.operations.base import Operation

from receivables.core.migrating import Together

# The statements of our migrations that make a guard or take one away. They are written out, never put together.
STATEMENT = re.compile(
    r"""\bCREATE\s+(?:CONSTRAINT\s+)?TRIGGER\s+(?P<trigger>\w+)\s.*?\bON\s+(?P<on>\w+).*?EXECUTE\s+FUNCTION\s+(?P<runs>\w+)
      |\bDROP\s+TRIGGER\s+(?:IF\s+EXISTS\s+)?(?P<no_trigger>\w+)\s+ON\s+(?P<off>\w+)
      |\bALTER\s+TABLE\s+(?P<table>\w+)\s+(?P<verb>ADD|DROP)\s+CONSTRAINT\s+(?:IF\s+EXISTS\s+)?(?P<constraint>\w+)
      |\bCREATE\s+UNIQUE\s+INDEX\s+(?P<index>\w+)\s+ON\s+(?P<indexed>\w+)
      |\bDROP\s+INDEX\s+(?:IF\s+EXISTS\s+)?(?P<no_index>\w+)
      |\bCREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+(?P<function>\w+)\s*\((?:(?!\b(?:CREATE|RETURN)\b).)*?
       \bAS\s+\$(?P<tag>\w*)\$(?P<body>.*?)\$(?P=tag)\$
      |\bDROP\s+FUNCTION\s+(?:IF\s+EXISTS\s+)?(?P<no_function>\w+)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@dataclass
class Guards:
    """What there should be: triggers with the function that each runs, names of constraints and unique indexes by
    table, and functions with the digest of their text."""

    triggers: dict[tuple[str, str], str] = field(default_factory=dict)
    constraints: set[tuple[str, str]] = field(default_factory=set)
    functions: dict[str, str] = field(default_factory=dict)

    def read(self, sql: str) -> None:
        """Follow the SQL of one migration."""
        for found in STATEMENT.finditer(sql):
            part = found.groupdict()
            if part["trigger"]:
                self.triggers[part["on"], part["trigger"]] = part["runs"]
            elif part["no_trigger"]:
                self.triggers.pop((part["off"], part["no_trigger"]), None)
            elif part["constraint"]:
                change = self.constraints.add if part["verb"].upper() == "ADD" else self.constraints.discard
                change((part["table"], part["constraint"]))
            elif part["index"]:
                self.constraints.add((part["indexed"], part["index"]))
            elif part["no_index"]:
                self.constraints = {each for each in self.constraints if each[1] != part["no_index"]}
            elif part["function"]:
                self.functions[part["function"]] = md5(part["body"].encode(), usedforsecurity=False).hexdigest()
            else:
                self.functions.pop(part["no_function"], None)


def guards() -> Guards:
    """All guards of our tables. Reading the migrations takes most of a second."""
    made = Guards()
    for sql in _written_out():
        made.read(sql)
    for model in apps.get_models():
        if not model._meta.managed or model._meta.app_config.name not in settings.OWN_APPS:
            continue
        table = model._meta.db_table
        made.constraints |= {(table, str(each.name)) for each in model._meta.constraints}
        made.constraints |= {
            (table, f"{table}_{each.column}_key")
            for each in model._meta.local_fields
            if each.unique and not each.primary_key
        }
    for tracked, trigger in pgtrigger.registered():
        name = trigger.get_pgid(tracked)
        made.triggers[tracked._meta.db_table, name] = name
    return made


def _written_out() -> Iterator[str]:
    """The SQL of our migrations, in the order in which they are applied."""
    graph = MigrationLoader(None).graph
    own = {config.label for config in apps.get_app_configs() if config.name in settings.OWN_APPS}
    seen: set[tuple[str, str]] = set()
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            if key in seen or key[0] not in own:
                continue
            seen.add(key)
            for operation in _flat(graph.nodes[key].operations):
                if isinstance(operation, RunSQL) and isinstance(operation.sql, str):
                    yield operation.sql


def _flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, Together):
            yield from _flat(operation.operations)
        else:
            yield operation


@cache
def missing_sql() -> str:
    """What should be there and is not: a trigger that is gone or runs another function, a constraint or unique index
    that is gone, a function that says something else. As (organization_id, id)."""
    made = guards()
    triggers = _rows((*key, runs) for key, runs in made.triggers.items())
    constraints, functions = _rows(made.constraints), _rows(made.functions.items())
    return f"""
        SELECT NULL::bigint AS organization_id, a || ' ' || b AS id FROM (
            (SELECT a, b, c FROM (VALUES {triggers}) AS t(a, b, c)
             EXCEPT SELECT tgrelid::regclass::text, tgname::text, p.proname::text FROM pg_trigger t
               JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.pronamespace = 'public'::regnamespace)
            UNION ALL
            (SELECT a, b, '' FROM (VALUES {constraints}) AS t(a, b)
             EXCEPT SELECT conrelid::regclass::text, conname::text, '' FROM pg_constraint
              WHERE connamespace = 'public'::regnamespace
             EXCEPT SELECT indrelid::regclass::text, c.relname::text, '' FROM pg_index i
               JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisunique AND i.indisvalid)
            UNION ALL
            (SELECT a, 'text', b FROM (VALUES {functions}) AS t(a, b)
             EXCEPT SELECT proname::text, 'text', md5(prosrc) FROM pg_proc
              WHERE pronamespace = 'public'::regnamespace)
            UNION ALL
            SELECT 'money_ok', 'text', '' WHERE money_ok('NaN', 'USD') OR money_ok(0.001, 'USD') OR money_ok(0.1, 'JPY')
                OR NOT money_ok(0.01, 'USD')) AS gone"""  # noqa: S608 - names of our own program


def _rows(values: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(f"({', '.join(repr(each) for each in row)})" for row in sorted(values))

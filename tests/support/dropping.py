"""A pytest plugin: the attacks of the suite once more, each with the trigger dropped that refused it.

    pytest -p tests.support.dropping tests/ledger/test_guards_journal.py

First every test is run as it is, and PostgreSQL tells which trigger functions it called and which of them refused
something. Then each trigger of these functions is dropped, in the test's own transaction and for the length of its
call, and the tests that called it are run again until one of them sees that it is gone. What was seen is written as
JSON to the file that `DROPPED_RESULTS` names. `DROPPED_ONLY` may name tables, as a regular expression.

The application's connection is the superuser's here, with the application as its session's user: so the dropping
belongs to the same transaction as the attack and is rolled back with it.
"""

import contextlib
import inspect
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.signals import connection_created

from receivables.core.embedded import SUPERUSER

TRIES = 12  # tests that are run without a trigger before it counts as missed by all
ATTACK = re.compile(r"\brefused\(|refused_with|RV00|RV010|sqlstate|code_of")
THROUGH = ("nothing refused this", "DID NOT RAISE")
OWN_TRIGGERS = """
SELECT t.tgrelid::regclass::text, t.tgname,
       CASE WHEN p.proname = 'forbid_change' THEN 'forbid_change on ' || t.tgrelid::regclass ELSE p.proname END
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND (p.proname, left(t.tgname, 3)) NOT IN
       (('forbid_change', 'aa_'), ('forbid_change', 'ab_'), ('accounts_fixed', 'aa_'))
 ORDER BY 1, 2
"""  # those of a kind are attacked by kind, see tests/dropped
CALLED = "SELECT funcname FROM pg_stat_xact_user_functions WHERE schemaname = 'public'"


@dataclass
class Seen:
    """What became of the attacks without one trigger."""

    table: str
    trigger: str
    function: str
    tried: int = 0
    noticed_by: str = ""  # the test that failed
    how: str = ""  # "went through", "told apart": the test saw another state than it should
    behind: list[str] = field(default_factory=list)  # what refused the attack in its place


class Run:
    """One test that is running: what it called, what refused it, how it ended."""

    def __init__(self, without: Seen | None = None) -> None:
        self.without = without
        self.called: set[str] = set()
        self.refusers: list[str] = []
        self.failure: BaseException | None = None

    def read(self, error: BaseException) -> None:
        """Which guard an error of the database comes from."""
        diag = getattr(error.__cause__, "diag", None)
        if diag is not None:
            functions = re.findall(r"PL/pgSQL function (\w+)\(", diag.context or "")
            said = re.search(r" on (\w+) is forbidden", diag.message_primary or "")
            functions = [f"{name} on {said[1]}" if said and name == "forbid_change" else name for name in functions]
            self.refusers += functions or [diag.constraint_name or diag.sqlstate or "?"]


class Dropping:
    def __init__(self) -> None:
        self.run = Run()
        self.called: dict[str, list[pytest.Item]] = defaultdict(list)
        self.refused: dict[str, list[pytest.Item]] = defaultdict(list)
        self.usual: dict[str, set[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """The trigger goes after the fixtures have built what is attacked."""
        seen = self.run.without
        with as_superuser() as cursor:
            if seen:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
                cursor.execute(f'DROP TRIGGER "{seen.trigger}" ON "{seen.table}"')
            else:
                cursor.execute("SET track_functions = 'pl'")
        with connection.execute_wrapper(self._listen):
            try:
                return (yield)
            except BaseException as error:
                self.run.failure = error
                raise
            finally:
                if not seen and connection.in_atomic_block and not connection.needs_rollback:
                    with as_superuser() as cursor:
                        cursor.execute(CALLED)
                        self.run.called = {name for (name,) in cursor.fetchall()}

    def _listen(self, execute: Any, *arguments: Any) -> Any:
        try:
            return execute(*arguments)
        except Exception as error:
            self.run.read(error)
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Only attacks, and only within a transaction: what others commit would stay."""
        items[:] = [
            item
            for item in items
            if (item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ()))
            and not {"committed_db", "live_app"} & set(getattr(item, "fixturenames", ()))
            and ("guards" in item.location[0] or ATTACK.search(inspect.getsource(item.function)))
        ]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = sorted(session.items, key=lambda item: item.location[0])
        for place, item in enumerate(items):
            self._once(item, items[place + 1] if place + 1 < len(items) else items[0])
        only = re.compile(os.environ.get("DROPPED_ONLY", ""))
        with as_superuser() as cursor:
            cursor.execute(OWN_TRIGGERS)
            triggers = [Seen(*row) for row in cursor.fetchall() if only.search(row[0])]
        for seen in triggers:
            self._without(seen, items)
        Path(os.environ["DROPPED_RESULTS"]).write_text(json.dumps([asdict(seen) for seen in triggers], indent=1))
        return True

    def _once(self, item: pytest.Item, following: pytest.Item) -> None:
        """Run a test as it is; it has to pass."""
        self.run = Run()
        reports = runtestprotocol(item, log=False, nextitem=following)
        failed = [report for report in reports if report.failed]
        if failed:
            raise pytest.UsageError(f"{item.nodeid} fails with all guards: {failed[0].longreprtext[-2000:]}")
        self.usual[item.nodeid] = set(self.run.refusers)
        for name in self.run.called:
            self.called[name].append(item)
        for name in self.run.refusers:
            if item not in self.refused[name]:
                self.refused[name].append(item)

    def _without(self, seen: Seen, items: list[pytest.Item]) -> None:
        """Run the tests that met a trigger without it, until one sees that it is gone."""
        refused = self.refused[seen.function]
        for item in [*refused, *(each for each in self.called[seen.function] if each not in refused)][:TRIES]:
            self.run = Run(seen)
            near = [each for each in items if each.location[0] == item.location[0]]
            other = next(each for each in [*near, *items] if each is not item)  # what the module keeps stays
            runtestprotocol(item, log=False, nextitem=other)
            seen.tried += 1
            if self.run.failure is None:
                continue
            words = str(self.run.failure)
            if any(each in words for each in THROUGH):
                seen.noticed_by, seen.how = item.nodeid, "went through"
                return
            others = set(self.run.refusers) - self.usual[item.nodeid]
            if others:
                seen.behind = sorted(others.union(seen.behind))
            elif not seen.noticed_by:
                seen.noticed_by, seen.how = item.nodeid, "told apart"


@contextlib.contextmanager
def as_superuser() -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute("RESET SESSION AUTHORIZATION")
        yield cursor
        cursor.execute(f'SET SESSION AUTHORIZATION "{settings.DATABASES["default"]["USER"]}"')


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Dropping(), "dropping")
    plain = DatabaseWrapper.get_connection_params

    def parameters(self: DatabaseWrapper) -> dict[str, Any]:
        found = plain(self)
        return {**found, "user": SUPERUSER} if self.alias == "default" else found

    def become(connection: DatabaseWrapper, **_other: Any) -> None:
        if connection.alias == "default":
            with connection.cursor() as cursor:
                cursor.execute(f'SET SESSION AUTHORIZATION "{settings.DATABASES["default"]["USER"]}"')

    DatabaseWrapper.get_connection_params = parameters
    connection_created.connect(become, weak=False)

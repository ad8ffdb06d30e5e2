"""Fixtures of every test.

`db` (or the mark `django_db`): a test in a transaction that is rolled back, as the application's login.
`keep`: what all tests of a module begin from is built once, in a transaction around theirs.
`committed_db`: a database of the test's own, for what must really commit: races, deferred guards, the browser.
`live_app`, `visitor`: the application on a port, and browser windows on it.
"""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import TestCase, TransactionTestCase
from django.test.utils import override_settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from receivables.core import provision
from tests.support import browser as browsers
from tests.support import databases, stock

# These flush tables after each test; ours refuse to be truncated, as they should.
FLUSHING = {"transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}

# Who has one commits, and takes longer than others.
OWN_DATABASE = {"committed_db", "live_app"}

# The quick suite tries 50 examples of a property, the full campaign many more.
EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "50"))
hypothesis_settings.register_profile("chosen", deadline=None, max_examples=EXAMPLES)
hypothesis_settings.load_profile("chosen")


def refusal(item: pytest.Item) -> str | None:
    """Why a test cannot run on a guarded database, or None."""
    fixtures = set(getattr(item, "fixturenames", ()))
    case = getattr(item, "cls", None)
    mark = item.get_closest_marker("django_db")
    if mark and (mark.kwargs.get("transaction") or mark.args):
        return "transaction=True flushes protected tables"
    if fixtures & FLUSHING:
        return f"the fixture {', '.join(sorted(fixtures & FLUSHING))} flushes protected tables"
    if case and issubclass(case, TransactionTestCase) and not issubclass(case, TestCase):
        return "TransactionTestCase flushes protected tables"
    if "committed_db" in fixtures and (mark or "db" in fixtures):
        return "a test either commits or is rolled back, not both"
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        why = refusal(item)
        if why:
            raise pytest.UsageError(f"{item.nodeid}: {why}; use the fixtures committed_db or live_app.")
        if "live_app" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    yield
    items[:] = in_good_order(items)


def in_good_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The first worker begins at the head, the others further on, and whoever is done takes from another's end. At the
    head is what takes long, from the middle on what needs no database: the first makes the template meanwhile."""
    quick, busy = [], []
    for item in items:
        (busy if needs_database(item) else quick).append(item)
    busy.sort(key=lambda item: not OWN_DATABASE & set(getattr(item, "fixturenames", ())))
    half = len(items) // 2
    return busy[:half] + quick + busy[half:]


def needs_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & {"db", "template_database"} or item.get_closest_marker("django_db"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is loaded stays. No search for garbage looks through it while it grows, nor once it is there."""
    gc.disable()
    outcome = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return outcome


@pytest.fixture(scope="session")
def template_database(django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock():
        stocked = databases.ensure_stocked(databases.ensure_template())
    yield stocked
    with django_db_blocker.unblock(), provision.maintenance() as connection:
        databases.drop_retired(connection)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """A page that was asked for in Spanish leaves its thread speaking Spanish; what the menu counted is kept for half a
    minute, under keys that a test after a rollback has again."""
    yield
    translation.deactivate()
    cache.clear()


@pytest.fixture(autouse=True)
def full_stock() -> None:
    """Every test's database is a fresh copy, or is rolled back to one: the stock of organizations is whole."""
    stock.refill()


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: this worker's own copy of the migrated template, as the application's login.

    Whoever asks for no database is let near none: it would pass or fail by what ran before it.
    """
    own = databases.copy(template_database)
    with django_db_blocker.unblock():
        own.__enter__()
    yield
    with django_db_blocker.unblock():
        own.__exit__(None, None, None)


@pytest.fixture(scope="module")
def keep(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """`keep(build)`: what `build` makes in the database stays for the tests of this module, each of which runs in a
    transaction inside and is rolled back to it. Hand its objects out as copies: a test may change them."""

    def build_and_keep(build: Callable[[], Any]) -> Any:
        with django_db_blocker.unblock(), override_settings(REQUIRE_SECOND_FACTOR=False):
            stock.refill()
            built = build()
            connection.check_constraints()
            stock.keep()
        return built

    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
    yield build_and_keep
    with django_db_blocker.unblock():
        stock.restore()
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def committed_db(template_database: str, django_db_blocker: Any) -> Iterator[str]:
    """A fresh database in which commits are real; its name. Takes some 60 ms."""
    with django_db_blocker.unblock(), databases.copy(template_database) as name:
        stock.anew()
        yield name
        connections.close_all()


@pytest.fixture
def live_app(committed_db: str) -> Iterator[str]:
    """The address of the application, served in threads on a database of the test's own."""
    with browsers.serving() as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    with browsers.launched() as browser:
        yield browser


@pytest.fixture
def visitor(chromium: Any, live_app: str) -> Iterator[browsers.Visitor]:
    """Opens browser windows: `visitor.open(user)`. Fails the test if a console showed an error."""
    windows = browsers.Visitor(chromium, live_app)
    yield windows
    windows.close()
    assert windows.complaints == [], "the browser's console complained"

"""The application's own login owns nothing and may no more than the lists say (P5)."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from receivables.core import plans, privileges
from tests.support.races import other_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def role() -> str:
    return settings.DATABASES["default"]["USER"]


def test_tests_run_as_the_application(role):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == (role, connection.settings_dict["NAME"])
    assert connection.settings_dict["NAME"].startswith("rv_copy_")


def test_the_application_owns_nothing_and_may_nothing_beyond_the_lists(role):
    with connection.cursor() as cursor:
        assert privileges.faults(cursor, role) == []


@pytest.mark.parametrize(
    "spoil",
    [
        "GRANT TRUNCATE ON core_event TO {}",
        "GRANT CREATE ON SCHEMA public TO {}",
    ],
)
def test_a_right_too_many_is_found(role, spoil, owner):
    owner.execute(spoil.format(role))
    assert privileges.faults(owner.cursor(), role) != []


@pytest.fixture
def owner(db):
    """An owner's connection in a transaction that is rolled back."""
    with other_connection("owner") as owner:
        yield owner
        owner.rollback()


def test_every_listed_table_exists():
    with connection.cursor() as cursor:
        assert set(privileges.table_grants()) - set(privileges.tables(cursor)) == set()


def test_every_listed_function_exists():
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef")
        assert set(privileges.named_functions()) - {name for (name,) in cursor.fetchall()} == set()


def test_every_guard_is_planned_by_index():
    with connection.cursor() as cursor:
        assert plans.unsettled(cursor) == {}


def test_a_guard_that_was_replaced_is_found(owner):
    owner.execute("ALTER FUNCTION take_numbers(bigint, text[], int[]) RESET enable_seqscan")
    assert plans.unsettled(owner.cursor()) == {"take_numbers(bigint,text[],integer[])": ["enable_seqscan"]}


def test_every_extra_right_has_a_reason():
    for table, grant in privileges.table_grants().items():
        assert len(grant.reason) > 10, table


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_event SET name = name",
        "DELETE FROM core_event",
        "TRUNCATE core_event",
        "UPDATE core_sequence SET last = 0",
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "DROP TABLE core_event",
        "ALTER TABLE core_event DISABLE TRIGGER ALL",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('core', 'x', now())",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_may_not(statement):
    with other_connection() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement)

"""The tests' own ground: real commits in a database of one's own, and nothing that flushes protected tables."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, connections
from django.test import TestCase, TransactionTestCase

from receivables.core import privileges, provision
from tests.conftest import refusal
from tests.support.races import other_connection, race


def test_a_commit_is_seen_by_others(committed_db):
    write_session("seen")
    with other_connection() as other:
        assert other.execute("SELECT session_data FROM django_session").fetchone() == ("seen",)
    assert connection.settings_dict["NAME"] == committed_db


def test_the_next_test_starts_empty(committed_db):
    with other_connection() as other:
        assert other.execute("SELECT count(*) FROM django_session").fetchone() == (0,)


def test_a_copy_keeps_the_rights_of_the_database_itself(committed_db):
    with other_connection() as other:
        assert privileges.faults(other.cursor(), settings.DATABASES["default"]["USER"]) == []


def test_a_database_of_another_version_is_left_alone(committed_db):
    provision.refuse_foreign_history()
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '0999_of_later', now())")
    with pytest.raises(ImproperlyConfigured, match=r"another version of the program \(ledger.0999_of_later"):
        provision.refuse_foreign_history()


def test_racers_run_at_once_and_report_what_happened(committed_db):
    outcomes = race(lambda: write_session("one"), lambda: write_session("two"))
    assert [type(outcome).__name__ for outcome in outcomes].count("IntegrityError") == 1


def write_session(data):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('k', %s, now())", [data])


@pytest.mark.django_db(databases=["default", "owner"])
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_no_connection_leads_to_a_real_database():
    assert {connections.settings[alias]["NAME"][:8] for alias in ("default", "owner")} == {"rv_copy_"}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"mark": pytest.mark.django_db(transaction=True).mark}, "transaction=True"),
        ({"mark": pytest.mark.django_db(True).mark}, "transaction=True"),
        ({"fixturenames": ["live_server"]}, "live_server"),
        ({"fixturenames": ["transactional_db", "db"]}, "transactional_db"),
        ({"cls": TransactionTestCase}, "TransactionTestCase"),
        ({"fixturenames": ["db", "committed_db"]}, "not both"),
        ({"mark": pytest.mark.django_db.mark, "fixturenames": ["committed_db"]}, "not both"),
    ],
)
def test_what_would_flush_tables_is_refused(facts, reason):
    assert reason in refusal(item(**facts))


@pytest.mark.parametrize(
    "facts",
    [
        {"mark": pytest.mark.django_db.mark},
        {"mark": pytest.mark.django_db(databases=["default", "owner"]).mark, "fixturenames": ["db"]},
        {"cls": TestCase},
        {"fixturenames": ["committed_db"]},
        {},
    ],
)
def test_what_is_rolled_back_or_has_its_own_database_may_run(facts):
    assert refusal(item(**facts)) is None


def item(mark=None, fixturenames=(), cls=None):
    return SimpleNamespace(get_closest_marker=lambda name: mark, fixturenames=fixturenames, cls=cls)

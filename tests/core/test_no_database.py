"""What a person sees when the database is gone: a page in words that says when to come back, never a fault."""

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection

from accounts.roles import Role
from receivables.core.failures import is_gone
from receivables.core.management.commands import serve
from tests.builders import make_member, make_organization


def database_error(cause):
    try:
        raise OperationalError("as Django wraps it") from cause
    except OperationalError as error:
        return error


def test_which_errors_mean_that_there_is_no_database():
    gone = [
        InterfaceError("the connection is closed"), database_error(psycopg.OperationalError("connection refused")),
        database_error(psycopg.errors.CrashShutdown()), database_error(psycopg.errors.CannotConnectNow()),
        database_error(psycopg.errors.ConnectionFailure()),
    ]  # fmt: skip
    assert [is_gone(error) for error in gone] == [True] * len(gone)
    here = [
        database_error(psycopg.errors.QueryCanceled()), database_error(psycopg.errors.DiskFull()), ValueError(), None,
    ]  # fmt: skip
    assert [is_gone(error) for error in here] == [False] * len(here)


@pytest.mark.django_db
@pytest.mark.parametrize("answered", range(4))
def test_without_a_database_a_page_says_so_and_when_to_come_back(client, answered):
    """It goes away before the session was read, before who that is, before their organization, or after."""
    asked = []

    def refuse(execute, *arguments):
        asked.append(arguments)
        if len(asked) <= answered:
            return execute(*arguments)
        raise OperationalError("connection refused")

    client.raise_request_exception = False
    member = make_member(make_organization(), Role.BILLER, "Bob")
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    client.get("/loads/")
    with connection.execute_wrapper(refuse):
        answer = client.get("/loads/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The database does not answer" in answer.content.decode()
    assert len(asked) == answered + 1, "each attempt waits for a connection as long as the pool does"


def test_serve_knows_whether_the_database_is_why_its_workers_end(monkeypatch):
    class Connection:
        def close(self):
            """As if there was one."""

    monkeypatch.setattr(serve.provision, "connect", lambda *_given, **_more: Connection())
    assert serve.database_answers()

    def nobody(*_given, **_more):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(serve.provision, "connect", nobody)
    assert not serve.database_answers()

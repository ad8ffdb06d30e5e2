"""What only QuickBooks Online does: its keys and its tokens. The stories are in test_every_system, the faults in
test_fault_matrix."""

import os

from accounts.roles import Role
from receivables.integrations.systems.qbo.connection import access_token
from receivables.integrations.vault import opened
from tests.builders import make_member, make_organization, make_type, pay
from tests.integrations.conftest import connect, sync
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "3"))


def test_without_the_key_the_same_shows_a_double(bob, connection, quickbooks, invoice):
    """The control of the stories about cut connections: the stand-in can hold a payment twice."""
    quickbooks.replay = False
    pay(bob, invoice, "400")
    quickbooks.faults = ["cut_after"]
    sync(connection)
    sync(connection)
    assert len(quickbooks.live_payments()) == 2


def test_a_lapsed_token_is_renewed_and_the_newest_kept(bob, connection, quickbooks, invoice):
    assert opened(type(connection).objects.get(pk=connection.pk).secrets)["refresh_token"] == "refresh-1"
    quickbooks.access = "revoked meanwhile"
    pay(bob, invoice, "950")
    sync(connection)
    assert quickbooks.receivable() == 50
    assert opened(type(connection).objects.get(pk=connection.pk).secrets)["refresh_token"] == "refresh-2"


def test_race_of_two_workers_whose_token_lapsed(committed_db, stage, books):
    """One renews it under the lock of the connection's row, the other takes what it got: no refresh token is used
    twice."""
    bob = make_member(make_organization(), Role.ADMIN, "Bob Biller")
    connection = connect(bob, stage, books, make_type(bob))
    token = access_token(connection)
    for count in range(ROUNDS):
        given = race(*[lambda lapsed=token: access_token(connection, refused=lapsed)] * 2)
        token = given[0]
        assert (given, books.tokens, books.refresh) == ([books.access] * 2, count + 2, f"refresh-{count + 2}")

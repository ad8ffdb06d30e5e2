"""Connecting QuickBooks Online: the way there and back, bound to session, connection and organization, used once."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from receivables.core.errors import NotPermitted, Refused
from receivables.core.navigation import notices
from receivables.integrations.granting import tasks
from receivables.integrations.granting.operations import connect_system, disconnect_system, is_connected
from receivables.integrations.granting.rules import connect_system_blocker, disconnect_system_blocker
from receivables.integrations.models import Connection
from receivables.integrations.vault import opened, sealed
from tests.builders import make_member, make_organization
from tests.integrations.conftest import sync

pytestmark = pytest.mark.django_db
ANSWER = "http://testserver/connections/answer/"


@pytest.fixture
def desk(bob, settings):
    return opened_by(bob, settings)


def opened_by(member, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


@pytest.fixture
def fresh(connection):
    """A connection that knows our client and nothing else; somebody paused it."""
    connection.secrets, connection.state = sealed({"client_id": "ours", "client_secret": "hush"}), "paused"
    connection.save(update_fields=["secrets", "state"])
    return connection


def asked(desk, connection):
    """Press Connect; the parameters of the address that it leads to."""
    page = desk.post(reverse("connect_system", args=[connection.pk])).context["address"]
    assert page.startswith("https://appcenter.intuit.com/connect/oauth2?")
    return {name: value[0] for name, value in parse_qs(urlsplit(page).query).items()}


def answer(desk, **values):
    return desk.get(reverse("connect_answer"), values, follow=True).content.decode()


def test_rules_of_connecting():
    for given, code in [
        ({"offered": False, "entered": True, "company": ""}, "not_offered"),
        ({"offered": True, "entered": False, "company": ""}, "no_client"),
        ({"offered": True, "entered": True, "company": "1"}, None),
        ({"offered": True, "entered": True, "company": "1", "answered": "1"}, None),
        ({"offered": True, "entered": True, "company": "", "answered": "1"}, None),
        ({"offered": True, "entered": True, "company": "1", "answered": "2"}, "other_company"),
    ]:
        found = connect_system_blocker(**given)
        assert (found and found.code) == code
    assert disconnect_system_blocker(connected=True) is None
    assert disconnect_system_blocker(connected=False).code == "not_connected"


def test_connect_system_exchanges_the_code_once(desk, fresh, quickbooks):
    wanted = asked(desk, fresh)
    assert (wanted["client_id"], wanted["redirect_uri"], wanted["response_type"]) == ("ours", ANSWER, "code")
    quickbooks.grants["code-1"] = ANSWER
    assert "is connected" in answer(desk, code="code-1", state=wanted["state"], realmId="9130")
    fresh.refresh_from_db()
    assert opened(fresh.secrets)["refresh_token"] == quickbooks.refresh
    assert fresh.state == "paused", "what somebody paused stays paused"
    assert quickbooks.refresh not in fresh.secrets
    quickbooks.grants["code-1"] = ANSWER
    assert "was not expected" in answer(desk, code="code-1", state=wanted["state"], realmId="9130")
    assert quickbooks.tokens == 1


def test_an_answer_that_was_not_asked_for_changes_nothing(desk, bob, fresh, quickbooks, settings):
    quickbooks.grants["code-1"] = ANSWER
    assert "was not expected" in answer(desk, code="code-1", state="guess", realmId="9130")
    state = asked(desk, fresh)["state"]
    assert "was not expected" in answer(desk, code="code-1", state="guess", realmId="9130")
    assert "was not expected" in answer(desk, code="code-1", state=state, realmId="9130"), "a wrong one used it up"
    state = asked(desk, fresh)["state"]
    colleague = opened_by(make_member(bob.organization, Role.ADMIN, "Carl"), settings)
    assert "was not expected" in answer(colleague, code="code-1", state=state, realmId="9130"), "another session"
    session = desk.session
    kept = {**session["granting"], "until": 0}
    session["granting"] = kept
    session.save()
    assert "was not expected" in answer(desk, code="code-1", state=state, realmId="9130"), "too late"
    state = asked(desk, fresh)["state"]
    assert "No access was granted" in answer(desk, error="access_denied", state=state)
    state = asked(desk, fresh)["state"]
    assert "for company 9130" in answer(desk, code="code-1", state=state, realmId="666")
    state = asked(desk, fresh)["state"]
    assert "was not accepted" in answer(desk, code="unknown", state=state, realmId="9130")
    assert quickbooks.tokens == 0
    assert not is_connected(Connection.objects.get(pk=fresh.pk))
    rita = make_member(make_organization("Red"), Role.ADMIN, "Rita Red")
    assert opened_by(rita, settings).post(reverse("connect_system", args=[fresh.pk])).status_code == 404


def test_lost_access_is_one_notice_and_connecting_again_goes_on(desk, bob, connection, quickbooks, invoice):
    quickbooks.refresh = "revoked over there"
    quickbooks.access = "another"
    Connection.objects.filter(pk=connection.pk).update(
        secrets=sealed({"client_id": "ours", "client_secret": "hush", "refresh_token": "old"}), state="broken"
    )
    cache.clear()  # what the frame says may be half a minute old
    assert [each["url"] for each in notices(bob)] == [connection.get_absolute_url()]
    quickbooks.grants["code-2"] = ANSWER
    state = asked(desk, connection)["state"]
    answer(desk, code="code-2", state=state, realmId="9130")
    connection.refresh_from_db()
    assert connection.state == "live"
    sync(connection)


def test_disconnect_system_forgets_the_tokens_and_gives_them_back(bob, connection, monkeypatch):
    disconnect_system(actor=bob, connection=connection)
    connection.refresh_from_db()
    assert (connection.state, is_connected(connection)) == ("paused", False)
    assert set(opened(connection.secrets)) == {"client_id", "client_secret"}
    with database.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'integrations.revoke'")
        ((kept,),) = cursor.fetchall()
    assert "refresh-0" not in str(kept)
    given_back = []
    monkeypatch.setattr(
        "receivables.integrations.systems.qbo.connection.egress.fetch",
        lambda http, method, url, **options: given_back.append((url, options["json"])) or Answer(),
    )
    arguments = kept if isinstance(kept, dict) else json.loads(kept)
    tasks.revoke(**arguments)
    assert given_back == [("https://developer.api.intuit.com/v2/oauth2/tokens/revoke", {"token": "refresh-0"})]
    with pytest.raises(Refused, match="no access"):
        disconnect_system(actor=bob, connection=connection)
    biller = make_member(bob.organization, Role.BILLER, "Bill Biller")
    with pytest.raises(NotPermitted):
        connect_system(actor=biller, connection=connection, company="")


class Answer:
    status_code = 200

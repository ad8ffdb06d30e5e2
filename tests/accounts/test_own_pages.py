"""Small pages of the person: staying signed in, help, and the sign-ins of the demo."""

import pytest
from django.test import Client

from accounts import demo
from accounts.roles import Role
from accounts.verbs import BUNDLES
from tests.accounts.conftest import member, signed_in


def test_staying_signed_in_is_a_post_without_an_answer(cast):
    client = signed_in(cast.bob.user)
    assert client.post("/sessions/extend/").status_code == 204
    assert client.get("/sessions/extend/").status_code == 405
    assert Client().post("/sessions/extend/").status_code == 302


@pytest.mark.parametrize("who", ["alice", "bob", "audrey"])
def test_help_shows_the_table_of_roles_the_five_steps_and_the_keys(cast, who):
    response = signed_in(getattr(cast, who).user).get("/help/")
    page = response.content.decode()
    assert len(response.context["steps"]) == 5
    assert all(str(role.label) in page for role in Role)
    assert all(str(bundle.label) in page for bundle in BUNDLES.values())
    assert "<kbd>g l</kbd>" in page


def test_help_needs_no_organization_but_a_sign_in(cast):
    assert signed_in(cast.staff).get("/help/").status_code == 200
    assert Client().get("/help/").status_code == 302


def test_the_demo_offers_its_sign_ins_and_production_never_does(cast, settings):
    member(cast.acme, f"biller@{demo.DOMAIN}", Role.BILLER)
    settings.DEMO = True
    shown = Client().get("/sign-in/").content.decode()
    assert f"biller@{demo.DOMAIN}" in shown
    assert demo.PASSWORD in shown
    assert "bob@acme.test" not in shown
    settings.DEMO = False
    hidden = Client().get("/sign-in/").content.decode()
    assert demo.DOMAIN not in hidden
    assert demo.PASSWORD not in hidden

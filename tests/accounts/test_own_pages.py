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


def test_the_language_of_the_menu_is_the_persons_own_and_that_of_the_doors(cast):
    """The organization's language would win over the browser's, so the menu of the page sets the preference."""
    bob = signed_in(cast.bob.user)
    bob.post("/i18n/setlang/", {"language": "es", "next": "/help/"})
    assert 'lang="es" dir="ltr"' in bob.get("/help/").content.decode()
    bob.post("/i18n/setlang/", {"language": "ar"})
    assert 'lang="ar" dir="rtl"' in bob.get("/help/").content.decode()
    bob.post("/i18n/setlang/", {"language": "de"})
    cast.bob.user.refresh_from_db()
    assert cast.bob.user.language == "ar", "no catalogue, no preference"
    assert 'lang="en"' in signed_in(cast.alice.user).get("/help/").content.decode(), "nobody else's"
    door = Client()
    door.post("/i18n/setlang/", {"language": "es"})
    assert 'lang="es"' in door.get("/sign-in/").content.decode()

"""Coming in: throttled by account and address, telling strangers nothing, leading only to this site."""

import statistics
import time

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import tasks
from accounts.models import User, UserSession
from accounts.throttling import LIMITS
from tests.accounts.conftest import PASSWORD, signed_in


def sign_in(client, email, password=PASSWORD, **extra):
    query = extra.pop("query", "")
    return client.post(f"/sign-in/{query}", {"email": email, "password": password}, **extra)


def test_email_in_any_case_and_password_open_the_door(cast):
    client = Client()
    response = sign_in(client, " Alice@ACME.test ")
    assert (response.status_code, response["Location"]) == (302, "/")
    session = UserSession.objects.get(user=cast.alice.user)
    assert (session.membership, session.organization) == (cast.alice, cast.acme)


def test_the_session_key_changes_at_sign_in(cast):
    client = Client()
    client.get("/sign-in/")
    client.session.save()
    planted = client.session.session_key
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    sign_in(client, "alice@acme.test")
    assert client.session.session_key != planted


@pytest.mark.parametrize(
    ("email", "password"),
    [("nobody@acme.test", PASSWORD), ("alice@acme.test", "wrong"), ("out@acme.test", PASSWORD), ("new@acme.test", "x")],
)
def test_whatever_is_wrong_the_answer_is_the_same(cast, email, password):
    User.objects.create_user("out@acme.test", PASSWORD, is_active=False)
    User.objects.create_user("new@acme.test")
    response = sign_in(Client(), email, password)
    assert response.status_code == 422
    assert response.context["form"].errors.get_json_data() == {
        "__all__": [{"message": str(response.context["form"].wrong), "code": ""}]
    }


def test_an_unknown_email_takes_as_long_as_a_wrong_password(cast, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    alice = cast.alice.user
    alice.set_password(PASSWORD)
    alice.save(update_fields=["password"])

    def seconds(email):
        start = time.perf_counter()
        sign_in(Client(), email, "wrong", REMOTE_ADDR=f"10.0.0.{next(hosts)}")
        return time.perf_counter() - start

    hosts = iter(range(1, 250))
    known, unknown = zip(
        *[(seconds("alice@acme.test"), seconds("nobody@acme.test")) for _round in range(4)], strict=True
    )
    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


@pytest.mark.parametrize("email", ["alice@acme.test", "nobody@acme.test"])
def test_five_failures_from_one_address_close_the_account_there(cast, email):
    client = Client()
    answers = [sign_in(client, email, "wrong").status_code for _try in range(LIMITS[0])]
    assert answers == [422, 422, 422, 422, 429]
    assert sign_in(client, email).status_code == 429
    assert not UserSession.objects.exists()


def test_a_forged_forwarded_address_or_another_browser_does_not_help(cast):
    for turn in range(LIMITS[0]):
        sign_in(Client(HTTP_USER_AGENT=f"x{turn}"), "alice@acme.test", "wrong", HTTP_X_FORWARDED_FOR=f"10.1.1.{turn}")
    assert sign_in(Client(), "alice@acme.test", HTTP_X_FORWARDED_FOR="10.9.9.9").status_code == 429


def test_behind_our_own_proxy_the_entry_it_added_counts(cast, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    for turn in range(LIMITS[0]):
        sign_in(Client(), "alice@acme.test", "wrong", HTTP_X_FORWARDED_FOR=f"10.1.1.{turn}, 192.0.2.1")
    assert sign_in(Client(), "alice@acme.test", HTTP_X_FORWARDED_FOR="10.2.2.2, 192.0.2.1").status_code == 429
    assert sign_in(Client(), "alice@acme.test", HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.9").status_code == 302


def test_another_address_is_not_locked_out_by_five_failures_elsewhere(cast):
    for _try in range(LIMITS[0]):
        sign_in(Client(), "alice@acme.test", "wrong", REMOTE_ADDR="192.0.2.1")
    assert sign_in(Client(), "alice@acme.test", REMOTE_ADDR="192.0.2.2").status_code == 302


def test_many_addresses_against_one_account_close_it(cast):
    for host in range(LIMITS[1]):
        sign_in(Client(), "alice@acme.test", "wrong", REMOTE_ADDR=f"192.0.2.{host}")
    assert sign_in(Client(), "alice@acme.test", REMOTE_ADDR="198.51.100.1").status_code == 429


def test_one_address_against_many_accounts_is_closed_and_a_success_in_between_does_not_help(cast):
    for guess in range(LIMITS[2] - 1):
        sign_in(Client(), f"guess{guess}@acme.test", "wrong")
    assert sign_in(Client(), "bob@acme.test").status_code == 302
    sign_in(Client(), "one@acme.test", "wrong")
    assert sign_in(Client(), "alice@acme.test").status_code == 429


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/preferences/", "/preferences/"),
        ("//evil.test/", "/"),
        ("https://evil.test/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.test", "/"),
    ],
)
def test_next_leads_only_to_this_site(cast, target, leads_to):
    response = sign_in(Client(), "alice@acme.test", query=f"?next={target}")
    assert response["Location"] == leads_to


def test_a_visitor_is_sent_to_sign_in_and_comes_back(cast):
    response = Client().get("/preferences/?tab=1")
    assert response["Location"] == "/sign-in/?next=%2Fpreferences%2F%3Ftab%3D1"


def test_an_htmx_request_is_sent_there_as_a_whole_page(cast):
    response = Client().post(
        "/preferences/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/preferences/"
    )
    assert response["HX-Redirect"].startswith("/sign-in/?next=http%3A%2F%2Ftestserver%2Fpreferences")


def test_signing_out_is_a_post(cast):
    client = signed_in(cast.alice.user)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/preferences/").status_code == 302
    assert not UserSession.objects.exists()


def test_a_reset_answers_the_same_for_everybody_and_mails_in_the_background(cast, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks, "ask_for_password_mail", lambda email, **rest: asked.append(email))
    answers = [Client().post("/password/reset/", {"email": email}) for email in ("alice@acme.test", "nobody@acme.test")]
    assert {answer["Location"] for answer in answers} == {"/password/reset/sent/"}
    assert asked == ["alice@acme.test", "nobody@acme.test"]
    assert mail.outbox == []


def test_a_second_request_while_a_mail_waits_adds_none(cast):
    for _time in range(2):
        assert Client().post("/password/reset/", {"email": "alice@acme.test"}).status_code == 302


def test_the_mailed_link_sets_a_password_once_and_ends_every_session(cast):
    old = signed_in(cast.alice.user)
    tasks.send_password_mail(email="alice@acme.test", domain="books.test", https=True)
    tasks.send_password_mail(email="nobody@acme.test", domain="books.test", https=True)
    (letter,) = mail.outbox
    link = next(word for word in letter.body.split() if word.startswith("https://books.test"))
    path = link.removeprefix("https://books.test")
    client = Client()
    form = client.get(path, follow=True)
    password = "another long and good password"
    done = client.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": password})
    assert done["Location"] == "/password/reset/done/"
    assert old.get("/preferences/").status_code == 302
    assert sign_in(Client(), "alice@acme.test", password).status_code == 302
    assert not Client().get(path).context["validlink"]


def test_a_disabled_person_gets_no_mail_and_their_link_is_dead(cast):
    bob = cast.bob.user
    path = f"/password/reset/{urlsafe_base64_encode(force_bytes(bob.pk))}/{default_token_generator.make_token(bob)}/"
    bob.is_active = False
    bob.save(update_fields=["is_active"])
    tasks.send_password_mail(email=bob.email, domain="books.test", https=True)
    assert mail.outbox == []
    client = Client()
    form = client.get(path, follow=True)
    client.post(form.request["PATH_INFO"], {"new_password1": PASSWORD * 2, "new_password2": PASSWORD * 2})
    assert sign_in(Client(), bob.email, PASSWORD * 2).status_code == 422

"""What ends a session, and that a change of rights acts on the very next request (P3)."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import UserSession
from accounts.roles import Role
from tests.accounts.conftest import PASSWORD, member, signed_in


def is_in(client):
    return client.get("/preferences/").status_code == 200


def age(user, **columns):
    UserSession.objects.filter(user=user).update(**columns)


def test_a_disabled_user_is_out(cast):
    client = signed_in(cast.bob.user)
    assert is_in(client)
    cast.bob.user.is_active = False
    cast.bob.user.save()
    assert not is_in(client)


def test_a_deactivated_member_sees_nothing_of_the_organization(cast):
    client = signed_in(cast.audrey.user)
    assert client.get("/settings/").status_code == 200
    cast.audrey.active = False
    cast.audrey.save(update_fields=["active"])
    assert client.get("/settings/")["Location"].startswith("/organizations/")


def test_a_closed_organization_lets_nobody_in(cast):
    client = signed_in(cast.alice.user)
    cast.acme.active = False
    cast.acme.save(update_fields=["active"])
    assert client.get("/settings/")["Location"].startswith("/organizations/")


def test_a_changed_role_acts_at_once(cast):
    client = signed_in(cast.audrey.user)
    assert client.get("/settings/").status_code == 200
    cast.audrey.role = Role.COLLECTOR
    cast.audrey.save(update_fields=["role"])
    assert client.get("/settings/").status_code == 403


def test_a_new_password_ends_all_other_sessions(cast):
    here, elsewhere = signed_in(cast.bob.user), signed_in(cast.bob.user)
    new = "a whole new sentence 42"
    refused = here.post("/password/", {"old_password": "x", "new_password1": new, "new_password2": new})
    assert refused.status_code == 422
    done = here.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert done.status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
    assert UserSession.objects.filter(user=cast.bob.user).count() == 1


def test_the_old_password_is_not_guessed_without_end(cast):
    here, new = signed_in(cast.bob.user), "a whole new sentence 42"
    tries = [
        here.post("/password/", {"old_password": f"guess {n}", "new_password1": new, "new_password2": new})
        for n in range(5)
    ]
    assert [response.status_code for response in tries] == [422] * 4 + [429]
    locked = here.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert locked.status_code == 429
    assert "too many failed attempts" in locked.content.decode()
    cast.bob.user.refresh_from_db()
    assert cast.bob.user.check_password(PASSWORD)


def test_a_password_changed_elsewhere_ends_a_session_too(cast):
    client = signed_in(cast.bob.user)
    cast.bob.user.set_password("a whole new sentence 42")
    cast.bob.user.save()
    assert not is_in(client)


def test_half_an_hour_of_silence_ends_it_and_says_so(cast):
    client = signed_in(cast.bob.user)
    age(cast.bob.user, last_seen=timezone.now() - timedelta(minutes=29))
    assert is_in(client)
    age(cast.bob.user, last_seen=timezone.now() - timedelta(minutes=31))
    response = client.get("/preferences/", follow=True)
    assert response.redirect_chain[0][0] == "/sign-in/?next=%2Fpreferences%2F"
    assert "signed out after 30 minutes" in response.content.decode()
    assert not UserSession.objects.exists()


def test_its_greatest_age_ends_it_however_busy(cast, settings):
    client = signed_in(cast.bob.user)
    settings.SESSION_ABSOLUTE_HOURS = 0
    assert not is_in(client)


def test_being_there_is_written_at_most_once_a_minute(cast):
    client = signed_in(cast.bob.user)
    seen = UserSession.objects.get(user=cast.bob.user).last_seen
    client.get("/preferences/")
    assert UserSession.objects.get(user=cast.bob.user).last_seen == seen
    age(cast.bob.user, last_seen=seen - timedelta(seconds=61))
    client.get("/preferences/")
    assert UserSession.objects.get(user=cast.bob.user).last_seen > seen


def test_who_acts_costs_one_query_besides_session_and_user(cast, django_assert_num_queries):
    client = signed_in(cast.bob.user)
    client.get("/preferences/")  # the first form of a session writes its secret into it
    with django_assert_num_queries(3):
        client.get("/preferences/")


def test_the_owner_sees_and_ends_sessions(cast):
    here, there = signed_in(cast.bob.user), signed_in(cast.bob.user)
    page = here.get("/sessions/")
    assert [session.current for session in page.context["sessions"]].count(True) == 1
    other = next(session for session in page.context["sessions"] if not session.current)
    assert here.get(f"/sessions/{other.pk}/end/").status_code == 405
    here.post(f"/sessions/{other.pk}/end/")
    assert is_in(here)
    assert not is_in(there)
    assert not Session.objects.filter(pk=other.session_key).exists()


def test_another_persons_session_does_not_exist(cast):
    alice = signed_in(cast.alice.user)
    session = UserSession.objects.get(user=cast.alice.user)
    assert signed_in(cast.bob.user).post(f"/sessions/{session.pk}/end/").status_code == 404
    assert is_in(alice)


def test_all_others_can_be_ended_at_once(cast):
    here, one, two = (signed_in(cast.bob.user) for _window in range(3))
    here.post("/sessions/end-others/")
    assert [is_in(client) for client in (here, one, two)] == [True, False, False]


def test_a_session_without_its_row_is_over(cast):
    client = signed_in(cast.bob.user)
    UserSession.objects.all().delete()
    assert not is_in(client)


def test_the_switcher_offers_ones_own_organizations_and_no_other(cast):
    second = member(cast.rival, "bob@acme.test", Role.AUDITOR)
    client = signed_in(cast.bob.user)
    assert client.get("/settings/")["Location"].startswith("/organizations/")
    page = client.get("/organizations/")
    assert {choice.organization for choice in page.context["choices"]} == {cast.acme, cast.rival}
    moved = client.post("/organizations/", {"organization": cast.rival.pk, "next": "//evil.test"})
    assert moved["Location"] == "/"
    assert client.get("/settings/").wsgi_request.actor == second
    client.post("/organizations/switch/", {"organization": cast.acme.pk})
    assert client.get("/settings/").status_code == 403


@pytest.mark.parametrize("wanted", ["rival", "999999", "", "x", "1 or 1=1"])
def test_an_organization_one_is_not_in_does_not_exist(cast, wanted):
    client = signed_in(cast.bob.user)
    wanted = cast.rival.pk if wanted == "rival" else wanted
    assert client.post("/organizations/switch/", {"organization": wanted}).status_code == 404
    assert UserSession.objects.get().membership == cast.bob


def test_a_grant_in_one_organization_means_nothing_in_another(cast):
    member(cast.rival, "bob@acme.test", Role.ADMIN)
    client = signed_in(cast.bob.user, cast.acme)
    user = client.get("/preferences/").wsgi_request.user
    assert user.has_perm("record_payment")
    assert not user.has_perm("close_period")
    assert not user.has_perm("accounts.change_membership")
    client.post("/organizations/switch/", {"organization": cast.rival.pk})
    user = client.get("/preferences/").wsgi_request.user
    assert user.has_perm("close_period")
    assert user.has_perm("accounts.change_membership")


def test_platform_staff_choose_an_organization_and_never_post(cast):
    client = signed_in(cast.staff)
    assert client.get("/settings/")["Location"].startswith("/organizations/")
    client.post("/organizations/switch/", {"organization": cast.rival.pk})
    actor = client.get("/preferences/").wsgi_request.actor
    assert actor.organization == cast.rival
    assert actor.can("view_receivables")
    assert not actor.can("record_payment")


def test_next_time_one_starts_where_one_worked_last(cast):
    member(cast.rival, "bob@acme.test", Role.AUDITOR)
    signed_in(cast.bob.user, cast.rival)
    assert signed_in(cast.bob.user).get("/preferences/").wsgi_request.organization == cast.rival


def test_preferences_are_kept_and_act(cast):
    client = signed_in(cast.bob.user)
    wanted = {
        "language": "ar", "timezone": "Asia/Riyadh", "number_style": "arabic", "date_format": "d.m.Y",
        "page_size": "50", "theme": "dark", "shortcuts": "",
    }  # fmt: skip
    forbidden = {"is_platform_staff": "on", "email": "x@x.test", "is_active": "", "password": "x", "full_name": "X"}
    assert client.post("/preferences/", {**wanted, **forbidden}).status_code == 302
    bob = cast.bob.user
    bob.refresh_from_db()
    assert (bob.language, bob.timezone, bob.number_style, bob.page_size) == ("ar", "Asia/Riyadh", "arabic", 50)
    assert (bob.is_platform_staff, bob.email, bob.is_active, bob.full_name) == (False, "bob@acme.test", True, "Bob")
    page = client.get("/preferences/")
    assert 'dir="rtl"' in page.content.decode()
    assert page["Content-Language"] == "ar"


@pytest.mark.parametrize(
    ("field", "value"), [("timezone", "Mars/Base"), ("language", "xx"), ("page_size", "100000"), ("theme", "<b>")]
)
def test_an_unknown_choice_is_refused(cast, field, value):
    client = signed_in(cast.bob.user)
    assert client.post("/preferences/", {"page_size": "25", "theme": "auto", field: value}).status_code == 422


def test_the_name_can_be_changed(cast):
    client = signed_in(cast.bob.user)
    assert client.post("/profile/", {"full_name": "Bob B."}).status_code == 302
    cast.bob.user.refresh_from_db()
    assert cast.bob.name == "Bob B."


PUBLIC = ["/sign-in/", "/password/reset/", "/password/reset/sent/", "/password/reset/done/", "/healthz"]
PERSONAL = [
    "/profile/", "/preferences/", "/sessions/", "/organizations/", "/password/", "/second-factor/setup/",
    "/second-factor/settings/",
]  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_doors_are_open_to_all(cast, path):
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("path", PERSONAL)
def test_personal_pages_need_a_sign_in_and_no_more(cast, path):
    assert Client().get(path)["Location"].startswith("/sign-in/")
    for user in (cast.bob.user, cast.staff):
        assert signed_in(user).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/settings/", "/settings/accounts/membership/", "/settings/login/"])
def test_everything_else_is_shut_to_visitors(cast, path):
    response = Client().get(path)
    assert response.status_code in (302, 404)
    if response.status_code == 302:
        assert response["Location"].startswith("/sign-in/")

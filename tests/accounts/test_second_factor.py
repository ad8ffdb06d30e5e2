"""The second factor: demanded where it must be, proved before it counts, no code works twice."""

import time

import pytest
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.models import UserSession
from accounts.roles import Role
from tests.accounts.conftest import PASSWORD, member, signed_in

KEY = "3132333435363738393031323334353637383930"


def code_of(key, step=0):
    """What the phone shows now, or `step` half minutes later."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time() + 30 * step
    return f"{totp.token():06d}"


def wrong_code():
    near = {code_of(KEY, step) for step in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


@pytest.fixture
def phone(cast):
    """Alice has a phone; her recovery codes."""
    codes = second_factor.set_up(cast.alice.user, KEY, code_of(KEY, -1))
    assert codes
    return codes


def at_the_code(cast):
    client = Client()
    client.post("/sign-in/?next=/preferences/", {"email": "alice@acme.test", "password": PASSWORD})
    return client


def forget_throttle(user):
    TOTPDevice.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)


@pytest.mark.parametrize(
    "path", ["/preferences/", "/settings/", "/sessions/", "/organizations/", "/second-factor/setup/"]
)
def test_the_password_alone_opens_nothing(cast, phone, path):
    response = at_the_code(cast).get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/second-factor/")
    assert "setup" not in response["Location"]


def test_the_code_opens_the_door_with_a_new_session_key(cast, phone):
    client = at_the_code(cast)
    before = client.session.session_key
    response = client.post("/second-factor/", {"code": code_of(KEY), "next": "/preferences/"})
    assert response["Location"] == "/preferences/"
    assert client.session.session_key != before
    assert client.get("/preferences/").status_code == 200


def test_a_code_is_never_accepted_twice(cast, phone):
    code = code_of(KEY)
    assert at_the_code(cast).post("/second-factor/", {"code": code}).status_code == 302
    assert at_the_code(cast).post("/second-factor/", {"code": code}).status_code == 422


def test_the_code_that_set_it_up_is_used_up(cast):
    code = code_of(KEY)
    assert second_factor.set_up(cast.alice.user, KEY, code)
    assert not second_factor.verify(cast.alice.user, code)


def test_after_a_wrong_code_even_the_right_one_waits(cast, phone):
    client = at_the_code(cast)
    assert client.post("/second-factor/", {"code": wrong_code()}).status_code == 422
    assert client.post("/second-factor/", {"code": code_of(KEY)}).status_code == 422
    forget_throttle(cast.alice.user)
    assert client.post("/second-factor/", {"code": code_of(KEY)}).status_code == 302


@pytest.mark.parametrize("code", ["", "12345", "١٢٣٤٥٦", "1e5", "-00001", "' or 1=1", "x" * 30])
def test_what_is_no_code_is_refused(cast, phone, code):
    assert at_the_code(cast).post("/second-factor/", {"code": code}).status_code == 422


def test_a_recovery_code_works_once_and_is_kept_as_a_digest_only(cast, phone):
    code = phone[0]
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert not kept & {code, code.replace("-", "")}
    assert at_the_code(cast).post("/second-factor/", {"code": f" {code.upper()} "}).status_code == 302
    assert second_factor.recovery_codes_left(cast.alice.user) == 9
    assert at_the_code(cast).post("/second-factor/", {"code": code}).status_code == 422


def test_somebody_elses_recovery_code_is_no_code(cast, phone):
    others = second_factor.set_up(cast.bob.user, KEY, code_of(KEY))
    assert not second_factor.verify(cast.alice.user, others[0])


def test_setting_it_up_shows_a_picture_and_the_codes_once_and_ends_other_sessions(cast):
    other, client = signed_in(cast.alice.user), signed_in(cast.alice.user)
    page = client.get("/second-factor/setup/")
    assert page.context["qr_url"].startswith("data:image/svg+xml")
    assert not TOTPDevice.objects.exists()
    secret = page.context["form"]["secret"].value()
    key = second_factor.read_secret(cast.alice.user, secret)
    done = client.post("/second-factor/setup/", {"secret": secret, "code": code_of(key)})
    assert done.status_code == 200
    assert len(set(done.context["codes"])) == 10
    assert client.get("/preferences/").status_code == 200
    assert other.get("/preferences/").status_code == 302
    again = client.post("/second-factor/setup/", {"secret": secret, "code": code_of(key, 1)})
    assert again["Location"] == "/second-factor/settings/"


def test_a_wrong_first_code_sets_nothing_up(cast):
    client = signed_in(cast.alice.user)
    secret = client.get("/second-factor/setup/").context["form"]["secret"].value()
    assert client.post("/second-factor/setup/", {"secret": secret, "code": "abc"}).status_code == 422
    assert not TOTPDevice.objects.exists()


def test_another_persons_or_a_changed_secret_is_refused(cast):
    secret = second_factor.new_secret(cast.bob.user)
    key = second_factor.read_secret(cast.bob.user, secret)
    for planted in (secret, secret + "x"):
        response = signed_in(cast.alice.user).post("/second-factor/setup/", {"secret": planted, "code": code_of(key)})
        assert response.status_code == 302
    assert not TOTPDevice.objects.exists()


@pytest.mark.parametrize("who", ["alice", "petra"])
def test_in_production_admins_set_it_up_before_anything_else(cast, settings, who):
    settings.REQUIRE_SECOND_FACTOR = True
    client = signed_in(getattr(cast, who).user)
    assert client.get("/settings/")["Location"].startswith("/second-factor/setup/")
    assert client.get("/second-factor/setup/").status_code == 200
    assert client.get("/sign-out/").status_code == 405


def test_in_production_platform_staff_need_it_before_they_choose(cast, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    assert signed_in(cast.staff).get("/organizations/")["Location"].startswith("/second-factor/setup/")


def test_others_may_do_without(cast, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    assert signed_in(cast.bob.user).get("/preferences/").status_code == 200


def test_an_organization_may_want_it_of_everybody(cast, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client = signed_in(cast.bob.user)
    assert client.get("/preferences/").status_code == 200
    cast.acme.second_factor_required = True
    cast.acme.save(update_fields=["second_factor_required"])
    assert client.get("/preferences/")["Location"].startswith("/second-factor/setup/")
    cast.charlie.role = Role.BILLER  # of another organization, which does not want it
    assert not second_factor.is_required(cast.charlie.user, cast.charlie)


def test_who_becomes_an_admin_needs_it_on_the_next_request(cast, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client = signed_in(cast.bob.user)
    assert client.get("/preferences/").status_code == 200
    cast.bob.role = Role.ADMIN
    cast.bob.save(update_fields=["role"])
    assert client.get("/preferences/")["Location"].startswith("/second-factor/setup/")


@pytest.mark.parametrize(("path", "left"), [("/second-factor/remove/", 0), ("/second-factor/recovery-codes/", 10)])
def test_weakening_it_needs_the_password(cast, phone, path, left):
    client = at_the_code(cast)
    client.post("/second-factor/", {"code": code_of(KEY)})
    before = set(StaticToken.objects.values_list("token", flat=True))
    assert client.get(path).status_code == 200
    assert client.post(path, {"password": "wrong"}).status_code == 422
    assert set(StaticToken.objects.values_list("token", flat=True)) == before
    assert client.post(path, {"password": PASSWORD}).status_code in (200, 302)
    after = set(StaticToken.objects.values_list("token", flat=True))
    assert len(after) == left
    assert not after & before
    assert TOTPDevice.objects.exists() is bool(left)


def test_a_session_from_before_the_phone_does_not_outlive_it(cast):
    old = signed_in(cast.alice.user)
    member(cast.rival, "alice@acme.test", Role.AUDITOR)
    client = signed_in(cast.alice.user)
    secret = client.get("/second-factor/setup/").context["form"]["secret"].value()
    key = second_factor.read_secret(cast.alice.user, secret)
    client.post("/second-factor/setup/", {"secret": secret, "code": code_of(key)})
    assert old.get("/preferences/").status_code == 302
    assert UserSession.objects.get(user=cast.alice.user).second_factor == "given"

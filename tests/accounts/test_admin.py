"""The settings pages: behind our door, each with its verb, and nothing of another organization."""

import pytest
from django.test import Client, RequestFactory
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.admin_forms import own_rows
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from accounts.models import Membership, Organization, User, UserSession
from accounts.roles import Role
from receivables.core.models import Event, Sequence
from tests.accounts.conftest import member, signed_in

MEMBERS = "/settings/accounts/membership/"
ORGANIZATIONS = "/settings/accounts/organization/"
USERS = "/settings/accounts/user/"


def browser(cast, who):
    return signed_in(cast.staff, cast.acme) if who == "staff" else signed_in(getattr(cast, who).user)


@pytest.fixture
def collector(cast):
    cast.colin = member(cast.acme, "colin@acme.test", Role.COLLECTOR)
    cast.oscar = member(cast.acme, "oscar@acme.test", Role.OPERATIONS_MANAGER)
    return cast


LOOKS = {  # page: who may look at it
    "/settings/": ["alice", "petra", "audrey", "staff"],
    MEMBERS: ["alice", "petra", "audrey", "staff"],
    f"{MEMBERS}add/": ["alice", "petra", "staff"],
    ORGANIZATIONS: ["alice", "petra", "audrey", "staff"],
    f"{ORGANIZATIONS}add/": [],
    USERS: ["staff"],
    f"{USERS}add/": [],
}


@pytest.mark.parametrize("who", ["alice", "petra", "oscar", "bob", "colin", "audrey", "staff"])
def test_each_page_opens_for_its_roles(collector, who):
    client = browser(collector, who)
    expected = {path: 200 if who in allowed else 403 for path, allowed in LOOKS.items()}
    assert {path: client.get(path).status_code for path in LOOKS} == expected


def test_a_denied_attempt_is_recorded(cast):
    browser(cast, "bob").get(MEMBERS)
    event = Event.objects.get(name="permission_denied")
    assert (event.organization, event.actor_user) == (cast.acme, cast.bob.user)


@pytest.mark.parametrize("path", ["{pk}/change/", "{pk}/history/", "{pk}/delete/", "999999/change/", "x/change/"])
@pytest.mark.parametrize("who", ["alice", "staff"])
def test_another_organizations_member_is_not_found(cast, path, who):
    path = MEMBERS + path.format(pk=cast.charlie.pk)
    response = browser(cast, who).get(path)
    assert response.status_code in (403, 404) if "delete" in path else response.status_code == 404
    assert "Charlie" not in response.content.decode()


@pytest.mark.parametrize("query", ["", "?q=charlie", "?all=", "?user__email=charlie@rival.test", "?role__exact=admin"])
def test_lists_and_searches_show_ones_own_people_only(cast, query):
    page = browser(cast, "alice").get(MEMBERS + query, follow=True).content.decode()
    assert "charlie" not in page.replace(query.removeprefix("?q="), "").replace("charlie@rival.test", "").lower()
    assert "Rival" not in page


def test_only_ones_own_organization_is_there_and_its_currency_is_fixed(cast):
    client = browser(cast, "alice")
    assert "Rival" not in client.get(ORGANIZATIONS).content.decode()
    assert client.get(f"{ORGANIZATIONS}{cast.rival.pk}/change/").status_code == 404
    form = client.get(f"{ORGANIZATIONS}{cast.acme.pk}/change/").context["adminform"].form
    assert "name" in form.fields
    assert not form.fields.keys() & {"currency", "slug", "active", "pay_off_policy_granted", "created_at"}


def organization_form(organization, **changes):
    names = [
        "name", "legal_name", "address_line_1", "address_line_2", "city", "region", "postal_code", "country", "tax_id",
        "decimal_mark", "group_mark", "grouping", "digits", "date_format", "timezone", "language", "days_mode",
        "untaxed_category", "payment_distribution",
    ]  # fmt: skip
    return {**{name: getattr(organization, name) for name in names}, "work_days": "0,1,2,3,6", **changes}


def test_an_admin_changes_the_organization_but_no_protected_field(cast):
    form = organization_form(cast.acme, name="Acme 2", currency="EUR", slug="x", pay_off_policy_granted="on", active="")
    response = browser(cast, "alice").post(f"{ORGANIZATIONS}{cast.acme.pk}/change/", form)
    assert response.status_code == 302, response.context["errors"]
    acme = Organization.objects.get(pk=cast.acme.pk)
    assert (acme.name, acme.work_days) == ("Acme 2", [0, 1, 2, 3, 6])
    assert (acme.currency, acme.slug, acme.pay_off_policy_granted, acme.active) == ("SAR", "acme", False, True)


def test_the_platform_grants_the_pay_off_limit_and_changes_nothing_else(cast):
    form = organization_form(cast.acme, name="Taken over", pay_off_policy_granted="on")
    browser(cast, "staff").post(f"{ORGANIZATIONS}{cast.acme.pk}/change/", form)
    acme = Organization.objects.get(pk=cast.acme.pk)
    assert (acme.name, acme.pay_off_policy_granted) == ("Acme", True)
    assert Membership.objects.get(pk=cast.alice.pk).can("manage_pay_off_policy")
    assert not Membership.objects.get(pk=cast.petra.pk).can("manage_pay_off_policy")


def test_a_member_is_added_by_email(cast):
    form = {"email": "new@acme.test", "full_name": "New", "role": "collector", "granted": ["accessorials"]}
    response = browser(cast, "alice").post(f"{MEMBERS}add/", form)
    assert response.status_code == 302
    added = Membership.objects.get(user__email="new@acme.test")
    assert (added.organization, added.role, added.granted) == (cast.acme, "collector", ["accessorials"])
    assert added.can("add_accessorial")


def test_a_smuggled_organization_is_ignored(cast):
    form = {"email": "new@acme.test", "full_name": "New", "role": "biller", "organization": cast.rival.pk, "user": 1}
    browser(cast, "alice").post(f"{MEMBERS}add/", form)
    assert Membership.objects.get(user__email="new@acme.test").organization == cast.acme


@pytest.mark.parametrize("granted", ["manage_pay_off_policy", "pay_off_policy", "manage_users", "platform", "nonsense"])
def test_what_no_person_is_given_cannot_be_granted(cast, granted):
    form = {"role": "biller", "granted": [granted], "active": "on"}
    response = browser(cast, "alice").post(f"{MEMBERS}{cast.bob.pk}/change/", form)
    assert response.status_code == 200
    assert Membership.objects.get(pk=cast.bob.pk).granted == []


def test_ones_own_membership_is_there_to_look_at(cast):
    client = browser(cast, "alice")
    path = f"{MEMBERS}{cast.alice.pk}/change/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"role": "admin", "granted": ["close_period"], "active": "on"}).status_code == 403
    assert Membership.objects.get(pk=cast.alice.pk).granted == []


def test_a_refusal_is_a_sentence_on_the_page(cast):
    client = browser(cast, "petra")
    path = f"{MEMBERS}{cast.bob.pk}/change/"
    response = client.post(path, {"role": "admin", "active": "on"}, follow=True)
    assert response.redirect_chain == [(path, 302)]
    assert "have these permissions yourself" in response.content.decode()
    assert Membership.objects.get(pk=cast.bob.pk).role == "biller"


def test_a_change_and_a_deactivation_are_recorded_as_such(cast):
    client = browser(cast, "alice")
    path = f"{MEMBERS}{cast.bob.pk}/change/"
    client.post(path, {"role": "collector", "active": "on"})
    client.post(path, {"role": "collector"})
    names = Event.objects.filter(organization=cast.acme).order_by("id").values_list("name", flat=True)
    assert list(names) == ["change_member", "deactivate_member"]
    assert not Membership.objects.get(pk=cast.bob.pk).active


@pytest.mark.parametrize("who", ["alice", "staff"])
def test_members_are_never_deleted(cast, who):
    client = browser(cast, who)
    assert client.post(f"{MEMBERS}{cast.bob.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(MEMBERS, {"action": "delete_selected", "_selected_action": [cast.bob.pk], "post": "yes"})
    assert Membership.objects.filter(pk=cast.bob.pk).exists()


def test_an_auditor_looks_and_changes_nothing(cast):
    client = browser(cast, "audrey")
    for path in (f"{MEMBERS}{cast.bob.pk}/change/", f"{ORGANIZATIONS}{cast.acme.pk}/change/"):
        assert client.get(path).status_code == 200
        assert client.post(path, {"role": "admin", "name": "X", "active": "on"}).status_code == 403
    assert client.post(f"{MEMBERS}add/", {"email": "x@x.test", "role": "admin"}).status_code == 403


def test_the_platform_disables_a_person_whose_sessions_end(cast):
    bob = browser(cast, "bob")
    path = f"{USERS}{cast.bob.user.pk}/change/"
    browser(cast, "staff").post(path, {"is_platform_staff": "on", "email": "x@x.test"})
    user = User.objects.get(pk=cast.bob.user.pk)
    assert (user.is_active, user.is_platform_staff, user.email) == (False, False, "bob@acme.test")
    assert not UserSession.objects.filter(user=user).exists()
    assert bob.get("/preferences/").status_code == 302


def test_nobody_disables_themselves(cast):
    client = browser(cast, "staff")
    assert client.post(f"{USERS}{cast.staff.pk}/change/", {}).status_code == 403


def test_the_last_admin_of_an_organization_is_not_disabled(cast):
    path = f"{USERS}{cast.alice.user.pk}/change/"
    response = browser(cast, "staff").post(path, {}, follow=True)
    assert response.status_code == 200
    assert User.objects.get(pk=cast.alice.user.pk).is_active


def test_a_lost_phone_is_removed_by_the_platform_only(cast):
    TOTPDevice.objects.create(user=cast.alice.user, name="x")
    TOTPDevice.objects.create(user=cast.staff, name="x")
    form = {"action": "remove_second_factor", "_selected_action": [cast.alice.user.pk, cast.staff.pk]}
    assert browser(cast, "petra").post(USERS, form).status_code == 403
    staff = Client()
    TOTPDevice.objects.filter(user=cast.staff).update(confirmed=False)
    staff = browser(cast, "staff")
    staff.post(USERS, form)
    assert list(TOTPDevice.objects.values_list("user", flat=True)) == [cast.staff.pk]


def test_the_admins_own_doors_lead_to_ours(cast):
    client = browser(cast, "alice")
    assert client.get("/settings/password_change/")["Location"] == "/password/"
    assert client.get("/settings/login/")["Location"] == "/settings/"
    assert client.post("/settings/logout/")["Location"] == "/sessions/"


@pytest.fixture
def request_of_alice(cast):
    request = RequestFactory().get("/")
    request.actor, request.organization, request.user = cast.alice, cast.acme, cast.alice.user
    return request


def test_unique_in_the_organization_is_a_message_and_another_ones_row_no_obstacle(cast, request_of_alice):
    class SequenceSettings(SettingsAdmin):
        verb = "manage_sequences"
        fields = ("kind", "prefix", "width")

    Sequence.objects.create(organization=cast.acme, kind="test_a", prefix="A-")
    Sequence.objects.create(organization=cast.rival, kind="test_b", prefix="B-")
    page = SequenceSettings(Sequence, receivables_admin)
    form_class = page.get_form(request_of_alice)
    taken, free = (form_class({"kind": kind, "prefix": "X-", "width": 4}) for kind in ("test_a", "test_b"))
    assert not taken.is_valid()
    assert free.is_valid()
    page.save_model(request_of_alice, free.save(commit=False), free, change=False)
    assert Sequence.objects.get(prefix="X-").organization == cast.acme
    assert set(page.get_queryset(request_of_alice).values_list("organization", flat=True)) == {cast.acme.pk}


def test_choices_offer_the_organizations_rows_and_people_only(cast, request_of_alice):
    for queryset, own, foreign in [
        (Organization.objects.all(), cast.acme, cast.rival),
        (User.objects.all(), cast.bob.user, cast.charlie.user),
        (Membership.objects.all(), cast.bob, cast.charlie),
    ]:
        offered = own_rows(queryset, request_of_alice)
        assert own in offered
        assert foreign not in offered


@pytest.mark.parametrize("cookie", ["a\x00b", "x" * 5000, "' or 1=1", "é"])
def test_a_forged_cookie_is_a_visitor(cast, settings, cookie):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert client.get("/preferences/").status_code == 302

"""Adding, changing and letting go of members: nobody for themselves, nobody beyond their own rights, never no Admin."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Membership, Organization, PlatformActor, User
from accounts.operations import change_member, deactivate_member, invite_member
from accounts.roles import Role
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.core.transactions import sqlstate
from tests.accounts.conftest import PASSWORD, member
from tests.support.races import other_connection, race


def change(actor, membership, **facts):
    before = {"role": membership.role, "granted": membership.granted, "denied": membership.denied, "active": True}
    return change_member(actor=actor, membership=membership, **{**before, **facts})


def refusal(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return refused.value.code


def test_invite_member_makes_somebody_new_who_has_no_password_yet(cast):
    added = invite_member(
        actor=cast.alice, email=" New@Acme.test", full_name="New", role=Role.BILLER, granted=["billing"]
    )
    assert (added.user.email, added.organization, added.user.has_usable_password()) == (
        "new@acme.test",
        cast.acme,
        False,
    )
    event = Event.objects.get(name="invite_member")
    assert (event.organization, event.actor_user, event.data["after"]["role"]) == (cast.acme, cast.alice.user, "biller")


def test_somebody_known_elsewhere_keeps_name_and_password(cast):
    added = invite_member(actor=cast.alice, email="charlie@rival.test", full_name="Someone", role=Role.AUDITOR)
    assert added.user == cast.charlie.user
    assert added.user.full_name == "Charlie"
    assert added.user.check_password(PASSWORD)


@pytest.mark.parametrize("who", ["bob", "audrey"])
def test_others_do_not_manage_people(cast, who):
    actor = getattr(cast, who)
    with pytest.raises(NotPermitted):
        invite_member(actor=actor, email="x@acme.test", full_name="X", role=Role.AUDITOR)
    with pytest.raises(NotPermitted):
        change(actor, cast.petra, role=Role.AUDITOR)
    with pytest.raises(NotPermitted):
        deactivate_member(actor=actor, membership=cast.petra)


@pytest.mark.parametrize(
    "facts", [{"role": Role.PARTNER_ADMIN}, {"granted": ["close_period"]}, {"denied": ["look"]}, {"active": False}]
)
def test_change_member_refuses_oneself(cast, facts):
    assert refusal(change, cast.alice, cast.alice, **facts) == "own_membership"


def test_nobody_adds_or_removes_themselves(cast):
    assert refusal(deactivate_member, actor=cast.alice, membership=cast.alice) == "own_membership"
    sue = PlatformActor(cast.staff, cast.acme)
    mine = {"email": cast.staff.email, "full_name": "", "role": Role.ADMIN}
    assert refusal(invite_member, actor=sue, **mine) == "own_membership"


def test_a_member_is_not_added_twice(cast):
    again = {"email": "BOB@acme.test", "full_name": "", "role": Role.AUDITOR}
    assert refusal(invite_member, actor=cast.alice, **again) == "already_member"


def test_a_partner_admin_makes_no_admin_and_gives_nothing_they_lack(cast):
    assert refusal(change, cast.petra, cast.bob, role=Role.ADMIN) == "beyond_own"
    assert refusal(change, cast.petra, cast.bob, granted=["close_period"]) == "beyond_own"
    assert refusal(change, cast.petra, cast.alice, role=Role.BILLER) == "beyond_own"
    assert refusal(deactivate_member, actor=cast.petra, membership=cast.alice) == "beyond_own"
    wanted = {"email": "x@acme.test", "full_name": "X", "role": Role.ADMIN}
    assert refusal(invite_member, actor=cast.petra, **wanted) == "beyond_own"
    assert not User.objects.filter(email="x@acme.test").exists()


def test_what_an_admin_is_denied_they_cannot_hand_to_an_alter_ego(cast):
    cast.alice.denied = ["record_payment"]
    cast.alice.save(update_fields=["denied"])
    alice = Membership.objects.get(pk=cast.alice.pk)
    wanted = {"email": "alice2@acme.test", "full_name": "A", "role": Role.BILLER}
    assert refusal(invite_member, actor=alice, **wanted) == "beyond_own"


@pytest.mark.parametrize("role", [Role.OPERATIONS_MANAGER, Role.BILLER, Role.COLLECTOR, Role.AUDITOR])
def test_a_partner_admin_gives_every_role_below(cast, role):
    assert change(cast.petra, cast.bob, role=role).role == role


def test_the_last_admin_stays(cast):
    sue = PlatformActor(cast.staff, cast.acme)
    assert refusal(change, sue, cast.alice, role=Role.BILLER) == "last_admin"
    assert refusal(deactivate_member, actor=sue, membership=cast.alice) == "last_admin"
    second = member(cast.acme, "second@acme.test", Role.ADMIN)
    assert change(second, cast.alice, role=Role.BILLER).role == Role.BILLER


def test_an_admin_who_cannot_sign_in_does_not_count(cast):
    second = member(cast.acme, "second@acme.test", Role.ADMIN)
    second.user.is_active = False
    second.user.save()
    sue = PlatformActor(cast.staff, cast.acme)
    assert refusal(deactivate_member, actor=sue, membership=cast.alice) == "last_admin"


def test_another_organizations_member_is_out_of_reach(cast):
    with pytest.raises(Membership.DoesNotExist):
        change(cast.alice, cast.charlie, role=Role.AUDITOR)


def test_deactivate_member_is_not_for_ever(cast):
    gone = deactivate_member(actor=cast.alice, membership=cast.bob)
    assert not gone.active
    assert refusal(deactivate_member, actor=cast.alice, membership=cast.bob) == "inactive"
    assert change(cast.alice, cast.bob, active=True).active
    names = Event.objects.filter(organization=cast.acme).order_by("id").values_list("name", flat=True)
    assert list(names) == ["deactivate_member", "change_member"]


def test_history_is_kept_and_only_added_to(cast):
    change(cast.alice, cast.bob, role=Role.COLLECTOR)
    roles = cast.bob.events.order_by("pgh_id").values_list("role", flat=True)
    assert list(roles) == ["biller", "collector"]
    with pytest.raises(DatabaseError), transaction.atomic():
        cast.bob.events.update(role="admin")


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("UPDATE accounts_membership SET role = 'biller' WHERE id = %s", "RV009"),
        ("UPDATE accounts_membership SET active = false WHERE id = %s", "RV009"),
        (
            "UPDATE accounts_user SET is_active = false"
            " WHERE id = (SELECT user_id FROM accounts_membership WHERE id = %s)",
            "RV009",
        ),
        ("DELETE FROM accounts_membership WHERE id = %s", "42501"),
        ("UPDATE accounts_membership SET organization_id = organization_id + 1 WHERE id = %s", "42501"),
        ("UPDATE accounts_user SET is_platform_staff = true WHERE id = %s", "42501"),
        ("UPDATE accounts_user SET email = 'x@x.test' WHERE id = %s", "42501"),
        ("UPDATE accounts_organization SET currency = 'EUR' WHERE id = %s", "42501"),
    ],
)
def test_the_database_refuses_by_itself(cast, statement, state):
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [cast.alice.pk])
    assert sqlstate(error.value) == state


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_organization SET currency = 'EUR'",
        "UPDATE accounts_membership SET user_id = user_id + 1",
        "DELETE FROM accounts_usersession; DELETE FROM accounts_membership",
        "DELETE FROM accounts_user",
    ],
)
def test_even_the_owner_of_the_tables_is_refused(committed_db, statement):
    with other_connection("owner") as owner:
        owner.execute(f"INSERT INTO accounts_organization {ORGANIZATION}")
        owner.execute(f"INSERT INTO accounts_user {USER}")
        owner.execute(
            "INSERT INTO accounts_membership (organization_id, user_id, role, granted, denied, active, created_at)"
            " SELECT o.id, u.id, 'admin', '{}', '{}', true, now() FROM accounts_organization o, accounts_user u"
        )
        with pytest.raises(Exception, match="fixed"):
            owner.execute(statement)


ORGANIZATION = """
(name, slug, legal_name, address_line_1, address_line_2, city, region, postal_code, country, tax_id, currency,
 decimal_mark, group_mark, grouping, digits, date_format, timezone, language, days_mode, work_days,
 pay_off_policy_granted, active, created_at, registration_number, bank_account, bic, bank_account_name, contact_name,
 contact_phone, contact_email, electronic_address, electronic_address_scheme, untaxed_category, untaxed_reason,
 payment_distribution, second_factor_required)
VALUES ('A', 'a', '', '', '', '', '', '', '', '', 'SAR', '.', ',', '3', 'latn', 'Y-m-d', 'UTC', 'en', 'calendar',
 '{0}', false, true, now(), '', '', '', '', '', '', '', '', '', 'O', '', 'priority', false)"""
USER = """
(password, email, full_name, is_active, is_platform_staff, date_joined, language, timezone, number_style, date_format,
 page_size, theme, shortcuts)
VALUES ('', 'a@a.test', 'A', true, false, now(), '', '', '', '', 25, 'auto', true)"""


def test_two_admins_who_remove_each_other_at_once_leave_one(committed_db):
    acme = Organization.objects.create(name="Acme", slug="acme", currency="SAR")
    alice, second = member(acme, "alice@acme.test", Role.ADMIN), member(acme, "second@acme.test", Role.ADMIN)
    for _round in range(5):
        race(
            lambda: deactivate_member(actor=alice, membership=second),
            lambda: deactivate_member(actor=second, membership=alice),
        )
        assert Membership.objects.filter(organization=acme, role=Role.ADMIN, active=True).count() == 1
        Membership.objects.update(active=True)


def test_even_without_the_application_the_guard_keeps_one(committed_db):
    acme = Organization.objects.create(name="Acme", slug="acme", currency="SAR")
    admins = [member(acme, f"{name}@acme.test", Role.ADMIN) for name in ("alice", "second")]
    for _round in range(5):
        race(*[lambda pk=admin.pk: Membership.objects.filter(pk=pk).update(active=False) for admin in admins])
        assert Membership.objects.filter(organization=acme, active=True).count() == 1
        Membership.objects.update(active=True)


def test_two_invitations_of_one_new_person_make_one_user(committed_db):
    acme = Organization.objects.create(name="Acme", slug="acme", currency="SAR")
    alice = member(acme, "alice@acme.test", Role.ADMIN)
    wanted = {"email": "new@acme.test", "full_name": "New", "role": Role.BILLER}
    outcomes = race(*[lambda: invite_member(actor=alice, **wanted)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Membership", "Refused"]
    assert User.objects.filter(email="new@acme.test").count() == 1

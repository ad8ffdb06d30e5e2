"""The table of roles against the table of the specification, cell by cell."""

import pytest

from accounts.models import Membership, Organization, User
from accounts.roles import (
    BUNDLES,
    PLATFORM_VERBS,
    ROLE_VERBS,
    VERB_LABELS,
    Role,
    effective_verbs,
    grantable_names,
    verbs_of,
)

ROLES = ["platform", "admin", "partner_admin", "operations_manager", "biller", "collector", "auditor"]

# One line per row of the table: the bundles of the row, and for each role all (A), none (-) or these verbs.
TABLE = [
    (["look"], "A A A A A A A"),
    (["billing"], "- A A A A record_payment,assign_payment,distribute_payment -"),
    (["accessorials"], "- A A A A - -"),
    (["agreement_billing"], "- A A A A - -"),
    (["short_payments"], "- A A A A - -"),
    (["credit_notes"], "- A A A A - -"),
    (["refunds"], "- A A A A - -"),
    (["tax_relief"], "- A A A - - -"),
    (["recoveries"], "- A A A A recover_bad_debt -"),
    (["held_money"], "- A A A A - -"),
    (["settings"], "- A A - - - -"),
    (["settings_look"], "- A A - - - A"),
    (["pay_off_policy"], "A - - - - - -"),
    (["pay_off_policy_look"], "A A A - - - A"),
    (["write_offs"], "- A A - - - -"),
    (["automated_write_off"], "- A A - - - -"),
    (["write_off_requests"], "- - - A A A -"),
    (["decisions"], "- A A A - - -"),
    (["own_requests"], "- A A A A A -"),
    (["write_off_settings"], "- A A - - - -"),
    (["worklist"], "- A A A A A A"),
    (["chasing"], "- A A A A A -"),
    (["daily_work"], "- A A - - - -"),
    (["exchange_rates"], "- A A A - - -"),
    (["periods"], "- A - - - - -"),
    (["people"], "A A A - - - -"),
    (["people_look"], "A A A - - - A"),
    (["reports"], "- A A A A A A"),
    (["ledger_exports"], "- A A A A - -"),
    (["master_data"], "- A A A A - -"),
    (["jobs"], "- A A A A - -"),
    (["audit"], "- A A - - - A"),
    (["platform"], "A - - - - - -"),
]


def verbs(role):
    return PLATFORM_VERBS if role == "platform" else effective_verbs(role)


def cells():
    for bundles, row in TABLE:
        for role, cell in zip(ROLES, row.split(), strict=True):
            yield pytest.param(bundles, role, cell, id=f"{bundles[0]}-{role}")


@pytest.mark.parametrize(("bundles", "role", "cell"), list(cells()))
def test_a_role_has_what_the_table_says(bundles, role, cell):
    expected = {"A": verbs_of(bundles), "-": frozenset()}.get(cell, frozenset(cell.split(",")))
    assert verbs(role) & verbs_of(bundles) == expected


def test_every_bundle_and_role_stands_in_the_table():
    assert {name for bundles, _row in TABLE for name in bundles} == BUNDLES.keys()
    assert {"platform", *Role.values} == set(ROLES)
    assert ROLE_VERBS.keys() == set(Role.values)


def test_platform_staff_never_post():
    looks = {verb for verb in PLATFORM_VERBS if verb.startswith("view_")}
    assert PLATFORM_VERBS - looks == verbs_of(["people", "pay_off_policy", "platform"])


def test_verbs_have_one_name_and_bundles_are_no_verbs():
    names = [verb for bundle in BUNDLES.values() for verb in bundle.verbs]
    assert len(names) == len(set(names)) == len(VERB_LABELS)
    assert not BUNDLES.keys() & VERB_LABELS.keys()


def test_a_bundle_and_a_single_verb_can_be_granted_and_a_denial_wins():
    given = effective_verbs(Role.COLLECTOR, ["accessorials", "send_invoice"], ["add_accessorial", "record_payment"])
    assert {"change_accessorial", "remove_accessorial", "send_invoice"} <= given
    assert not {"add_accessorial", "record_payment"} & given


@pytest.mark.parametrize(
    ("role", "granted", "denied", "may"),
    [
        (Role.BILLER, [], [], True),
        (Role.BILLER, [], ["delete_payment"], False),
        (Role.BILLER, [], ["accessorials"], False),
        (Role.BILLER, [], ["resolve_short_payment"], False),
        (Role.BILLER, [], ["undo_resolution"], False),
        (Role.BILLER, [], ["short_payments"], False),
        (Role.COLLECTOR, ["billing"], [], False),
        (Role.COLLECTOR, ["billing", "accessorials"], [], True),
        (Role.AUDITOR, ["resolve_short_payment"], [], False),
        (Role.AUDITOR, ["short_payments"], [], False),
        (Role.COLLECTOR, ["undo_resolution"], [], False),
    ],
)
def test_a_short_payment_in_one_step_needs_both_bundles_whole(role, granted, denied, may):
    """Undoing it is held by exactly the same people."""
    given = effective_verbs(role, granted, denied)
    assert ("resolve_short_payment" in given, "undo_resolution" in given) == (may, may)


@pytest.mark.parametrize("verb", ["resolve_short_payments", "retry_batch", "undo_batch"])
def test_many_short_payments_at_once_may_be_denied_without_the_single_step(verb):
    given = effective_verbs(Role.BILLER, [], [verb])
    assert not given & {"resolve_short_payments", "retry_batch", "undo_batch"}
    assert {"resolve_short_payment", "undo_resolution"} <= given


@pytest.mark.parametrize("role", Role.values)
def test_the_pay_off_limit_is_the_admins_only_where_the_platform_granted_it(role):
    verb = "manage_pay_off_policy"
    assert verb not in effective_verbs(role, [verb, "pay_off_policy"])
    assert (verb in effective_verbs(role, pay_off_policy_granted=True)) is (role == Role.ADMIN)


def test_platform_verbs_are_not_given_to_a_person():
    assert not grantable_names() & {"manage_pay_off_policy", "pay_off_policy", "grant_pay_off_policy", "platform"}


def test_a_name_that_left_the_table_gives_nothing():
    assert effective_verbs(Role.AUDITOR, ["a_verb_of_old"]) == effective_verbs(Role.AUDITOR)


@pytest.mark.parametrize("off", ["membership", "organization", "user"])
def test_nobody_may_anything_where_something_is_switched_off(off):
    membership = Membership(
        organization=Organization(active=off != "organization"),
        user=User(is_active=off != "user"),
        role=Role.ADMIN,
        active=off != "membership",
    )
    assert not membership.can("view_receivables")

"""Who may give away how much alone: a person's limit beats the role's, that beats the default."""

from decimal import Decimal

import pytest

from accounts.models import PlatformActor
from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.queries import authority_of, decidable, names_of, possible_approvers, sent_to_text
from receivables.core.operations import SystemActor
from tests.approvals.conftest import limit
from tests.approvals.support import asked
from tests.builders import make_load, make_member, make_organization, make_user

pytestmark = pytest.mark.django_db
KINDS = AuthorityKind.values


def covers(member, amount, kind="bad_debt", currency="USD"):
    return authority_of(member, kind, currency).covers(Decimal(amount))


@pytest.mark.parametrize(
    ("role", "kind", "allowed"),
    [
        *[(role, kind, True) for role in (Role.ADMIN, Role.PARTNER_ADMIN) for kind in KINDS],
        *[
            (role, kind, kind in ("bad_debt", "price_concession"))
            for role in (Role.OPERATIONS_MANAGER, Role.BILLER, Role.COLLECTOR)
            for kind in KINDS
        ],
    ],
)
def test_the_default_is_no_maximum_for_some_kinds_and_nothing_for_others(role, kind, allowed):
    member = make_member(make_organization(), role, "Somebody")
    assert covers(member, "999999", kind) is allowed
    assert covers(member, "0", kind)


@pytest.mark.parametrize(
    ("of_role", "of_person", "amount", "allowed"),
    [
        (None, None, "1000000", True),  # nothing set: the default of bad debt
        (("0", "100"), None, "100", True),
        (("0", "100"), None, "100.01", False),
        (("0", "0"), None, "0.01", False),
        (("0", None), None, "1000000", True),
        (("0", "100"), ("0", "500"), "500", True),  # the person beats the role
        (("0", "100"), ("0", "500"), "500.01", False),
        (("0", "500"), ("0", "100"), "100.01", False),  # also downwards
        (("0", "100"), ("0", None), "1000000", True),
        (("0", "100"), ("200", "500"), "300", True),  # the person's row speaks from 200 on
        (("0", "100"), ("200", "500"), "150", False),  # below it the role's row speaks
        (("0", "100"), ("200", "500"), "100", True),
        (None, ("200", "500"), "150", True),  # and below that the default
        (("50", "100"), None, "20", True),
        (("50", "100"), None, "101", False),
    ],
)
def test_the_truth_table(of_role, of_person, amount, allowed):
    organization = make_organization()
    member = make_member(organization, Role.BILLER, "Bob Biller")
    if of_role:
        limit(organization, of_role[1], role=Role.BILLER, minimum=of_role[0])
    if of_person:
        limit(organization, of_person[1], person=member, minimum=of_person[0])
    assert covers(member, amount) is allowed


def test_limits_of_others_say_nothing():
    organization, rival = make_organization(), make_organization("Rival")
    bob, carol = (make_member(organization, Role.BILLER, name) for name in ("Bob", "Carol"))
    limit(organization, "1", person=carol)
    limit(organization, "1", role=Role.COLLECTOR)
    limit(organization, "1", role=Role.BILLER, kind="write_off")
    limit(organization, "1", role=Role.BILLER, currency="EUR")
    limit(rival, "1", role=Role.BILLER)
    assert covers(bob, "1000")
    assert not covers(carol, "1000")
    assert not covers(bob, "1000", currency="EUR")


def test_actors_without_a_membership_have_the_default_of_nobody_special():
    organization = make_organization()
    limit(organization, None, role=Role.BILLER, kind="write_off")
    for actor in (
        SystemActor(organization, "import", frozenset()),
        PlatformActor(make_user("Sue", is_platform_staff=True), organization),
    ):
        assert not covers(actor, "1", "write_off")
        assert covers(actor, "1", "bad_debt")


class TestPossibleApprovers:
    def test_who_covers_the_amount_and_is_not_who_asks(self, cast):
        assert possible_approvers(cast.bob, "bad_debt", "USD", Decimal(300)) == [cast.alice, cast.olivia]
        assert possible_approvers(cast.bob, "bad_debt", "USD", Decimal(501)) == [cast.alice]
        assert possible_approvers(cast.alice, "bad_debt", "USD", Decimal(300)) == [cast.olivia]

    def test_nobody_who_left_or_is_denied(self, cast):
        make_member(cast.organization, Role.ADMIN, "Gone", active=False)
        make_member(cast.organization, Role.ADMIN, "Denied", denied=["approve_request"])
        make_member(make_organization("Rival"), Role.ADMIN, "Stranger")
        assert possible_approvers(cast.bob, "bad_debt", "USD", Decimal(501)) == [cast.alice]

    def test_what_is_said_after_asking(self, cast):
        text = sent_to_text(cast.bob, "bad_debt", "USD", Decimal(300))
        assert text == "Sent to Alice Owner or Olivia Operations. Nothing changes until it is approved."
        assert "Nobody may approve" in sent_to_text(cast.alice, "bad_debt", "USD", Decimal(501))

    def test_many_names_are_counted(self, cast):
        members = [make_member(cast.organization, Role.ADMIN, name) for name in "ABCDE"]
        assert names_of(members[:3]) == "A, B or C"
        assert names_of(members) == "A, B, C or 2 others"
        assert names_of([]) == ""

    def test_three_queries_however_many_people(self, cast, django_assert_num_queries):
        for name in "ABCDE":
            make_member(cast.organization, Role.ADMIN, name)
        with django_assert_num_queries(3):
            possible_approvers(cast.bob, "bad_debt", "USD", Decimal(300))


class TestDecidable:
    """The number in the menu: the rules said in SQL, in one query besides that for whom one stands in."""

    def test_agrees_with_the_rules(self, cast):
        limit(cast.organization, "450", person=cast.alice, minimum="200")
        loads = [make_load(cast.alice) for _each in range(4)]
        for load, amount in zip(loads, ("101", "300", "460", "501"), strict=True):
            asked(cast, amount, load=load)
        people = [cast.alice, cast.olivia, cast.bob]
        for member in people:
            found = set(decidable(member).values_list("amount", flat=True))
            own = member == cast.bob
            ruled = {
                request.amount
                for request in ApprovalRequest.objects.all()
                if not own and authority_of(member, request.kind, request.currency).covers(request.amount)
            }
            assert found == (ruled if member.can("approve_request") else set())
        assert set(decidable(cast.alice).values_list("amount", flat=True)) == {101, 300}
        assert set(decidable(cast.olivia).values_list("amount", flat=True)) == {101, 300, 460}

    def test_two_queries(self, cast, django_assert_num_queries):
        asked(cast)
        with django_assert_num_queries(2):
            assert decidable(cast.olivia).count() == 1

    def test_decided_and_others_organizations_do_not_count(self, cast):
        asked(cast)
        stranger = make_member(make_organization("Rival"), Role.ADMIN, "Stranger")
        assert decidable(stranger).count() == 0

"""Deciding for somebody who is away: with their limits, on the agreed days, never on what one asked for oneself."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from receivables.approvals.delegating import (
    DelegationFacts,
    delegate_approvals,
    delegate_approvals_blocker,
    end_delegation,
    end_delegation_blocker,
)
from receivables.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep, Delegation
from receivables.approvals.operations import approve_request
from receivables.approvals.queries import decidable, possible_approvers
from receivables.core.dates import today
from receivables.core.errors import NotPermitted
from receivables.core.events import history
from receivables.core.transactions import sqlstate
from tests.approvals.conftest import limit
from tests.approvals.support import asked, refused, state_of
from tests.builders import make_member, make_organization

DAY = date(2026, 11, 20)


def facts(**changes):
    usual = {
        "own": True, "may_set_for_others": False, "to_actor": False, "same_person": False, "giver": "Alice",
        "giver_may": True, "taker": "Olivia", "taker_may": True, "starts": DAY, "ends": DAY, "today": DAY,
    }  # fmt: skip
    return DelegationFacts(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({}, None, ""),
        ({"own": False}, "not_yours", "of"),
        ({"own": False, "may_set_for_others": True}, None, ""),
        ({"own": False, "may_set_for_others": True, "to_actor": True}, "own_authority", "to"),
        ({"same_person": True}, "same_person", "to"),
        ({"giver_may": False}, "may_not_approve", "of"),
        ({"taker_may": False}, "may_not_approve", "to"),
        ({"starts": DAY - timedelta(days=1)}, "in_the_past", "starts"),
        ({"ends": DAY - timedelta(days=1)}, "ends_before_it_starts", "ends"),
        ({"ends": DAY + timedelta(days=366)}, None, ""),
        ({"ends": DAY + timedelta(days=367)}, "too_long", "ends"),
        ({"overlaps": True}, "overlaps", "starts"),
    ],
)
def test_delegate_approvals_rule(changes, code, field):
    found = delegate_approvals_blocker(facts(**changes))
    assert (found and found.code, found.field if found else "") == (code, field)


@pytest.mark.parametrize(
    ("over", "own", "may", "code"),
    [(False, True, False, None), (False, False, True, None), (False, False, False, "not_yours"),
     (True, True, True, "over")],
)  # fmt: skip
def test_end_delegation_rule(over, own, may, code):
    found = end_delegation_blocker(over=over, own=own, may_set_for_others=may)
    assert (found and found.code) == code


def given(cast, *, of=None, to=None, start=0, days=1, by=None):
    first = today(cast.organization) + timedelta(days=start)
    return delegate_approvals(
        actor=by or of or cast.alice, of=of, to=to or cast.olivia, starts=first, ends=first + timedelta(days=days)
    )


@pytest.mark.django_db
class TestStandingIn:
    """Olivia may decide up to 500.00 USD herself; for Alice without a maximum."""

    def test_with_the_limits_of_who_is_away(self, cast):
        request, row = asked(cast, "501")
        assert refused(approve_request, actor=cast.olivia, request=request).code == "above_limit"
        delegation = given(cast)
        approve_request(actor=cast.olivia, request=request, note="Alice is away")
        assert state_of(row) == "active"
        decision = ApprovalDecision.objects.get()
        assert (decision.decided_by, decision.on_behalf_of) == (cast.olivia.user, cast.alice.user)
        assert decision.delegation == delegation
        event = history(cast.bob, request).first()
        assert (event.name, event.actor_name) == ("approve_request", "Olivia Operations")
        assert event.data["on_behalf_of"] == "Alice Owner"

    def test_ones_own_limits_come_first(self, cast):
        given(cast)
        request, _row = asked(cast, "300")
        approve_request(actor=cast.olivia, request=request)
        assert ApprovalDecision.objects.get().on_behalf_of is None

    def test_who_may_decide_and_the_number_in_the_menu(self, cast):
        request, _row = asked(cast, "501")
        assert (decidable(cast.olivia).count(), possible_approvers(cast.bob, "bad_debt", "USD", 501)) == (
            0, [cast.alice],
        )  # fmt: skip
        given(cast)
        assert set(decidable(cast.olivia)) == {request}
        assert possible_approvers(cast.bob, "bad_debt", "USD", 501) == [cast.alice, cast.olivia]

    @pytest.mark.parametrize("start", [1, -3])
    def test_only_on_its_days(self, cast, start):
        request, _row = asked(cast, "501")
        first = today(cast.organization) + timedelta(days=start)
        Delegation.objects.create(
            organization=cast.organization, of=cast.alice, to=cast.olivia, starts=first, ends=first + timedelta(days=1)
        )
        assert refused(approve_request, actor=cast.olivia, request=request).code == "above_limit"

    def test_not_once_ended(self, cast):
        request, _row = asked(cast, "501")
        end_delegation(actor=cast.alice, delegation=given(cast))
        assert refused(approve_request, actor=cast.olivia, request=request).code == "above_limit"
        assert not decidable(cast.olivia).exists()

    def test_not_of_somebody_who_may_not_approve_any_more(self, cast):
        request, _row = asked(cast, "501")
        given(cast)
        Membership.objects.filter(pk=cast.alice.pk).update(denied=["approve_request"])
        assert refused(approve_request, actor=cast.olivia, request=request).code == "above_limit"

    def test_never_by_who_asked(self, cast):
        """Olivia asks beyond her own limit and stands in for Alice."""
        limit(cast.organization, "50", person=cast.olivia)
        given(cast)
        request, _row = asked(cast_of(cast, bob=cast.olivia), "300")
        assert refused(approve_request, actor=cast.olivia, request=request).code == "own_request"
        assert not decidable(cast.olivia).exists()

    def test_never_for_who_asked(self, cast):
        """Alice asks beyond her own limit of 400; what she lent to Olivia does not decide it."""
        limit(cast.organization, "400", person=cast.alice)
        limit(cast.organization, "10", person=cast.olivia)
        request, _row = asked(cast_of(cast, bob=cast.alice), "401")
        given(cast)
        assert refused(approve_request, actor=cast.olivia, request=request).code == "above_limit"

    def test_the_person_stood_in_for_has_decided_then(self, cast):
        limit(cast.organization, "10", person=cast.olivia)
        ApprovalStep.objects.create(
            organization=cast.organization, kind="bad_debt", currency="USD", amount_from=0, decisions=2
        )
        request, _row = asked(cast, "300")
        given(cast)
        approve_request(actor=cast.olivia, request=request)
        assert refused(approve_request, actor=cast.alice, request=request).code == "took_part"
        assert not decidable(cast.alice).exists()


def not_given(cast, **arguments):
    return refused(lambda **same: given(cast, **same), **arguments)


def cast_of(cast, **changed):
    return type(cast)(**{**vars(cast), **changed})


@pytest.mark.django_db
class TestSetting:
    def test_delegate_approvals_for_others_is_for_admins(self, cast):
        adam = make_member(cast.organization, Role.ADMIN, "Adam Admin")
        assert given(cast, of=cast.olivia, to=adam, by=cast.alice).created_by == cast.alice.user
        otto = make_member(cast.organization, Role.OPERATIONS_MANAGER, "Otto")
        assert not_given(cast, of=cast.alice, to=cast.olivia, by=otto).code == "not_yours"
        assert not_given(cast, of=adam, to=cast.alice, by=cast.alice).code == "own_authority"

    def test_delegate_approvals_takes_the_permission_to_approve(self, cast):
        assert not_given(cast, to=cast.bob).code == "may_not_approve"
        with pytest.raises(NotPermitted):
            given(cast, of=cast.bob, to=cast.olivia)

    def test_delegate_approvals_stays_within_the_organization(self, cast):
        stranger = make_member(make_organization("Rival"), Role.ADMIN, "Charlie")
        assert not_given(cast, to=stranger).code == "not_found"

    def test_end_delegation_once_and_it_is_kept(self, cast):
        delegation = given(cast)
        end_delegation(actor=cast.alice, delegation=delegation, reason="Back early")
        assert refused(end_delegation, actor=cast.alice, delegation=delegation).code == "over"
        assert [event.name for event in history(cast.alice, delegation)] == ["end_delegation", "delegate_approvals"]
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            Delegation.objects.filter(pk=delegation.pk).update(ended_at=None, ended_by=None)
        assert sqlstate(caught.value) == "RV001"

    def test_the_database_knows_no_decision_for_another_without_it(self, cast):
        request, _row = asked(cast, "501")
        delegation = given(cast, of=cast.olivia, to=cast.alice)
        for behalf in (cast.bob, cast.alice):
            with pytest.raises(DatabaseError) as caught, transaction.atomic():
                ApprovalDecision.objects.create(
                    organization=cast.organization, request=request, level=1, verdict="approved",
                    decided_by=cast.olivia.user, on_behalf_of=behalf.user, delegation=delegation,
                )  # fmt: skip
            assert sqlstate(caught.value) == "RV007"


@pytest.mark.django_db
class TestPages:
    def post(self, browser, where, **values):
        return browser.post(where, {"_key": str(uuid4()), **values})

    def test_ones_own(self, cast, browser_of):
        olivia, day = browser_of(cast.olivia), today(cast.organization)
        page = reverse("delegate_approvals")
        assert "of" not in olivia.get(page).context["form"].fields
        late = {"to": cast.alice.pk, "starts": day, "ends": day - timedelta(days=1)}
        assert list(self.post(olivia, page, **late).context["form"].errors) == ["ends"]
        assert self.post(olivia, page, to=cast.alice.pk, starts=day, ends=day).status_code == 302
        made = Delegation.objects.get()
        shown = olivia.get(reverse("delegations")).content.decode()
        assert "In force" in shown
        assert reverse("end_delegation", args=[made.pk]) in shown
        assert self.post(olivia, reverse("end_delegation", args=[made.pk]), reason="").status_code == 302
        assert "Ended by Olivia Operations" in olivia.get(reverse("delegations") + "?view=all").content.decode()

    def test_an_admin_chooses_whose(self, cast, browser_of):
        alice, day = browser_of(cast.alice), today(cast.organization)
        adam = make_member(cast.organization, Role.ADMIN, "Adam Admin")
        page = reverse("delegate_approvals")
        assert self.post(alice, page, of=cast.olivia.pk, to=adam.pk, starts=day, ends=day).status_code == 302
        assert Delegation.objects.get().of == cast.olivia
        assert reverse("delegate_approvals") not in browser_of(cast.bob).get(reverse("delegations")).content.decode()

    def test_the_request_says_on_whose_behalf(self, cast, browser_of):
        request, _row = asked(cast, "501")
        given(cast)
        olivia = browser_of(cast.olivia)
        shown = olivia.get(request.get_absolute_url()).content.decode()
        assert "You decide on behalf of Alice Owner, who delegated approvals to you until" in shown
        self.post(olivia, reverse("approve_request", args=[request.pk]), note="", seen=1)
        assert ApprovalRequest.objects.get().state == "approved"
        after = olivia.get(request.get_absolute_url()).content.decode()
        assert "On behalf of" in after
        assert "Alice Owner" in after

    def test_another_organizations(self, cast, browser_of):
        made = given(cast)
        stranger = browser_of(make_member(make_organization("Rival"), Role.ADMIN, "Charlie"))
        assert stranger.get(reverse("end_delegation", args=[made.pk])).status_code == 404
        assert "Alice" not in stranger.get(reverse("delegations") + "?view=all").content.decode()

"""Amounts that take several decisions: by different people, in order, each within their own limits."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from receivables.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep
from receivables.approvals.operations import approve_request, reject_request, withdraw_request
from receivables.approvals.queries import asked_text, decidable
from receivables.approvals.rules import levels_needed
from receivables.core.events import history
from receivables.core.transactions import sqlstate
from tests.approvals.conftest import make_cast
from tests.approvals.support import asked, refused, state_of
from tests.builders import make_member, make_organization
from tests.support.races import race


def step(amount, decisions, kind="bad_debt", currency="USD"):
    return SimpleNamespace(kind=kind, currency=currency, amount_from=Decimal(amount), decisions=decisions)


@pytest.mark.parametrize(
    ("steps", "amount", "levels"),
    [
        ([], "1000000", 1),
        ([step("1000", 2)], "999.99", 1),
        ([step("1000", 2)], "1000", 2),
        ([step("0", 2)], "0.01", 2),
        ([step("1000", 2), step("5000", 3)], "4999", 2),
        ([step("5000", 3), step("1000", 2)], "5000", 3),
        ([step("1000", 3), step("5000", 1)], "6000", 1),  # the highest step that is reached says so
        ([step("0", 2, kind="refund")], "10", 1),
        ([step("0", 2, currency="EUR")], "10", 1),
    ],
)
def test_how_many_decisions_an_amount_takes(steps, amount, levels):
    assert levels_needed(steps, kind="bad_debt", currency="USD", amount=Decimal(amount)) == levels


def two_from(cast, amount="250", decisions=2):
    return ApprovalStep.objects.create(
        organization=cast.organization, kind="bad_debt", currency="USD", amount_from=Decimal(amount),
        decisions=decisions,
    )  # fmt: skip


@pytest.mark.django_db
class TestTwoDecisions:
    def test_approve_request_twice(self, cast):
        two_from(cast)
        request, row = asked(cast)
        assert request.levels == 2
        after = approve_request(actor=cast.olivia, request=request, note="Photos seen", seen=1)
        assert (after.state, state_of(row)) == ("waiting", "waiting")
        assert approve_request(actor=cast.alice, request=request, seen=2).state == "approved"
        assert state_of(row) == "active"
        kept = [(each.level, each.verdict, each.decided_by) for each in request.decisions.order_by("level")]
        assert kept == [(1, "approved", cast.olivia.user), (2, "approved", cast.alice.user)]
        names = [event.name for event in history(cast.alice, request)]
        assert names == ["approve_request", "approve_level", "ask_approval"]

    def test_nobody_decides_twice(self, cast):
        two_from(cast)
        request, row = asked(cast)
        approve_request(actor=cast.olivia, request=request)
        assert refused(approve_request, actor=cast.olivia, request=request).code == "took_part"
        assert state_of(row) == "waiting"

    def test_each_within_their_own_limits(self, cast):
        two_from(cast)
        request, _row = asked(cast, "501")
        approve_request(actor=cast.alice, request=request)
        refusal = refused(approve_request, actor=cast.olivia, request=request)
        assert refusal.code == "above_limit"
        assert "An administrator can set a higher one." in str(refusal)

    def test_whoever_saw_another_level_looks_again(self, cast):
        two_from(cast)
        request, _row = asked(cast)
        approve_request(actor=cast.olivia, request=request, seen=1)
        assert refused(approve_request, actor=cast.alice, request=request, seen=1).code == "stale"

    def test_reject_request_on_the_second_level_ends_it(self, cast):
        two_from(cast)
        request, row = asked(cast)
        approve_request(actor=cast.olivia, request=request)
        assert reject_request(actor=cast.alice, request=request, reason="Too much").state == "rejected"
        assert state_of(row) == "rejected"
        assert refused(approve_request, actor=cast.alice, request=request).code == "decided"

    def test_withdraw_request_between_the_levels(self, cast):
        two_from(cast)
        request, row = asked(cast)
        approve_request(actor=cast.olivia, request=request)
        assert withdraw_request(actor=cast.bob, request=request).state == "withdrawn"
        assert state_of(row) == "rejected"

    def test_what_waits_keeps_its_number(self, cast):
        request, row = asked(cast)
        two_from(cast)
        approve_request(actor=cast.olivia, request=request)
        assert state_of(row) == "active"

    def test_who_is_asked_next(self, cast):
        two_from(cast)
        request, _row = asked(cast)
        assert "Alice Owner or Olivia Operations; 2 people must approve it." in asked_text(cast.bob, request)
        assert [decidable(each).count() for each in (cast.alice, cast.olivia)] == [1, 1]
        approve_request(actor=cast.olivia, request=request)
        assert [decidable(each).count() for each in (cast.alice, cast.olivia)] == [1, 0]


@pytest.mark.django_db
class TestWhoAsked:
    """What somebody may not do any more is not done in their name."""

    def test_is_no_member_any_more(self, cast):
        request, row = asked(cast)
        Membership.objects.filter(pk=cast.bob.pk).update(active=False)
        refusal = refused(approve_request, actor=cast.olivia, request=request)
        assert refusal.code == "requester_left"
        assert str(refusal).startswith("Bob Biller asked for this and is not an active member any more.")
        assert (state_of(row), ApprovalRequest.objects.get().state) == ("waiting", "waiting")

    def test_may_not_do_it_any_more(self, cast):
        request, _row = asked(cast)
        assert request.permission == "add_accessorial"
        Membership.objects.filter(pk=cast.bob.pk).update(denied=["add_accessorial"])
        refusal = refused(approve_request, actor=cast.olivia, request=request)
        assert (refusal.code, "Add accessorial" in str(refusal)) == ("requester_lost_permission", True)
        assert reject_request(actor=cast.olivia, request=request, reason="Bob left").state == "rejected"

    def test_has_another_role_that_may_as_well(self, cast):
        request, _row = asked(cast)
        Membership.objects.filter(pk=cast.bob.pk).update(role=Role.OPERATIONS_MANAGER)
        assert approve_request(actor=cast.olivia, request=request).state == "approved"


@pytest.mark.django_db
class TestTheDatabase:
    """Where a rule were forgotten."""

    def enter(self, request, by, level=1, verdict="approved", behalf=None):
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            self.write(request, by, level, verdict, behalf)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return sqlstate(caught.value)

    def write(self, request, by, level=1, verdict="approved", behalf=None):
        return ApprovalDecision.objects.create(
            organization=request.organization, request=request, level=level, verdict=verdict, decided_by=by.user,
            on_behalf_of=behalf and behalf.user,
        )  # fmt: skip

    def test_knows_no_decision_of_who_asked(self, cast):
        request, _row = asked(cast)
        assert self.enter(request, cast.bob) == "RV007"
        assert self.enter(request, cast.olivia, behalf=cast.bob) == "RV007"

    def test_takes_levels_in_order_and_people_once(self, cast):
        two_from(cast, decisions=3)
        request, _row = asked(cast)
        assert self.enter(request, cast.olivia, level=2) == "RV007"
        self.write(request, cast.olivia)
        assert self.enter(request, cast.alice, level=1) == "RV007"
        assert self.enter(request, cast.olivia, level=2) == "RV007"
        assert self.enter(request, cast.alice, level=2, behalf=cast.olivia) == "RV007"
        self.write(request, cast.alice, level=2)
        other = make_member(cast.organization, Role.ADMIN, "Adam Admin")
        assert self.enter(request, other, level=4) == "RV007"

    def test_knows_no_state_without_its_decisions(self, cast):
        two_from(cast)
        request, _row = asked(cast)
        self.write(request, cast.olivia)
        change = ApprovalRequest.objects.filter(pk=request.pk)
        for state in ("approved", "rejected"):
            with pytest.raises(DatabaseError) as caught, transaction.atomic():
                change.update(state=state, decided_by=cast.olivia.user)
            assert sqlstate(caught.value) == "RV007"

    def test_leaves_no_last_decision_without_its_effect(self, cast):
        request, _row = asked(cast)
        assert self.enter(request, cast.olivia) == "RV007"
        assert self.enter(request, cast.olivia, verdict="rejected") == "RV007"

    def test_takes_no_decision_on_what_is_decided(self, cast):
        request, _row = asked(cast)
        reject_request(actor=cast.olivia, request=request, reason="no")
        assert self.enter(request, cast.alice, level=2) == "RV001"


@pytest.mark.django_db
class TestPages:
    def test_the_request_shows_who_decided_and_what_waits(self, cast, browser_of):
        two_from(cast)
        request, _row = asked(cast)
        olivia = browser_of(cast.olivia)
        form = olivia.get(reverse("approve_request", args=[request.pk]))
        assert "This is decision 1 of 2" in form.content.decode()
        answer = olivia.post(
            reverse("approve_request", args=[request.pk]),
            {"_key": "5a4f7a2e-0000-4000-8000-000000000001", "note": "ok", "seen": "1"},
        )
        said = " ".join(map(str, get_messages(answer.wsgi_request)))
        assert "Now it waits for Alice Owner; nothing changes before." in said
        levels = browser_of(cast.alice).get(request.get_absolute_url()).context["levels"]
        assert [(each.number, each.decision and each.decision.decided_by) for each in levels] == [
            (1, cast.olivia.user), (2, None),
        ]  # fmt: skip
        assert "1 of 2 decisions" in browser_of(cast.alice).get("/approvals/").content.decode()

    def test_the_steps_are_a_setting(self, cast, browser_of):
        page, alice = "/settings/approvals/approvalstep/", browser_of(cast.alice)
        form = {"kind": "bad_debt", "currency": "USD", "amount_from": "1,000.00", "decisions": "2"}
        assert alice.post(f"{page}add/", form).status_code == 302
        for wrong, field in (
            ({}, "amount_from"), ({"amount_from": "-1"}, "amount_from"), ({"kind": "gift"}, "kind"),
            ({"amount_from": "5", "decisions": "9"}, "decisions"),
        ):  # fmt: skip
            shown = alice.post(f"{page}add/", {**form, **wrong})
            assert list(shown.context["adminform"].form.errors) == [field], wrong
        kept = ApprovalStep.objects.get()
        assert alice.post(f"{page}{kept.pk}/change/", {"decisions": "3"}).status_code == 302
        kept.refresh_from_db()
        assert (kept.amount_from, kept.decisions) == (1000, 3)
        stranger = browser_of(make_member(make_organization("Rival"), Role.ADMIN, "Charlie"))
        assert stranger.get(f"{page}{kept.pk}/change/").status_code == 404


def test_two_approvers_of_the_same_level_at_once(committed_db):
    """Both saw the first level: one of them decides it, the other looks again."""
    cast = make_cast()
    two_from(cast)
    request, row = asked(cast)
    results = race(
        lambda: approve_request(actor=cast.alice, request=request, seen=1),
        lambda: approve_request(actor=cast.olivia, request=request, seen=1),
    )
    assert sorted(getattr(each, "code", "done") for each in results) == ["done", "stale"]
    assert (state_of(row), request.decisions.count()) == ("waiting", 1)

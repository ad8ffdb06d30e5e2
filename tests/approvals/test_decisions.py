"""Four eyes: decided once, by somebody else, within their own limit, and only if it is still possible."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership
from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request, withdraw_request
from receivables.billing.models import Load
from receivables.billing.operations import (
    add_accessorial,
    change_accessorial,
    generate_invoice,
    regenerate_invoice,
    remove_accessorial,
    void_invoice,
)
from receivables.core.errors import NotPermitted
from receivables.core.events import history
from tests.approvals.conftest import limit
from tests.approvals.support import asked, refused, state_of
from tests.builders import make_load, make_member, make_organization, make_type, pay

pytestmark = pytest.mark.django_db


def test_what_waits_is_no_charge(cast):
    request, row = asked(cast)
    load = Load.objects.get(pk=row.load_id)
    assert (state_of(row), load.charges_total) == ("waiting", 1000)
    assert refused(regenerate_invoice, actor=cast.alice, load=load).code == "total_unchanged"
    assert (request.amount, request.currency, request.requested_by) == (300, "USD", cast.bob.user)


def test_approve_request_does_what_was_asked(cast):
    request, row = asked(cast)
    approve_request(actor=cast.olivia, request=request, note="Photos seen")
    load = Load.objects.get(pk=row.load_id)
    assert (state_of(row), load.charges_total) == ("active", 700)
    assert regenerate_invoice(actor=cast.bob, load=load).total == 700
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decision_note) == ("approved", cast.olivia.user, "Photos seen")
    assert [event.name for event in history(cast.alice, request)] == ["approve_request", "ask_approval"]


def test_reject_request_keeps_the_reason_and_posts_nothing(cast):
    request, row = asked(cast)
    reject_request(actor=cast.olivia, request=request, reason="No photos")
    request.refresh_from_db()
    assert (request.state, request.decision_note) == ("rejected", "No photos")
    assert (state_of(row), Load.objects.get(pk=row.load_id).charges_total) == ("rejected", 1000)


@pytest.mark.parametrize("reason", ["", "   "])
def test_reject_request_needs_a_reason(cast, reason):
    request, _row = asked(cast)
    refusal = refused(reject_request, actor=cast.olivia, request=request, reason=reason)
    assert (refusal.code, refusal.field) == ("no_reason", "reason")


def test_withdraw_request_by_who_asked(cast):
    request, row = asked(cast)
    withdraw_request(actor=cast.bob, request=request, reason="Found the photos")
    request.refresh_from_db()
    assert (request.state, state_of(row)) == ("withdrawn", "rejected")


def test_withdraw_request_by_nobody_else(cast):
    request, _row = asked(cast)
    assert refused(withdraw_request, actor=cast.alice, request=request).code == "not_yours"


class TestTheRequester:
    """Never decides: by the rule, and where the rule were forgotten, by the database."""

    def test_by_the_rule(self, cast):
        limit(cast.organization, "50", person=cast.alice)
        load = make_load(cast.alice)
        generate_invoice(actor=cast.alice, load=load)
        row = add_accessorial(
            actor=cast.alice, load=load, type=cast.write_off, entity="customer", amount=Decimal(-60), note=""
        )
        request = ApprovalRequest.objects.get(subject_id=row.pk)
        refusal = refused(approve_request, actor=cast.alice, request=request)
        assert (refusal.code, str(refusal)) == ("own_request", "You can't approve your own request.")
        assert refused(reject_request, actor=cast.alice, request=request, reason="no").code == "own_request"

    def test_not_after_being_given_more(self, cast):
        request, _row = asked(cast)
        Membership.objects.filter(pk=cast.bob.pk).update(role=Role.ADMIN)
        bob = Membership.objects.get(pk=cast.bob.pk)
        assert bob.can("approve_request")
        assert refused(approve_request, actor=bob, request=request).code == "own_request"

    @pytest.mark.parametrize("state", ["approved", "rejected"])
    def test_by_the_database(self, cast, state):
        request, _row = asked(cast)
        with pytest.raises(IntegrityError, match="approval_by_somebody_else"), transaction.atomic():
            ApprovalRequest.objects.filter(pk=request.pk).update(state=state, decided_by=request.requested_by)
        with pytest.raises(IntegrityError, match="approval_by_somebody_else"), transaction.atomic():
            ApprovalRequest.objects.filter(pk=request.pk).update(state=state)


class TestLimits:
    def test_above_the_deciders_limit(self, cast):
        request, row = asked(cast, "501")
        refusal = refused(approve_request, actor=cast.olivia, request=request)
        assert refusal.code == "above_limit"
        text = str(refusal).replace("\u00a0", " ")
        assert text == "501.00 USD is above your limit of 500.00 USD. It waits for Alice Owner."
        assert state_of(row) == "waiting"

    def test_equal_to_it(self, cast):
        request, _row = asked(cast, "500")
        assert approve_request(actor=cast.olivia, request=request).state == "approved"

    def test_nobody_has_so_much(self, cast):
        limit(cast.organization, "100", role=Role.ADMIN)
        request, _row = asked(cast, "501")
        assert "An administrator can set a higher one." in str(
            refused(approve_request, actor=cast.olivia, request=request)
        )

    def test_a_limit_lowered_since(self, cast):
        request, _row = asked(cast)
        limit(cast.organization, "10", person=cast.olivia)
        assert refused(approve_request, actor=cast.olivia, request=request).code == "above_limit"

    def test_to_reject_takes_none(self, cast):
        request, _row = asked(cast, "501")
        assert reject_request(actor=cast.olivia, request=request, reason="Too much").state == "rejected"


class TestOnce:
    @pytest.mark.parametrize("first", ["approve", "reject", "withdraw"])
    def test_decided_once(self, cast, first):
        request, _row = asked(cast)
        {
            "approve": lambda: approve_request(actor=cast.olivia, request=request),
            "reject": lambda: reject_request(actor=cast.olivia, request=request, reason="no"),
            "withdraw": lambda: withdraw_request(actor=cast.bob, request=request),
        }[first]()
        assert refused(approve_request, actor=cast.alice, request=request).code == "decided"
        assert refused(reject_request, actor=cast.alice, request=request, reason="no").code == "decided"
        assert refused(withdraw_request, actor=cast.bob, request=request).code == "decided"


class TestFactsMoved:
    """If what was asked for is no longer possible, the decision is refused as a whole."""

    def test_the_invoice_was_voided(self, cast):
        request, row = asked(cast)
        void_invoice(actor=cast.alice, load=row.load, reason="wrong customer")
        refusal = refused(approve_request, actor=cast.olivia, request=request)
        request.refresh_from_db()
        assert (refusal.code, request.state, state_of(row)) == ("void", "waiting", "waiting")
        assert [event.name for event in history(cast.alice, request)] == ["ask_approval"]

    def test_others_took_off_so_much_that_it_would_turn_negative(self, cast):
        request, row = asked(cast)
        concession = make_type(cast.alice, "Discount", "price_concession")
        add_accessorial(
            actor=cast.alice, load=row.load, type=concession, entity="customer", amount=Decimal(-800), note=""
        )
        assert refused(approve_request, actor=cast.olivia, request=request).code == "negative_total"
        assert Load.objects.get(pk=row.load_id).charges_total == 200

    def test_slices_do_not_add_up_past_the_limit_of_who_decides(self, cast):
        AuthorityLimit.objects.filter(role=cast.olivia.role).update(maximum=Decimal(500))
        first, row = asked(cast, "300")
        second, _ = asked(cast, "300", load=row.load)
        refusal = refused(approve_request, actor=cast.olivia, request=first)
        assert refusal.code == "above_limit"
        reject_request(actor=cast.olivia, request=second, reason="One is enough")
        assert approve_request(actor=cast.olivia, request=first).state == "approved"

    def test_the_type_was_switched_off(self, cast):
        request, _row = asked(cast)
        type(cast.write_off).objects.filter(pk=cast.write_off.pk).update(active=False)
        assert refused(approve_request, actor=cast.olivia, request=request).code == "type_inactive"

    def test_rejecting_is_always_possible(self, cast):
        request, row = asked(cast)
        void_invoice(actor=cast.alice, load=row.load, reason="wrong customer")
        assert reject_request(actor=cast.olivia, request=request, reason="void").state == "rejected"

    def test_a_payment_stands_meanwhile(self, cast):
        """The accessorial becomes a charge; the invoice waits for the payment to be deleted, as always."""
        request, row = asked(cast)
        invoice = Load.objects.get(pk=row.load_id).invoice
        pay(cast.bob, invoice, "700")
        approve_request(actor=cast.olivia, request=request)
        assert refused(regenerate_invoice, actor=cast.bob, load=row.load).code == "payment_exists"

    def test_changed_or_removed_the_request_falls(self, cast):
        request, row = asked(cast)
        change_accessorial(actor=cast.bob, accessorial=row, amount=Decimal(-400), note="more")
        again = ApprovalRequest.objects.get(subject_id=row.pk, state="waiting")
        assert (again.pk != request.pk, again.amount) == (True, 400)
        assert refused(approve_request, actor=cast.olivia, request=request).code == "decided"
        remove_accessorial(actor=cast.bob, accessorial=row)
        assert refused(approve_request, actor=cast.olivia, request=again).code == "decided"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMIN, True), (Role.PARTNER_ADMIN, True), (Role.OPERATIONS_MANAGER, True), (Role.BILLER, False),
        (Role.COLLECTOR, False), (Role.AUDITOR, False),
    ],
)  # fmt: skip
def test_approve_request_by_role(cast, role, may):
    request, _row = asked(cast)
    member = make_member(cast.organization, role, "Somebody")
    if may:
        assert approve_request(actor=member, request=request).decided_by == member.user
        return
    for verb, arguments in ((approve_request, {}), (reject_request, {"reason": "no"})):
        with pytest.raises(NotPermitted):
            verb(actor=member, request=request, **arguments)


def test_another_organizations_request(cast):
    request, row = asked(cast)
    stranger = make_member(make_organization("Rival"), Role.ADMIN, "Charlie")
    assert refused(approve_request, actor=stranger, request=request).code == "not_found"
    assert state_of(row) == "waiting"

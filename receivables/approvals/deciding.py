"""What a decision about a request looks at, read under its lock or for its page."""

from decimal import Decimal
from typing import Any

from accounts.models import Membership
from accounts.verbs import VERB_LABELS
from receivables.approvals.limits import authority_for_request
from receivables.approvals.models import ApprovalDecision, ApprovalRequest
from receivables.approvals.queries import amount_text, approvers_of, names_of
from receivables.approvals.rules import DecisionFacts, Requester
from receivables.approvals.standing_in import deciding_for


def decisions_on(request: ApprovalRequest) -> list[ApprovalDecision]:
    """What was decided so far, in order of the levels."""
    return list(request.decisions.select_related("decided_by", "on_behalf_of").order_by("level"))


def decision_facts(actor: Any, request: ApprovalRequest, *, seen: int | None = None) -> DecisionFacts:
    """The facts of now; `seen` is the level that the person was shown as waiting."""
    return deciding(actor, request, seen=seen)[1]


def deciding(actor: Any, request: ApprovalRequest, *, seen: int | None = None) -> tuple[Any, DecisionFacts]:
    """With whose limits the actor would decide (their own, or as a stand-in), and the facts of that decision."""
    decided = decisions_on(request)
    took_part = [pk for each in decided for pk in (each.decided_by_id, each.on_behalf_of_id) if pk]
    standing = deciding_for(actor, request, took_part)
    authority = authority_for_request(standing, request)
    covered = authority.covers(request.amount)
    limit = authority.for_amount(request.amount).maximum or Decimal(0)
    return standing, DecisionFacts(
        state=request.state,
        requested_by_id=request.requested_by_id,
        decider_id=actor.user.pk if actor.user else None,
        amount=request.amount,
        amount_text=amount_text(actor, request.amount, request.currency),
        authority=authority,
        limit_text=amount_text(actor, limit, request.currency),
        others="" if covered else names_of(approvers_of(actor, request)),
        level=len(decided) + 1,
        seen=seen,
        took_part=actor.user is not None and actor.user.pk in took_part,
        requester=requester_now(request),
        requester_name=str(request.requested_by),
        permission=str(VERB_LABELS.get(request.permission, request.permission)),
    )


def requester_now(request: ApprovalRequest) -> Requester:
    """Whether who asked is still a member and may still do what they asked for."""
    member = (
        Membership.objects.filter(organization_id=request.organization_id, user_id=request.requested_by_id)
        .select_related("user", "organization")
        .first()
    )
    if member is None or not (member.active and member.user.is_active):
        return Requester.LEFT
    if request.permission and not member.can(request.permission):
        return Requester.LOST_PERMISSION
    return Requester.MAY_STILL

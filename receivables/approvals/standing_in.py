"""Deciding for somebody else: who stands in for whom today, and with whose limits a request is decided.

A delegation lends limits, never the permission: who stands in must be somebody who may approve anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.models import Membership
from receivables.approvals.limits import authority_for_request
from receivables.approvals.models import ApprovalRequest, Delegation
from receivables.core.dates import today

APPROVE = "approve_request"


@dataclass(frozen=True)
class StandIn:
    """A member with the limits of whoever delegated to them; everything else is their own."""

    member: Membership
    delegation: Delegation

    @property
    def organization(self) -> Any:
        return self.member.organization

    @property
    def organization_id(self) -> int:
        return int(self.member.organization_id)

    @property
    def user(self) -> Any:
        return self.member.user

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def pk(self) -> int:
        return int(self.delegation.of_id)

    @property
    def role(self) -> str:
        return str(self.delegation.of.role)

    def can(self, verb: str) -> bool:
        return self.member.can(verb)


def live_delegations(actor: Any, day: date | None = None) -> QuerySet[Delegation]:
    """The delegations of the organization that hold on a day, today if none is given."""
    day = day or today(actor.organization)
    rows = Delegation.objects.of(actor).filter(starts__lte=day, ends__gte=day, ended_at__isnull=True)
    return rows.select_related("of__user", "of__organization", "to__user", "to__organization").order_by("pk")


def stand_ins(actor: Any) -> list[StandIn]:
    """For whom the actor may decide today: members who delegated to them and may still approve."""
    if getattr(actor, "pk", None) is None or not actor.can(APPROVE):
        return []
    return [StandIn(actor, each) for each in live_delegations(actor).filter(to=actor.pk) if each.of.can(APPROVE)]


def deciding_for(actor: Any, request: ApprovalRequest, took_part: Sequence[int] = ()) -> Any:
    """With whose limits the actor decides: their own if those suffice, else those of the first who delegated to them
    and neither asked for the request nor took part in it; the actor themselves if nobody's suffice."""
    if authority_for_request(actor, request).covers(request.amount):
        return actor
    barred = {request.requested_by_id, *took_part}
    for each in stand_ins(actor):
        if each.delegation.of.user_id not in barred and authority_for_request(each, request).covers(request.amount):
            return each
    return actor

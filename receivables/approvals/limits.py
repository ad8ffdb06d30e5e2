"""The limits that speak of an actor, as the database has them."""

from typing import Any

from django.db.models import Q

from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.rules import Authority, authority_from
from receivables.core.compiled import Arg, Compiled


def own_rows(actor: Any) -> Q:
    """The limits that speak of this actor: their own, and their role's."""
    return Q(membership_id=actor.pk) | Q(membership__isnull=True, role=actor.role)


OF_MEMBER = Compiled(
    lambda: AuthorityLimit.objects.filter(
        Q(membership_id=Arg("member")) | Q(membership__isnull=True, role=Arg("role")),
        organization_id=Arg("organization"), kind=Arg("kind"), currency=Arg("currency"), reason_key__any=Arg("reasons"),
    )
)  # fmt: skip


def authority_of(actor: Any, kind: str, currency: str, reason_key: str = "") -> Authority:
    """The actor's limit for a kind, a currency and, if it has limits of its own, a reason: their own row, else their
    role's, else the default."""
    role, membership_id = getattr(actor, "role", ""), getattr(actor, "pk", None)
    if membership_id is None:
        return authority_from([], role="", membership_id=None, kind=kind, currency=currency)
    rows = OF_MEMBER.fetch(
        organization=actor.organization_id, member=membership_id, role=role, kind=kind, currency=currency,
        reasons=["", reason_key],
    )  # fmt: skip
    return authority_from(
        rows, role=role, membership_id=membership_id, kind=kind, currency=currency, reason_key=reason_key
    )


def authority_for_request(actor: Any, request: ApprovalRequest) -> Authority:
    """The actor's limit for what a request asks for."""
    return authority_of(actor, request.kind, request.currency, request.reason_key)

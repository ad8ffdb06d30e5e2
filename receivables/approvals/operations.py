"""Asking for what exceeds one's authority, and deciding it.

A decision is recorded as an event; the package whose verb waits reacts to it in the same transaction and does, or
drops, what was asked. If the facts have moved so that it can't be done, the decision is refused as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from accounts.models import Membership
from receivables.approvals.deciding import deciding, decision_facts
from receivables.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep
from receivables.approvals.moved import Fact, kept
from receivables.approvals.queries import authority_of as authority_of  # those who ask need both
from receivables.approvals.rules import (
    DecisionFacts,
    approve_request_blocker,
    levels_needed,
    no_reason_blocker,
    not_found_blocker,
    reject_request_blocker,
    withdraw_request_blocker,
)
from receivables.approvals.standing_in import StandIn
from receivables.core.errors import refuse
from receivables.core.events import build, record, record_all
from receivables.core.operations import operation

State, Verdict = ApprovalRequest.State, ApprovalDecision.Verdict


@dataclass(frozen=True)
class Asked:
    """`verb` on `subject`, to be put into the inbox.

    `reason_key` is the reason whose own limits count (approvals/reasons.py). `permission` is what the requester must
    still hold when it is granted: by default the verb itself, if they hold it now. `shown` are the facts that must
    still be so then (approvals/moved.py).
    """

    verb: str
    kind: str
    subject: models.Model
    title: str
    currency: str
    amount: Decimal
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    preview: Sequence[str] = ()
    about: Iterable[Any] = ()
    reason_key: str = ""
    permission: str | None = None
    shown: Sequence[Fact] = ()


def ask(actor: Any, **asked: Any) -> ApprovalRequest:
    """Put one thing into the inbox, within the transaction of the operation that needs it; the words are `Asked`'s."""
    return ask_all(actor, [Asked(**asked)])[0]


def ask_all(actor: Any, wanted: Sequence[Asked]) -> list[ApprovalRequest]:
    """Put these into the inbox, each a request of its own; as many queries for many as for one."""
    if not wanted:
        return []
    steps = list(ApprovalStep.objects.of(actor).filter(kind__in={each.kind for each in wanted}))
    requests = ApprovalRequest.objects.bulk_create(
        ApprovalRequest(
            organization=actor.organization, verb=each.verb, kind=each.kind, reason_key=each.reason_key,
            permission=_permission(actor, each), subject_type=ContentType.objects.get_for_model(each.subject),
            subject_id=each.subject.pk, title=each.title[:200], currency=each.currency, amount=each.amount,
            reason=each.reason, facts={**each.facts, **kept(each.shown)}, preview=list(each.preview),
            levels=levels_needed(steps, kind=each.kind, currency=each.currency, amount=each.amount),
            requested_by=actor.user,
        )
        for each in wanted
    )  # fmt: skip
    said = [
        build(
            actor, "ask_approval", request, about=[each.subject, *each.about], reason=each.reason, verb=each.verb,
            amount=each.amount, currency=each.currency,
        )
        for request, each in zip(requests, wanted, strict=True)
    ]  # fmt: skip
    record_all(actor, zip(said, requests, strict=True))
    return requests


def _permission(actor: Any, asked: Asked) -> str:
    if asked.permission is not None:
        return asked.permission
    return asked.verb if isinstance(actor, Membership) and actor.can(asked.verb) else ""


def waiting_request(subject: models.Model, verb: str) -> ApprovalRequest | None:
    """The request that waits with this row, locked; lock it before the account, as every decision does."""
    return (
        ApprovalRequest.objects.filter(
            subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk, verb=verb,
            state=State.WAITING,
        )
        .select_for_update(no_key=True)
        .first()
    )  # fmt: skip


def supersede_request(actor: Any, request: ApprovalRequest | None) -> None:
    """Drop a request, locked, whose object is not there any more: nobody decides it."""
    if request is not None:
        request.state = State.WITHDRAWN
        request.save(update_fields=["state"])
        record(actor, "supersede_request", request, about=[subject_of(request)])


def locked_request(actor: Any, request: ApprovalRequest) -> ApprovalRequest:
    """The request as it is under its lock. `Refused` if it is not one of the organization's."""
    found = ApprovalRequest.objects.of(actor).select_for_update(no_key=True).filter(pk=request.pk).first()
    refuse(not_found_blocker(found=found is not None))
    return found or request


def _decide(actor: Any, request: ApprovalRequest, state: str, note: str) -> None:
    request.state, request.decision_note = state, note
    request.decided_by, request.decided_at = actor.user, timezone.now()
    request.save(update_fields=["state", "decision_note", "decided_by", "decided_at"])


def _enter(actor: Any, request: ApprovalRequest, facts: DecisionFacts, verdict: str, note: str) -> None:
    delegation = actor.delegation if isinstance(actor, StandIn) else None
    ApprovalDecision.objects.create(
        organization=actor.organization, request=request, level=facts.level, verdict=verdict, decided_by=actor.user,
        note=note, delegation=delegation, on_behalf_of=delegation.of.user if delegation else None,
    )  # fmt: skip


@operation
def approve_request(
    *, actor: Any, request: ApprovalRequest, note: str = "", seen: int | None = None
) -> ApprovalRequest:  # fmt: skip
    """Grant a request; with the last decision that it takes, what it asked for happens in the same transaction, under
    the facts of now. Before that it goes on waiting, for somebody else. `seen` is the level that the person was shown.

    Where the actor's own limits do not suffice but those of somebody who delegated to them do, it is decided on behalf
    of that person, and what happens is measured by their limits.
    """
    current = locked_request(actor, request)
    standing, facts = deciding(actor, current, seen=seen)
    refuse(approve_request_blocker(facts))
    _enter(standing, current, facts, Verdict.APPROVED, note)
    about, said = [subject_of(current)], {"on_behalf_of": _on_behalf_of(standing)}
    if facts.level < current.levels:
        record(standing, "approve_level", current, about=about, reason=note, level=facts.level, **said)
        return current
    _decide(standing, current, State.APPROVED, note)
    record(
        standing, "approve_request", current, about=about, reason=note, amount=current.amount,
        currency=current.currency, **said,
    )  # fmt: skip
    return current


def _on_behalf_of(standing: Any) -> str:
    return str(standing.delegation.of.user) if isinstance(standing, StandIn) else ""


@operation
def reject_request(*, actor: Any, request: ApprovalRequest, reason: str) -> ApprovalRequest:
    """Refuse a request with a reason, on whatever level; nothing is posted."""
    current = locked_request(actor, request)
    facts = decision_facts(actor, current)
    refuse(reject_request_blocker(facts) or no_reason_blocker(reason))
    _enter(actor, current, facts, Verdict.REJECTED, reason)
    _decide(actor, current, State.REJECTED, reason)
    record(actor, "reject_request", current, about=[subject_of(current)], reason=reason, amount=current.amount)
    return current


@operation
def withdraw_request(*, actor: Any, request: ApprovalRequest, reason: str = "") -> ApprovalRequest:
    """Take back one's own request before it is decided."""
    current = locked_request(actor, request)
    refuse(withdraw_request_blocker(decision_facts(actor, current)))
    _decide(actor, current, State.WITHDRAWN, reason)
    record(actor, "withdraw_request", current, about=[subject_of(current)], reason=reason, amount=current.amount)
    return current


def subject_of(request: ApprovalRequest) -> models.Model | None:
    """The row that the request waits with."""
    model = request.subject_type.model_class()
    if model is None:
        return None
    return model._base_manager.filter(pk=request.subject_id, organization_id=request.organization_id).first()

"""Asking for what exceeds one's authority, and deciding it.

A decision is recorded as an event; the package whose verb waits reacts to it in the same transaction and does, or
drops, what was asked. If the facts have moved so that it can't be done, the decision is refused as a whole.
"""

from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.queries import amount_text, authority_of, names_of, possible_approvers
from receivables.approvals.rules import (
    DecisionFacts,
    approve_request_blocker,
    no_reason_blocker,
    not_found_blocker,
    reject_request_blocker,
    withdraw_request_blocker,
)
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation


def ask(
    actor: Any, *, verb: str, kind: str, subject: models.Model, title: str, currency: str, amount: Decimal,
    reason: str = "", facts: dict[str, Any] | None = None, preview: list[str] | None = None, about: Any = (),
) -> ApprovalRequest:  # fmt: skip
    """Put `verb` on `subject` into the inbox, within the transaction of the operation that needs it."""
    request = ApprovalRequest.objects.create(
        organization=actor.organization, verb=verb, kind=kind,
        subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk, title=title[:200],
        currency=currency, amount=amount, reason=reason, facts=facts or {}, preview=preview or [],
        requested_by=actor.user,
    )  # fmt: skip
    record(
        actor, "ask_approval", request, about=[subject, *about], reason=reason, verb=verb, amount=amount,
        currency=currency,
    )  # fmt: skip
    return request


def waiting_request(subject: models.Model, verb: str) -> ApprovalRequest | None:
    """The request that waits with this row, locked; lock it before the account, as every decision does."""
    return (
        ApprovalRequest.objects.filter(
            subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk, verb=verb,
            state=ApprovalRequest.State.WAITING,
        )
        .select_for_update(no_key=True)
        .first()
    )  # fmt: skip


def supersede_request(actor: Any, request: ApprovalRequest | None) -> None:
    """Drop a request, locked, whose object is not there any more: nobody decides it."""
    if request is not None:
        request.state = ApprovalRequest.State.WITHDRAWN
        request.save(update_fields=["state"])
        record(actor, "supersede_request", request, about=[subject_of(request)])


def decision_facts(actor: Any, request: ApprovalRequest) -> DecisionFacts:
    authority = authority_of(actor, request.kind, request.currency)
    others = ""
    if not authority.covers(request.amount):
        others = names_of(
            possible_approvers(
                actor, request.kind, request.currency, request.amount, requested_by=request.requested_by_id
            )
        )
    limit = authority.for_amount(request.amount).maximum or Decimal(0)
    return DecisionFacts(
        state=request.state,
        requested_by_id=request.requested_by_id,
        decider_id=actor.user.pk if actor.user else None,
        amount=request.amount,
        amount_text=amount_text(actor, request.amount, request.currency),
        authority=authority,
        limit_text=amount_text(actor, limit, request.currency),
        others=others,
    )


def _locked(actor: Any, request: ApprovalRequest) -> ApprovalRequest:
    found = ApprovalRequest.objects.of(actor).select_for_update(no_key=True).filter(pk=request.pk).first()
    refuse(not_found_blocker(found=found is not None))
    return found or request


def _decide(actor: Any, request: ApprovalRequest, state: str, note: str) -> None:
    request.state, request.decision_note = state, note
    request.decided_by, request.decided_at = actor.user, timezone.now()
    request.save(update_fields=["state", "decision_note", "decided_by", "decided_at"])


@operation
def approve_request(*, actor: Any, request: ApprovalRequest, note: str = "") -> ApprovalRequest:
    """Grant a request; what it asked for happens in the same transaction, under the facts of now."""
    current = _locked(actor, request)
    refuse(approve_request_blocker(decision_facts(actor, current)))
    _decide(actor, current, ApprovalRequest.State.APPROVED, note)
    record(actor, "approve_request", current, about=[subject_of(current)], reason=note, amount=current.amount)
    return current


@operation
def reject_request(*, actor: Any, request: ApprovalRequest, reason: str) -> ApprovalRequest:
    """Refuse a request with a reason; nothing is posted."""
    current = _locked(actor, request)
    refuse(reject_request_blocker(decision_facts(actor, current)) or no_reason_blocker(reason))
    _decide(actor, current, ApprovalRequest.State.REJECTED, reason)
    record(actor, "reject_request", current, about=[subject_of(current)], reason=reason, amount=current.amount)
    return current


@operation
def withdraw_request(*, actor: Any, request: ApprovalRequest, reason: str = "") -> ApprovalRequest:
    """Take back one's own request before it is decided."""
    current = _locked(actor, request)
    refuse(withdraw_request_blocker(decision_facts(actor, current)))
    _decide(actor, current, ApprovalRequest.State.WITHDRAWN, reason)
    record(actor, "withdraw_request", current, about=[subject_of(current)], reason=reason, amount=current.amount)
    return current


def subject_of(request: ApprovalRequest) -> models.Model | None:
    """The row that the request waits with."""
    model = request.subject_type.model_class()
    if model is None:
        return None
    return model._base_manager.filter(pk=request.subject_id, organization_id=request.organization_id).first()

"""The verbs of a batch: having it worked out, confirming it, going on with it, taking it back. The work itself is done
by background jobs."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import ask, authority_of, waiting_request
from receivables.billing.operations.locking import number_format
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.jobs import LIVE, start_job
from receivables.core.money import format_money
from receivables.core.operations import operation
from receivables.customers.models import AgreementType
from receivables.ledger.queries import posting_date_blocker
from receivables.writeoffs.bulk.choosing import Selection
from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem
from receivables.writeoffs.bulk.rules import (
    BatchFacts,
    plan_write_offs_blocker,
    retry_write_offs_blocker,
    undo_write_offs_blocker,
    write_off_debts_blocker,
)
from receivables.writeoffs.bulk.undoing import UndoFigures, undo_figures
from receivables.writeoffs.rules import facts_moved_blocker

PLAN, RUN, UNDO = "plan_write_offs", "write_off_debts", "undo_write_offs"
State = WriteOffBatchItem.State


def is_running(batch: WriteOffBatch) -> bool:
    """Whether a job is at work on it, or waits for its turn."""
    return batch.job is not None and batch.job.state in LIVE


def is_asked(batch: WriteOffBatch) -> bool:
    """Whether it waits for approval."""
    return batch.request is not None and batch.request.state == ApprovalRequest.State.WAITING


def facts_of(batch: WriteOffBatch) -> BatchFacts:
    """What the rules look at; `undoable` is whether anything may be, which is looked at exactly before it is done."""
    counts = batch.counts
    return BatchFacts(
        planned=batch.planned_at is not None, confirmed=batch.confirmed_at is not None, running=is_running(batch),
        asked=is_asked(batch), waiting=counts.waiting.accounts, failed=counts.failed.accounts,
        undoable=counts.done.accounts,
    )  # fmt: skip


def total_of(batch: WriteOffBatch) -> Decimal:
    """What waits to be written off."""
    return batch.counts.waiting.planned


@operation
def plan_write_offs(
    *, actor: Any, selection: Selection, currency: str, reason: str, to_type: AgreementType | None = None,
    posting_date: date | None = None,
) -> WriteOffBatch:  # fmt: skip
    """Have a job work out what writing these debts off comes to: account by account, with the reason of each that is
    passed over. Nothing is posted before the batch is confirmed."""
    usable = to_type is None or (to_type.active and to_type.special_role == AgreementType.SpecialRole.WRITE_OFF)
    chosen = selection.items(actor).filter(currency=currency).order_by()[:1].count()
    refuse(plan_write_offs_blocker(chosen=chosen, reason=reason, type_usable=usable))
    if posting_date is not None:
        refuse(posting_date_blocker(actor.organization_id, posting_date))
    batch = WriteOffBatch.objects.create(
        organization=actor.organization, currency=currency, to_type=to_type, reason=reason.strip(),
        posting_date=posting_date, selection=selection.plain(), created_by=actor.user,
    )  # fmt: skip
    record(actor, "plan_write_offs", batch, reason=batch.reason, currency=currency)
    return _with_job(actor, batch, PLAN, _("Work out write-offs"))


@operation
def write_off_debts(*, actor: Any, batch: WriteOffBatch) -> WriteOffBatch | ApprovalRequest:
    """Confirm a batch: a job writes off what waits in it, each account by a document of its own.

    What all of it comes to is measured by the actor's authority; beyond that one request waits for the whole batch.
    """
    current = _locked(actor, batch)
    refuse(write_off_debts_blocker(facts_of(current)))
    total = total_of(current)
    if not authority_of(actor, AuthorityKind.WRITE_OFF, current.currency).covers(total):
        return _ask(actor, current, total)
    return _confirmed(actor, current, total)


def _ask(actor: Any, batch: WriteOffBatch, total: Decimal) -> ApprovalRequest:
    fmt, n = number_format(actor), batch.counts.waiting.accounts
    words = {"amount": format_money(total, batch.currency, fmt, with_code=True), "n": f"{n:,}"}
    title = ngettext("Write off %(amount)s of %(n)s account", "Write off %(amount)s of %(n)s accounts", n) % words
    skipped = batch.counts.skipped.accounts
    preview = [title, _("Each account gets a write-off of its own; the batch can be taken back as a whole.")]
    if skipped:
        said = ngettext("%(n)s account is passed over.", "%(n)s accounts are passed over.", skipped)
        preview.append(said % {"n": f"{skipped:,}"})
    batch.request = ask(
        actor, verb=RUN, kind=AuthorityKind.WRITE_OFF, subject=batch, title=title, currency=batch.currency,
        amount=total, reason=batch.reason, facts={"batch": batch.pk, "accounts": n}, preview=preview,
    )  # fmt: skip
    batch.save(update_fields=["request"])
    return batch.request


def release_batch(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision: an approved batch begins, in the name of who asked for it. `Refused` refuses both."""
    if subject.verb != RUN or subject.state != ApprovalRequest.State.APPROVED:
        return
    batch = _locked(actor, WriteOffBatch(pk=subject.facts["batch"]))
    asker = Membership.objects.filter(
        organization_id=actor.organization_id, user=subject.requested_by, active=True
    ).select_related("organization", "user")
    member = asker.first()
    same = batch.request_id == subject.pk and total_of(batch) == subject.amount and batch.confirmed_at is None
    refuse(facts_moved_blocker(same=same and member is not None))
    batch.approved_by = actor.user
    _confirmed(member, batch, subject.amount)


def _confirmed(actor: Any, batch: WriteOffBatch, total: Decimal) -> WriteOffBatch:
    n = batch.counts.waiting.accounts
    batch.confirmed_at, batch.confirmed_by = timezone.now(), actor.user
    batch.save(update_fields=["confirmed_at", "confirmed_by", "approved_by"])
    record(
        actor, "write_off_debts", batch, reason=batch.reason, amount=total, currency=batch.currency, changes=n
    )  # fmt: skip
    title = ngettext("Write off the debt of %(n)s account", "Write off the debt of %(n)s accounts", n)
    return _with_job(actor, batch, RUN, title % {"n": f"{n:,}"})


def _with_job(actor: Any, batch: WriteOffBatch, kind: str, title: str, **parameters: Any) -> WriteOffBatch:
    batch.job = start_job(actor, kind, title, {"batch": batch.pk, **parameters})
    batch.save(update_fields=["job"])
    return batch


def _locked(actor: Any, batch: WriteOffBatch) -> WriteOffBatch:
    """The batch as it is under its lock; what waits for approval with it is locked before, as decisions do."""
    waiting_request(batch, RUN)
    lock_rows(WriteOffBatch.objects.of(actor), [batch.pk])
    rows = WriteOffBatch.objects.of(actor).select_related("job", "request", "to_type", "organization", "approved_by")
    return rows.get(pk=batch.pk)


@operation
def retry_write_offs(*, actor: Any, batch: WriteOffBatch) -> WriteOffBatch:
    """Try again what failed, and go on with what a stop left over; what was passed over stays so."""
    current = _locked(actor, batch)
    facts = facts_of(current)
    refuse(retry_write_offs_blocker(facts))
    current.items.filter(state=State.FAILED).update(state=State.WAITING, code="", message="", finished_at=None)
    record(actor, "retry_write_offs", current, changes=facts.waiting + facts.failed)
    if not facts.planned:
        return _with_job(actor, current, PLAN, _("Work out write-offs"))
    n = facts.waiting + facts.failed
    title = ngettext("Go on with %(n)s account", "Go on with %(n)s accounts", n)
    return _with_job(actor, current, RUN, title % {"n": f"{n:,}"})


@operation
def undo_write_offs(*, actor: Any, batch: WriteOffBatch, reason: str) -> WriteOffBatch:
    """Take back, whole, every write-off of a batch of which nothing was paid since, each by a reversal of its own."""
    current = _locked(actor, batch)
    figures: UndoFigures = undo_figures(current)
    refuse(
        undo_write_offs_blocker(
            BatchFacts(True, True, running=is_running(current), undoable=figures.undoable), reason=reason
        )
    )
    record(
        actor, "undo_write_offs", current, reason=reason, amount=figures.amount, currency=current.currency,
        changes=figures.undoable,
    )  # fmt: skip
    words = {"n": f"{figures.undoable:,}"}
    title = ngettext("Take back %(n)s write-off", "Take back %(n)s write-offs", figures.undoable) % words
    return _with_job(actor, current, UNDO, title, reason=reason.strip())


def left_of(batch: WriteOffBatch) -> int:
    """How many accounts may still be written off."""
    return batch.counts.of(State.WAITING, State.FAILED).accounts

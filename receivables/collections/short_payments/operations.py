"""The verbs of a batch: asking for it, trying again what failed, undoing it. The work itself is a background job."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.approvals.rules import no_reason_blocker
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.planning import (
    Choice,
    Plan,
    Planned,
    Selection,
    choice_blockers,
    plan_batch,
)
from receivables.collections.short_payments.rules import (
    resolve_short_payments_blocker,
    retry_batch_blocker,
    undo_batch_blocker,
)
from receivables.collections.short_payments.undoing import undo_plan
from receivables.core.access import lock_rows
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import record
from receivables.core.jobs import LIVE, start_job
from receivables.core.operations import operation

RESOLVE, UNDO = "resolve_short_payments", "undo_batch"


def is_running(batch: BatchResolution) -> bool:
    """Whether a job is at work on it, or waits for its turn."""
    return batch.job is not None and batch.job.state in LIVE


def dry_run(actor: Any, selection: Selection, choice: Choice) -> Plan:
    """What the batch would come to; `Refused` where it could not be asked for at all."""
    of_type, of_day = choice_blockers(actor, choice)
    plan = plan_batch(actor, selection, choice)
    refuse(resolve_short_payments_blocker(chosen=len(plan.lines), type_blocker=of_type, day_blocker=of_day))
    return plan


@operation
def resolve_short_payments(*, actor: Any, selection: Selection, choice: Choice, previewed: str = "") -> BatchResolution:
    """Ask for a batch: its header, an item for every selected invoice, and the job that resolves them one by one.

    `previewed` is the digest of the dry run that was confirmed; if anything would come out differently now, nothing
    is begun (`Refused`, stale). Each invoice is resolved by `resolve_short_payment` as the person who asks here.
    """
    plan = dry_run(actor, selection, choice)
    changes = len(plan.changes)
    refuse(resolve_short_payments_blocker(chosen=1, type_blocker=None, day_blocker=None, changes=changes))
    if previewed and previewed != plan.digest():
        message = _("Nothing was begun: the figures have changed since they were shown. Check them again.")
        raise Refused(Blocker("stale", message))
    title = ngettext("Resolve %(n)s short payment", "Resolve %(n)s short payments", changes) % {"n": f"{changes:,}"}
    limits = choice.limits
    batch = BatchResolution.objects.create(
        organization=actor.organization, currency=limits.currency, type=choice.type, most_amount=limits.amount,
        most_percent=limits.percent, note=choice.note, reason=choice.reason, posting_date=limits.posting_date,
        selection=selection.plain(), created_by=actor.user,
    )  # fmt: skip
    BatchItem.objects.bulk_create((_item(batch, line) for line in plan.lines), batch_size=1_000)
    record(
        actor, "resolve_short_payments", batch, reason=choice.reason, type=choice.type.name, currency=limits.currency,
        amount=plan.total, changes=changes, skipped=len(plan.skipped),
    )  # fmt: skip
    return _with_job(actor, batch, RESOLVE, title)


def _item(batch: BatchResolution, line: Planned) -> BatchItem:
    blocker = line.blocker
    return BatchItem(
        organization_id=batch.organization_id, batch=batch, invoice=line.invoice, load=line.load,
        currency=line.currency, short=line.short, seen=line.load.version if line.load else 0,
        state=BatchItem.State.WAITING if blocker is None else BatchItem.State.SKIPPED,
        code=blocker.code if blocker else "", message=str(blocker.message) if blocker else "",
    )  # fmt: skip


def _with_job(actor: Any, batch: BatchResolution, kind: str, title: str, **parameters: Any) -> BatchResolution:
    batch.job = start_job(actor, kind, title, {"batch": batch.pk, **parameters})
    batch.save(update_fields=["job"])
    return batch


def _locked(actor: Any, batch: BatchResolution) -> BatchResolution:
    lock_rows(BatchResolution.objects.of(actor), [batch.pk])
    return BatchResolution.objects.of(actor).select_related("job", "type").get(pk=batch.pk)


@operation
def retry_batch(*, actor: Any, batch: BatchResolution) -> BatchResolution:
    """Try again what failed, and go on with what a stop left over; what was passed over stays so."""
    current = _locked(actor, batch)
    left = current.items.filter(state__in=[BatchItem.State.WAITING, BatchItem.State.FAILED])
    count = left.count()
    refuse(retry_batch_blocker(running=is_running(current), left=count))
    left.update(state=BatchItem.State.WAITING, code="", message="", finished_at=None)
    record(actor, "retry_batch", current, changes=count)
    title = ngettext("Go on with %(n)s short payment", "Go on with %(n)s short payments", count) % {"n": f"{count:,}"}
    return _with_job(actor, current, RESOLVE, title)


@operation
def undo_batch(*, actor: Any, batch: BatchResolution, reason: str) -> BatchResolution:
    """Undo every resolution of a batch that still can be, each by `undo_resolution` in a transaction of its own."""
    current = _locked(actor, batch)
    plan = undo_plan(actor, current)
    refuse(undo_batch_blocker(running=is_running(current), undoable=plan.undoable) or no_reason_blocker(reason))
    current.items.filter(pk__in=plan.wanted).update(undo_state=BatchItem.Undo.WAITING, undo_message="")
    record(actor, "undo_batch", current, reason=reason, changes=plan.undoable)
    words = {"n": f"{plan.undoable:,}"}
    title = ngettext("Undo %(n)s resolution", "Undo %(n)s resolutions", plan.undoable) % words
    return _with_job(actor, current, UNDO, title, reason=reason)

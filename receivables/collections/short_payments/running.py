"""The work of a batch: one invoice after the other, each in a transaction that also says what became of it.

A worker that dies leaves the invoice it was at as it was, and those before it done: the next one goes on with what
still waits. Nothing is done twice, since an item is locked, looked at and marked in the transaction of its work.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from receivables.billing.models import Accessorial
from receivables.collections.models import Resolution
from receivables.collections.resolution import resolve_short_payment, undo_resolution
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.rules import changed_text, stale_item_blocker
from receivables.collections.short_payments.undoing import oldest_first
from receivables.core.errors import NotPermitted, Refused, refuse
from receivables.core.jobs import Progress, Stopped, actor_of
from receivables.core.logs import request_id
from receivables.core.models import Job
from receivables.core.transactions import run_atomic

State, Undo = BatchItem.State, BatchItem.Undo
NEEDED = ("resolve_short_payment", "undo_resolution")
TRIES = 3  # for an account that somebody else is working on

logger = logging.getLogger("receivables.jobs")


def run_batch(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The job that resolves what waits in a batch."""
    batch = _batch(actor, job)
    waiting = batch.items.filter(state=State.WAITING).order_by("load__account", "pk")
    _each(actor, job, progress, list(waiting.values_list("pk", flat=True)), _Resolving(batch))
    return {"batch": batch.pk}


def run_undo(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The job that undoes what was asked to be undone."""
    batch = _batch(actor, job)
    _each(actor, job, progress, oldest_first(batch), _Undoing(job.parameters["reason"]))
    return {"batch": batch.pk}


def _batch(actor: Any, job: Job) -> BatchResolution:
    return BatchResolution.objects.of(actor).select_related("type__tax_code").get(pk=job.parameters["batch"])


class _Resolving:
    """What is done with a waiting item, and how it reads if that fails."""

    waits = {"state": State.WAITING}

    def __init__(self, batch: BatchResolution) -> None:
        self.batch = batch

    def work(self, actor: Any, item: BatchItem) -> None:
        batch, load = self.batch, item.load
        if load is None:
            raise TypeError("an item without a load is never planned to wait")
        result = resolve_short_payment(
            actor=actor, load=load, type=batch.type, note=batch.note, reason=batch.reason,
            posting_date=batch.posting_date, seen=item.seen,
        )  # fmt: skip
        taken = result.amount if isinstance(result, Resolution) else -result.amount
        refuse(stale_item_blocker(planned=item.short, taken=taken))
        if isinstance(result, Accessorial):
            item.state, item.accessorial = State.ASKED, result
        else:
            item.state, item.resolution = State.DONE, result

    def refused(self, item: BatchItem, code: str, message: str) -> None:
        """A rule's refusal passes the invoice over; only what may go well another time failed."""
        item.state = State.FAILED if code in ("busy", "fault") else State.SKIPPED
        item.code, item.message = code, changed_text() if code == "stale" else message


class _Undoing:
    waits = {"state": State.DONE, "undo_state": Undo.WAITING}

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def work(self, actor: Any, item: BatchItem) -> None:
        if item.resolution is None:
            raise TypeError("the table lets nothing be done without a resolution")
        item.undo = undo_resolution(actor=actor, resolution=item.resolution, reason=self.reason)
        item.undo_state = Undo.UNDONE

    def refused(self, item: BatchItem, code: str, message: str) -> None:
        item.undo_state, item.undo_message = Undo.KEPT, message


MOVING = ("state", "code", "message", "resolution", "accessorial", "undo_state", "undo_message", "undo", "finished_at")
Task = _Resolving | _Undoing


def _each(actor: Any, job: Job, progress: Progress, keys: Sequence[int], task: Task) -> None:
    total = max(job.total, len(keys))  # a job that is run again counts what was done before
    before = total - len(keys)
    watch = _Watch(actor, job)
    for position, key in enumerate(keys):
        progress(before + position, total)
        _settle(watch.still_permitted(len(keys) - position), key, task)
    progress(total, total)


class _Watch:
    """Whether the person who asked may still do what is done in their name, asked before every invoice."""

    def __init__(self, actor: Any, job: Job) -> None:
        self.actor, self.job, self.seen = actor, job, self._facts(actor)

    def _facts(self, actor: Any) -> Any:
        facts = ("active", "role", "granted", "denied", "user__is_active", "organization__active")
        return Membership.objects.filter(pk=actor.pk).values_list(*facts).first()

    def still_permitted(self, left: int) -> Any:
        """The person as they are now. Raises `Stopped`, before anything more is done, if they may no more."""
        facts = self._facts(self.actor)
        if facts == self.seen:
            return self.actor
        now = actor_of(self.job)
        if now is None or not all(now.can(verb) for verb in NEEDED):
            message = _("%(name)s no longer has the permission for this. The %(n)s invoices left are unchanged.")
            raise Stopped(message % {"name": self.actor.name, "n": f"{left:,}"})
        self.actor, self.seen = now, facts
        return now


def _settle(actor: Any, key: int, task: Task) -> None:
    """Bring one item to its end. Only a lost connection or a lost permission is left to the job."""
    for attempt in range(1, TRIES + 1):
        try:
            run_atomic(lambda: _work(actor, key, task))
        except Refused as refused:
            if refused.code != "busy" or attempt == TRIES:
                _mark(key, task, refused.code, str(refused.blocker.message))
                return
        except (NotPermitted, OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("item %s of a batch failed", key)
            message = _("Something failed on our side; nothing was changed. Reference %(id)s.")
            _mark(key, task, "fault", message % {"id": request_id.get()})
            return
        else:
            return


def _claimed(key: int, task: Task) -> BatchItem | None:
    """The item, locked, if it still waits for this."""
    items = BatchItem.objects.select_for_update(no_key=True, of=("self",)).select_related("load", "resolution__load")
    return items.filter(pk=key, **task.waits).first()


def _work(actor: Any, key: int, task: Task) -> None:
    item = _claimed(key, task)
    if item is None:
        return
    task.work(actor, item)
    item.finished_at = timezone.now()
    item.save(update_fields=MOVING)


def _mark(key: int, task: Task, code: str, message: str) -> None:
    """Write why an item was not done: its work was rolled back, and with it its lock."""
    with transaction.atomic():
        item = _claimed(key, task)
        if item is not None:
            task.refused(item, code, message)
            item.finished_at = timezone.now()
            item.save(update_fields=MOVING)


def follow_decision(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a decision about what a batch sent for approval: granted it is resolved, otherwise passed over."""
    if not subject.facts.get("resolving"):
        return
    item = BatchItem.objects.of(actor).filter(accessorial=subject.subject_id, state=State.ASKED).first()
    if item is None:
        return
    item.resolution = Resolution.objects.of(actor).filter(accessorial=subject.subject_id, undoes=None).first()
    item.state = State.DONE if item.resolution is not None else State.SKIPPED
    if item.resolution is None:
        item.code, item.message = "not_granted", _("The reduction was not granted.")
    item.finished_at = timezone.now()
    item.save(update_fields=MOVING)

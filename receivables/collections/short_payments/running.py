"""The work of a batch: some invoices at a time, in a transaction that also says what became of each.

A worker that dies leaves the invoices it was at as they were, and those before them done: the next one goes on with
what still waits. Nothing is done twice, since an item is locked, looked at and marked in the transaction of its work.
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
from receivables.collections.resolution import Wish, resolve_each, undo_each
from receivables.collections.resolution_rules import changed_text
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.undoing import oldest_first
from receivables.core.errors import NotPermitted, Refused
from receivables.core.jobs import Progress, Stopped, actor_of
from receivables.core.logs import request_id
from receivables.core.models import Job
from receivables.core.operations import authorize
from receivables.core.rows import update
from receivables.core.transactions import run_atomic

State, Undo = BatchItem.State, BatchItem.Undo
NEEDED = ("resolve_short_payment", "undo_resolution")
TRIES = 3  # for an account that somebody else is working on
# Invoices of one transaction: enough to share its queries, few enough to be stopped within a second.
TOGETHER = 50

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
    """What is done with waiting items, and how one reads if that fails."""

    waits = {"state": State.WAITING}

    def __init__(self, batch: BatchResolution) -> None:
        self.batch = batch

    def work(self, actor: Any, items: Sequence[BatchItem]) -> None:
        authorize(actor, "resolve_short_payment")
        outcomes = resolve_each(actor, [self._wish(item) for item in items])
        for item, outcome in zip(items, outcomes, strict=True):
            if isinstance(outcome, Refused):
                self.refused(item, outcome.code, str(outcome.blocker.message))
            elif isinstance(outcome, Accessorial):
                item.state, item.accessorial = State.ASKED, outcome
            else:
                item.state, item.resolution = State.DONE, outcome

    def _wish(self, item: BatchItem) -> Wish:
        batch = self.batch
        if item.load is None:
            raise TypeError("an item without a load is never planned to wait")
        return Wish(
            item.load, batch.type, None, batch.note, batch.reason, batch.posting_date, item.seen, exactly=item.short
        )

    def refused(self, item: BatchItem, code: str, message: str) -> None:
        """A rule's refusal passes the invoice over; only what may go well another time failed."""
        item.state = State.FAILED if code in ("busy", "fault") else State.SKIPPED
        item.code, item.message = code, changed_text() if code == "stale" else message


class _Undoing:
    waits = {"state": State.DONE, "undo_state": Undo.WAITING}

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def work(self, actor: Any, items: Sequence[BatchItem]) -> None:
        authorize(actor, "undo_resolution")
        outcomes = undo_each(actor, [_resolution(item) for item in items], reason=self.reason)
        for item, outcome in zip(items, outcomes, strict=True):
            if isinstance(outcome, Refused):
                self.refused(item, outcome.code, str(outcome.blocker.message))
            else:
                item.undo, item.undo_state = outcome, Undo.UNDONE

    def refused(self, item: BatchItem, code: str, message: str) -> None:
        item.undo_state, item.undo_message = Undo.KEPT, message


def _resolution(item: BatchItem) -> Resolution:
    if item.resolution is None:
        raise TypeError("the table lets nothing be done without a resolution")
    return item.resolution


MOVING = ("state", "code", "message", "resolution", "accessorial", "undo_state", "undo_message", "undo", "finished_at")
Task = _Resolving | _Undoing


def _each(actor: Any, job: Job, progress: Progress, keys: Sequence[int], task: Task) -> None:
    total = max(job.total, len(keys))  # a job that is run again counts what was done before
    before = total - len(keys)
    watch = _Watch(actor, job)
    for position in range(0, len(keys), TOGETHER):
        progress(before + position, total)
        _settle(watch.still_permitted(len(keys) - position), keys[position : position + TOGETHER], task)
    progress(total, total)


class _Watch:
    """Whether the person who asked may still do what is done in their name, asked before every transaction."""

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


def _settle(actor: Any, keys: Sequence[int], task: Task) -> None:
    """Bring these items to their end, together if nothing goes wrong with any of them. What the database refuses, it
    refuses for all: then each is tried alone, so that each has a reason of its own."""
    if len(keys) > 1:
        try:
            run_atomic(lambda: _work(actor, keys, task))
        except (NotPermitted, OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.info("%s items of a batch are tried one by one: %s", len(keys), error)
        else:
            return
    for key in keys:
        _settle_alone(actor, key, task)


def _settle_alone(actor: Any, key: int, task: Task) -> None:
    """Bring one item to its end. Only a lost connection or a lost permission is left to the job."""
    for attempt in range(1, TRIES + 1):
        try:
            run_atomic(lambda: _work(actor, [key], task))
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


def _claimed(keys: Sequence[int], task: Task) -> list[BatchItem]:
    """Those of the items, locked, that still wait for this; in the order of the keys."""
    items = BatchItem.objects.select_for_update(no_key=True, of=("self",)).select_related("load", "resolution__load")
    found = {item.pk: item for item in items.filter(pk__in=keys, **task.waits).order_by("pk")}
    return [found[key] for key in keys if key in found]


def _work(actor: Any, keys: Sequence[int], task: Task) -> None:
    items = _claimed(keys, task)
    if items:
        task.work(actor, items)
        _finish(items)


def _finish(items: Sequence[BatchItem]) -> None:
    for item in items:
        item.finished_at = timezone.now()
    update(items, MOVING)


def _mark(key: int, task: Task, code: str, message: str) -> None:
    """Write why an item was not done: its work was rolled back, and with it its lock."""
    with transaction.atomic():
        items = _claimed([key], task)
        for item in items:
            task.refused(item, code, message)
        _finish(items)


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

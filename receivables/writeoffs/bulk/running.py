"""The work of a batch: set after set of accounts, each set in a transaction that also says what became of them.

A worker that dies leaves the set it was at as it was, and those before it done: the next one goes on with what still
waits. Nothing is done twice, since items are locked, looked at and marked in the transaction of their work. A set in
which something goes wrong is done in halves, down to the one account that it is about.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from receivables.core.errors import Blocker, NotPermitted, Refused
from receivables.core.jobs import Progress, Stopped, actor_of
from receivables.core.logs import request_id
from receivables.core.models import Job
from receivables.core.transactions import run_atomic
from receivables.customers.models import Account
from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem
from receivables.writeoffs.bulk.planning import CHUNK, picks_of, wanted_of
from receivables.writeoffs.bulk.rules import changed_text
from receivables.writeoffs.bulk.undoing import ask_undo
from receivables.writeoffs.drafting import drafted_each
from receivables.writeoffs.operations import carry_out_each
from receivables.writeoffs.reversing import planned_each
from receivables.writeoffs.taking_back import post_reversals

State, Undo = WriteOffBatchItem.State, WriteOffBatchItem.Undo
Items = Sequence[WriteOffBatchItem]
MARKED_AT_ONCE = 5_000
logger = logging.getLogger("receivables.jobs")

MARK = """
UPDATE writeoffs_writeoffbatchitem i
   SET state = v.state, code = v.code, message = v.message, write_off_id = v.write_off, undo_state = v.undo_state,
       undo_message = v.undo_message, undo_id = v.undo, finished_at = now()
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::bigint[])
    AS v(id, state, code, message, write_off, undo_state, undo_message, undo)
 WHERE i.id = v.id
"""
MARKED = ("pk", "state", "code", "message", "write_off_id", "undo_state", "undo_message", "undo_id")


def run_write_offs(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The job that writes off what waits in a batch."""
    return _all(actor, job, progress, _WritingOff(_batch(actor, job)))


def run_undo(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The job that takes back what can be: it marks that first, which is too much for one statement of a request."""
    batch, last = _batch(actor, job), 0
    done = batch.items.filter(state=State.DONE).exclude(undo_state=Undo.UNDONE).order_by("pk")
    while keys := list(done.filter(pk__gt=last).values_list("pk", flat=True)[:MARKED_AT_ONCE]):
        run_atomic(lambda keys=keys: ask_undo(batch, keys))  # type: ignore[misc]
        last = keys[-1]
    return _all(actor, job, progress, _TakingBack(batch, job.parameters["reason"]))


def _batch(actor: Any, job: Job) -> WriteOffBatch:
    rows = WriteOffBatch.objects.of(actor).select_related("to_type", "confirmed_by", "approved_by")
    return rows.get(pk=job.parameters["batch"])


class _WritingOff:
    """What is done with waiting items, and how one reads that is refused."""

    waits = {"state": State.WAITING}
    needed = ("write_off_debts", "write_off_debt")

    def __init__(self, batch: WriteOffBatch) -> None:
        self.batch = batch

    def work(self, actor: Any, items: Items, accounts: dict[int, Account]) -> None:
        wanteds = [wanted_of(self.batch, accounts[each.account_id], picks_of(each), each.digest) for each in items]
        drafts = []
        for item, draft in zip(items, drafted_each(actor, wanteds, accounts), strict=True):
            if isinstance(draft, Blocker):
                self.refused(item, draft.code, str(draft.message))
            else:
                drafts.append((item, draft))
        made = carry_out_each(
            actor, [draft for _item, draft in drafts], author=self.batch.confirmed_by,
            approved_by=self.batch.approved_by,
        )  # fmt: skip
        for (item, _draft), write_off in zip(drafts, made, strict=True):
            item.state, item.write_off, item.code, item.message = State.DONE, write_off, "", ""

    def refused(self, item: WriteOffBatchItem, code: str, message: str) -> None:
        """A rule's refusal passes the account over; only what may go well another time failed."""
        item.state = State.FAILED if code in ("busy", "fault") else State.SKIPPED
        item.code, item.message = code, changed_text() if code == "stale" else message


class _TakingBack:
    waits = {"state": State.DONE, "undo_state": Undo.WAITING}
    needed = ("undo_write_offs", "reverse_write_off")

    def __init__(self, batch: WriteOffBatch, reason: str) -> None:
        self.batch, self.reason = batch, reason

    def work(self, actor: Any, items: Items, accounts: dict[int, Account]) -> None:
        takes = []
        planned = planned_each(actor, [each.write_off_id or 0 for each in items], reason=self.reason)
        for item, take in zip(items, planned, strict=True):
            if isinstance(take, Blocker):
                self.refused(item, take.code, str(take.message))
            else:
                takes.append((item, take))
        for (item, _take), made in zip(takes, post_reversals(actor, [take for _i, take in takes]), strict=True):
            item.undo_state, item.undo, item.undo_message = Undo.UNDONE, made, ""

    def refused(self, item: WriteOffBatchItem, code: str, message: str) -> None:
        item.undo_state, item.undo_message = Undo.KEPT, message


Task = _WritingOff | _TakingBack


def _all(actor: Any, job: Job, progress: Progress, task: Task) -> dict[str, Any]:
    """Everything that waits, set by set; accounts that somebody else is at work on come last, one by one."""
    waiting = task.batch.items.filter(**task.waits).order_by("pk")
    left = waiting.count()
    total = max(job.total, left)  # a job that is run again counts what was done before
    done, last = total - left, 0
    while keys := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        progress(done, total)
        done += _settle(still_permitted(job, task, total - done), keys, task, patient=False)
        last = keys[-1]
    for key in waiting.values_list("pk", flat=True):
        progress(done, total)
        done += _settle(still_permitted(job, task, total - done), [key], task, patient=True)
    progress(total, total)
    return {"batch": task.batch.pk}


def still_permitted(job: Job, task: Task, left: int) -> Any:
    """The person who asked, as they are now. Raises `Stopped`, before anything more is done, if they may no more."""
    now = actor_of(job)
    if now is not None and all(now.can(verb) for verb in task.needed):
        return now
    message = _("%(name)s no longer has the permission for this. The %(n)s accounts left are unchanged.")
    raise Stopped(message % {"name": job.created_by, "n": f"{left:,}"})


def _settle(actor: Any, keys: Sequence[int], task: Task, *, patient: bool) -> int:
    """Bring a set to its end; how many that were. Only a lost connection or a lost permission is left to the job."""
    try:
        return run_atomic(lambda: _work(actor, keys, task, patient=patient))
    except (NotPermitted, OperationalError, InterfaceError):
        raise
    except Refused as refused:
        if len(keys) == 1:
            return _mark(keys, task, refused.code, str(refused.blocker.message))
    except Exception:
        if len(keys) == 1:
            logger.exception("item %s of a batch of write-offs failed", keys[0])
            message = _("Something failed on our side; nothing was changed. Reference %(id)s.")
            return _mark(keys, task, "fault", message % {"id": request_id.get()})
    half = len(keys) // 2
    return _settle(actor, keys[:half], task, patient=patient) + _settle(actor, keys[half:], task, patient=patient)


def _claimed(keys: Sequence[int], task: Task) -> list[WriteOffBatchItem]:
    """Those of the items, locked, that still wait for this."""
    rows = WriteOffBatchItem.objects.select_for_update(no_key=True).filter(pk__any=list(keys), **task.waits)
    return list(rows.order_by("pk"))


def _work(actor: Any, keys: Sequence[int], task: Task, *, patient: bool) -> int:
    """Do a set: lock its items and their accounts, or as many of these as nobody else holds; do it, and mark it."""
    items = _claimed(keys, task)
    rows = Account.objects.of(actor).filter(pk__any=[each.account_id for each in items])
    accounts = {row.pk: row for row in rows.select_for_update(no_key=True, skip_locked=not patient).order_by("pk")}
    mine = [each for each in items if each.account_id in accounts]
    if mine:
        task.work(actor, mine, accounts)
        _keep(mine)
    return len(mine)


def _mark(keys: Sequence[int], task: Task, code: str, message: str) -> int:
    """Write why an item was not done: its work was rolled back, and with it its lock."""
    with transaction.atomic():
        items = _claimed(keys, task)
        for item in items:
            task.refused(item, code, message)
        _keep(items)
    return len(items)


def _keep(items: Items) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MARK, [[getattr(each, name) for each in items] for name in MARKED])

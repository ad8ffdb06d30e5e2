"""What came of calls, written down for several at once: at the latest a second after the first of them.

Until then a call that was made stands where it was written down before it. A worker that dies in between leaves it to
be asked after.
"""

from time import monotonic
from typing import Any

from django.utils import timezone

from receivables.core.rows import insert, update
from receivables.core.transactions import run_atomic
from receivables.integrations.due import takes_calls
from receivables.integrations.models import MOVING, Attempt, Connection, Delivery
from receivables.integrations.resting import doubt, later, put_back, refuse, rest
from receivables.integrations.systems.base import UNREACHABLE, Fault, Step

State, Trouble = Delivery.State, Delivery.Trouble
MOST, SECONDS = 50, 1.0


class Lost(Exception):
    """A delivery that another worker has taken over meanwhile."""


class Notes:
    """Of one worker, `by`, on one connection. `stopped`: it takes no more calls for now; `woke`: something that was
    held may be sent."""

    def __init__(self, connection: Connection, by: str) -> None:
        self.connection, self.by = connection, by
        self.attempts: list[Attempt] = []
        self.outcomes: dict[int, tuple[Delivery, Fault | None, bool]] = {}
        self.back: dict[int, bool] = {}
        self.why: dict[str, Any] = {}
        self.stopped = self.woke = False
        self.since = 0.0

    @property
    def full(self) -> bool:
        return len(self.outcomes) >= MOST or bool(self.outcomes and monotonic() - self.since > SECONDS)

    def came(self, delivery: Delivery, *, fault: Fault | None = None, silent: bool = False) -> None:
        """All calls of a delivery were done, or the last one was refused, or not answered."""
        if not self.outcomes:
            self.since = monotonic()
        self.outcomes[delivery.pk] = (delivery, fault, silent)
        if silent:
            self.stopped = True
        if fault is not None and fault.trouble == Trouble.CREDENTIALS:
            self.stop(state=Connection.State.BROKEN, problem=fault.message)
        elif fault is not None and fault.trouble == Trouble.RETRYABLE and fault.wait:
            said = {"problem": fault.message} if fault.code == UNREACHABLE else {}
            self.stop(paused_until=later(fault.wait), **said)

    def stop(self, **why: Any) -> None:
        """The connection takes nothing more for now; `why` are its columns that say so."""
        self.why.update(why)
        self.stopped = True

    def went_on(self, delivery: Delivery, step: Step) -> None:
        """One of several calls was done: kept before the next. Once one of them changed something, what was delivered
        before is not there any more, should it be wanted again. Raises `Lost`."""
        rows = Delivery.objects.filter(pk=delivery.pk, pending__by=self.by)
        gone = {} if step.only_reads else {"payload_hash": ""}
        if not rows.update(
            remote=delivery.remote, pending=delivery.pending, next_attempt_at=delivery.next_attempt_at, **gone
        ):  # fmt: skip
            raise Lost

    def write(self) -> None:
        """Keep everything that is not kept yet, in one transaction."""
        if self.attempts or self.outcomes or self.back or self.why:
            run_atomic(self._write)
        self.attempts, self.outcomes, self.back, self.why = [], {}, {}, {}

    def _write(self) -> None:
        if self.why:
            # What a person said of it meanwhile stays.
            Connection.objects.filter(pk=self.connection.pk, state=Connection.State.LIVE).update(**self.why)
        elif not takes_calls(self.connection):
            self.stopped = True  # somebody paused it meanwhile
        elif self.connection.problem and self._served():  # it can be reached again
            Connection.objects.filter(pk=self.connection.pk, state=Connection.State.LIVE).update(problem="")
            self.connection.problem = ""
        keys = [*self.outcomes, *self.back]
        locked = Delivery.objects.select_for_update(no_key=True).filter(pk__in=keys, pending__by=self.by)
        rows = list(locked.order_by("pk"))
        for row in rows:
            self._settle(row)
        update(rows, MOVING)
        insert(self.attempts)
        self._wake()

    def _served(self) -> set[int]:
        """The customers who got something."""
        return {sent.customer_id for sent, fault, silent in self.outcomes.values() if fault is None and not silent}

    def _settle(self, row: Delivery) -> None:
        if row.pk in self.back:
            return put_back(row, asked=self.back[row.pk])
        sent, fault, silent = self.outcomes[row.pk]
        row.remote = sent.remote
        if silent:
            return doubt(row, self.connection)
        if fault is not None:
            return refuse(row, fault)
        pending: dict[str, Any] = row.pending or {}
        return rest(row, State.SYNCED, payload_hash=pending["hash"], synced=pending["body"])

    def _wake(self) -> None:
        """What waited for something of a customer who got something is looked at again."""
        done = self._served()
        held = Delivery.objects.filter(connection=self.connection, customer__in=done, state=State.HELD)
        if done and held.update(state=State.QUEUED, changed_at=timezone.now()):
            self.woke = True

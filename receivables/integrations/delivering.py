"""Delivering what customers' documents have become to one connection, a set at a time.

No transaction is open during a call. Before it, what is about to be sent is committed for a whole set (`preparing`);
after it, what came of several calls (`noting`). A worker killed in between leaves deliveries *Sending*: whoever finds
them asks the other system first, of each, whether its call was done, as it does where no answer came.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import QuerySet

from receivables.core.errors import Refused
from receivables.integrations.calling import Caller
from receivables.integrations.due import LEASE, lanes, ready, takes_calls
from receivables.integrations.models import Connection, Delivery, Kind
from receivables.integrations.noting import Notes
from receivables.integrations.preparing import Preparer, Stop
from receivables.integrations.registry import ADAPTERS
from receivables.integrations.systems.base import Adapter, Handed

State = Delivery.State
ORDER = [Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT, Kind.JOURNAL]
AT_ONCE = 100  # documents that are written down together
SET_SECONDS, RUN_SECONDS = 30, 60  # no call of a set, no set of a run begins later

logger = logging.getLogger(__name__)


class Deliverer:
    """Works off what is due of some customers on one connection. `link` is what the adapter talks through.

    `at_once` documents are written down together, and are this worker's own for as long as `lease` says; none where
    something else keeps all others out.
    """

    def __init__(
        self, connection: Connection, adapter: Adapter, link: Callable[[], Any], *, at_once: int = AT_ONCE,
        lease: timedelta | None = LEASE,
    ) -> None:  # fmt: skip
        self.connection, self.at_once, self.by, self.began = connection, at_once, uuid4().hex, monotonic()
        self.notes = Notes(connection, self.by)
        self.preparer = Preparer(connection, adapter, self.by, lease)
        self.caller = Caller(adapter, link, self.notes)

    @property
    def stopped(self) -> bool:
        return self.notes.stopped

    def run(self, rows: QuerySet[Delivery]) -> int:
        """Deliver what is due of these; how many were looked at. Stops where the connection does, or after a minute:
        whoever looks for what is due finds the rest."""
        done, self.notes.woke = 0, True
        try:
            while self.notes.woke:
                self.notes.woke = False
                done += self._once(rows)
        except Stop:
            pass
        return done

    def resume(self, key: int, *, asked: bool, seconds: float) -> None:
        """Go on with a delivery whose answer the link has now, `seconds` after it was handed out.

        `asked`: the answer is to the question whether it had been done before. Without an answer it is uncertain.
        """
        with transaction.atomic():
            delivery = Delivery.objects.select_for_update(no_key=True).get(pk=key)
            if delivery.state not in (State.SENDING, State.UNCERTAIN):  # meanwhile a person took it out of our hands
                return
            delivery.pending = {**(delivery.pending or {}), "by": self.by}
            delivery.keep()
        try:
            self._make(delivery, asks=asked, began=monotonic() - seconds)
        finally:
            self.notes.write()

    def _once(self, rows: QuerySet[Delivery]) -> int:
        """One round: what was begun; what is taken back; then each kind after what it builds on. What waited for
        something that was delivered comes in the next."""
        begun = sorted(rows.filter(ready(), pending__isnull=False).values_list("pk", "kind", "source_id"), key=_rank)
        for keys in self._sets([key for key, _kind, _source in begun]):
            self._call(self.preparer.take_up(keys), asks=True)
        queued = rows.filter(ready(), state=State.QUEUED).order_by("customer", "source_id")
        known = queued.exclude(remote={}).exclude(kind__in=[Kind.CUSTOMER, Kind.INVOICE])
        done = len(begun) + self._deliver(known, only_back=True)
        return done + sum(self._deliver(queued.filter(kind=kind)) for kind in ORDER)

    def _deliver(self, queued: QuerySet[Delivery], *, only_back: bool = False) -> int:
        keys = list(queued.values_list("pk", flat=True))
        for some in self._sets(keys):
            self._set(some, only_back=only_back)
        return 0 if only_back else len(keys)

    def _sets(self, keys: list[int]) -> Iterable[list[int]]:
        for place in range(0, len(keys), self.at_once):
            if self.stopped or monotonic() - self.began > RUN_SECONDS:
                raise Stop
            yield keys[place : place + self.at_once]

    def _set(self, keys: list[int], *, only_back: bool = False) -> None:
        """Send a set, what it builds on first."""
        try:
            prepared = self.preparer.prepare(keys, only_back=only_back)
        except (Stop, DatabaseError, InterfaceError, Refused):
            raise
        except Exception:
            return self._singly(keys, only_back)
        self._call(prepared.sent, asks=False)
        for more in (prepared.first, prepared.rest):
            for some in self._sets(more):
                self._set(some)

    def _singly(self, keys: list[int], only_back: bool) -> None:
        """What fails on our side fails for one document: the others of its set go on."""
        if len(keys) > 1:
            for key in keys:
                self._set([key], only_back=only_back)
        else:
            logger.exception("delivery %s cannot be prepared", keys[0])
            self.preparer.put_off(keys[0])

    def _call(self, deliveries: list[Delivery], *, asks: bool) -> None:
        """Make the calls of a set that is written down, outside of any transaction. What does not come to its turn is
        put back."""
        until, left = monotonic() + SET_SECONDS, list(reversed(deliveries))
        try:
            while left and not self.stopped and monotonic() < until:
                self._make(left.pop(), asks=asks)
                if self.notes.full:
                    self.notes.write()
        finally:
            self.notes.back.update({each.pk: asks for each in left})
            self.notes.write()

    def _make(self, delivery: Delivery, *, asks: bool, began: float | None = None) -> None:
        """Whatever fails on our side, it is asked after later."""
        try:
            self.caller.make(delivery, asks=asks, began=began)
        except (Handed, DatabaseError, InterfaceError, Refused):
            raise
        except Exception:
            logger.exception("delivery %s failed on our side", delivery.pk)
            self.notes.came(delivery, silent=True)


def _rank(row: tuple[int, str, int]) -> tuple[int, int]:
    return ORDER.index(Kind(row[1])), row[2]


def deliver(connection: Connection, rows: QuerySet[Delivery]) -> int:
    """Work off what is due of these on a connection that is live; how many documents were looked at.

    Nothing on a connection whose program over there fetches its work itself.
    """
    system = ADAPTERS[connection.system]
    if system.fetched or not takes_calls(connection):
        return 0
    return Deliverer(connection, system.adapter, lambda: system.link(connection)).run(rows)


def deliver_lane(connection: Connection, lane: int) -> int:
    """Work off what is due of the customers of a lane."""
    return deliver(connection, Delivery.objects.alias(lane=lanes()).filter(connection=connection, lane=lane))


def deliver_customer(connection: Connection, customer_id: int) -> int:
    """Work off what is due of one customer."""
    return deliver(connection, Delivery.objects.filter(connection=connection, customer=customer_id))

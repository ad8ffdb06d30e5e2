"""Delivering what a customer's documents have become to one connection, one call after the other.

No transaction is open during a call. Before it, what is about to be sent is committed; after it, what came of it. A
worker killed in between leaves a delivery *Sending*: the next one asks the other system first whether the call was
done, as it does where no answer came.
"""

import hashlib
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.integrations import gathering
from receivables.integrations.attempts import keep_call
from receivables.integrations.models import NOTHING, Attempt, Connection, Delivery, Kind
from receivables.integrations.names import named
from receivables.integrations.registry import ADAPTERS
from receivables.integrations.snapshots import Wanted
from receivables.integrations.sources import SOURCES
from receivables.integrations.systems.base import Adapter, Answer, Book, Fault, Handed, Held, Silence, Step, Unmapped
from receivables.integrations.taking_over import take_over

State, Trouble = Delivery.State, Delivery.Trouble
ORDER = [Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT, Kind.JOURNAL]
KEYS = UUID("5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f11")  # the name space of our keys, never to be changed
MAX_TRIES = 8


class Stop(Exception):
    """The connection takes nothing more for now."""


def digest(body: dict[str, Any]) -> str:
    """The same for the same document, whatever the order of its parts."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def ready() -> Q:
    """Deliveries whose time has come, and what was being sent when a worker died."""
    its_time = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=timezone.now())
    return Q(state=State.SENDING) | (Q(state__in=[State.QUEUED, State.UNCERTAIN]) & its_time)


def due(connection: Connection, customer_id: int) -> Any:
    """What has to be delivered of this customer on this connection."""
    return Delivery.objects.filter(ready(), connection=connection, customer_id=customer_id)


class Deliverer:
    """Works off one customer's queue on one connection. `link` is what the adapter talks through."""

    def __init__(self, connection: Connection, adapter: Adapter, link: Callable[[], Any]) -> None:
        self.connection, self.adapter, self._make_link = connection, adapter, link
        self._link: Any = None
        self.stopped = self.progress = self.answered = False
        self.began: float | None = None

    @property
    def link(self) -> Any:
        if self._link is None:
            self._link = self._make_link()
        return self._link

    def run(self, customer_id: int) -> int:
        """Deliver everything that is due; how many documents were looked at. Stops where the connection does."""
        done, self.progress = 0, True
        try:
            while self.progress:
                self.progress = False
                done += self.once(customer_id)
        except Stop:
            pass
        return done

    def resume(self, delivery: Delivery, *, asked: bool, seconds: float) -> None:
        """Go on with a delivery whose answer the link has now, `seconds` after it was handed out.

        `asked`: the answer is to the question whether it had been done before. Without an answer it is uncertain.
        """
        if delivery.pending is None:  # meanwhile a person took it out of our hands
            return
        self.answered, self.began = not asked, monotonic() - seconds
        with suppress(Stop):
            self.finish(delivery)

    def once(self, customer_id: int) -> int:
        """One round. Where something was delivered, what waited for it comes in the next."""
        begun = list(due(self.connection, customer_id).filter(pending__isnull=False).order_by("pk"))
        for delivery in begun:
            self.finish(delivery)
        rows = self.in_order(customer_id)
        for delivery, wanted in rows:
            self.deliver(delivery, wanted)
        return len(begun) + len(rows)

    def in_order(self, customer_id: int) -> list[tuple[Delivery, Wanted | None]]:
        """What is taken back goes first, then each kind after what it builds on."""
        rows = list(due(self.connection, customer_id).filter(pending__isnull=True))
        keys: dict[str, list[int]] = {}
        for delivery in rows:
            keys.setdefault(delivery.source, []).append(delivery.source_id)
        read = {label: SOURCES[label].rows.in_bulk(pks) for label, pks in keys.items()}
        found = []
        for delivery in rows:
            wanted = SOURCES[delivery.source].build(read[delivery.source][delivery.source_id])
            back = wanted is not None and wanted.body.get("void") and delivery.kind != Kind.INVOICE
            found.append(((0 if back else 1, ORDER.index(Kind(delivery.kind)), delivery.source_id), delivery, wanted))
        return [(delivery, wanted) for _key, delivery, wanted in sorted(found, key=lambda each: each[0])]

    # One document ----------------------------------------------------------------------------------------------

    def deliver(self, delivery: Delivery, wanted: Wanted | None) -> None:
        """Send what a document became, what it builds on first; every call outside of any transaction."""
        needed: dict[str, Delivery] = {}
        if wanted is not None and not wanted.held and digest(wanted.body) != delivery.payload_hash:
            try:
                needed = self.needed(wanted)
            except Fault as fault:
                return self.note_refusal(delivery, fault)
        if self.prepare(delivery, wanted, needed):
            self.finish(Delivery.objects.get(pk=delivery.pk))
        return self.go_on()

    def note_refusal(self, delivery: Delivery, fault: Fault) -> None:
        with transaction.atomic():
            self.refused(Delivery.objects.select_for_update(no_key=True).get(pk=delivery.pk), fault)
        self.go_on()

    def go_on(self) -> None:
        """Raise `Stop` once the connection takes no more. Never within a transaction, which would lose the reason."""
        if self.stopped:
            raise Stop

    @transaction.atomic
    def prepare(self, delivery: Delivery, wanted: Wanted | None, needed: dict[str, Delivery]) -> bool:
        """Decide what has to be sent and write it down; False where there is nothing to send."""
        current = Delivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
        if current.state != State.QUEUED:
            return False
        if wanted is None or (wanted.body.get("void") and not current.remote):
            return self.settle(current, State.SYNCED, payload_hash=NOTHING, synced=None)
        current.reference, current.currency, current.amount = wanted.reference, wanted.currency, wanted.amount
        wanted_hash = digest(wanted.body)
        if wanted_hash == current.payload_hash:
            return self.settle(current, State.SYNCED)
        if wanted.held:
            return self.settle(current, State.HELD, message=wanted.held)
        for each in needed.values():
            if each.synced is None:
                waits = _("Waits until %(reference)s has been delivered.") % {"reference": each.reference}
                return self.settle(current, State.HELD, message=waits)
        if not current.remote:
            take_over(self.adapter, current, wanted.body)
        book = self.book(current, needed)
        try:
            steps = self.adapter.plan(current.kind, current.synced, wanted.body, current.remote, book)
        except Unmapped as unmapped:
            return self.unmapped(current, unmapped)
        except Held as held:
            return self.settle(current, State.HELD, message=held.message)
        except Fault as fault:
            return self.refused(current, fault)
        if not steps:
            return self.settle(current, State.SYNCED, payload_hash=wanted_hash, synced=wanted.body)
        current.state, current.again, current.attempts = State.SENDING, False, current.attempts + 1
        keyed = [asdict(self.keyed(current, step, index)) for index, step in enumerate(steps)]
        current.pending = {"steps": keyed, "done": 0, "sent": False, "hash": wanted_hash, "body": wanted.body}
        current.keep()
        return True

    def keyed(self, delivery: Delivery, step: Step, index: int) -> Step:
        """A step with its key: kept as long as this change is tried, another one for every further change, so that
        going back to an earlier state is not taken for a repetition."""
        name = f"{self.connection.pk}:{delivery.pk}:{delivery.attempts}:{index}:{step.operation}"
        return replace(step, key=uuid5(KEYS, name).hex)

    def settle(self, delivery: Delivery, state: str, *, message: str = "", **values: Any) -> bool:
        """Leave a delivery in a state of rest."""
        delivery.state, delivery.message, delivery.trouble, delivery.system_text = state, message, Trouble.NONE, ""
        delivery.fix, delivery.pending, delivery.tries, delivery.next_attempt_at = "", None, 0, None
        for name, value in values.items():
            setattr(delivery, name, value)
        if state == State.SYNCED:
            delivery.synced_at = timezone.now()
        if delivery.again:
            delivery.again, delivery.state = False, State.QUEUED
        delivery.changed_at = timezone.now()
        delivery.keep()
        return False

    def needed(self, wanted: Wanted) -> dict[str, Delivery]:
        """What a document builds on, by reference; what was never delivered is delivered first.

        Raises `Fault` for what never will be, since it is older than the connection or was imported.
        """
        keys = [need.rpartition(":") for need in wanted.needs]
        named = Q(pk=None)
        for label, _colon, pk in keys:
            named |= Q(source=label, source_id=int(pk))
        rows = Delivery.objects.filter(named, connection=self.connection)
        found = {f"{row.source}:{row.source_id}": row for row in rows}
        for label, _colon, pk in keys:
            need = f"{label}:{pk}"
            found[need] = self.usable(found.get(need) or self.add(label, int(pk)))
        return found

    def usable(self, needed: Delivery) -> Delivery:
        """A document that others build on. Raises `Fault` where this connection will never have it."""
        if needed.payload_hash == NOTHING:
            raise self.elsewhere(needed.reference)
        return needed

    def elsewhere(self, reference: str) -> Fault:
        words = {"reference": reference, "connection": self.connection.name}
        message = _(
            "It belongs to %(reference)s, which %(connection)s did not get from here. Enter it over there by hand and "
            "mark it as handled outside."
        )  # fmt: skip
        return Fault(Trouble.NEEDS_PERSON, message % words)

    def add(self, label: str, pk: int) -> Delivery:
        """A document that another one needs and no event has brought here: delivered before it."""
        source = SOURCES[label]
        row = source.rows.get(pk=pk, organization_id=self.connection.organization_id)
        delivery = gathering.fresh(self.connection, source, row)
        if label != gathering.CUSTOMERS and gathering.begins(row) < self.connection.start_date:
            raise self.elsewhere(delivery.reference)
        delivery.save(force_insert=True)
        self.deliver(delivery, source.build(row))
        delivery.refresh_from_db()
        return delivery

    def book(self, delivery: Delivery, needed: dict[str, Delivery]) -> Book:
        mappings = dict(self.connection.mappings.values_list("local_key", "remote_id"))
        remotes = {key: row.remote for key, row in needed.items()}
        return Book(mappings, remotes, self.connection.options, f"{delivery.source}:{delivery.source_id}")

    # The calls -------------------------------------------------------------------------------------------------

    def finish(self, delivery: Delivery) -> None:
        """Make the calls that were written down and not made yet, each remembered before the next."""
        pending: dict[str, Any] = delivery.pending or {}
        while pending["done"] < len(pending["steps"]):
            step = Step(**pending["steps"][pending["done"]])
            try:
                answer = self.call(delivery, step)
            except Fault as fault:
                return self.note_refusal(delivery, fault)
            except Silence:
                return self.uncertain(delivery)
            delivery.refresh_from_db()
            delivery.remote = {**delivery.remote, **answer.remote}
            pending = {**pending, "done": pending["done"] + 1, "sent": False}
            delivery.pending = pending
            delivery.save(update_fields=["remote", "pending"])
        with transaction.atomic():
            current = Delivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
            self.settle(current, State.SYNCED, payload_hash=pending["hash"], synced=pending["body"])
            held = Delivery.objects.filter(connection=self.connection, customer=current.customer_id, state=State.HELD)
            self.progress = bool(held.update(state=State.QUEUED, changed_at=timezone.now())) or self.progress

    def call(self, delivery: Delivery, step: Step) -> Answer:
        """One call; where an earlier one with the same key may have been done, that is asked first."""
        pending: dict[str, Any] = delivery.pending or {}
        answered, self.answered = self.answered, False
        if pending["sent"] and not answered:
            found = self.asked(delivery, step)
            if found is not None:
                return found
        delivery.pending = {**pending, "sent": True}
        delivery.state = State.SENDING
        delivery.save(update_fields=["pending", "state"])
        answer = self.noted(delivery, step, step.operation, lambda: self.adapter.send(self.link, step, delivery.remote))
        assert answer is not None
        return answer

    def asked(self, delivery: Delivery, step: Step) -> Answer | None:
        """Whether a call was done. While that cannot be asked nobody knows: it is never sent again on a guess."""
        try:
            return self.noted(delivery, step, "find", lambda: self.adapter.find(self.link, step, delivery.remote))
        except Fault as fault:
            if fault.trouble == Trouble.CREDENTIALS:
                self.stop(state=Connection.State.BROKEN, problem=fault.message)
            elif fault.trouble != Trouble.RETRYABLE:
                raise
            elif fault.wait:
                self.stop(paused_until=later(fault.wait))
            raise Silence(fault.message) from fault

    def noted(
        self, delivery: Delivery, step: Step, operation: str, call: Callable[[], Answer | None]
    ) -> Answer | None:  # fmt: skip
        """Make a call and keep what was said, whatever comes of it."""
        started, self.began = self.began or monotonic(), None
        outcome, told = str(Attempt.Outcome.SILENT), Answer()
        try:
            answer = call()
            outcome = Attempt.Outcome.FOUND if operation == "find" and answer else Attempt.Outcome.DONE
            told = answer or Answer()
        except Fault as fault:
            outcome = Attempt.Outcome.REFUSED
            told = Answer({}, fault.request, fault.response or fault.system_text, fault.status)
            raise
        except Silence as silence:
            told = Answer({}, silence.request, silence.response or silence.message, silence.status)
            raise
        except Handed as handed:
            handed.delivery, handed.asks, outcome = delivery.pk, operation == "find", ""
            raise
        finally:
            if outcome:
                keep_call(delivery, step, operation, told, outcome, started)
        return answer

    # What went wrong ---------------------------------------------------------------------------------------------

    def unmapped(self, delivery: Delivery, unmapped: Unmapped) -> bool:
        names = ", ".join(named(self.connection, unmapped.keys))
        words = {"names": names, "connection": self.connection.name}
        delivery.state, delivery.trouble, delivery.pending = State.ERROR, Trouble.NEEDS_MAPPING, None
        delivery.message = _("%(connection)s does not know %(names)s yet. Map it, then retry.") % words
        delivery.fix, delivery.changed_at = "mapping", timezone.now()
        delivery.keep()
        return False

    def refused(self, delivery: Delivery, fault: Fault) -> bool:
        """Write down what the system said. What may pass by itself is tried again later, the rest waits for a
        person."""
        delivery.message, delivery.system_text, delivery.fix = fault.message, fault.system_text, fault.fix
        delivery.trouble, delivery.changed_at = fault.trouble, timezone.now()
        delivery.tries += 1
        if fault.trouble == Trouble.CREDENTIALS:
            delivery.state, delivery.pending = State.QUEUED, None
            delivery.keep()
            self.stop(state=Connection.State.BROKEN, problem=fault.message)
            return False
        if fault.trouble == Trouble.RETRYABLE and delivery.tries < MAX_TRIES:
            wait = fault.wait or min(3600, 15 * 2**delivery.tries)
            delivery.state, delivery.pending = State.QUEUED, None
            delivery.next_attempt_at = later(wait)
            delivery.keep()
            if fault.wait:
                self.stop(paused_until=later(fault.wait))
            return False
        delivery.state, delivery.pending = State.ERROR, None
        delivery.keep()
        return False

    def uncertain(self, delivery: Delivery) -> None:
        with transaction.atomic():
            current = Delivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
            current.state, current.tries = State.UNCERTAIN, current.tries + 1
            words = {"system": self.connection.get_system_display()}
            current.message = (
                _("%(system)s did not answer. It is asked whether it was done before it is sent again.") % words
            )
            current.next_attempt_at, current.changed_at = later(min(3600, 5 * 2**current.tries)), timezone.now()
            current.keep()
        self.stopped = True
        self.go_on()

    def stop(self, **why: Any) -> None:
        """The connection takes nothing more for now; `why` are its columns that say so."""
        Connection.objects.filter(pk=self.connection.pk).update(**why)
        self.stopped = True


def later(seconds: float) -> Any:
    """A moment about so many seconds from now; spread, so that many do not come back at once."""
    return timezone.now() + timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def deliver_customer(connection: Connection, customer_id: int) -> int:
    """Work off what is due for a customer on a connection that is live; how many documents were looked at.

    Nothing on a connection whose program over there fetches its work itself.
    """
    if (
        ADAPTERS[connection.system].fetched
        or connection.state != Connection.State.LIVE
        or (connection.paused_until or timezone.now()) > timezone.now()
    ):
        return 0
    system = ADAPTERS[connection.system]
    return Deliverer(connection, system.adapter, lambda: system.link(connection)).run(customer_id)

"""Deciding what a set of documents has to become over there, and writing it down before anything is sent.

A set is one transaction: the deliveries are locked, then their documents read as they are now, so that a change comes
either before, and is sent, or after, and is looked at again.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.core.rows import update
from receivables.core.transactions import run_atomic
from receivables.integrations import gathering
from receivables.integrations.due import keep_others_out, ready, taken, takes_calls
from receivables.integrations.models import MOVING, NOTHING, Connection, Delivery, Kind
from receivables.integrations.names import named
from receivables.integrations.resting import fail, refuse, rest
from receivables.integrations.snapshots import Wanted, digest
from receivables.integrations.sources import SOURCES
from receivables.integrations.systems.base import Adapter, Book, Fault, Held, Step, Unmapped
from receivables.integrations.taking_over import take_over, to_be_taken_over

State, Trouble = Delivery.State, Delivery.Trouble
KEYS = UUID("5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f11")  # the name space of our keys, never to be changed


class Stop(Exception):
    """The connection takes nothing more for now."""


@dataclass
class Prepared:
    """What of a set can be sent now, in order; what has to be `first`, since some of it builds on it and nobody had
    asked for it yet; and what is looked at again after that (`rest`)."""

    sent: list[Delivery] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    rest: list[int] = field(default_factory=list)


@dataclass
class Facts:
    """What the documents of a set are judged by, read once for all."""

    wanted: dict[int, Wanted | None]
    needed: dict[str, Delivery]
    mappings: dict[str, str]
    undone: set[tuple[int, str]]


class Preparer:
    """Of one worker, `by`, on one connection; what it writes down is its own for as long as `lease` says."""

    def __init__(self, connection: Connection, adapter: Adapter, by: str, lease: Any) -> None:
        self.connection, self.adapter, self.by, self.lease = connection, adapter, by, lease

    def prepare(self, keys: list[int], *, only_back: bool = False) -> Prepared:
        """Decide about these deliveries and write down what is to be sent; `only_back`: of what is taken back.

        Raises `Stop` where the connection takes no calls any more.
        """
        return run_atomic(lambda: self._prepared(keys, only_back))

    def take_up(self, keys: list[int]) -> list[Delivery]:
        """Take over what another worker began, or what is uncertain: nobody else asks after it meanwhile."""
        return run_atomic(lambda: self._taken_up(keys))

    def put_off(self, key: int) -> None:
        """What cannot even be read is looked at again later, ever more rarely, and says so; in the end to a person."""
        words = _("It could not be prepared on our side. It is tried again; if that stays so, tell your administrator.")
        with transaction.atomic():
            row = Delivery.objects.select_for_update(no_key=True).get(pk=key)
            if row.state == State.QUEUED:
                refuse(row, Fault(Trouble.RETRYABLE, words))
                row.keep()

    def _prepared(self, keys: list[int], only_back: bool) -> Prepared:
        rows = self._locked(keys, State.QUEUED)
        wanted = self._wanted(rows)
        if only_back:
            rows = [row for row in rows if is_back(row, wanted[row.pk])]
        needed, missing = self._needed([each for row in rows if (each := self._sendable(row, wanted[row.pk]))])
        made = self._add(missing)
        facts = Facts(wanted, needed, {}, set())
        facts.mappings = dict(self.connection.mappings.values_list("local_key", "remote_id"))
        facts.undone = to_be_taken_over(self.connection, {row.customer_id for row in rows})
        return self._decided(rows, facts, made)

    def _taken_up(self, keys: list[int]) -> list[Delivery]:
        rows = self._locked(keys, State.SENDING, State.UNCERTAIN)
        for row in rows:
            row.state, row.next_attempt_at = State.SENDING, self._until()
            row.pending = {**(row.pending or {}), "by": self.by}
        update(rows, MOVING)
        return rows

    def _until(self) -> Any:
        return timezone.now() + self.lease if self.lease else None

    def _locked(self, keys: list[int], *states: str) -> list[Delivery]:
        """What of these is still due and nobody else is at work on, in the order of the keys."""
        due = Delivery.objects.filter(ready(), pk__in=keys, state__in=states)
        keep_others_out(self.connection, set(due.values_list("customer", flat=True)))
        if not takes_calls(self.connection, hold=True):
            raise Stop
        rows = list(due.select_for_update(no_key=True).order_by("pk"))
        others = taken(self.connection, {row.customer_id for row in rows})
        place = {key: index for index, key in enumerate(keys)}
        free = (row for row in rows if row.customer_id not in others)
        return sorted(free, key=lambda row: place[row.pk])

    @staticmethod
    def _wanted(rows: list[Delivery]) -> dict[int, Wanted | None]:
        keys: dict[str, dict[int, int]] = {}
        for row in rows:
            keys.setdefault(row.source, {})[row.source_id] = row.pk
        return {
            by_source[pk]: wanted
            for label, by_source in keys.items()
            for pk, wanted in SOURCES[label].wanted(by_source).items()
        }

    @staticmethod
    def _sendable(row: Delivery, wanted: Wanted | None) -> Wanted | None:
        """What is wanted of a document, if it may have to be sent."""
        if wanted is None or wanted.held or (wanted.body.get("void") and not row.remote):
            return None
        return wanted

    # What documents build on -------------------------------------------------------------------------------------

    def _needed(self, wanted: list[Wanted]) -> tuple[dict[str, Delivery], dict[str, set[int]]]:
        """What these build on, by reference, and what of it was never delivered, by source."""
        keys: dict[str, set[int]] = {}
        for each in wanted:
            for need in each.needs:
                label, _colon, pk = need.rpartition(":")
                keys.setdefault(label, set()).add(int(pk))
        named = Q(pk=None)
        for label, pks in keys.items():
            named |= Q(source=label, source_id__in=pks)
        rows = Delivery.objects.filter(named, connection=self.connection)
        found = {f"{row.source}:{row.source_id}": row for row in rows}
        missing = {label: {pk for pk in pks if f"{label}:{pk}" not in found} for label, pks in keys.items()}
        return found, missing

    def _add(self, missing: dict[str, set[int]]) -> dict[str, int]:
        """Documents that others need and no event has brought here; those from before the connection stay out."""
        made = []
        for label, pks in missing.items():
            source = SOURCES[label]
            for row in source.rows.filter(organization_id=self.connection.organization_id, pk__in=pks):
                if label == gathering.CUSTOMERS or gathering.begins(row) >= self.connection.start_date:
                    made.append(gathering.fresh(self.connection, source, row))
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
        named = Q(pk=None)
        for each in made:
            named |= Q(source=each.source, source_id=each.source_id)
        rows = Delivery.objects.filter(named, connection=self.connection)
        return {f"{source}:{source_id}": pk for source, source_id, pk in rows.values_list("source", "source_id", "pk")}

    def _elsewhere(self, need: str) -> Fault:
        """What this connection will never have of ours."""
        label, _colon, pk = need.rpartition(":")
        words = {"reference": str(SOURCES[label].rows.get(pk=pk).number), "connection": self.connection.name}
        message = _(
            "It belongs to %(reference)s, which %(connection)s did not get from here. Enter it over there by hand and "
            "mark it as handled outside."
        )  # fmt: skip
        return Fault(Trouble.NEEDS_PERSON, message % words)

    # One document ------------------------------------------------------------------------------------------------

    def _decided(self, rows: list[Delivery], facts: Facts, made: dict[str, int]) -> Prepared:
        found, judged, gone = Prepared(first=sorted(made.values())), [], set()
        for row in rows:
            wanted = self._sendable(row, facts.wanted[row.pk])
            if row.pk in gone:
                continue
            if wanted is not None and not made.keys().isdisjoint(wanted.needs):
                found.rest.append(row.pk)
                continue
            gone.update(self._decide(row, facts))
            judged.append(row)
        judged = [row for row in judged if row.pk not in gone]
        update(judged, MOVING)
        found.sent = [row for row in judged if row.state == State.SENDING]
        return found

    def _decide(self, row: Delivery, facts: Facts) -> list[int]:
        """Say on the row what is to be sent, or why nothing is; the deliveries whose place it took."""
        wanted = facts.wanted[row.pk]
        if wanted is None or (wanted.body.get("void") and not row.remote):
            rest(row, State.SYNCED, payload_hash=NOTHING, synced=None)
            return []
        row.reference, row.currency, row.amount = wanted.reference, wanted.currency, wanted.amount
        wanted_hash = digest(wanted.body)
        if wanted_hash == row.payload_hash:
            rest(row, State.SYNCED)
            return []
        over: list[int] = []
        try:
            self._may_go(wanted, facts)
            if not row.remote and (row.customer_id, row.kind) in facts.undone:
                over = take_over(self.adapter, row, wanted.body)
            book = self._book(row, wanted, facts)
            self._plan(row, wanted, wanted_hash, book)
        except Unmapped as unmapped:
            names = ", ".join(named(self.connection, unmapped.keys))
            words = {"names": names, "connection": self.connection.name}
            message = _("%(connection)s does not know %(names)s yet. Map it, then retry.") % words
            fail(row, Trouble.NEEDS_MAPPING, message, fix="mapping")
        except Held as held:
            rest(row, State.HELD, message=held.message)
        except Fault as fault:
            refuse(row, fault)
        return over

    def _may_go(self, wanted: Wanted, facts: Facts) -> None:
        """Raise `Held` for what has to wait, `Fault` for what builds on something that will never be there."""
        if wanted.held:
            raise Held(wanted.held)
        for need in wanted.needs:
            other = facts.needed.get(need)
            if other is None or other.payload_hash == NOTHING:
                raise self._elsewhere(need)
        for need in wanted.needs:
            other = facts.needed[need]
            words = {"reference": other.reference}
            if other.state == State.IGNORED and not other.payload_hash:
                raise Held(
                    _(
                        "It belongs to %(reference)s, which is marked as handled outside. Enter this over there by "
                        "hand too and mark it as handled outside, or retry %(reference)s."
                    )
                    % words
                )
            if not other.payload_hash or (other.pending is not None and other.state != State.IGNORED):
                raise Held(_("Waits until %(reference)s has been delivered.") % words)

    def _book(self, row: Delivery, wanted: Wanted, facts: Facts) -> Book:
        remotes = {need: facts.needed[need].remote for need in wanted.needs}
        home = self.connection.organization.currency
        return Book(facts.mappings, remotes, self.connection.options, f"{row.source}:{row.source_id}", home)

    def _plan(self, row: Delivery, wanted: Wanted, wanted_hash: str, book: Book) -> None:
        steps = self.adapter.plan(row.kind, row.synced, wanted.body, row.remote, book)
        if not steps:
            return rest(row, State.SYNCED, payload_hash=wanted_hash, synced=wanted.body)
        row.state, row.again, row.attempts, row.next_attempt_at = State.SENDING, False, row.attempts + 1, self._until()
        keyed = [self._keyed(row, step, index) for index, step in enumerate(steps)]
        row.pending = {"steps": keyed, "done": 0, "hash": wanted_hash, "body": wanted.body, "by": self.by}
        return None

    def _keyed(self, row: Delivery, step: Step, index: int) -> dict[str, Any]:
        """A step with its key: kept as long as this change is tried, another one for every further change, so that
        going back to an earlier state is not taken for a repetition."""
        name = f"{self.connection.pk}:{row.pk}:{row.attempts}:{index}:{step.operation}"
        return {"operation": step.operation, "body": step.body, "key": uuid5(KEYS, name).hex}


def is_back(row: Delivery, wanted: Wanted | None) -> bool:
    """Whether a document is taken back; a void invoice keeps its place among the invoices."""
    return wanted is not None and bool(wanted.body.get("void")) and row.kind != Kind.INVOICE

"""What of a batch can be undone, and why the rest can't: the rule of a single undo, asked for all items at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F

from receivables.collections.models import Resolution
from receivables.collections.resolution_rules import undo_resolution_blocker
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.core.errors import Blocker


@dataclass(frozen=True)
class Standing:
    """A resolution of the batch that stands, and what keeps it from being undone, if anything."""

    item: BatchItem
    blocker: Blocker | None


@dataclass(frozen=True)
class UndoPlan:
    """All that stands. `wanted` are the items that an undo takes up; `total` is what it puts back."""

    lines: Sequence[Standing]

    @property
    def kept(self) -> list[Standing]:
        return [line for line in self.lines if line.blocker is not None]

    @property
    def wanted(self) -> list[int]:
        return [line.item.pk for line in self.lines if line.blocker is None]

    @property
    def undoable(self) -> int:
        return len(self.wanted)

    @property
    def total(self) -> Decimal:
        return sum((line.item.short for line in self.lines if line.blocker is None), Decimal(0))


def undo_plan(actor: Any, batch: BatchResolution) -> UndoPlan:
    """Ask the rule about everything the batch resolved and that was not undone by it, in two queries."""
    items = list(
        BatchItem.objects.of(actor)
        .filter(batch=batch, state=BatchItem.State.DONE)
        .exclude(undo_state=BatchItem.Undo.UNDONE)
        .select_related("invoice", "load", "resolution")
        .order_by("pk")
    )
    undone = set(
        Resolution.objects.of(actor)
        .filter(undoes__in=[item.resolution_id for item in items])
        .values_list("undoes", flat=True)
    )
    return UndoPlan([Standing(item, _blocker(item, undone)) for item in items])


def _blocker(item: BatchItem, undone: set[int | None]) -> Blocker | None:
    resolution, load = item.resolution, item.load
    if resolution is None or load is None:
        raise TypeError("the table lets nothing be done without a resolution")
    return undo_resolution_blocker(
        undone=resolution.pk in undone,
        newest=item.invoice.current_revision == resolution.revision_number,
        has_accessorial=resolution.accessorial_id is not None,
        changed=load.charges_total != load.billed_charges,
    )


def oldest_first(batch: BatchResolution) -> list[int]:
    """What an undo still has to do."""
    waiting = batch.items.filter(undo_state=BatchItem.Undo.WAITING)
    return list(waiting.order_by(F("load__account"), "pk").values_list("pk", flat=True))

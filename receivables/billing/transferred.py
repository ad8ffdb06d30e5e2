"""Where the debt of an invoice stands that was transferred off it: on write-off agreements, or on other ordinary ones.

What was moved may be moved again and be written off there: every item that it stands on names the invoice's as its
origin, so one step finds them all.
"""

from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from receivables.ledger.models import Allocation, JournalLine, OpenItem

OWED, RECOVERED = "owed", "recovered"
# Moved to another ordinary agreement: still owed there, or settled.
MOVED, MOVED_SETTLED = "moved", "moved_settled"
Kind = Allocation.Kind


def _live(kinds: tuple[str, ...], **where: Any) -> QuerySet[Allocation]:
    """The transfers of some kind that stand."""
    return Allocation.objects.filter(kind__in=kinds, reverses__isnull=True, reversed_by__isnull=True, **where)


def _still_owed(**where: Any) -> QuerySet[JournalLine]:
    """What transfers to write-off agreements opened and is still owed there, or was transferred further."""
    further = _live((Kind.TRANSFER, Kind.MOVED), debit_item_id=OuterRef("open_item_id"))
    return JournalLine.objects.filter(
        Q(open_item__balance__gt=0) | Exists(further),
        entry__in=_live((Kind.TRANSFER,), **where).values("entry_id"), opens=True,
        open_item__kind=OpenItem.Kind.WRITE_OFF,
    )  # fmt: skip


def _moved_owed(item: Any) -> QuerySet[OpenItem]:
    return OpenItem.objects.filter(origin_id=item, balance__gt=0)


def transfer_state(path: str) -> Case:
    """In a query: what became of what was transferred off the open item at `path`; empty if nothing was."""
    item, deeper = OuterRef(f"{path}_id"), OuterRef(OuterRef(f"{path}_id"))
    return Case(
        When(Q(**{f"{path}__live_settlements": 0}), then=Value("")),
        When(Exists(_still_owed(debit_item_id=deeper)), then=Value(OWED)),
        When(Exists(_still_owed(debit_item__origin_id=deeper)), then=Value(OWED)),
        When(Exists(_moved_owed(item)), then=Value(MOVED)),
        When(Exists(_live((Kind.TRANSFER,), debit_item_id=item)), then=Value(RECOVERED)),
        When(Exists(_live((Kind.TRANSFER,), debit_item__origin_id=item)), then=Value(RECOVERED)),
        When(Exists(_live((Kind.MOVED,), debit_item_id=item)), then=Value(MOVED_SETTLED)),
        default=Value(""),
        output_field=CharField(),
    )


def transfer_of(item: OpenItem) -> str:
    """The same of one open item; no query where nothing but payments settled it."""
    if not item.settled_otherwise:
        return ""
    own, further = {"debit_item_id": item.pk}, {"debit_item__origin_id": item.pk}
    if not _live((Kind.TRANSFER, Kind.MOVED), **own).exists():
        return ""
    if _still_owed(**own).exists() or _still_owed(**further).exists():
        return OWED
    if _moved_owed(item.pk).exists():
        return MOVED
    written_off = _live((Kind.TRANSFER,), **own).exists() or _live((Kind.TRANSFER,), **further).exists()
    return RECOVERED if written_off else MOVED_SETTLED

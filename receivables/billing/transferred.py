"""Whether what was transferred off an invoice is still owed: it stands on open items of write-off agreements."""

from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from receivables.ledger.models import Allocation, JournalLine, OpenItem

OWED, RECOVERED = "owed", "recovered"


def _live(item: Any) -> QuerySet[Allocation]:
    """The transfers that settle an item."""
    return Allocation.objects.filter(
        debit_item_id=item, kind=Allocation.Kind.TRANSFER, reverses__isnull=True, reversed_by__isnull=True
    )


def _still_owed(item: Any) -> QuerySet[JournalLine]:
    """What those transfers opened and is still owed there, or was transferred further."""
    return JournalLine.objects.filter(
        Q(open_item__balance__gt=0) | Exists(_live(OuterRef("open_item_id"))),
        entry__in=_live(item).values("entry_id"), opens=True, open_item__kind=OpenItem.Kind.WRITE_OFF,
    )  # fmt: skip


def transfer_state(path: str) -> Case:
    """In a query: "owed" or "recovered" where the open item at `path` was settled by a transfer, else empty."""
    item = OuterRef(OuterRef(f"{path}_id"))
    return Case(
        When(Q(**{f"{path}__live_settlements": 0}), then=Value("")),
        When(Exists(_still_owed(item)), then=Value(OWED)),
        When(Exists(_live(OuterRef(f"{path}_id"))), then=Value(RECOVERED)),
        default=Value(""),
        output_field=CharField(),
    )


def transfer_of(item: OpenItem) -> str:
    """The same of one open item; no query where nothing but payments settled it."""
    if item.live_settlements <= item.live_payments or not _live(item.pk).exists():
        return ""
    return OWED if _still_owed(item.pk).exists() else RECOVERED

"""Debt that was moved: the item that it once stood on, whose document it is about."""

from collections.abc import Iterable

from receivables.ledger.models import OpenItem


def first_items(items: Iterable[int | None]) -> set[int]:
    """The items on which these debts stood before they were moved; of what was never moved, the item itself."""
    keys = [item for item in items if item is not None]
    rows = OpenItem.objects.filter(pk__in=keys).values_list("pk", "origin")
    return {origin or item for item, origin in rows}

"""Lines with the balance after each, newest first, paged without reading what is not shown."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet, Sum

from receivables.ledger.models import JournalLine

SIZE = 50


@dataclass(frozen=True)
class Running:
    """A page of lines, each with `after`, the balance after it; `next` begins the page of older ones."""

    rows: list[Any]
    next: str


def _position(cursor: str) -> tuple[int, int]:
    try:
        entry, line = cursor.split(".")
        return int(entry), int(line)
    except ValueError:
        raise BadRequest("cursor") from None


def _before(entry: int, line: int) -> Q:
    return Q(entry_id__lt=entry) | Q(entry_id=entry, line_no__lt=line)


def running(
    lines: QuerySet[JournalLine], amount: str, cursor: str = "", size: int = SIZE,
    balance_after: Callable[[JournalLine], Decimal] | None = None,
) -> Running:  # fmt: skip
    """A page of `lines` before `cursor`, summed by the field `amount`. Raises `BadRequest` for a broken cursor.

    The balance after the first row is what `balance_after` says, or one sum over everything older; the rest follows
    by subtraction.
    """
    page = lines
    if cursor:
        entry, line = _position(cursor)
        page = lines.filter(entry_id__lte=entry).filter(_before(entry, line))
    found = list(page.order_by("-entry_id", "-line_no")[: size + 1])
    rows, more = found[:size], len(found) > size
    if rows:
        after = balance_after(rows[0]) if balance_after else _added_up(lines, amount, rows[0])
        for row in rows:
            row.after = after  # type: ignore[attr-defined]
            after -= getattr(row, amount)
    return Running(rows, f"{rows[-1].entry_id}.{rows[-1].line_no}" if more else "")


def _added_up(lines: QuerySet[JournalLine], amount: str, first: JournalLine) -> Decimal:
    older = lines.order_by().filter(entry_id__lte=first.entry_id).filter(_before(first.entry_id, first.line_no))
    return (older.aggregate(total=Sum(amount))["total"] or Decimal(0)) + Decimal(getattr(first, amount))

"""What of a batch can be taken back, and what can't: the rule of a single reversal, said in SQL for all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from receivables.writeoffs.bulk.models import WriteOffBatch

# Of each write-off of a batch: what of it was not taken back yet, and what of it is still owed. Worked out once, since
# both are asked for several times.
STANDING = """
WITH s AS MATERIALIZED (
  SELECT i.id,
         w.amount - coalesce((SELECT sum(r.amount) FROM writeoffs_writeoffreversal r WHERE r.write_off_id = w.id), 0)
           AS standing,
         (SELECT coalesce(sum(o.balance), 0)
            FROM writeoffs_writeoffitem m JOIN ledger_openitem o ON o.id = m.open_item_id
           WHERE m.write_off_id = w.id) AS owed
    FROM writeoffs_writeoffbatchitem i JOIN writeoffs_writeoff w ON w.id = i.write_off_id
   WHERE i.batch_id = %(batch)s AND i.organization_id = %(organization)s AND i.state = 'done'{of})
"""
FIGURES = """
SELECT count(*) FILTER (WHERE standing > 0 AND owed >= standing),
       coalesce(sum(standing) FILTER (WHERE standing > 0 AND owed >= standing), 0),
       count(*) FILTER (WHERE standing > 0 AND owed < standing), count(*) FILTER (WHERE standing = 0)
  FROM s
"""
ASK = """
UPDATE writeoffs_writeoffbatchitem i SET undo_state = 'waiting', undo_message = ''
  FROM s WHERE s.id = i.id AND s.standing > 0 AND s.owed >= s.standing
"""


@dataclass(frozen=True)
class UndoFigures:
    """How many write-offs can be taken back and what that comes to; how many were paid since or taken back before."""

    undoable: int
    amount: Decimal
    paid: int
    taken_back: int


def undo_figures(batch: WriteOffBatch) -> UndoFigures:
    """What taking a batch back would do, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING.format(of="") + FIGURES, {"batch": batch.pk, "organization": batch.organization_id})
        return UndoFigures(*cursor.fetchone())


def ask_undo(batch: WriteOffBatch, items: Sequence[int]) -> None:
    """Mark those of the items that an undo takes up."""
    own: dict[str, Any] = {"batch": batch.pk, "organization": batch.organization_id, "items": list(items)}
    with connection.cursor() as cursor:
        cursor.execute(STANDING.format(of=" AND i.id = ANY(%(items)s)") + ASK, own)

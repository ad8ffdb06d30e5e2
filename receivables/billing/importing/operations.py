"""The verb: open invoices from a file become customers, invoices and opening balances."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from receivables.billing.importing.checking import Checker, Counts
from receivables.billing.importing.parsing import Problem, Row
from receivables.billing.importing.posting import Poster
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.operations import operation

BATCH = 5_000
IMPORT_LOCK = 7_204_118  # with the organization: one import at a time, so that each sees what the others brought


def import_receivables_blocker(*, wrong: int, good_rows_only: bool) -> Blocker | None:
    """All rows or none, unless the person asked for the good ones only."""
    if wrong and not good_rows_only:
        message = _("Some rows are wrong, so nothing was imported. Correct them, or import the good rows only.")
        return Blocker("wrong_rows", message)
    return None


def batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in the batches in which they are checked and posted."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _nobody_watches(done: int, total: int) -> None:
    return None


def _nothing_else(counts: Counts, problems: list[Problem]) -> None:
    return None


@operation
def import_receivables(
    *, actor: Any, rows: Sequence[Row], checker: Checker, source: str, good_rows_only: bool = False,
    progress: Callable[[int, int], None] = _nobody_watches,
    ended: Callable[[Counts, list[Problem]], None] = _nothing_else,
) -> tuple[Counts, list[Problem]]:  # fmt: skip
    """Import rows that were read from the file `source`; all in one transaction.

    An invoice keeps its own number; what is there already with the same facts is passed over. `ended` runs in the
    same transaction, for whoever has to remember that it happened. Raises `Refused` if a row is wrong and all were
    wanted.
    """
    lock_imports(actor)
    poster = Poster(actor)
    counts, problems = Counts(), []  # type: tuple[Counts, list[Problem]]
    for batch in batches(rows):
        fresh, found, counted = checker.check(batch)
        problems += found
        refuse(import_receivables_blocker(wrong=len(problems), good_rows_only=good_rows_only))
        counted.new_customers = poster.post(fresh)
        counts += counted
        progress(counts.rows, len(rows))
    record(
        actor, "import_receivables", actor.organization, source=source, rows=counts.rows, invoices=counts.new,
        customers=counts.new_customers, totals=counts.plain()["totals"],
    )  # fmt: skip
    ended(counts, problems)
    return counts, problems


def lock_imports(actor: Any) -> None:
    """Wait until no other import of the organization is under way; until then its numbers are not known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [IMPORT_LOCK, actor.organization_id % 2**31])

"""What the buttons of the grid fill in; a person still sees it and saves it."""

from dataclasses import replace
from decimal import Decimal

from receivables.collections.assigning.grid import Grid
from receivables.collections.assigning.typed import MOST_PARTS, Typed, TypedPart

ZERO = Decimal(0)


def filled_oldest_first(grid: Grid) -> dict[int, Typed]:
    """The money on the invoices of the account that are shown, the oldest due first, until it is used up."""
    left, filled = grid.totals.received or ZERO, {}
    for row in grid.own:
        part = ZERO if row.other else max(min(row.facts.assignment.balance, left), ZERO)
        left -= part
        filled[row.invoice.pk] = replace(row.typed, applied=row.as_typed(part) if part else "")
    return filled


def filled_exactly(grid: Grid) -> dict[int, Typed]:
    """The money on the oldest invoice that is open by just this amount, else on all of the account if they add up to
    it."""
    received = grid.totals.received
    matching = [row.invoice.pk for row in grid.own if row.facts.assignment.balance == received][:1]
    own = [row for row in grid.own if not row.other]
    if not matching and sum((row.facts.assignment.balance for row in own), ZERO) == received:
        matching = [row.invoice.pk for row in own]
    return {
        row.invoice.pk: replace(row.typed, applied=row.whole if row.invoice.pk in matching else "") for row in grid.own
    }


def filled_ticked(grid: Grid, only: int | None = None) -> dict[int, Typed]:
    """Where Pay bill? is ticked and nothing applied: what is owed, or what is left of the money. `only`: one row."""
    left, filled = grid.totals.left or ZERO, {}
    for row in grid.rows:
        typed, wanted = row.typed, only in (None, row.invoice.pk) and not row.foreign
        part = min(row.facts.assignment.balance, left)
        if wanted and typed.pay_bill and not typed.applied.strip() and part > 0:
            left -= part
            typed = replace(typed, applied=row.as_typed(part))
        filled[row.invoice.pk] = typed
    return filled


def repaired(grid: Grid, invoice_id: int) -> dict[int, Typed]:
    """The row with the amount applied that the rule allows: never more than is owed, nor more than is left."""
    typed = {row.invoice.pk: row.typed for row in grid.rows}
    for row in grid.rows:
        if row.invoice.pk == invoice_id:
            left = (grid.totals.left or ZERO) + row.facts.assignment.applied
            part = min(row.facts.assignment.balance, max(left, ZERO)) if grid.totals.received is not None else ZERO
            typed[invoice_id] = replace(row.typed, applied=row.as_typed(part))
    return typed


def asking(grid: Grid, invoice_id: int, ask: bool) -> dict[int, Typed]:
    """The row with the wish to ask for approval, or without."""
    typed = {row.invoice.pk: row.typed for row in grid.rows}
    if invoice_id in typed:
        typed[invoice_id] = replace(typed[invoice_id], ask=ask)
    return typed


def split_further(grid: Grid, invoice_id: int) -> dict[int, Typed]:
    """The row with a line for another reason."""
    typed = {row.invoice.pk: row.typed for row in grid.rows}
    row = typed.get(invoice_id)
    if row is not None and len(row.parts) < MOST_PARTS:
        typed[invoice_id] = replace(row, parts=(*row.parts, TypedPart()))
    return typed

"""What a page shows of a summary invoice: its loads with their parts, and how payments are split over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from receivables.billing.credit_notes.models import CreditNoteLine
from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.status import Status
from receivables.billing.summary.parts import Part, parts_of, shares_of
from receivables.core.dates import today
from receivables.ledger.models import Allocation


@dataclass(frozen=True)
class LoadRow:
    """A load on a summary invoice."""

    load: Load
    part: Part
    status: Status
    resolvable: bool


@dataclass(frozen=True)
class SplitRow:
    """A settlement of a summary invoice and the loads that it was said to be for; the rest is for none yet."""

    allocation: Allocation
    name: str
    shares: list[tuple[Load, Decimal]]
    rest: Decimal


def load_rows(invoice: Invoice, revision: Revision, actor: Any) -> list[LoadRow]:
    """All loads of the current revision, in the order of the document."""
    parts, day, voided = parts_of(invoice, revision), today(actor.organization), invoice.voided_at is not None
    loads = Load.objects.of(actor).in_bulk(parts)
    paid, may = invoice.open_item.live_payments > 0, actor.can("resolve_short_payment")
    rows = []
    for pk in sorted(parts):
        part = parts[pk]
        status = part.status(voided=voided, due_date=invoice.due_date, today=day)
        rows.append(LoadRow(loads[pk], part, status, may and paid and part.balance > 0 and not voided))
    return rows


def settlement_names(allocations: Sequence[Allocation]) -> dict[int, str]:
    """What settles an invoice, by its number: the payment, the credit note, else what kind of settlement it is."""
    lines = CreditNoteLine.objects.filter(allocation__in=[each.pk for each in allocations])
    notes = dict(lines.values_list("allocation_id", "credit_note__number"))
    return {
        each.pk: each.credit_item.number if each.credit_item else notes.get(each.pk, str(each.get_kind_display()))
        for each in allocations
    }


def split_rows(invoice: Invoice, rows: list[LoadRow]) -> list[SplitRow]:
    """Every live settlement of the invoice with its split."""
    live = Allocation.objects.filter(
        debit_item_id=invoice.open_item_id, reverses__isnull=True, reversed_by__isnull=True, amount__gt=0
    )
    allocations = list(live.select_related("credit_item").order_by("pk"))
    split, names = shares_of(allocations), settlement_names(allocations)
    loads = {row.load.pk: row.load for row in rows}
    return [
        SplitRow(
            each,
            names[each.pk],
            [(loads[pk], amount) for pk, amount in split[each.pk].items() if pk in loads],
            each.amount - sum(split[each.pk].values(), Decimal(0)),
        )
        for each in allocations
    ]


def summary_context(invoice: Invoice, revision: Revision, actor: Any) -> dict[str, Any]:
    """The sections of a summary invoice's page."""
    rows = load_rows(invoice, revision, actor)
    return {
        "load_rows": rows,
        "splits": split_rows(invoice, rows) if invoice.voided_at is None else [],
        "may_split": actor.can("split_by_load"),
    }

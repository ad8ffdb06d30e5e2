"""Reading write-offs: one with its sources and destinations, and what stands of many."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from receivables.billing.status import Status
from receivables.customers.models import Agreement
from receivables.ledger.models import JournalEntry, OpenItem
from receivables.writeoffs.models import WriteOff, WriteOffLine, WriteOffReversal, WriteOffReversalLine

ZERO = Decimal(0)
STANDS = Status("stands", _("Written off"), "written-off")
DIVIDEND = Status("dividend", _("Dividend"), "info")
PARTLY = Status("partly_reversed", _("Partly reversed"), "warning")
REVERSED = Status("reversed", _("Reversed"), "neutral")


def _sum(rows: QuerySet, by: str) -> Coalesce:
    found = rows.order_by().values(by).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(found), Value(ZERO), output_field=DecimalField())


def with_documents(write_offs: QuerySet[WriteOff]) -> QuerySet[WriteOff]:
    """Write-offs with what lists and pages show: `reversed` is what was taken back of each."""
    taken = WriteOffReversal.objects.filter(write_off=OuterRef("pk"))
    return write_offs.select_related("account__customer", "created_by", "approved_by").annotate(
        reversed=_sum(taken, "write_off")
    )


def state_of(write_off: Any) -> Status:
    """How a write-off reads: by what of it was taken back, a dividend by what it is."""
    if write_off.reversed == 0:
        return DIVIDEND if write_off.method == WriteOff.Method.DIVIDEND else STANDS
    return REVERSED if write_off.reversed == write_off.amount else PARTLY


@dataclass
class Source:
    """What one write-off took off one source, and what of that was given back. `item` None: debt on no open item."""

    agreement: Agreement
    item: OpenItem | None
    amount: Decimal = ZERO
    reversed: Decimal = ZERO
    split: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def number(self) -> str:
        return str(self.item.number if self.item is not None else self.agreement.number)

    @property
    def document(self) -> Any:
        """Where the debt came from: the invoice, also where it was moved since, else the open item, else the
        agreement."""
        if self.item is None:
            return self.agreement
        first = self.item.origin or self.item
        return first.document or first


def sources_of(write_off: WriteOff) -> list[Source]:
    """The sources of a write-off in the order of its lines, each with the accounts it was booked to."""
    lines = WriteOffLine.objects.filter(write_off=write_off).select_related(
        "source_agreement__type__debt_class", "source_item__invoice", "source_item__origin__invoice",
        "source_item__write_off", "source_item__transfer", "booked_account",
    )  # fmt: skip
    back = taken_back(write_off)
    found: dict[tuple[int, int | None], Source] = {}
    for line in lines.order_by("line_no"):
        key = (line.source_agreement_id, line.source_item_id)
        source = found.setdefault(key, Source(line.source_agreement, line.source_item))
        source.amount += line.amount
        source.reversed += back[line.pk]
        booked = str(line.booked_account) if line.booked_account else str(_("Not explained by a transaction"))
        source.split.append((booked, line.amount))
    return list(found.values())


def taken_back(write_off: WriteOff) -> dict[int, Decimal]:
    """What was taken back of each line of a write-off."""
    rows = WriteOffReversalLine.objects.filter(line__write_off=write_off).values_list("line")
    found: dict[int, Decimal] = defaultdict(Decimal)
    found.update(rows.annotate(sum=Sum("amount")).order_by())
    return found


def entries(write_off: WriteOff) -> list[JournalEntry]:
    """What a write-off and its reversals posted, oldest first."""
    own = Q(source_type=WriteOff._meta.label_lower, source_id=write_off.pk)
    steps = list(write_off.reversals.values_list("pk", flat=True))
    later = Q(source_type=WriteOffReversal._meta.label_lower, source_id__in=steps)
    rows = JournalEntry.objects.filter(own | later, organization_id=write_off.organization_id)
    return list(rows.order_by("pk"))


@dataclass
class TransferIn:
    """What one write-off moved from one source to an agreement, and what of that was taken back."""

    line: WriteOffLine
    amount: Decimal
    back: Decimal


def transfers_in(actor: Any, agreement: Agreement, most: int) -> list[TransferIn]:
    """What was transferred to a write-off agreement, the newest first, by source: at most that many sources, each with
    all that came from it."""
    taken = _sum(WriteOffReversalLine.objects.filter(line=OuterRef("pk")), "line")
    parts = WriteOffLine.objects.of(actor).filter(item__agreement=agreement).annotate(taken=taken)
    sources = parts.values("write_off", "source_agreement", "source_item").annotate(
        first=Min("pk"), whole=Sum("amount"), back=Sum("taken")
    )
    found = list(sources.order_by("-write_off", "first")[:most])
    lines = WriteOffLine.objects.select_related(
        "write_off__created_by", "write_off__approved_by", "source_agreement__type__debt_class", "source_item__invoice"
    ).in_bulk([each["first"] for each in found])
    return [TransferIn(lines[each["first"]], each["whole"], each["back"]) for each in found]

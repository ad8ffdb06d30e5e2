"""The part that each load has in a summary invoice: what is billed of it, what of that is settled, how it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from receivables.billing.models import ChargeKind, Invoice, Load, LoadShare, Revision, RevisionLine
from receivables.billing.status import MOVED_ALONG, Status, invoice_status
from receivables.ledger.models import Allocation

ZERO = Decimal(0)
MONEY = DecimalField()
NOTHING = Value(ZERO, output_field=MONEY)
WRITTEN_OFF_KINDS = (Allocation.Kind.BAD_DEBT, Allocation.Kind.DIFFERENCE, Allocation.Kind.TRANSFER)


@dataclass(frozen=True)
class Part:
    """A load on a summary invoice, in the invoice's currency. `settled` is what settlements say of this very load, and
    `lost` what of that was written off; `whole_settled` that nothing is open on the invoice at all, which settles every
    load; `lost_unsaid` what settlements wrote off without a word for which load; `moved` that it was settled by moving
    what was open to another agreement."""

    load_id: int
    billed: Decimal
    bad_debt: Decimal = ZERO
    settled: Decimal = ZERO
    whole_settled: bool = False
    lost: Decimal = ZERO
    lost_unsaid: Decimal = ZERO
    moved: bool = False

    @property
    def balance(self) -> Decimal:
        """What is open of the load. What no settlement says of it is not known to be paid."""
        return ZERO if self.whole_settled else self.billed - self.settled

    @property
    def paid(self) -> Decimal:
        return (self.settled if self.moved_along else self.billed - self.balance) - self.lost

    @property
    def moved_along(self) -> bool:
        """Whether what was open of the load went to another agreement with the rest of the invoice."""
        return self.moved and self.whole_settled and self.billed > self.settled

    @property
    def written_off(self) -> Decimal:
        """What is known to be written off of the load, by its own lines and by settlements."""
        return self.bad_debt + self.lost

    def status(self, *, voided: bool, due_date: date, today: date) -> Status:
        """How the load's part reads: from its own lines and shares, never from the others'. One that is settled only
        with the whole does not read Paid while something of the whole was written off and not said of other loads."""
        if self.moved_along and not voided:
            return MOVED_ALONG
        unsaid = self.lost_unsaid if self.whole_settled and self.billed > self.settled else ZERO
        return invoice_status(
            total=self.billed, balance=self.balance, paid=self.paid, bad_debt=self.written_off + unsaid, voided=voided,
            due_date=due_date, today=today,
        )  # fmt: skip


def part_of(load: Load) -> Part:
    """The part of a load that is on a summary invoice; read once, or taken from the row of a list."""
    kept: Part | None = load.__dict__.get("_part")
    if kept is None and load.invoice is not None:
        invoice = load.invoice
        if "part_billed" in load.__dict__:
            listed = load.__dict__
            kept = Part(
                load.pk, listed["part_billed"], -listed["part_bad_debt"], listed["part_settled"],
                invoice.open_item.balance == 0 and invoice.voided_at is None, listed["part_lost"],
                listed["part_lost_unsaid"], listed["part_moved"],
            )  # fmt: skip
        else:
            revision = Revision.objects.get(invoice=invoice, number=invoice.current_revision)
            kept = parts_of(invoice, revision).get(load.pk)
    load.__dict__["_part"] = kept = kept or Part(load.pk, ZERO)
    return kept


def _billed(**kind: str) -> Any:
    """In a query of loads: the total of a load's lines on the newest revision of its invoice."""
    lines: Any = RevisionLine.objects.filter(
        load_id=OuterRef("pk"), revision__invoice_id=OuterRef("invoice_id"),
        revision__number=OuterRef("invoice__current_revision"), **kind,
    )  # fmt: skip
    return Coalesce(
        Subquery(lines.order_by().values("load_id").annotate(sum=Sum("total")).values("sum")),
        NOTHING,
        output_field=MONEY,
    )


def _sum(rows: Any, by: str) -> Any:
    return Coalesce(
        Subquery(rows.order_by().values(by).annotate(sum=Sum("amount")).values("sum")), NOTHING, output_field=MONEY
    )


def _shared(**of: Any) -> Any:
    """In a query of loads: what live settlements of its invoice say of a load."""
    item = OuterRef("invoice__open_item_id")
    return _sum(live_shares().filter(load_id=OuterRef("pk"), allocation__debit_item_id=item, **of), "load_id")


def _lost_unsaid() -> Any:
    """In a query of loads: what was written off of the invoice and not said of any load."""
    item = OuterRef("invoice__open_item_id")
    said = live_shares().filter(allocation__debit_item_id=item, allocation__kind__in=WRITTEN_OFF_KINDS)
    return _sum(_live_losses(item), "debit_item_id") - _sum(said, "allocation__debit_item_id")


def _live_losses(item: Any) -> QuerySet[Allocation]:
    return Allocation.objects.filter(
        debit_item_id=item, kind__in=WRITTEN_OFF_KINDS, reverses__isnull=True, reversed_by__isnull=True
    )


def _moved(item: Any) -> QuerySet[Allocation]:
    return Allocation.objects.filter(
        debit_item_id=item, kind=Allocation.Kind.MOVED, reverses__isnull=True, reversed_by__isnull=True
    )


def with_parts(loads: QuerySet[Load]) -> QuerySet[Load]:
    """Loads with the figures that `part_of` wants; worked out only for those on a summary invoice."""
    on_summary = Q(invoice__summary=True)

    def only(figure: Any) -> Case:
        return Case(When(on_summary, then=figure), default=NOTHING, output_field=MONEY)

    return loads.annotate(
        part_billed=only(_billed()),
        part_bad_debt=only(_billed(kind=ChargeKind.BAD_DEBT)),
        part_settled=only(_shared()),
        part_lost=only(_shared(allocation__kind__in=WRITTEN_OFF_KINDS)),
        part_lost_unsaid=only(_lost_unsaid()),
        part_moved=Case(When(on_summary, then=Exists(_moved(OuterRef("invoice__open_item_id")))), default=Value(False)),
    )


def part_settled() -> Q:
    """In a query of loads: on a summary invoice, with nothing open on the load itself."""
    return Q(invoice__summary=True) & Q(Exact(_billed(), _shared()))


def live_shares() -> QuerySet[LoadShare]:
    """Shares of settlements that stand."""
    return LoadShare.objects.filter(allocation__reversed_by__isnull=True)


def shares_of(allocations: Sequence[Allocation]) -> dict[int, dict[int, Decimal]]:
    """The split of each of these settlements: allocation -> load -> amount."""
    split: dict[int, dict[int, Decimal]] = {each.pk: {} for each in allocations}
    rows: Any = LoadShare.objects.filter(allocation__in=split).values_list("allocation_id", "load_id")
    for allocation, load, amount in rows.annotate(total=Sum("amount")).order_by("allocation_id", "load_id"):
        if amount:
            split[allocation][load] = amount
    return split


def settled_by_load(item_id: int, **of: Any) -> dict[int, Decimal]:
    """What live settlements of an open item say of each load."""
    rows: Any = live_shares().filter(allocation__debit_item_id=item_id, **of).values_list("load_id")
    return dict(rows.annotate(total=Sum("amount")).values_list("load_id", "total"))


def parts_of(invoice: Invoice, revision: Revision) -> dict[int, Part]:
    """The part of every load on the current revision of a summary invoice, by load."""
    whole_settled = invoice.open_item.balance == 0 and invoice.voided_at is None
    settled = settled_by_load(invoice.open_item_id)
    lost = settled_by_load(invoice.open_item_id, allocation__kind__in=WRITTEN_OFF_KINDS)
    all_lost = _live_losses(invoice.open_item_id).aggregate(sum=Sum("amount"))["sum"] or ZERO
    unsaid = all_lost - sum(lost.values(), ZERO)
    moved = whole_settled and _moved(invoice.open_item_id).exists()
    lines: Any = RevisionLine.objects.filter(revision=revision, load__isnull=False).values_list("load_id", "kind")
    billed: dict[int, dict[str, Decimal]] = {}
    for load, kind, amount in lines.annotate(amount=Sum("total")).order_by("load_id"):
        billed.setdefault(load, {})[kind] = amount
    return {
        load: Part(
            load, sum(kinds.values(), ZERO), -kinds.get(ChargeKind.BAD_DEBT, ZERO), settled.get(load, ZERO),
            whole_settled, lost.get(load, ZERO), unsaid, moved,
        )
        for load, kinds in billed.items()
    }  # fmt: skip


def share_out(actor: Any, allocation: Allocation, shares: Mapping[int, Decimal]) -> None:
    """Write how a settlement is split: what the shares by load are to be more or less than they are now."""
    now = shares_of([allocation])[allocation.pk]
    changes = {load: shares.get(load, ZERO) - now.get(load, ZERO) for load in {*shares, *now}}
    LoadShare.objects.bulk_create(
        LoadShare(
            organization=actor.organization, allocation=allocation, load_id=load, currency=allocation.currency,
            amount=amount, created_by=actor.user,
        )
        for load, amount in sorted(changes.items())
        if amount
    )  # fmt: skip


def lost_shares(parts: Mapping[int, Part], amount: Decimal) -> dict[int, Decimal]:
    """For which loads it is that an amount is given up, before it is: where one load alone is open, or what is open on
    all of them comes to just that. Empty if nobody knows."""
    rests = {load: part.billed - part.settled for load, part in parts.items() if part.billed != part.settled}
    if any(rest < 0 for rest in rests.values()):
        return {}
    if sum(rests.values(), ZERO) == amount:
        return rests
    return dict.fromkeys(rests, amount) if len(rests) == 1 and min(rests.values()) > amount else {}


def short_shares(parts: Mapping[int, Part], short_on: Load, applied: Decimal) -> dict[int, Decimal]:
    """The split in which one load alone is short: the others get what is open on them, it gets the rest.

    Empty if not even the others are covered, since then nobody knows.
    """
    others = {load: part.balance for load, part in parts.items() if load != short_on.pk and part.balance > 0}
    rest = applied - sum(others.values(), ZERO)
    if rest < 0:
        return {}
    return {**others, short_on.pk: rest} if rest else others

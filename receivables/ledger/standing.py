"""What customers owe: balances by currency, ageing, past due; always from open items, by their partial index."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, DateField, F, Min, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from receivables.ledger.models import OpenItem

ZERO = Decimal(0)
BUCKETS = (30, 60, 90)


# What was written off is still owed and no asset any more: it ages nowhere, and nobody chases it.
NO_ASSET = Q(kind=OpenItem.Kind.WRITE_OFF)
# The parts of what stands between us, each a figure of its own: a deposit secures debt and pays none of it, and money
# on account pays only what it is applied to, so neither makes a customer owe less (ours).
OWED = Q(balance__gt=0) & ~NO_ASSET
DEPOSITS = Q(kind=OpenItem.Kind.DEPOSIT)
ON_ACCOUNT = Q(balance__lt=0) & ~DEPOSITS & ~NO_ASSET


def open_items(actor: Any) -> QuerySet[OpenItem]:
    """Everything that is not settled, money left on account included."""
    return OpenItem.objects.of(actor).exclude(balance=0)


@dataclass
class Standing:
    """What one customer owes, by currency, without what was written off, and the money that we have of them (positive).
    `oldest` is the earliest due date that has passed."""

    owed: dict[str, Decimal] = field(default_factory=dict)
    past_due: dict[str, Decimal] = field(default_factory=dict)
    on_account: dict[str, Decimal] = field(default_factory=dict)
    deposits: dict[str, Decimal] = field(default_factory=dict)
    oldest: date | None = None


def standings(actor: Any, customers: Iterable[int], today: date) -> dict[int, Standing]:
    """The standing of each of these customers, in one query."""
    late = OWED & Q(due_date__lt=today)
    parts = {"owed": OWED, "past_due": late, "on_account": ON_ACCOUNT, "deposits": DEPOSITS}
    rows: Iterable[Any] = (
        open_items(actor)
        .exclude(NO_ASSET)
        .filter(account__customer__in=list(customers))
        .values("account__customer", "currency")
        .annotate(
            oldest=Min(Case(When(late, then=F("due_date")), output_field=DateField())),
            **{f"{part}_sum": Sum("balance", filter=which) for part, which in parts.items()},
        )
        .order_by("account__customer", "currency")
    )
    found: dict[int, Standing] = defaultdict(Standing)
    for row in rows:
        standing = found[row["account__customer"]]
        for part in parts:
            if row[f"{part}_sum"]:
                getattr(standing, part)[row["currency"]] = abs(row[f"{part}_sum"])
        if row["oldest"] and (standing.oldest is None or row["oldest"] < standing.oldest):
            standing.oldest = row["oldest"]
    return found


@dataclass(frozen=True)
class Bucket:
    """One column of an ageing strip; `level` 1 to 5 colours it."""

    level: int
    label: str
    amount: Decimal


@dataclass(frozen=True)
class Ageing:
    """What is owed in one currency (`total`) by how long it is past due; beside it and never netted with it: money on
    account, deposits held, and what was written off and is still owed, all positive."""

    currency: str
    buckets: list[Bucket]
    on_account: Decimal
    deposits: Decimal
    written_off: Decimal

    @property
    def total(self) -> Decimal:
        return sum((bucket.amount for bucket in self.buckets), ZERO)

    @property
    def past_due(self) -> Decimal:
        return sum((bucket.amount for bucket in self.buckets[1:]), ZERO)


def ageing(items: QuerySet[OpenItem], today: date) -> list[Ageing]:
    """An ageing for each currency of these open items, in one query. What was written off ages nowhere. Due today is
    not past due."""
    edges = [today - timedelta(days=days) for days in BUCKETS]
    parts = {
        "b1": OWED & Q(due_date__gte=today),
        "b2": OWED & Q(due_date__lt=today, due_date__gte=edges[0]),
        "b3": OWED & Q(due_date__lt=edges[0], due_date__gte=edges[1]),
        "b4": OWED & Q(due_date__lt=edges[1], due_date__gte=edges[2]),
        "b5": OWED & Q(due_date__lt=edges[2]),
        "on_account": ON_ACCOUNT,
        "deposits": DEPOSITS,
        "written_off": NO_ASSET,
    }
    labels = [_("Not due"), "1–30", "31–60", "61–90", "90+"]
    rows: Iterable[Any] = (
        items.exclude(balance=0)
        .order_by()
        .values("currency")
        .annotate(**{key: Sum("balance", filter=part) for key, part in parts.items()})
        .order_by("currency")
    )
    return [
        Ageing(
            row["currency"],
            [
                Bucket(level, label if level == 1 else _("%(days)s days") % {"days": label}, row[f"b{level}"] or ZERO)
                for level, label in enumerate(labels, start=1)
            ],
            -(row["on_account"] or ZERO),
            -(row["deposits"] or ZERO),
            row["written_off"] or ZERO,
        )
        for row in rows
    ]


def with_days_late(items: Iterable[OpenItem], today: date) -> list[OpenItem]:
    """Open items that know how many days past due they are: `days_late`, 0 for what is not."""
    found = list(items)
    for item in found:
        ages = item.balance > 0 and item.kind != OpenItem.Kind.WRITE_OFF
        late = (today - item.due_date).days if ages else 0
        item.days_late = max(late, 0)  # type: ignore[attr-defined]
    return found

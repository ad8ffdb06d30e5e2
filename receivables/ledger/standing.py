"""What customers owe: balances by currency, ageing, past due; always from open items, by their partial index."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, F, Min, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from receivables.ledger.models import OpenItem

ZERO = Decimal(0)
BUCKETS = (30, 60, 90)


# What was written off is still owed and no asset any more: it ages nowhere, and nobody chases it.
NO_ASSET = Q(kind=OpenItem.Kind.WRITE_OFF)


def open_items(actor: Any) -> QuerySet[OpenItem]:
    """Everything that is not settled, money left on account included."""
    return OpenItem.objects.of(actor).exclude(balance=0)


@dataclass
class Standing:
    """What one customer owes, by currency, without what was written off. `oldest` is the earliest due date that has
    passed."""

    balances: dict[str, Decimal] = field(default_factory=dict)
    past_due: dict[str, Decimal] = field(default_factory=dict)
    oldest: date | None = None


def standings(actor: Any, customers: Iterable[int], today: date) -> dict[int, Standing]:
    """The standing of each of these customers, in one query."""
    late = Q(due_date__lt=today, balance__gt=0)
    rows = (
        open_items(actor)
        .exclude(NO_ASSET)
        .filter(account__customer__in=list(customers))
        .values("account__customer", "currency")
        .annotate(
            balance_sum=Sum("balance"),
            late_sum=Sum("balance", filter=late),
            oldest=Min(Case(When(late, then=F("due_date")), output_field=DateField())),
        )
        .order_by("account__customer", "currency")
    )
    found: dict[int, Standing] = defaultdict(Standing)
    for row in rows:
        standing = found[row["account__customer"]]
        standing.balances[row["currency"]] = row["balance_sum"]
        if row["late_sum"]:
            standing.past_due[row["currency"]] = row["late_sum"]
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
    """What is owed in one currency by how long it is past due, and the money that was not applied yet (negative)."""

    currency: str
    buckets: list[Bucket]
    unapplied: Decimal
    total: Decimal
    items: int

    @property
    def past_due(self) -> Decimal:
        return sum((bucket.amount for bucket in self.buckets[1:]), ZERO)


def ageing(items: QuerySet[OpenItem], today: date) -> list[Ageing]:
    """An ageing for each currency of these open items, in one query, without what was written off. Due today is not
    past due."""
    edges = [today - timedelta(days=days) for days in BUCKETS]
    owed = Q(balance__gt=0)
    parts = {
        "b1": owed & Q(due_date__gte=today),
        "b2": owed & Q(due_date__lt=today, due_date__gte=edges[0]),
        "b3": owed & Q(due_date__lt=edges[0], due_date__gte=edges[1]),
        "b4": owed & Q(due_date__lt=edges[1], due_date__gte=edges[2]),
        "b5": owed & Q(due_date__lt=edges[2]),
        "left": Q(balance__lt=0),
    }
    labels = [_("Not due"), "1–30", "31–60", "61–90", "90+"]
    rows: Iterable[Any] = (
        items.exclude(balance=0)
        .exclude(NO_ASSET)
        .order_by()
        .values("currency")
        .annotate(
            total=Sum("balance"), rows=Count("pk"), **{key: Sum("balance", filter=part) for key, part in parts.items()}
        )
        .order_by("currency")
    )
    return [
        Ageing(
            row["currency"],
            [
                Bucket(level, label if level == 1 else _("%(days)s days") % {"days": label}, row[f"b{level}"] or ZERO)
                for level, label in enumerate(labels, start=1)
            ],
            row["left"] or ZERO,
            row["total"],
            row["rows"],
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

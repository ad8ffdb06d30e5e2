"""Taking a write-off back, whole or in part and repeatedly: the debt stands on its sources again.

A reversal is an entry of its own that moves the pairs the other way, in proportion of what is still owed of each
written-off part, so with its taxes; the last step takes what rounding left. Nothing is deleted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Sum
from django.db.models.functions import Coalesce

from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused
from receivables.core.money import split
from receivables.core.operations import operation
from receivables.customers.models import Account
from receivables.ledger.models import OpenItem
from receivables.writeoffs.models import (
    MovedDebt,
    WriteOff,
    WriteOffItem,
    WriteOffLine,
    WriteOffReversal,
    WriteOffReversalLine,
)
from receivables.writeoffs.planning import own_values
from receivables.writeoffs.rules import ReversalFacts, reverse_write_off_blocker
from receivables.writeoffs.taking_back import Back, TakeBack, post_reversals

ZERO = Decimal(0)


@dataclass(frozen=True)
class Rest:
    """A line of a write-off with what of it was not taken back, in its currency and in the organization's."""

    line: WriteOffLine
    amount: Decimal
    own: Decimal


def rests(write_off: WriteOff) -> list[Rest]:
    """The lines of a write-off with what is left of each, in their order; with their items as they are now."""
    return rests_of([write_off.pk])[write_off.pk]


def rests_of(write_offs: Iterable[int]) -> dict[int, list[Rest]]:
    """The same of many, in two queries."""
    keys = list(write_offs)
    lines = WriteOffLine.objects.filter(write_off_id__any=keys).select_related("item__open_item")
    taken = {
        line: (amount, own)
        for line, amount, own in WriteOffReversalLine.objects.filter(line__write_off_id__any=keys)
        .values_list("line")
        .annotate(sum=Sum("amount"), own=Sum("organization_amount"))
        .order_by()
    }
    found: dict[int, list[Rest]] = {key: [] for key in keys}
    for line in lines.order_by("write_off", "line_no"):
        amount, own = taken.get(line.pk, (ZERO, ZERO))
        found[line.write_off_id].append(Rest(line, line.amount - amount, line.organization_amount - own))
    return found


def reversal_facts(actor: Any, write_off: WriteOff, left: Sequence[Rest], **asked: Any) -> ReversalFacts:
    """What the rule looks at; `asked` are the amount, reason and posting date, where they are known."""
    items = {rest.line.item.open_item_id: rest.line.item.open_item.balance for rest in left}
    unpaid, amount = sum(items.values(), ZERO), sum((rest.amount for rest in left), ZERO)
    return ReversalFacts(
        write_off.number, write_off.currency, number_format(actor), amount, unpaid, write_off.posting_date,
        moved_on=_moved_on(write_off, list(items)) if unpaid < amount else "", **asked,
    )  # fmt: skip


def _moved_on(write_off: WriteOff, items: list[int]) -> str:
    """The write-off (bankruptcy) or transfer that took this debt further and was not taken back, if there is one."""
    own = {"organization_id": write_off.organization_id, "source_item__in": items}
    back = Coalesce(Sum("reversed__amount"), ZERO, output_field=DecimalField())
    later = WriteOffLine.objects.filter(**own).annotate(back=back).filter(amount__gt=F("back")).order_by("-pk")
    moved = MovedDebt.objects.filter(transfer__reversal__isnull=True, **own).order_by("-pk")
    numbers = (moved.values_list("transfer__number", flat=True), later.values_list("write_off__number", flat=True))
    return next((found for each in numbers if (found := each.first())), "")


def shared_out(left: Sequence[Rest], amount: Decimal, currency: str, own_currency: str) -> list[Back]:
    """What is taken back of each line: by what is still owed of each written-off item, and within one by what is left
    of its lines. Items that nothing is owed of any more are left alone."""
    by_item: dict[int, list[Rest]] = defaultdict(list)
    for rest in left:
        by_item[rest.line.item.open_item_id].append(rest)
    items = {key: group[0].line.item.open_item for key, group in by_item.items()}
    parts = split(amount, [item.balance for item in items.values()], currency)
    backs: list[Back] = []
    for (key, item), part in zip(items.items(), parts, strict=True):
        if part:
            backs += _of_item(by_item[key], item, part, own_currency)
    return backs


def _of_item(group: Sequence[Rest], item: OpenItem, part: Decimal, own_currency: str) -> list[Back]:
    amounts = split(part, [rest.amount for rest in group], item.currency)
    values = own_values(
        [(rest.amount, rest.own) for rest in group], amounts, item.organization_balance, own_currency,
        emptied=part == item.balance,
    )  # fmt: skip
    return [
        Back(rest.line, amount, value) for rest, amount, value in zip(group, amounts, values, strict=True) if amount
    ]


@operation
def reverse_write_off(
    *, actor: Any, write_off: WriteOff, reason: str, amount: Decimal | None = None, posting_date: date | None = None
) -> WriteOffReversal:
    """Take back `amount` of a write-off (None: all that is left), in its currency; what was closed is reactivated.

    Raises `Refused` where a write-off agreement would go into credit, because money came meanwhile, and beyond what
    was written off.
    """
    lock_accounts_of(actor, [write_off.pk])
    planned = planned_each(actor, [write_off.pk], reason=reason, amount=amount, posting_date=posting_date)[0]
    if isinstance(planned, Blocker):
        raise Refused(planned)
    return post_reversals(actor, [planned])[0]


def lock_accounts_of(actor: Any, write_offs: Sequence[int]) -> None:
    """The accounts of the debt and those of the write-off agreements."""
    onto = WriteOffItem.objects.of(actor).filter(write_off__in=write_offs).values_list("agreement__account_id")
    own = WriteOff.objects.of(actor).filter(pk__in=write_offs).values_list("account_id")
    lock_rows(Account.objects.of(actor), {key for (key,) in own.union(onto)})


def planned_each(
    actor: Any, write_offs: Sequence[int], *, reason: str, amount: Decimal | None = None,
    posting_date: date | None = None,
) -> list[TakeBack | Blocker]:  # fmt: skip
    """What taking each of these back comes to, or why it is refused; their accounts are locked."""
    found = WriteOff.objects.of(actor).select_related("account").in_bulk(list(write_offs))
    left = rests_of(write_offs)
    steps = dict(
        WriteOffReversal.objects.of(actor).filter(write_off_id__any=list(write_offs))
        .values_list("write_off").annotate(steps=Count("pk")).order_by()
    )  # fmt: skip
    days: dict[date, date] = {}

    def one(key: int) -> TakeBack | Blocker:
        current, own = found[key], actor.organization.currency
        facts = reversal_facts(actor, current, left[key], amount=amount, reason=reason, posting_date=posting_date)
        blocker = reverse_write_off_blocker(facts)
        if blocker is not None:
            return blocker
        backs = shared_out(left[key], amount or facts.left, current.currency, own)
        day = max(today(actor.organization), current.posting_date)
        if day not in days:
            days[day] = chosen_posting_date(actor, day, posting_date)
        return TakeBack(current, tuple(backs), reason.strip(), days[day], steps.get(key, 0) + 1)

    return [one(key) for key in write_offs]

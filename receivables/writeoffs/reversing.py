"""Taking a write-off back, whole or in part and repeatedly: the debt stands on its sources again.

A reversal is an entry of its own that moves the pairs the other way, in proportion of what is still owed of each
written-off part, so with its taxes; the last step takes what rounding left. Nothing is deleted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.money import split
from receivables.core.operations import operation
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, OpenItem
from receivables.ledger.posting import Draft, Line, post, settled_value
from receivables.ledger.queries import role_accounts
from receivables.writeoffs.models import (
    WriteOff,
    WriteOffItem,
    WriteOffLine,
    WriteOffReversal,
    WriteOffReversalLine,
)
from receivables.writeoffs.rules import ReversalFacts, reverse_write_off_blocker

ZERO = Decimal(0)


@dataclass(frozen=True)
class Rest:
    """A line of a write-off with what of it was not taken back, in its currency and in the organization's."""

    line: WriteOffLine
    amount: Decimal
    own: Decimal


@dataclass(frozen=True)
class Back:
    """What a reversal takes back of one line."""

    line: WriteOffLine
    amount: Decimal
    own: Decimal


def rests(write_off: WriteOff) -> list[Rest]:
    """The lines of a write-off with what is left of each, in their order; with their items as they are now."""
    lines = WriteOffLine.objects.filter(write_off=write_off).select_related("item__open_item").order_by("line_no")
    taken = {
        line: (amount, own)
        for line, amount, own in WriteOffReversalLine.objects.filter(line__write_off=write_off)
        .values_list("line")
        .annotate(sum=Sum("amount"), own=Sum("organization_amount"))
        .order_by()
    }
    found = []
    for line in lines:
        amount, own = taken.get(line.pk, (ZERO, ZERO))
        found.append(Rest(line, line.amount - amount, line.organization_amount - own))
    return found


def reversal_facts(actor: Any, write_off: WriteOff, left: Sequence[Rest], **asked: Any) -> ReversalFacts:
    """What the rule looks at; `asked` are the amount, reason and posting date, where they are known."""
    items = {rest.line.item.open_item_id: rest.line.item.open_item.balance for rest in left}
    unpaid = sum(items.values(), ZERO)
    return ReversalFacts(
        write_off.number, write_off.currency, number_format(actor), sum((rest.amount for rest in left), ZERO), unpaid,
        write_off.posting_date, moved_on="" if unpaid else _moved_on(write_off, list(items)), **asked,
    )  # fmt: skip


def _moved_on(write_off: WriteOff, items: list[int]) -> str:
    """The write-off that took this debt further (bankruptcy), if one did."""
    later = WriteOffLine.objects.filter(organization_id=write_off.organization_id, source_item__in=items)
    return later.order_by("-pk").values_list("write_off__number", flat=True).first() or ""


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
    own = settled_value(item, part, own_currency)
    amounts = split(part, [rest.amount for rest in group], item.currency)
    whole = part == sum((rest.amount for rest in group), ZERO) and own == sum((rest.own for rest in group), ZERO)
    values = split(own, [rest.own for rest in group] if whole else amounts, own_currency)
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
    _lock(actor, write_off)
    current = WriteOff.objects.of(actor).select_related("account__customer").get(pk=write_off.pk)
    left = rests(current)
    facts = reversal_facts(actor, current, left, amount=amount, reason=reason, posting_date=posting_date)
    refuse(reverse_write_off_blocker(facts))
    backs = shared_out(left, amount or facts.left, current.currency, actor.organization.currency)
    posted_on = chosen_posting_date(actor, max(today(actor.organization), current.posting_date), posting_date)
    reversal = WriteOffReversal.objects.create(
        organization=actor.organization, write_off=current, step=current.reversals.count() + 1, reason=reason.strip(),
        currency=current.currency, amount=sum((back.amount for back in backs), ZERO),
        organization_amount=sum((back.own for back in backs), ZERO), line_count=len(backs), posting_date=posted_on,
        created_by=actor.user,
    )  # fmt: skip
    entry = post(actor, _draft(actor, reversal, backs))[0]
    _unsettle(actor, reversal, entry, backs)
    WriteOffReversalLine.objects.bulk_create(
        WriteOffReversalLine(
            organization=actor.organization, reversal=reversal, line=back.line, currency=current.currency,
            amount=back.amount, organization_amount=back.own,
        )
        for back in backs
    )  # fmt: skip
    record(
        actor, "reverse_write_off", current, about=_concerned(actor, current, backs), reason=reversal.reason,
        amount=reversal.amount, currency=current.currency,
    )  # fmt: skip
    return reversal


def _lock(actor: Any, write_off: WriteOff) -> None:
    """The account of the debt and those of the write-off agreements."""
    onto = WriteOffItem.objects.of(actor).filter(write_off=write_off).values_list("agreement__account_id", flat=True)
    lock_rows(Account.objects.of(actor), {write_off.account_id, *onto})


def _draft(actor: Any, reversal: WriteOffReversal, backs: Sequence[Back]) -> Draft:
    """The pairs the other way: what was debited is credited, and the sources are owed again."""
    transfer = role_accounts(actor.organization_id, GLAccount.Role.TRANSFER)[GLAccount.Role.TRANSFER]
    return Draft(
        "reverse_write_off", reversal, reversal.posting_date, reversal.posting_date, reversal.currency,
        [*_off_write_offs(backs, transfer), *_onto_sources(backs, transfer)], memo=reversal.write_off.number,
    )  # fmt: skip


def _off_write_offs(backs: Sequence[Back], transfer: int) -> list[Line]:
    lines = []
    for group in _grouped(backs, lambda line: line.item_id):
        item, (amount, own) = group[0].line.item, _sums(group)
        lines += [
            Line(transfer, amount, for_agreement_id=item.agreement_id, organization_amount=own),
            Line(
                item.open_item.gl_account_id, -amount, open_item_id=item.open_item_id, opens=True,
                agreement_id=item.agreement_id, organization_amount=-own,
            ),
        ]  # fmt: skip
    return lines


def _onto_sources(backs: Sequence[Back], transfer: int) -> list[Line]:
    lines = []
    for group in _grouped(backs, lambda line: (line.source_agreement_id, line.source_item_id, line.source_account_id)):
        line, (amount, own) = group[0].line, _sums(group)
        lines += [
            Line(
                line.source_account_id, amount, open_item_id=line.source_item_id,
                agreement_id=line.source_agreement_id, organization_amount=own,
            ),
            Line(transfer, -amount, for_agreement_id=line.source_agreement_id, organization_amount=-own),
        ]  # fmt: skip
    return lines


def _grouped(backs: Sequence[Back], key: Any) -> list[list[Back]]:
    groups: dict[Any, list[Back]] = defaultdict(list)
    for back in backs:
        groups[key(back.line)].append(back)
    return list(groups.values())


def _sums(backs: Sequence[Back]) -> tuple[Decimal, Decimal]:
    return sum((back.amount for back in backs), ZERO), sum((back.own for back in backs), ZERO)


def _unsettle(actor: Any, reversal: WriteOffReversal, entry: JournalEntry, backs: Sequence[Back]) -> None:
    """The settlement of each source is taken off, and one over what stays written off put in its place."""
    back_by_item: Mapping[int, Decimal] = {
        group[0].line.source_item_id: _sums(group)[0]
        for group in _grouped(backs, lambda line: line.source_item_id)
        if group[0].line.source_item_id is not None
    }
    standing = _settlements(reversal.write_off).filter(debit_item__in=back_by_item)
    rows: list[Allocation] = []
    for old in standing.order_by("pk"):
        stays = old.amount - back_by_item[old.debit_item_id]
        same = {
            "organization": actor.organization, "kind": old.kind, "debit_item_id": old.debit_item_id, "entry": entry,
            "currency": old.currency, "date": reversal.posting_date,
        }  # fmt: skip
        rows.append(Allocation(**same, amount=old.amount, reverses=old))
        if stays:
            rows.append(Allocation(**same, amount=stays))
    Allocation.objects.bulk_create(rows)


def _settlements(write_off: WriteOff) -> Any:
    """The settlements by a write-off that stand: one for each of its sources at most."""
    own = Q(source_type=WriteOff._meta.label_lower, source_id=write_off.pk)
    steps = WriteOffReversal.objects.filter(write_off=write_off).values_list("pk", flat=True)
    later = Q(source_type=WriteOffReversal._meta.label_lower, source_id__in=list(steps))
    entries = JournalEntry.objects.filter(own | later, organization_id=write_off.organization_id)
    return Allocation.objects.filter(
        entry__in=entries, kind=Allocation.Kind.TRANSFER, reverses__isnull=True, reversed_by__isnull=True
    )


def _concerned(actor: Any, write_off: WriteOff, backs: Sequence[Back]) -> list[Any]:
    items = [back.line.source_item_id for back in backs if back.line.source_item_id]
    invoices = list(Invoice.objects.of(actor).filter(open_item__in=items).prefetch_related("loads").order_by("pk"))
    keys = {key for back in backs for key in (back.line.source_agreement_id, back.line.item.agreement_id)}
    agreements = Agreement.objects.of(actor).filter(pk__in=keys).order_by("pk")
    loads = [load for invoice in invoices for load in invoice.loads.all()]
    return [write_off.account, write_off.account.customer, *invoices, *loads, *agreements]

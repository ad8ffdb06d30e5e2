"""Moving a payment's money onto debt and off again: Dr unapplied money / Cr receivables, and its mirror. What was
written off is credited on the account that it was debited to: a recovery.

Each side moves at the value it is booked at; what remains between them is exchange gain or loss. Money in another
currency than the debt takes two entries, since each has one currency: they meet on currency clearing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from receivables.billing.models import Load
from receivables.billing.summary.parts import share_out
from receivables.core.compiled import Arg, Compiled
from receivables.core.rows import insert
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, JournalLine, OpenItem
from receivables.ledger.posting import Draft, Line, follow, mirror, post, settled_value
from receivables.ledger.queries import role_accounts

# The accounts that money moves between.
ROLES = (GLAccount.Role.RECEIVABLES, GLAccount.Role.UNAPPLIED, GLAccount.Role.EXCHANGE)


# What an entry is called that pays written-off debt: the expense shrinks, or the true payable grows again.
RECOVERY = "recovered"


@dataclass(frozen=True)
class Target:
    """A debt as it is under the lock, what it gets, and of a summary invoice how much of that for which load.

    `taken` is what leaves the money for it, in the money's currency, where that is another than the debt's.
    """

    item: OpenItem
    amount: Decimal
    shares: Mapping[int, Decimal] = field(default_factory=dict)
    taken: Decimal | None = None


@dataclass(frozen=True)
class Act:
    """What applies money: the document behind its entries, their kind, and their dates and rate."""

    source: models.Model
    kind: str
    document_date: date
    posting_date: date
    rate: Decimal = Decimal(1)


def applications(
    actor: Any, act: Act, money: OpenItem, target: Target, kind: str, accounts: dict[str, int]
) -> list[Draft]:
    """The entry that applies the unapplied `money` to one debt, or the two of a crossing; without lines for zero.

    Both items come as they are before it and leave as they are after it, for the next entry of the same posting.
    """
    if target.taken is not None:
        return crossing(actor, act, money, target, target.taken, kind, accounts)
    own, item, amount, lines = actor.organization.currency, target.item, target.amount, []
    if amount:
        taken, value = _moved(money, -amount, own), _moved(item, amount, own)
        lines = [
            Line(money.gl_account_id, amount, open_item_id=money.pk, organization_amount=-taken),
            _off(item, amount, value),
            *_exchange(accounts, value + taken),
        ]
    return [_draft(act, kind, money.currency, lines, money.number, act.rate)]


def crossing(
    actor: Any, act: Act, money: OpenItem, target: Target, taken: Decimal, kind: str, accounts: dict[str, int]
) -> list[Draft]:
    """Dr unapplied money / Cr currency clearing in the money's currency, Dr currency clearing / Cr receivables in the
    debt's. Clearing carries one value in both, so that it comes to nothing; the difference between what the two items
    are booked at is exchange gain or loss, in the entry that is in a foreign currency."""
    own, item, amount = actor.organization.currency, target.item, target.amount
    clearing = GLAccount.Role.CURRENCY_CLEARING
    through = role_accounts(actor.organization_id, clearing)[clearing]
    first: list[Line] = []
    second: list[Line] = []
    if amount:
        spent, value = -_moved(money, -taken, own), _moved(item, amount, own)
        cleared = value if item.currency == own else spent
        first = [
            Line(money.gl_account_id, taken, open_item_id=money.pk, organization_amount=spent),
            Line(through, -taken, organization_amount=-cleared),
            *_exchange(accounts, cleared - spent),
        ]
        second = [
            Line(through, amount, organization_amount=cleared),
            _off(item, amount, value),
            *_exchange(accounts, value - cleared),
        ]
    return [
        _draft(act, taken_kind(kind), money.currency, first, money.number),
        _draft(act, kind, item.currency, second, money.number),
    ]


def taken_kind(kind: str) -> str:
    """What the first entry of a crossing is called beside its second."""
    word, _space, key = kind.partition(" ")
    return f"{word}_taken {key}".rstrip()


def _moved(item: OpenItem, amount: Decimal, own: str) -> Decimal:
    """Take `amount` off an item, and return its booked value; both have the sign of the item's balance."""
    value = settled_value(item, amount, own)
    item.balance, item.organization_balance = item.balance - amount, item.organization_balance - value
    return value


def _off(item: OpenItem, amount: Decimal, value: Decimal) -> Line:
    return Line(
        item.gl_account_id, -amount, open_item_id=item.pk, agreement_id=item.agreement_id, organization_amount=-value
    )


def _exchange(accounts: dict[str, int], value: Decimal) -> list[Line]:
    return [Line(accounts[GLAccount.Role.EXCHANGE], Decimal(0), organization_amount=value)] if value else []


def _draft(act: Act, kind: str, currency: str, lines: list[Line], memo: str, rate: Decimal = Decimal(1)) -> Draft:
    return Draft(kind, act.source, act.document_date, act.posting_date, currency, lines, rate, memo=memo)


def apply(
    actor: Any, act: Act, money: OpenItem, targets: Sequence[Target], *, accounts: dict[str, int],
    first: Sequence[Draft] = (),
) -> list[Allocation]:  # fmt: skip
    """Apply unapplied money: an entry of its own for each debt, so that each is taken off alone (J7), posted together
    with `first`. A zero is a settlement without an entry."""
    one = len(targets) == 1
    words = [RECOVERY if target.item.kind == OpenItem.Kind.WRITE_OFF else act.kind for target in targets]
    kinds = [word if one else f"{word} {target.item.pk}" for word, target in zip(words, targets, strict=True)]
    drafts = [
        draft
        for target, kind in zip(targets, kinds, strict=True)
        for draft in applications(actor, act, money, target, kind, accounts)
    ]
    entries = {entry.kind: entry for entry in post(actor, *first, *drafts)}
    return _settle(actor, entries, [(act, money, *each) for each in zip(targets, kinds, strict=True)])


def _settle(
    actor: Any, entries: Mapping[str, JournalEntry], settled: Sequence[tuple[Act, OpenItem, Target, str]]
) -> list[Allocation]:
    """Write the settlements of money (the item) with debts, whose entries are found by their kind."""
    allocations = insert(
        Allocation(
            organization=actor.organization, kind=Allocation.Kind.PAYMENT, debit_item_id=target.item.pk,
            credit_item_id=money.pk, entry=entries.get(kind), currency=target.item.currency, amount=target.amount,
            taken=target.taken, taken_currency="" if target.taken is None else money.currency,
            taken_entry=entries.get(taken_kind(kind)), date=act.document_date,
        )
        for act, money, target, kind in settled
    )  # fmt: skip
    for allocation, (_act, _money, target, _kind) in zip(allocations, settled, strict=True):
        if target.shares:
            share_out(actor, allocation, target.shares)
    return allocations


LINES = Compiled(
    lambda: (
        JournalLine.objects.filter(organization_id=Arg("organization"), entry_id__any=Arg("entries"))
        .select_related("entry")
        .order_by("-entry_id", "line_no")
    )
)


def live_allocations(**where: Any) -> list[Allocation]:
    """The settlements by payments that stand, oldest first, with both items and the payment."""
    return list(_live().filter(**where))


def _live() -> models.QuerySet[Allocation]:
    live = Allocation.objects.filter(kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True)
    return live.select_related("debit_item", "credit_item__payment").order_by("pk")


PAID = Compiled(
    lambda: _live().filter(
        debit_item__in=Load.objects.filter(
            organization_id=Arg("organization"), pk__any=Arg("loads"), invoice__isnull=False
        ).values("invoice__open_item")
    )
)


def payments_of(actor: Any, loads: Iterable[Load]) -> list[Allocation]:
    """The settlements by payments that stand on the invoices of loads, as `live_allocations`."""
    return PAID.fetch(organization=actor.organization_id, loads=[load.pk for load in loads])


@dataclass(frozen=True)
class Posted:
    """A journal entry with its lines."""

    entry: JournalEntry
    lines: list[JournalLine]


def posted_by(actor: Any, allocations: Iterable[Allocation], also: Sequence[int] = ()) -> dict[int, Posted]:
    """The entries of these settlements, and those of these keys; the newest first."""
    wanted = {key for each in allocations for key in (each.entry_id, each.taken_entry_id) if key} | set(also)
    found: dict[int, Posted] = {}
    for line in LINES.fetch(organization=actor.organization_id, entries=list(wanted)) if wanted else []:
        found.setdefault(line.entry_id, Posted(line.entry, [])).lines.append(line)
    return found


@dataclass(frozen=True)
class Off:
    """Settlements that a document takes off on a day, with `drafts`, the reversals of their entries."""

    allocations: Sequence[Allocation]
    drafts: Sequence[Draft]
    source: models.Model
    posting_date: date


def off(
    allocations: Sequence[Allocation], posted: Iterable[Posted], *, source: models.Model,
    kind: Callable[[JournalEntry], str], posting_date: date,
) -> Off:  # fmt: skip
    """Settlements to be taken off with the entries that were posted by them. `kind` names the reversal of each entry,
    so that they are told apart under one source."""
    drafts = [
        mirror(each.entry, each.lines, kind=kind(each.entry), source=source, posting_date=posting_date)
        for each in posted
    ]
    return Off(allocations, drafts, source, posting_date)


def take_off_all(actor: Any, offs: Sequence[Off]) -> None:
    """Reverse these settlements, of however many documents, in one posting."""
    posted = post(actor, *(draft for each in offs for draft in each.drafts))
    reversals = {entry.reverses_id: entry for entry in posted}
    insert(
        Allocation(
            organization=actor.organization, kind=each.kind, debit_item_id=each.debit_item_id,
            credit_item_id=each.credit_item_id, entry=reversals.get(each.entry_id), currency=each.currency,
            amount=each.amount, taken=each.taken, taken_currency=each.taken_currency,
            taken_entry=reversals.get(each.taken_entry_id), reverses=each, date=taken.posting_date,
        )
        for taken in offs
        for each in taken.allocations
    )  # fmt: skip


def take_off(
    actor: Any, allocations: Sequence[Allocation], *, source: models.Model, kind: Callable[[JournalEntry], str],
    posting_date: date, also: Sequence[JournalEntry] = (),
) -> None:  # fmt: skip
    """Reverse these settlements, and the entries in `also` with them, in one posting."""
    posted = posted_by(actor, allocations, [entry.pk for entry in also])
    take_off_all(actor, [off(allocations, posted.values(), source=source, kind=kind, posting_date=posting_date)])


def put_back_all(actor: Any, taken: Sequence[tuple[Off, Draft]], shares: Mapping[int, Mapping[int, Decimal]]) -> None:
    """Apply again what was taken off, the same amounts to the same invoices and loads, each after the entry that came
    with its taking off (a revision's), all in one posting, on the day of the act.

    The items of the allocations are as they were before any of it; they leave as they are afterwards.
    """
    items = {item.pk: item for each, _entry in taken for row in each.allocations for item in _items(row)}
    accounts = role_accounts(actor.organization_id, *ROLES)
    drafts: list[Draft] = []
    settled = []
    for each, revised in taken:
        follow(items, [*each.drafts, revised])
        drafts.append(revised)
        for row in each.allocations:
            act = Act(each.source, f"on {row.pk}", each.posting_date, each.posting_date)
            target = Target(items[row.debit_item_id], row.amount, shares.get(row.pk, {}), row.taken)
            money = items[row.credit_item_id or 0]
            drafts += applications(actor, act, money, target, act.kind, accounts)
            settled.append((act, money, target, act.kind))
    entries = {entry.kind: entry for entry in post(actor, *drafts)}
    _settle(actor, entries, settled)


def _items(allocation: Allocation) -> list[OpenItem]:
    return [item for item in (allocation.debit_item, allocation.credit_item) if item is not None]

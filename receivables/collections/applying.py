"""Moving a payment's money onto debt and off again: Dr unapplied money / Cr receivables, and its mirror. What was
written off is credited on the account that it was debited to: a recovery.

Each side moves at the value it is booked at; what remains between them is exchange gain or loss. Money in another
currency than the debt takes two entries, since each has one currency: they meet on currency clearing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from receivables.billing.summary.parts import share_out, shares_of
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, OpenItem
from receivables.ledger.posting import Draft, Line, mirror, post, settled_value
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
    settled = Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=Allocation.Kind.PAYMENT, debit_item_id=target.item.pk,
            credit_item_id=money.pk, entry=entries.get(kind), currency=target.item.currency, amount=target.amount,
            taken=target.taken, taken_currency="" if target.taken is None else money.currency,
            taken_entry=entries.get(taken_kind(kind)), date=act.document_date,
        )
        for target, kind in zip(targets, kinds, strict=True)
    )  # fmt: skip
    for allocation, target in zip(settled, targets, strict=True):
        if target.shares:
            share_out(actor, allocation, target.shares)
    return settled


def live_allocations(**where: Any) -> list[Allocation]:
    """The settlements by payments that stand, oldest first, with both items."""
    return list(
        Allocation.objects.filter(
            kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True, **where
        )
        .select_related("debit_item", "credit_item")
        .order_by("pk")
    )


def take_off(
    actor: Any, allocations: Sequence[Allocation], *, source: models.Model, kind: Callable[[JournalEntry], str],
    posting_date: date, also: Sequence[JournalEntry] = (),
) -> None:  # fmt: skip
    """Reverse these settlements, and the entries in `also` with them, in one posting.

    `kind` names the reversal of each entry, so that they are told apart under one source.
    """
    wanted = {key for each in allocations for key in (each.entry_id, each.taken_entry_id) if key}
    wanted |= {entry.pk for entry in also}
    entries = JournalEntry.objects.of(actor).filter(pk__in=wanted).prefetch_related("lines").order_by("-pk")
    drafts = [
        mirror(entry, list(entry.lines.all()), kind=kind(entry), source=source, posting_date=posting_date)
        for entry in entries
    ]
    reversals = {entry.reverses_id: entry for entry in post(actor, *drafts)}
    Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=each.kind, debit_item_id=each.debit_item_id,
            credit_item_id=each.credit_item_id, entry=reversals.get(each.entry_id), currency=each.currency,
            amount=each.amount, taken=each.taken, taken_currency=each.taken_currency,
            taken_entry=reversals.get(each.taken_entry_id), reverses=each, date=posting_date,
        )
        for each in allocations
    )  # fmt: skip


def put_back(
    actor: Any, taken: Sequence[Allocation], *, source: models.Model, kind: str, posting_date: date,
    accounts: dict[str, int],
) -> None:  # fmt: skip
    """Apply again what was taken off, the same amounts to the same invoices and loads, at the posting date of the
    act."""
    shares = shares_of(taken)
    moneys = OpenItem.objects.of(actor).in_bulk({each.credit_item_id for each in taken if each.credit_item_id})
    debts = OpenItem.objects.of(actor).in_bulk({each.debit_item_id for each in taken})
    for each in taken:
        act = Act(source, f"{kind} {each.pk}", posting_date, posting_date)
        target = Target(debts[each.debit_item_id], each.amount, shares[each.pk], each.taken)
        apply(actor, act, moneys[each.credit_item_id], [target], accounts=accounts)

"""Moving a payment's money onto debt and off again: Dr unapplied money / Cr receivables, and its mirror. What was
written off is credited on the account that it was debited to: a recovery.

Each side moves at the value it is booked at; what remains between them is exchange gain or loss.
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

# The accounts that money moves between.
ROLES = (GLAccount.Role.RECEIVABLES, GLAccount.Role.UNAPPLIED, GLAccount.Role.EXCHANGE)


# What an entry is called that pays written-off debt: the expense shrinks, or the true payable grows again.
RECOVERY = "recovered"


@dataclass(frozen=True)
class Target:
    """A debt as it is under the lock, what it gets, and of a summary invoice how much of that for which load."""

    item: OpenItem
    amount: Decimal
    shares: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Act:
    """What applies money: the document behind its entries, their kind, and their dates and rate."""

    source: models.Model
    kind: str
    document_date: date
    posting_date: date
    rate: Decimal = Decimal(1)


def application(actor: Any, act: Act, money: OpenItem, target: Target, kind: str, accounts: dict[str, int]) -> Draft:
    """The entry that applies the unapplied `money` to one debt; without lines for zero.

    Both items come as they are before it and leave as they are after it, for the next entry of the same posting.
    """
    own, item, amount, lines = actor.organization.currency, target.item, target.amount, []
    if amount:
        taken, value = -settled_value(money, -amount, own), settled_value(item, amount, own)
        lines = [
            Line(money.gl_account_id, amount, open_item_id=money.pk, organization_amount=taken),
            Line(
                item.gl_account_id, -amount, open_item_id=item.pk, agreement_id=item.agreement_id,
                organization_amount=-value,
            ),
        ]  # fmt: skip
        if taken != value:
            lines.append(Line(accounts[GLAccount.Role.EXCHANGE], Decimal(0), organization_amount=value - taken))
        money.balance, money.organization_balance = money.balance + amount, money.organization_balance + taken
        item.balance, item.organization_balance = item.balance - amount, item.organization_balance - value
    return Draft(
        kind, act.source, act.document_date, act.posting_date, money.currency, lines, act.rate, memo=money.number
    )


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
        application(actor, act, money, target, kind, accounts) for target, kind in zip(targets, kinds, strict=True)
    ]
    entries = {entry.kind: entry for entry in post(actor, *first, *drafts)}
    settled = Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=Allocation.Kind.PAYMENT, debit_item_id=target.item.pk,
            credit_item_id=money.pk, entry=entries.get(kind), currency=money.currency, amount=target.amount,
            date=act.document_date,
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
    wanted = {each.entry_id for each in allocations if each.entry_id} | {entry.pk for entry in also}
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
            amount=each.amount, reverses=each, date=posting_date,
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
        target = Target(debts[each.debit_item_id], each.amount, shares[each.pk])
        apply(actor, act, moneys[each.credit_item_id], [target], accounts=accounts)

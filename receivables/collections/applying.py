"""Moving a payment's money onto invoices and off again: Dr unapplied money / Cr receivables, and its mirror.

Each side moves at the value it is booked at; what remains between them is exchange gain or loss.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from receivables.billing.models import Invoice
from receivables.billing.summary.parts import share_out, shares_of
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, OpenItem
from receivables.ledger.posting import Draft, Line, mirror, post, settled_value

# The accounts that money moves between.
ROLES = (GLAccount.Role.RECEIVABLES, GLAccount.Role.UNAPPLIED, GLAccount.Role.EXCHANGE)

# Money and invoice of one settlement, and how much of it.
Applied = Sequence[tuple[Invoice, Decimal]]


def application_lines(actor: Any, money: OpenItem, applied: Applied, accounts: dict[str, int]) -> list[Line]:
    """The lines that apply the unapplied `money` to invoices; none if only zeros are applied.

    `money` and the invoices' open items are as they are before the posting.
    """
    own = actor.organization.currency
    total = sum((amount for _, amount in applied), Decimal(0))
    if not total:
        return []
    taken = -settled_value(money, -total, own)
    lines = [Line(money.gl_account_id, total, open_item_id=money.pk, organization_amount=taken)]
    exchange = taken
    for invoice, amount in applied:
        if amount:
            value = settled_value(invoice.open_item, amount, own)
            exchange -= value
            lines.append(
                Line(
                    invoice.open_item.gl_account_id, -amount, open_item_id=invoice.open_item_id,
                    agreement_id=invoice.agreement_id, organization_amount=-value,
                )
            )  # fmt: skip
    if exchange:
        lines.append(Line(accounts[GLAccount.Role.EXCHANGE], Decimal(0), organization_amount=-exchange))
    return lines


def settle(actor: Any, money: OpenItem, applied: Applied, entry: JournalEntry | None, day: date) -> list[Allocation]:
    """Write the allocations of what an entry applied; a zero amount is an allocation without an entry."""
    return Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=Allocation.Kind.PAYMENT, debit_item_id=invoice.open_item_id,
            credit_item_id=money.pk, entry=entry if amount else None, currency=money.currency, amount=amount, date=day,
        )
        for invoice, amount in applied
    )  # fmt: skip


def live_allocations(**where: Any) -> list[Allocation]:
    """The settlements by payments that stand, oldest first, with both items."""
    return list(
        Allocation.objects.filter(
            kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True, **where
        )
        .select_related("debit_item", "credit_item")
        .order_by("pk")
    )


def with_siblings(allocations: Sequence[Allocation]) -> list[Allocation]:
    """These settlements and the others that their entries made, oldest first: an entry is mirrored whole (J7), so what
    it did to other invoices goes off and on with it."""
    entries = {each.entry_id for each in allocations if each.entry_id}
    known = {each.pk for each in allocations}
    others = live_allocations(entry__in=entries) if entries else []
    return sorted([*allocations, *(each for each in others if each.pk not in known)], key=lambda each: each.pk)


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
    for money_id in dict.fromkeys(each.credit_item_id for each in taken if each.credit_item_id):
        money = OpenItem.objects.of(actor).get(pk=money_id)
        parts = [each for each in taken if each.credit_item_id == money_id]
        invoices = {
            invoice.open_item_id: invoice
            for invoice in Invoice.objects.of(actor)
            .filter(open_item__in=[each.debit_item_id for each in parts])
            .select_related("open_item")
        }
        applied = [(invoices[each.debit_item_id], each.amount) for each in parts]
        draft = Draft(
            f"{kind} {money_id}", source, posting_date, posting_date, money.currency,
            application_lines(actor, money, applied, accounts), memo=money.number,
        )  # fmt: skip
        entries = post(actor, draft)
        settled = settle(actor, money, applied, entries[0] if entries else None, posting_date)
        for old, new in zip(parts, settled, strict=True):
            if shares[old.pk]:
                share_out(actor, new, shares[old.pk])

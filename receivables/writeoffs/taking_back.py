"""Writing reversals to the books, for any number of write-offs at once: one INSERT per table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from receivables.billing.models import Invoice, Load
from receivables.billing.queries import invoices_about
from receivables.billing.summary.parts import share_out, shares_of
from receivables.core.bulk import insert_all
from receivables.core.events import build, named, record_all, ref
from receivables.customers.models import Agreement, Customer
from receivables.ledger.models import Allocation, GLAccount, JournalEntry
from receivables.ledger.posting import Draft, Line, post
from receivables.ledger.queries import role_accounts
from receivables.writeoffs.models import WriteOff, WriteOffLine, WriteOffReversal, WriteOffReversalLine

ZERO = Decimal(0)


@dataclass(frozen=True)
class Back:
    """What a reversal takes back of one line."""

    line: WriteOffLine
    amount: Decimal
    own: Decimal


@dataclass(frozen=True)
class TakeBack:
    """A reversal that may be posted: everything is locked, checked and worked out."""

    write_off: WriteOff
    backs: tuple[Back, ...]
    reason: str
    posting_date: date
    step: int


def post_reversals(actor: Any, takes: Sequence[TakeBack]) -> list[WriteOffReversal]:
    """Post them all, each of another write-off. Raises `Refused` through the guards of the ledger."""
    if not takes:
        return []
    reversals = insert_all(_document(actor, take) for take in takes)
    transfer = role_accounts(actor.organization_id, GLAccount.Role.TRANSFER)[GLAccount.Role.TRANSFER]
    entries = post(
        actor,
        *(_draft(reversal, take.backs, transfer) for reversal, take in zip(reversals, takes, strict=True)),
    )
    _unsettle(actor, takes, entries)
    insert_all(
        WriteOffReversalLine(
            organization_id=actor.organization_id, reversal_id=reversal.pk, line_id=back.line.pk,
            currency=reversal.currency, amount=back.amount, organization_amount=back.own,
        )
        for reversal, take in zip(reversals, takes, strict=True)
        for back in take.backs
    )  # fmt: skip
    about = _concerned(actor, takes)
    record_all(
        actor,
        [
            (
                build(
                    actor, "reverse_write_off", take.write_off, about=about[take.write_off.pk], reason=take.reason,
                    amount=reversal.amount, currency=reversal.currency,
                ),
                take.write_off,
            )
            for reversal, take in zip(reversals, takes, strict=True)
        ],
    )  # fmt: skip
    return reversals


def _document(actor: Any, take: TakeBack) -> WriteOffReversal:
    amount, own = _sums(take.backs)
    return WriteOffReversal(
        organization_id=actor.organization_id, write_off=take.write_off, step=take.step, reason=take.reason,
        currency=take.write_off.currency, amount=amount, organization_amount=own, line_count=len(take.backs),
        posting_date=take.posting_date, created_by=actor.user,
    )  # fmt: skip


def _draft(reversal: WriteOffReversal, backs: Sequence[Back], transfer: int) -> Draft:
    """The pairs the other way: what was debited is credited, and the sources are owed again."""
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


def _unsettle(actor: Any, takes: Sequence[TakeBack], entries: Sequence[JournalEntry]) -> None:
    """The settlement of each source is taken off, and one over what stays written off put in its place."""
    standing = _settlements(actor, [take.write_off for take in takes])
    rows: list[Allocation] = []
    rests: list[tuple[Allocation, Allocation]] = []
    for take, entry in zip(takes, entries, strict=True):
        back_by_item: Mapping[int | None, Decimal] = {
            group[0].line.source_item_id: _sums(group)[0]
            for group in _grouped(take.backs, lambda line: line.source_item_id)
        }
        for old in standing[take.write_off.pk]:
            if old.debit_item_id not in back_by_item:
                continue
            stays = old.amount - back_by_item[old.debit_item_id]
            same = {
                "organization_id": actor.organization_id, "kind": old.kind, "debit_item_id": old.debit_item_id,
                "entry_id": entry.pk, "currency": old.currency, "date": take.posting_date,
            }  # fmt: skip
            rows.append(Allocation(**same, amount=old.amount, reverses=old))
            if stays:
                rows.append(Allocation(**same, amount=stays))
                rests.append((old, rows[-1]))
    insert_all(rows)
    _keep_shares(actor, rests)


def _keep_shares(actor: Any, rests: Sequence[tuple[Allocation, Allocation]]) -> None:
    """What stays written off is for the loads that it was said to be for, as far as it goes."""
    said = shares_of([old for old, _rest in rests]) if rests else {}
    for old, rest in rests:
        left, shares = rest.amount, {}
        for load, amount in said[old.pk].items():
            shares[load] = min(amount, left)
            left -= shares[load]
        if shares:
            share_out(actor, rest, shares)


def _settlements(actor: Any, write_offs: Sequence[WriteOff]) -> dict[int, list[Allocation]]:
    """The settlements by write-offs that stand: one for each of their sources at most."""
    keys = [write_off.pk for write_off in write_offs]
    steps = dict(WriteOffReversal.objects.of(actor).filter(write_off_id__any=keys).values_list("pk", "write_off_id"))
    own = Q(source_type=WriteOff._meta.label_lower, source_id__any=keys)
    later = Q(source_type=WriteOffReversal._meta.label_lower, source_id__any=list(steps))
    sources = JournalEntry.objects.of(actor).filter(own | later).values_list("pk", "source_type", "source_id")
    of_entry = {pk: source if kind == WriteOff._meta.label_lower else steps[source] for pk, kind, source in sources}
    found: dict[int, list[Allocation]] = defaultdict(list)
    rows = Allocation.objects.of(actor).filter(
        entry_id__any=list(of_entry), kind=Allocation.Kind.TRANSFER, reverses__isnull=True, reversed_by__isnull=True
    )
    for row in rows.order_by("pk"):
        found[of_entry[row.entry_id or 0]].append(row)
    return found


def _concerned(actor: Any, takes: Sequence[TakeBack]) -> dict[int, list[str]]:
    """In whose history each reversal shows, by name."""
    lines = [back.line for take in takes for back in take.backs]
    items = [line.source_item_id for line in lines if line.source_item_id]
    invoices = invoices_about(actor, items)
    loads: dict[int, list[int]] = defaultdict(list)
    for invoice, load in (
        Load.objects.of(actor).filter(invoice_id__any=list(invoices.values())).values_list("invoice_id", "pk")
    ):
        loads[invoice].append(load)
    found = {}
    for take in takes:
        own = sorted({invoices[key] for back in take.backs if (key := back.line.source_item_id) in invoices})
        keys = {key for back in take.backs for key in (back.line.source_agreement_id, back.line.item.agreement_id)}
        found[take.write_off.pk] = [
            ref(take.write_off.account), named(Customer, take.write_off.account.customer_id),
            *(named(Invoice, pk) for pk in own),
            *(named(Load, pk) for invoice in own for pk in loads[invoice]),
            *(named(Agreement, pk) for pk in sorted(keys)),
        ]  # fmt: skip
    return found

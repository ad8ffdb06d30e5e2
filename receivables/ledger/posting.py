"""Posting to the journal: drafts become balanced entries, all lines of all entries in one INSERT.

The database compares every entry with its header and moves the balances; here the lines are put together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from receivables.core.bulk import insert_all, insert_rows
from receivables.core.money import round_money, split
from receivables.ledger.models import Allocation, JournalEntry, JournalLine, OpenItem

LINE = (
    "organization_id entry_id line_no gl_account_id currency amount organization_amount open_item_id opens agreement_id"
    " for_agreement_id memo"
)


@dataclass(frozen=True)
class Line:
    """A line to be posted; `amount` in the document's currency, debit positive.

    `organization_amount` is given where the booked value counts (settling, reversing), else it is converted.
    """

    gl_account_id: int
    amount: Decimal
    open_item_id: int | None = None
    opens: bool = False
    agreement_id: int | None = None
    for_agreement_id: int | None = None
    organization_amount: Decimal | None = None
    memo: str = ""

    @property
    def booked(self) -> Decimal:
        """The amount in the organization's currency, once converted."""
        return self.organization_amount if self.organization_amount is not None else Decimal(0)


@dataclass(frozen=True)
class Draft:
    """An entry to be posted. `rate` is what one unit of `currency` is worth in the organization's currency."""

    kind: str
    source: models.Model
    document_date: date
    posting_date: date
    currency: str
    lines: Sequence[Line]
    rate: Decimal = Decimal(1)
    memo: str = ""
    reverses_id: int | None = None


def convert(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """`amount` in another currency, rounded half-up once to the decimals of `currency`."""
    return round_money(amount * rate, currency)


def _converted(lines: Sequence[Line], rate: Decimal, currency: str, organization_currency: str) -> list[Line]:
    """Give every line its amount in the organization's currency; both sides convert to the same total, exactly."""
    if currency == organization_currency:
        return [
            line if line.organization_amount is not None else replace(line, organization_amount=line.amount)
            for line in lines
        ]
    result = list(lines)
    given = sum((line.organization_amount for line in lines if line.organization_amount is not None), Decimal(0))
    open_indexes = [index for index, line in enumerate(lines) if line.organization_amount is None]
    debits = [index for index in open_indexes if lines[index].amount > 0]
    credits = [index for index in open_indexes if lines[index].amount < 0]
    debit_total = convert(sum((lines[index].amount for index in debits), Decimal(0)), rate, organization_currency)
    credit_total = -(given + debit_total) if credits else Decimal(0)
    if not credits and debits:
        debit_total = -given
    for indexes, total in ((debits, debit_total), (credits, credit_total)):
        parts = split(total, [abs(lines[index].amount) for index in indexes], organization_currency) if indexes else []
        for index, part in zip(indexes, parts, strict=True):
            result[index] = replace(lines[index], organization_amount=part)
    return result


def _header(organization: Any, actor: Any, draft: Draft, lines: Sequence[Line]) -> JournalEntry:
    zero = Decimal(0)
    return JournalEntry(
        organization_id=organization.pk,
        kind=draft.kind,
        source_type=draft.source._meta.label_lower,
        source_id=draft.source.pk,
        document_date=draft.document_date,
        posting_date=draft.posting_date,
        currency=draft.currency,
        line_count=len(lines),
        total=sum((line.amount for line in lines if line.amount > 0), zero),
        organization_total=sum((line.booked for line in lines if line.booked > 0), zero),
        memo=draft.memo,
        reverses_id=draft.reverses_id,
        posted_by=actor.user,
    )


def post(actor: Any, *drafts: Draft) -> list[JournalEntry]:
    """Post the drafts in the running transaction; entries of no lines are left out, since zero posts no entry.

    Raises (through the guards) RV003 closed period, RV004 unbalanced, RV007 a line that does not fit its item.
    """
    organization = actor.organization
    prepared = []
    for draft in drafts:
        lines = [line for line in draft.lines if line.amount or line.organization_amount]
        if lines:
            prepared.append((draft, _converted(lines, draft.rate, draft.currency, organization.currency)))
    entries = insert_all(_header(organization, actor, draft, lines) for draft, lines in prepared)
    insert_rows(
        JournalLine,
        LINE,
        (
            (
                organization.pk, entry.pk, number, line.gl_account_id, draft.currency, line.amount, line.booked,
                line.open_item_id, line.opens, line.agreement_id, line.for_agreement_id, line.memo,
            )
            for entry, (draft, lines) in zip(entries, prepared, strict=True)
            for number, line in enumerate(lines, start=1)
        ),
    )  # fmt: skip
    return entries


def mirror(
    entry: JournalEntry, lines: Sequence[JournalLine], *, kind: str, source: models.Model, posting_date: date
) -> Draft:
    """The draft that reverses an entry line by line, dated by the act of reversing.

    Lines are taken by their number, in whatever order they were read: the database compares them one by one.
    """
    return Draft(
        kind=kind,
        source=source,
        document_date=posting_date,
        posting_date=posting_date,
        currency=entry.currency,
        reverses_id=entry.pk,
        memo=entry.memo,
        lines=[
            Line(
                gl_account_id=line.gl_account_id,
                amount=-line.amount,
                organization_amount=-line.organization_amount,
                open_item_id=line.open_item_id,
                opens=line.opens,
                agreement_id=line.agreement_id,
                for_agreement_id=line.for_agreement_id,
                memo=line.memo,
            )
            for line in sorted(lines, key=lambda line: line.line_no)
        ],
    )


def follow(items: Mapping[int, OpenItem], drafts: Iterable[Draft]) -> None:
    """Let open items that were read before move as the database moves them by these entries, so that they need not be
    read again. Their lines say what is booked on the items."""
    for draft in drafts:
        for line in draft.lines:
            item = items.get(line.open_item_id or 0)
            if item is not None:
                item.balance += line.amount
                item.organization_balance += line.booked


def settled_value(item: OpenItem, amount: Decimal, organization_currency: str) -> Decimal:
    """What a settlement of `amount` takes off an item in the organization's currency.

    Its booked value, in proportion; the settlement that brings the item to zero takes the rest, so that nothing is
    left in one currency when nothing is left in the other. `amount` has the sign of the item's balance.
    """
    if amount == item.balance:
        return item.organization_balance
    return round_money(item.organization_balance * amount / item.balance, organization_currency)


def take_back(actor: Any, entry: JournalEntry, *, kind: str, source: models.Model, posting_date: date) -> JournalEntry:
    """Mirror a whole entry and take off what it settled: its debts stand as they did before."""
    posted = post(actor, mirror(entry, list(entry.lines.all()), kind=kind, source=source, posting_date=posting_date))[0]
    insert_all(
        Allocation(
            organization=actor.organization, kind=old.kind, debit_item_id=old.debit_item_id, entry=posted,
            currency=old.currency, amount=old.amount, reverses=old, date=posting_date,
        )
        for old in Allocation.objects.filter(entry=entry, reverses__isnull=True).order_by("pk")
    )  # fmt: skip
    return posted

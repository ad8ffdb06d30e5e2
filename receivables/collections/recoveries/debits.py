"""Which accounts bad debt was debited to, and what of that is still there: a recovery credits them in proportion.

Read for many losses at once, in as many queries as for one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import F, Q, Sum

from receivables.billing.credit_notes.models import CreditNoteLine
from receivables.billing.models import ChargeKind, RevisionLine
from receivables.collections.models import TaxRelief
from receivables.collections.recoveries.losses import Loss, live_recoveries, loss_key
from receivables.core.money import round_money, split
from receivables.ledger.models import Allocation, GLAccount, JournalLine
from receivables.ledger.posting import convert

ZERO = Decimal(0)
Row = TypeVar("Row")
# Amounts by GL account, in the invoice's currency.
Weights = list[tuple[int, Decimal]]


@dataclass(frozen=True)
class Debit:
    """What stands on one account because of a loss, in the invoice's currency and in the organization's."""

    gl_account_id: int
    amount: Decimal
    own: Decimal


def grouped(rows: Iterable[Row], key: Callable[[Row], int | None]) -> dict[int, list[Row]]:
    """Rows by a key of theirs, in their order; without those that have none."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        if (of := key(row)) is not None:
            found.setdefault(of, []).append(row)
    return found


def _valued(weights: Weights, value: Decimal, own_currency: str) -> list[Debit]:
    """Amounts by account with what they are worth, `value` in all."""
    parts = split(value, [amount for _account, amount in weights], own_currency)
    return _summed([Debit(account, amount, own) for (account, amount), own in zip(weights, parts, strict=True)])


def _summed(debits: list[Debit]) -> list[Debit]:
    sums: dict[int, Debit] = {}
    for each in debits:
        known = sums.get(each.gl_account_id, Debit(each.gl_account_id, ZERO, ZERO))
        sums[each.gl_account_id] = replace(known, amount=known.amount + each.amount, own=known.own + each.own)
    return list(sums.values())


def _given(losses: Sequence[Loss], own_currency: str) -> dict[str, list[Debit]]:
    """The accounts that each loss was debited to when it was given up."""
    settled = {loss.allocation.pk: loss.allocation for loss in losses if loss.allocation is not None}
    values, noted = _values(settled.values()), _noted(settled)
    entries = _debited([each for pk, each in settled.items() if pk not in noted])
    billed = _billed([loss.invoice.pk for loss in losses if loss.allocation is None])
    found = {}
    for loss in losses:
        row, invoice = loss.allocation, loss.invoice
        if row is None:
            value = convert(loss.amount, invoice.rate, own_currency)
            found[loss.key] = _valued(billed.get(invoice.pk, []), value, own_currency)
        else:
            lines = entries.get(row.entry_id or 0, [])
            weights = noted.get(row.pk) or _share_of_entry(row, lines, invoice.agreement_id)
            found[loss.key] = _valued(weights, values.get((row.entry_id, row.debit_item_id), ZERO), own_currency)
    return found


def _values(settled: Iterable[Allocation]) -> dict[Any, Decimal]:
    """What each settlement took off the receivable in the organization's currency, by entry and open item."""
    rows = list(settled)
    moved: Any = JournalLine.objects.filter(
        entry__in=[row.entry_id for row in rows], open_item__in=[row.debit_item_id for row in rows]
    )
    sums = moved.order_by().values_list("entry", "open_item").annotate(value=-Sum("organization_amount"))
    return {(entry, item): value for entry, item, value in sums}


def _weights(rows: Iterable[Any], sign: int) -> Weights:
    """The net amounts and taxes of lines of a document."""
    weights = []
    for row in rows:
        weights.append((row.gl_account_id, sign * row.net))
        if row.tax_code is not None:
            weights.append((row.tax_code.gl_account_id, sign * row.tax))
    return weights


def _noted(settlements: Iterable[int]) -> dict[int, Weights]:
    lines = CreditNoteLine.objects.filter(allocation__in=list(settlements)).select_related("tax_code")
    by_settlement = grouped(lines.order_by("line_no"), lambda line: line.allocation_id)
    return {pk: _weights(rows, 1) for pk, rows in by_settlement.items()}


def _billed(invoices: Sequence[int]) -> dict[int, Weights]:
    current = {"revision__invoice__in": invoices, "revision__number": F("revision__invoice__current_revision")}
    lines = (
        RevisionLine.objects.filter(kind=ChargeKind.BAD_DEBT, **current) if invoices else RevisionLine.objects.none()
    )
    by_invoice = grouped(lines.select_related("tax_code", "revision"), lambda line: line.revision.invoice_id)
    return {pk: _weights(rows, -1) for pk, rows in by_invoice.items()}


def _debited(settled: Sequence[Allocation]) -> dict[int, list[JournalLine]]:
    """What the entries of settlements by journal only debited."""
    entries = [row.entry_id for row in settled]
    lines = JournalLine.objects.filter(entry__in=entries, open_item__isnull=True, amount__gt=0).order_by("line_no")
    return grouped(lines if entries else [], lambda line: line.entry_id)


def _share_of_entry(allocation: Allocation, lines: Sequence[JournalLine], agreement_id: int) -> Weights:
    """By journal only, an entry may speak of several invoices: this one's share of what it debited."""
    own = [line for line in lines if line.for_agreement_id == agreement_id] or lines
    parts = split(allocation.amount, [line.amount for line in own], allocation.currency)
    return [(line.gl_account_id, part) for line, part in zip(own, parts, strict=True)]


def remaining_debits(losses: Sequence[Loss], own_currency: str) -> dict[str, list[Debit]]:
    """What of them is left after the recoveries and the tax reliefs that stand, by the keys of these losses of one
    organization: relief moves a part from the expense to the taxes, so that what is recovered afterwards repays it in
    proportion."""
    later = _later(losses)
    return {
        key: [each for each in _summed([*debits, *later.get(key, [])]) if each.amount > 0]
        for key, debits in _given(losses, own_currency).items()
    }


def _later(losses: Sequence[Loss]) -> dict[str, list[Debit]]:
    """What recoveries and tax reliefs that stand moved on the accounts of losses."""
    invoices, settled = {loss.invoice.pk for loss in losses}, [loss.allocation.pk for loss in losses if loss.allocation]
    recoveries = live_recoveries().filter(invoice__in=invoices).values_list("pk", "invoice", "allocation")
    reliefs = TaxRelief.objects.filter(allocation__in=settled, reversal__isnull=True).values_list("pk", "allocation")
    keys = {("collections.recovery", pk): loss_key(invoice, by) for pk, invoice, by in recoveries}
    keys |= {("collections.taxrelief", pk): loss_key(0, by) for pk, by in reliefs}
    found: dict[str, list[Debit]] = {}
    for line in _lines_of(losses[0].invoice.organization_id, list(keys)) if keys else []:
        key = keys[line.entry.source_type, line.entry.source_id]
        found.setdefault(key, []).append(Debit(line.gl_account_id, line.amount, line.organization_amount))
    return found


def _lines_of(organization_id: int, sources: Sequence[tuple[str, int]]) -> Iterable[JournalLine]:
    posted = Q()
    for kind in {kind for kind, _pk in sources}:
        posted |= Q(entry__source_type=kind, entry__source_id__in=[pk for other, pk in sources if other == kind])
    lines = JournalLine.objects.filter(
        posted, organization=organization_id, entry__organization=organization_id, open_item__isnull=True
    )
    return lines.exclude(gl_account__role=GLAccount.Role.EXCHANGE).select_related("entry")


def credited(loss: Loss, amount: Decimal, own_currency: str) -> list[Debit]:
    """What each account gets back of a recovery of `amount`: in proportion to what is left there, tax included; the
    last recovery takes exactly what is left, in both currencies. At the value that was booked, so that only cash makes
    exchange differences."""
    left = remaining_debits([loss], own_currency)[loss.key]
    total, own_total = sum((each.amount for each in left), ZERO), sum((each.own for each in left), ZERO)
    if amount == total:
        return left
    parts = split(amount, [each.amount for each in left], loss.invoice.currency)
    if loss.invoice.currency == own_currency:
        owns = parts
    else:
        owns = split(round_money(own_total * amount / total, own_currency), parts, own_currency)
    return [
        Debit(each.gl_account_id, part, own)
        for each, part, own in zip(left, parts, owns, strict=True)
        if part or own
    ]  # fmt: skip

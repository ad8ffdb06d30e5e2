"""Which accounts bad debt was debited to, and what of that is still there: a recovery credits them in proportion."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q

from receivables.billing.credit_notes.models import CreditNoteLine
from receivables.billing.models import ChargeKind, RevisionLine
from receivables.collections.models import TaxRelief
from receivables.collections.recoveries.losses import Loss, live_recoveries
from receivables.core.money import round_money, split
from receivables.ledger.models import Allocation, GLAccount, JournalLine
from receivables.ledger.posting import convert

ZERO = Decimal(0)


@dataclass(frozen=True)
class Debit:
    """What stands on one account because of a loss, in the invoice's currency and in the organization's."""

    gl_account_id: int
    amount: Decimal
    own: Decimal


def _valued(weights: list[tuple[int, Decimal]], value: Decimal, own_currency: str) -> list[Debit]:
    """Amounts by account with what they are worth, `value` in all."""
    parts = split(value, [amount for _account, amount in weights], own_currency)
    return _summed([Debit(account, amount, own) for (account, amount), own in zip(weights, parts, strict=True)])


def _summed(debits: list[Debit]) -> list[Debit]:
    sums: dict[int, Debit] = {}
    for each in debits:
        known = sums.get(each.gl_account_id, Debit(each.gl_account_id, ZERO, ZERO))
        sums[each.gl_account_id] = replace(known, amount=known.amount + each.amount, own=known.own + each.own)
    return list(sums.values())


def given_debits(loss: Loss, own_currency: str) -> list[Debit]:
    """The accounts that the loss was debited to when it was given up."""
    if loss.allocation is None:
        return _of_revision(loss, own_currency)
    value = _value(loss.allocation, own_currency)
    lines = CreditNoteLine.objects.filter(allocation=loss.allocation).select_related("tax_code").order_by("line_no")
    weights = []
    for line in lines:
        weights.append((line.gl_account_id, line.net))
        if line.tax_code is not None:
            weights.append((line.tax_code.gl_account_id, line.tax))
    return _valued(weights or _of_entry(loss.allocation, loss.invoice.agreement_id), value, own_currency)


def _value(allocation: Allocation, own_currency: str) -> Decimal:
    """What the settlement took off the receivable in the organization's currency."""
    moved = JournalLine.objects.filter(entry=allocation.entry_id, open_item=allocation.debit_item_id)
    return -sum((line.organization_amount for line in moved), ZERO)


def _of_entry(allocation: Allocation, agreement_id: int) -> list[tuple[int, Decimal]]:
    """By journal only, an entry may speak of several invoices: this one's share of what it debited."""
    lines = JournalLine.objects.filter(entry=allocation.entry_id, open_item__isnull=True, amount__gt=0)
    own = lines.filter(for_agreement=agreement_id)
    found = list((own if own.exists() else lines).order_by("line_no").values_list("gl_account", "amount"))
    parts = split(allocation.amount, [amount for _account, amount in found], allocation.currency)
    return [(account, part) for (account, _amount), part in zip(found, parts, strict=True)]


def _of_revision(loss: Loss, own_currency: str) -> list[Debit]:
    current = {"revision__invoice": loss.invoice.pk, "revision__number": loss.invoice.current_revision}
    weights = []
    for line in RevisionLine.objects.filter(kind=ChargeKind.BAD_DEBT, **current).select_related("tax_code"):
        weights.append((line.gl_account_id, -line.net))
        if line.tax_code is not None:
            weights.append((line.tax_code.gl_account_id, -line.tax))
    return _valued(weights, convert(loss.amount, loss.invoice.rate, own_currency), own_currency)


def remaining_debits(loss: Loss, own_currency: str) -> list[Debit]:
    """What of them is left after the recoveries and the tax reliefs that stand: relief moves a part from the expense to
    the taxes, so that what is recovered afterwards repays it in proportion."""
    recoveries = live_recoveries().filter(invoice=loss.invoice, allocation=loss.allocation)
    posted = Q(entry__source_type="collections.recovery", entry__source_id__in=recoveries.values("pk"))
    if loss.allocation is not None:
        reliefs = TaxRelief.objects.filter(allocation=loss.allocation, reversal__isnull=True)
        posted |= Q(entry__source_type="collections.taxrelief", entry__source_id__in=reliefs.values("pk"))
    moved = JournalLine.objects.filter(
        posted, organization=loss.invoice.organization_id, open_item__isnull=True
    ).exclude(gl_account__role=GLAccount.Role.EXCHANGE)  # fmt: skip
    later = [Debit(line.gl_account_id, line.amount, line.organization_amount) for line in moved]
    return [each for each in _summed([*given_debits(loss, own_currency), *later]) if each.amount > 0]


def credited(loss: Loss, amount: Decimal, own_currency: str) -> list[Debit]:
    """What each account gets back of a recovery of `amount`: in proportion to what is left there, tax included; the
    last recovery takes exactly what is left, in both currencies. At the value that was booked, so that only cash makes
    exchange differences."""
    left = remaining_debits(loss, own_currency)
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

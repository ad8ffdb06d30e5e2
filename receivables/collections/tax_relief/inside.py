"""How much tax is inside bad debt whose tax was left alone when it was given up."""

from collections.abc import Sequence
from decimal import Decimal

from receivables.billing.charges import Groups, take_off
from receivables.billing.credit_notes.models import CreditNoteLine
from receivables.billing.credit_notes.queries import booked
from receivables.billing.credit_notes.splitting import left_of
from receivables.billing.models import Invoice, RevisionLine
from receivables.ledger.models import Allocation

ZERO = Decimal(0)
# By GL account of the tax.
Taxes = dict[int, Decimal]


def taxes_inside(invoice: Invoice) -> dict[int, Taxes]:
    """Of each settlement that took something off an invoice without its tax: the taxes inside it, by settlement.

    In the order in which they were given, each over what the earlier ones left, so that what empties the invoice takes
    exactly its tax. Credit notes that took tax back at once lower the taxes by what they say.
    """
    current = {"revision__invoice": invoice.pk, "revision__number": invoice.current_revision}
    lines = RevisionLine.objects.filter(**current).select_related("tax_code").order_by("line_no")
    left = left_of(booked(lines), [], invoice.currency)
    settled = Allocation.objects.filter(
        debit_item=invoice.open_item_id, reverses__isnull=True, reversed_by__isnull=True, amount__gt=0
    ).exclude(kind=Allocation.Kind.PAYMENT)  # fmt: skip
    credited = _credited(invoice)
    found: dict[int, Taxes] = {}
    for each in settled.order_by("pk"):
        taxed = credited.get(each.pk, [])
        if any(line.tax for line in taxed):
            left = _less(left, taxed)
        else:
            found[each.pk] = _taxes(take_off(each.amount, left, each.currency))
    return found


def _credited(invoice: Invoice) -> dict[int, list[CreditNoteLine]]:
    found: dict[int, list[CreditNoteLine]] = {}
    for line in CreditNoteLine.objects.filter(invoice=invoice).select_related("tax_code").order_by("line_no"):
        found.setdefault(line.allocation_id, []).append(line)
    return found


def _less(left: Groups, taxed: Sequence[CreditNoteLine]) -> Groups:
    after = dict(left)
    for line in booked(taxed):
        net, amount = after.get(line.tax, (ZERO, ZERO))
        after[line.tax] = (net - line.net, amount - line.tax_amount)
    return after


def _taxes(parts: Sequence[tuple]) -> Taxes:
    sums: Taxes = {}
    for tax, _net, amount in parts:
        if tax is not None and amount:
            sums[tax.gl_account_id] = sums.get(tax.gl_account_id, ZERO) + amount
    return sums

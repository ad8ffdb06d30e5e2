"""How much tax is inside bad debt whose tax was left alone when it was given up."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import F

from receivables.billing.charges import Groups, take_off
from receivables.billing.credit_notes.models import CreditNoteLine
from receivables.billing.credit_notes.queries import booked
from receivables.billing.credit_notes.splitting import left_of
from receivables.billing.models import Invoice, RevisionLine
from receivables.collections.recoveries.debits import grouped
from receivables.ledger.models import Allocation

ZERO = Decimal(0)
# By GL account of the tax.
Taxes = dict[int, Decimal]


def taxes_inside(invoices: Sequence[Invoice]) -> dict[int, Taxes]:
    """Of each settlement that took something off one of these invoices without its tax: the taxes inside it, by
    settlement. A constant number of queries.

    In the order in which they were given, each over what the earlier ones left, so that what empties the invoice takes
    exactly its tax. Credit notes that took tax back at once lower the taxes by what they say.
    """
    keys, items = [each.pk for each in invoices], [each.open_item_id for each in invoices]
    current = {"revision__invoice__in": keys, "revision__number": F("revision__invoice__current_revision")}
    billed = RevisionLine.objects.filter(**current).select_related("tax_code", "revision").order_by("line_no")
    settled = Allocation.objects.filter(
        debit_item__in=items, reverses__isnull=True, reversed_by__isnull=True, amount__gt=0
    ).exclude(kind=Allocation.Kind.PAYMENT)  # fmt: skip
    noted = CreditNoteLine.objects.filter(invoice__in=keys).select_related("tax_code").order_by("line_no")
    lines = grouped(billed, lambda line: line.revision.invoice_id)
    taken = grouped(settled.order_by("pk"), lambda row: row.debit_item_id)
    credited = grouped(noted, lambda line: line.allocation_id)
    found: dict[int, Taxes] = {}
    for each in invoices:
        found |= _inside(
            left_of(booked(lines.get(each.pk, [])), [], each.currency), taken.get(each.open_item_id, []), credited
        )
    return found


def _inside(
    left: Groups, settled: Sequence[Allocation], credited: Mapping[int, Sequence[CreditNoteLine]]
) -> dict[int, Taxes]:
    """The same of one invoice, of which these tax groups are `left`."""
    found: dict[int, Taxes] = {}
    for each in settled:
        taxed = credited.get(each.pk, [])
        if any(line.tax for line in taxed):
            left = _less(left, taxed)
        else:
            found[each.pk] = _taxes(take_off(each.amount, left, each.currency))
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

"""Documents that other systems have no form of, as journal entries: money held, fees for bounced payments, tax relief.

Money held leaves the customer's receivables over there, where its payment stands unapplied, for the account that holds
it; a fee is owed on the receivables; relief moves tax between accounts and no customer's.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from receivables.collections.models import BounceFee, Holding, TaxRelief
from receivables.core.events import ref
from receivables.integrations.snapshots import Wanted, account_key, text
from receivables.ledger.models import JournalEntry, JournalLine


def _posted(kind: str, row: Any) -> JournalEntry:
    """The entry that a document was posted by."""
    return JournalEntry.objects.get(
        organization_id=row.organization_id, source_type=row._meta.label_lower, source_id=row.pk, kind=kind
    )


def _line(account: int, amount: Decimal) -> dict[str, Any]:
    return {"account": account_key(account), "customer": False, "amount": text(amount)}


def _owed(amount: Decimal) -> dict[str, Any]:
    return {"account": "", "customer": True, "amount": text(amount)}


def holding_wanted(holding: Holding) -> Wanted:
    """Money on a deposit or overpayment agreement, as far as it is still held."""
    taken = holding.releases.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    left, customer = holding.amount - taken, ref(holding.payment.account.customer)
    number = f"{holding.payment.number}-H{holding.pk}"
    body = {
        "number": number, "customer": customer, "date": holding.posting_date.isoformat(),
        "posting_date": holding.posting_date.isoformat(), "void": left == 0,
        "text": _("Held: payment %(number)s") % {"number": holding.payment.number},
        "lines": [_owed(left), _line(holding.open_item.gl_account_id, -left)],
    }  # fmt: skip
    return Wanted(number, holding.currency, left, body, [customer])


def of_payments(payments: Iterable[int]) -> Any:
    """What is, or was, held of these payments."""
    return Holding.objects.filter(payment__in=payments)


def bounce_fee_wanted(fee: BounceFee) -> Wanted:
    """A fee that the payer owes."""
    customer = ref(fee.bounced.payment.account.customer)
    credits = _lines(_posted("bounce_fee", fee)).filter(amount__lt=0)
    body = {
        "number": fee.number, "customer": customer, "date": fee.date.isoformat(),
        "posting_date": fee.posting_date.isoformat(), "void": hasattr(fee, "reversal"),
        "text": _("Fee for bounced payment %(number)s") % {"number": fee.bounced.payment.number},
        "lines": [_owed(fee.amount), *(_line(row.gl_account_id, row.amount) for row in credits)],
    }  # fmt: skip
    return Wanted(fee.number, fee.currency, fee.amount, body, [customer])


def tax_relief_wanted(relief: TaxRelief) -> Wanted:
    """The tax inside one bad debt, claimed back: no receivable changes."""
    customer, day = ref(relief.invoice.account.customer), relief.claim.posting_date.isoformat()
    number = f"{relief.claim.number}-{relief.pk}"
    rows = _lines(_posted("tax_relief", relief)).exclude(amount=0)
    body = {
        "number": number, "customer": customer, "date": day, "posting_date": day, "void": hasattr(relief, "reversal"),
        "text": _("Tax relief: invoice %(number)s") % {"number": relief.invoice.number},
        "lines": [_line(row.gl_account_id, row.amount) for row in rows],
    }  # fmt: skip
    return Wanted(number, relief.currency, relief.amount, body, [customer])


def _lines(entry: JournalEntry) -> Any:
    return JournalLine.objects.filter(entry=entry).order_by("line_no")

"""Written-off debt and what comes of it later, as other systems know it: they have no write-off agreements.

Debt that is transferred leaves their receivables by a credit memo on the accounts that it was transferred to; what is
recovered is a journal entry, Dr the customer's receivables, where the payment stands unapplied, Cr those accounts.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from receivables.billing.models import Invoice
from receivables.collections.models import Payment
from receivables.collections.recoveries.models import Recovery
from receivables.core.events import ref
from receivables.customers.models import AgreementType
from receivables.integrations.snapshots import Wanted, account_key, text
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, OpenItem
from receivables.writeoffs.models import WriteOff

ZERO = Decimal(0)


def write_off_wanted(write_off: WriteOff) -> Wanted | None:
    """What of a write-off still stands, as a credit memo on the invoices that it took the debt off.

    What was written off already (bankruptcy) has left their receivables, and none of its accounts changes: None where
    there is nothing else.
    """
    fresh = ~Q(source_agreement__type__special_role=AgreementType.SpecialRole.WRITE_OFF)
    lines = write_off.lines.select_related(
        "item__open_item", "source_item__invoice", "source_item__origin__invoice"
    ).annotate(taken_back=Sum("reversed__amount"))
    debits: dict[int, Decimal] = {}
    applied: dict[str, Decimal] = {}
    for line in lines.filter(fresh).order_by("line_no"):
        left = line.amount - (line.taken_back or ZERO)
        account = line.item.open_item.gl_account_id
        debits[account] = debits.get(account, ZERO) + left
        invoice = invoice_of(line.source_item)
        if invoice is not None:
            applied[ref(invoice)] = applied.get(ref(invoice), ZERO) + left
    if not debits:
        return None
    total = sum(debits.values(), ZERO)
    words = _("Written off: %(reason)s") % {"reason": write_off.reason}
    customer = ref(write_off.account.customer)
    body = {
        "customer": customer, "number": write_off.number, "date": write_off.date.isoformat(),
        "posting_date": write_off.posting_date.isoformat(), "text": words, "net": text(total), "tax": "0",
        "total": text(total), "void": total == 0,
        "lines": [
            {"account": account_key(pk), "text": words, "net": text(amount), "tax": "0", "tax_code": ""}
            for pk, amount in debits.items() if amount
        ],
        "applied": [{"invoice": key, "amount": text(amount)} for key, amount in applied.items() if amount],
    }  # fmt: skip
    return Wanted(write_off.number, write_off.currency, total, body, [customer, *applied])


def invoice_of(item: OpenItem | None) -> Invoice | None:
    """The invoice that a debt is about: other systems have no agreements, so moving it says nothing to them."""
    first = (item.origin or item) if item is not None else None
    return getattr(first, "invoice", None)


def _journal(
    customer: str, number: str, entry: JournalEntry, day: Any, words: str, void: bool, debit: Decimal
) -> dict[str, Any]:  # fmt: skip
    """The credits of an entry against the customer's receivables; unapplied money has no account of its own there."""
    rows = entry.lines.filter(amount__lt=0).exclude(gl_account__role=GLAccount.Role.UNAPPLIED).order_by("line_no")
    credits = [
        {"account": account_key(row.gl_account_id), "customer": False, "amount": text(row.amount)} for row in rows
    ]
    return {
        "number": number, "customer": customer, "date": day.isoformat(), "posting_date": entry.posting_date.isoformat(),
        "text": words, "void": void, "lines": [{"account": "", "customer": True, "amount": text(debit)}, *credits],
    }  # fmt: skip


def recovery_wanted(recovery: Recovery) -> Wanted | None:
    """Bad debt of an invoice that was paid after all."""
    entry = JournalEntry.objects.filter(
        organization_id=recovery.organization_id, source_type="collections.recovery", source_id=recovery.pk,
        reverses__isnull=True,
    ).first()  # fmt: skip
    if entry is None:
        return None
    customer = ref(recovery.payment.account.customer)
    words = _("Recovered: invoice %(number)s") % {"number": recovery.invoice.number}
    body = _journal(
        customer, recovery.number, entry, recovery.date, words, hasattr(recovery, "reversal"), recovery.amount
    )
    return Wanted(recovery.number, recovery.currency, recovery.amount, body, [customer])


def of_written_off(payments: Iterable[int]) -> Any:
    """The settlements of written-off debt by these payments."""
    return Allocation.objects.filter(
        credit_item__payment__in=payments, debit_item__kind=OpenItem.Kind.WRITE_OFF, reverses__isnull=True,
        amount__gt=0,
    )  # fmt: skip


def written_off_paid(allocation: Allocation) -> Wanted | None:
    """A payment that reached written-off debt: the agreement's own account is credited."""
    if allocation.credit_item is None or allocation.entry is None:
        return None
    payment: Payment = allocation.credit_item.payment
    customer, number = ref(payment.account.customer), f"{payment.number}-{allocation.pk}"
    words = _("Recovered: write-off %(number)s") % {"number": allocation.debit_item.number}
    void = Allocation.objects.filter(reverses=allocation).exists()
    body = _journal(customer, number, allocation.entry, allocation.date, words, void, allocation.amount)
    return Wanted(number, allocation.currency, allocation.amount, body, [customer])

"""Undoing what was settled besides money, by itself: the payment stays on the invoice."""

from datetime import date
from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.models import Invoice
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.collections.applying import take_off
from receivables.collections.giving_up import take_back_pay_offs
from receivables.collections.models import PayOff
from receivables.collections.rules import reverse_pay_off_blocker
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.customers.models import Account


@operation
def reverse_pay_off(*, actor: Any, pay_off: PayOff, reason: str, posting_date: date | None = None) -> PayOff:
    """Undo one difference that was settled with a payment or granted for it: its credit note or its entry is reversed,
    and the invoice owes it again.

    Raises `Refused` if it was undone before, or on a day before it was posted.
    """
    rows = PayOff.objects.of(actor).select_related(
        "payment", "reason", "allocation__entry", "allocation__reversed_by", "invoice__account"
    )
    lock_rows(Account.objects.of(actor), [rows.get(pk=pay_off.pk).invoice.account_id])
    found = rows.get(pk=pay_off.pk)
    entry = found.allocation.entry
    posted = entry.posting_date if entry else found.allocation.date
    refuse(
        reverse_pay_off_blocker(
            number=found.invoice.number, standing=getattr(found.allocation, "reversed_by", None) is None,
            posted=posted, posting_date=posting_date,
        )
        or no_reason_blocker(reason)
    )  # fmt: skip
    by_journal = take_back_pay_offs(actor, found.payment, [found], reason=reason, chosen=posting_date)
    if by_journal:
        day = chosen_posting_date(actor, max(today(actor.organization), posted), posting_date)
        take_off(actor, by_journal, source=found, kind=lambda entry: "bad_debt_reversed", posting_date=day)
    invoice = Invoice.objects.of(actor).prefetch_related("loads").get(pk=found.invoice_id)
    record(
        actor, "reverse_pay_off", found.payment, about=[invoice, *invoice.loads.all(), found.invoice.account],
        reason=reason, amount=found.amount, currency=found.currency, type=found.reason.name, invoice=invoice.number,
    )  # fmt: skip
    return found

"""Sentences about payments, whole and in the actor's number and date format."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import Accessorial, CreditNote, Invoice, Load
from receivables.billing.pages import amount_text
from receivables.collections.debts import open_again_text, reopened_text
from receivables.collections.models import Payment, PayOff
from receivables.core.context import day_text as day_text
from receivables.core.errors import Blocker
from receivables.ledger.models import Allocation


def cure_text(actor: Any, invoice: Invoice, load: Load, *, recorded: bool) -> Blocker:
    """What to do about an invoice that is out of date, before a payment is recorded on it or after."""
    words = {
        "invoice": invoice.number,
        "load": load.number,
        "now": amount_text(actor, load.charges_total, load.currency),
        "old": amount_text(actor, invoice.open_item.amount, invoice.currency),
    }
    title = _("Invoice %(invoice)s is out of date: it says %(old)s, the charges of load %(load)s add up to %(now)s.")
    if recorded:
        message = _(
            "Nothing is sent to accounting until that is put right: delete the payment, regenerate the invoice, then"
            " record the payment again."
        )
    else:
        message = _(
            "Regenerate the invoice first: that is not possible any more once a payment is recorded, also one of zero."
        )
    return Blocker("out_of_date", message, title=title % words)


def recorded_text(actor: Any, payment: Payment, invoice: Invoice | None, applied: Decimal, rest: Decimal) -> str:
    """What happened, and what is left to do. `rest` is what stays open on the invoice."""
    said = [
        _("Payment %(number)s of %(amount)s was recorded.")
        % {"number": payment.number, "amount": amount_text(actor, payment.amount, payment.currency)}
    ]
    if invoice is not None and rest:
        said.append(_("%(rest)s stays open on this invoice.") % {"rest": amount_text(actor, rest, invoice.currency)})
    elif invoice is not None:
        said.append(_("Paid in full.") if applied else _("Nothing is open on this invoice."))
    left = payment.amount - applied
    if left:
        words = {"left": amount_text(actor, left, payment.currency), "customer": payment.account.customer.name}
        said.append(_("%(left)s stays on account for %(customer)s.") % words)
    if payment.posting_date != payment.date:
        said.append(_("It is posted on %(day)s.") % {"day": day_text(actor, payment.posting_date)})
    return " ".join(said)


def taken_back_text(actor: Any, given: Accessorial, *, done: bool = False) -> str:
    """What happens, or happened, to a reduction that was given with a payment which did not come after all."""
    waits = given.state == Accessorial.State.WAITING
    if done:
        said = _("%(type)s %(amount)s on load %(load)s was taken back.")
    elif waits:
        said = _("%(type)s %(amount)s on load %(load)s, which waits for approval, is withdrawn.")
    else:
        said = _("%(type)s %(amount)s on load %(load)s, given with it, is taken back and the invoice regenerated.")
    amount = amount_text(actor, given.amount, given.currency)
    return said % {"type": given.type.name, "amount": amount, "load": given.load.number}


def bounced_text(actor: Any, payment: Payment) -> str:
    """What happened, in one sentence."""
    words = {"number": payment.number, "amount": amount_text(actor, payment.amount, payment.currency)}
    return _("Payment %(number)s of %(amount)s is recorded as bounced. It stays in the history.") % words


def reopening(actor: Any, row: Allocation, taken_back: Decimal = Decimal(0)) -> str:
    """What undoing the payment does to one invoice it is applied to, with the reductions that are taken back."""
    return reopened_text(actor, row.debit_item, row.debit_item.balance + row.amount + taken_back)


def lost_on(row: Allocation, lost: Sequence[PayOff]) -> Decimal:
    """What of the pay-offs was given on the invoice of this assignment."""
    return sum((each.amount for each in lost if each.invoice.open_item_id == row.debit_item_id), Decimal(0))


def falls_text(actor: Any, given: PayOff) -> str:
    """What happens to bad debt that was given with a payment when the payment is taken back."""
    words = {"amount": amount_text(actor, given.amount, given.currency), "invoice": given.invoice.number}
    if given.credit_note is None:
        return _("The bad debt of %(amount)s on invoice %(invoice)s is reversed.") % words
    words["note"] = given.credit_note.number
    return _("Credit note %(note)s is reversed, and with it %(amount)s on invoice %(invoice)s.") % words


def stays_text(actor: Any, note: CreditNote) -> str:
    """What does not fall with a payment: a credit note that was issued on its own."""
    words = {"note": note.number, "amount": amount_text(actor, note.total, note.currency)}
    return (
        _("Credit note %(note)s of %(amount)s stays, since it was issued on its own; reverse it on its page.") % words
    )


def deleted_text(actor: Any, payment: Payment, rows: Sequence[Allocation], lost: Sequence[PayOff] = ()) -> str:
    """What happened; `rows` are the assignments and `lost` the pay-offs as they were before."""
    said = [
        _("Payment %(number)s of %(amount)s was deleted. It stays in the history.")
        % {"number": payment.number, "amount": amount_text(actor, payment.amount, payment.currency)}
    ]
    for row in rows:
        owed = row.debit_item.balance + row.amount + lost_on(row, lost)
        said.append(open_again_text(actor, row.debit_item, owed))
    return " ".join(said)


def paid_off_text(actor: Any, payment: Payment) -> str:
    """What the payment gave up, in one sentence; empty if nothing."""
    amounts = list(payment.pay_offs.values_list("amount", flat=True))
    if not amounts:
        return ""
    lost = amount_text(actor, sum(amounts, Decimal(0)), payment.currency)
    return _("%(lost)s was recorded as bad debt.") % {"lost": lost}

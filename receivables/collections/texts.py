"""Sentences about payments, whole and in the actor's number and date format."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.approvals.queries import names_of, possible_approvers
from receivables.billing.credit_notes.kinds import authority_for
from receivables.billing.models import Accessorial, CreditNote, Invoice, Load
from receivables.billing.pages import amount_text
from receivables.collections.debts import open_again_text, reopened_text
from receivables.collections.giving_up import LOSSES
from receivables.collections.models import Payment, PayOff, PayOffRequest
from receivables.collections.payoff_queries import waiting_asked
from receivables.core.context import day_text as day_text
from receivables.core.errors import Blocker
from receivables.core.events import ref
from receivables.ledger.models import Allocation

ASKED_BY_NAME = 5  # of a payment's differences; each is looked up with who may approve it


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


def reopening(actor: Any, row: Allocation, lost: Sequence[PayOff], given: Sequence[Accessorial]) -> str:
    """What undoing the payment does to one invoice it is applied to, with what is taken back with it."""
    return reopened_text(actor, row.debit_item, _owed_again(row, lost, given))


def _owed_again(row: Allocation, lost: Sequence[PayOff], given: Sequence[Accessorial]) -> Decimal:
    """What is open on the invoice of an assignment once that, these pay-offs and these reductions are taken back."""
    item = row.debit_item
    back = [each.amount for each in lost if each.invoice.open_item_id == item.pk]
    back += [
        -each.amount
        for each in given
        if each.state == Accessorial.State.ACTIVE and each.load.invoice and each.load.invoice.open_item_id == item.pk
    ]
    return sum(back, item.balance + row.amount)


def falls_text(actor: Any, given: PayOff) -> str:
    """What happens to bad debt that was given with a payment when the payment is taken back."""
    words = {"amount": amount_text(actor, given.amount, given.currency), "invoice": given.invoice.number}
    if given.credit_note is None and given.allocation.kind in LOSSES:
        return _("The bad debt of %(amount)s on invoice %(invoice)s is reversed.") % words
    if given.credit_note is None:
        said = _("The %(amount)s on invoice %(invoice)s that were settled as “%(reason)s” are reversed.")
        return said % {**words, "reason": given.reason.name}
    words["note"] = given.credit_note.number
    return _("Credit note %(note)s is reversed, and with it %(amount)s on invoice %(invoice)s.") % words


def stays_text(actor: Any, note: CreditNote) -> str:
    """What does not fall with a payment: a credit note that was issued on its own."""
    words = {"note": note.number, "amount": amount_text(actor, note.total, note.currency)}
    return (
        _("Credit note %(note)s of %(amount)s stays, since it was issued on its own; reverse it on its page.") % words
    )


def granted_text(actor: Any, given: PayOff) -> str:
    """What does not fall with a payment that is deleted: what somebody else granted."""
    said = _("%(amount)s on invoice %(invoice)s as “%(reason)s” stays, since it was granted; it can be reversed alone.")
    return said % {
        "amount": amount_text(actor, given.amount, given.currency), "invoice": given.invoice.number,
        "reason": given.reason.name,
    }  # fmt: skip


def withdrawn_text(actor: Any, asked: PayOffRequest) -> str:
    """What happens to a request that waits when its payment is taken back."""
    words = {
        "amount": amount_text(actor, asked.amount, asked.currency), "invoice": asked.invoice.number,
        "reason": asked.reason.name,
    }  # fmt: skip
    return (
        _("The request for %(amount)s on invoice %(invoice)s as “%(reason)s”, which waits for approval, is withdrawn.")
        % words
    )


def deleted_text(
    actor: Any, payment: Payment, rows: Sequence[Allocation], lost: Sequence[PayOff], given: Sequence[Accessorial]
) -> str:
    """What happened; `rows` are the assignments, `lost` the pay-offs and `given` the reductions as they were before."""
    said = [
        _("Payment %(number)s of %(amount)s was deleted. It stays in the history.")
        % {"number": payment.number, "amount": amount_text(actor, payment.amount, payment.currency)}
    ]
    for row in rows:
        said.append(open_again_text(actor, row.debit_item, _owed_again(row, lost, given)))
    return " ".join(said)


def paid_off_text(actor: Any, payment: Payment) -> str:
    """What was settled with the payment besides money: bad debt in all, everything else by its reason."""
    lost, others = Decimal(0), dict[str, Decimal]()
    for each in payment.pay_offs.select_related("reason", "allocation").order_by("pk"):
        if each.allocation.kind in LOSSES:
            lost += each.amount
        else:
            others[each.reason.name] = others.get(each.reason.name, Decimal(0)) + each.amount
    said = []
    if lost:
        said.append(_("%(lost)s was recorded as bad debt.") % {"lost": amount_text(actor, lost, payment.currency)})
    for name, amount in others.items():
        words = {"amount": amount_text(actor, amount, payment.currency), "reason": name}
        said.append(_("%(amount)s was recorded as “%(reason)s”.") % words)
    return " ".join(said)


def asked_text(actor: Any, payment: Payment) -> str:
    """What of the payment's differences waits for approval, and for whom; of many the first few by name."""
    waiting = list(waiting_asked(actor, payment=payment).select_related("invoice", "reason").order_by("pk"))
    said = [_one_asked(actor, each) for each in waiting[:ASKED_BY_NAME]]
    if more := len(waiting) - len(said):
        message = ngettext(
            "%(n)s more difference waits for approval too; the payment lists it.",
            "%(n)s more differences wait for approval too; the payment lists them.",
            more,
        )
        said.append(message % {"n": more})
    return " ".join(said)


def _one_asked(actor: Any, asked: PayOffRequest) -> str:
    words = {"amount": amount_text(actor, asked.amount, asked.currency), "number": asked.invoice.number}
    kind, key = authority_for(asked.reason.kind), ref(asked.reason)
    names = names_of(possible_approvers(actor, kind, asked.currency, asked.amount, reason_key=key))
    if names:
        message = _("%(amount)s on invoice %(number)s waits for %(approver)s; it stays open until then.")
        return message % {**words, "approver": names}
    message = _(
        "%(amount)s on invoice %(number)s waits, but nobody may approve this amount yet; an administrator can"
        " set a higher limit."
    )
    return message % words

"""Posting what a payment fell short of, in its own transaction, and taking it back with the payment.

Dr the reason's account / Cr receivables at the rate the invoice is booked at, for each invoice and reason by itself, so
that each can be undone alone. Where the reason says so, a credit note is the document of that entry; else the journal
alone says it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.credit_notes.each import Settled, Wanted, by_invoice, drafted_each, issued, post_each
from receivables.billing.credit_notes.kinds import settles_as
from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import reverse_notes
from receivables.billing.models import Invoice, Revision
from receivables.billing.summary.parts import lost_shares, parts_of, share_out
from receivables.collections.models import Payment, PayOff, PayOffRequest
from receivables.collections.recoveries.falling import fall_with_settlements
from receivables.core.rows import insert
from receivables.ledger.models import Allocation
from receivables.ledger.queries import PostingDays

MOST_SHOWN = 20
LOSSES = (Allocation.Kind.BAD_DEBT, Allocation.Kind.DIFFERENCE)
Numbers = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class GivenUp:
    """What was posted, and the events of its credit notes, still to be recorded: together with that of the act."""

    rows: list[PayOff]
    events: list[tuple[Any, CreditNote]]


@dataclass(frozen=True)
class Given:
    """What is taken off an invoice for one reason; `whole`: nothing is left of the invoice then. `over` says which
    limit it exceeds, where it has to be asked for."""

    invoice: Invoice
    reason: Reason
    amount: Decimal
    whole: bool
    over: str = ""

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.invoice, self.reason, self.amount)


def give_up(
    actor: Any, payment: Payment, given: Sequence[Given], *, day: date, chosen: date | None, author: Any,
    numbers: Numbers | None = None, asked: PayOffRequest | None = None, days: PostingDays | None = None,
) -> GivenUp:  # fmt: skip
    """Post what a payment fell short of, after what it applies is posted and under the same locks.

    `asked` is the request that was granted, where it is that; `days` are those that the act has read before. Raises
    `Refused` if a reason is not in use, or where a credit note on an invoice waits for approval.
    """
    text = _("Rest after payment %(number)s") % {"number": payment.number}
    drafts = drafted_each(
        actor, [each.wanted for each in given], text=text, day=day, posting_date=chosen, days=days
    )  # fmt: skip
    settled = post_each(actor, drafts, author=author, numbers=numbers, source=asked or payment, memo=payment.number)
    for parts in by_invoice(settled).values():
        _say_for_which_load(actor, parts)
    rows = insert(
        PayOff(
            organization=actor.organization, payment=payment, invoice=made.invoice, allocation=made.allocation,
            credit_note=made.credit_note, reason=each.reason, currency=payment.currency, amount=each.amount,
            whole=each.whole, asked=asked,
        )
        for each, made in zip(given, settled, strict=True)
    )  # fmt: skip
    return GivenUp(rows, issued(actor, settled))


def _say_for_which_load(actor: Any, settled: Sequence[Settled]) -> None:
    """Of a summary invoice: which loads the parts are for, where what the payments were for says so."""
    if not settled[0].invoice.summary:
        return
    invoice = Invoice.objects.select_related("open_item").get(pk=settled[0].invoice.pk)
    parts = parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))
    left = lost_shares(parts, sum((each.draft.total for each in settled), Decimal(0)))
    for each in settled:
        amount, shares = each.draft.total, {}
        for load in [load for load, rest in left.items() if rest]:
            shares[load] = min(left[load], amount)
            left[load], amount = left[load] - shares[load], amount - shares[load]
        share_out(actor, each.allocation, {load: share for load, share in shares.items() if share})


def by_number(given: Sequence[Given], *, losses: bool | None = None) -> dict[str, Decimal]:
    """What is taken off, by the number of the invoice; `losses`: only what reads as written off, or only the rest."""
    sums: dict[str, Decimal] = {}
    for each in given:
        if losses is None or losses == (settles_as(each.reason.kind) in LOSSES):
            sums[each.invoice.number] = sums.get(each.invoice.number, Decimal(0)) + each.amount
    return sums


def standing(payment: Payment, *, granted: bool = False) -> list[PayOff]:
    """What was settled with a payment, falls with it and still stands; with `granted` also what was asked for with it
    and granted, which goes when the money turns out not to have come."""
    found = PayOff.objects.filter(payment=payment, allocation__reversed_by__isnull=True)
    found = found if granted else found.filter(asked__isnull=True)
    return list(
        found.select_related("allocation__entry", "credit_note", "invoice__open_item", "reason").order_by(
            "credit_note", "pk"
        )
    )


def granted_with(payment: Payment) -> list[PayOff]:
    """What was asked for with a payment, was granted and still stands."""
    return [each for each in standing(payment, granted=True) if each.asked_id is not None]


def staying(actor: Any, rows: Sequence[Allocation]) -> list[CreditNote]:
    """The credit notes on the invoices of these settlements that were issued on their own: they stay when the payment
    is taken back."""
    notes = CreditNote.objects.of(actor).filter(reversal__isnull=True, pay_offs__isnull=True)
    items = [each.debit_item_id for each in rows]
    return list(notes.filter(lines__invoice__open_item__in=items).distinct().order_by("pk")[:MOST_SHOWN])


def take_back_pay_offs(
    actor: Any, payment: Payment, pay_offs: Sequence[PayOff], *, reason: str, chosen: date | None
) -> list[Allocation]:
    """Reverse the credit notes of these pay-offs, and what was recovered of them, in the transaction that takes the
    payment back.

    Who takes a payment back need not hold the permission to reverse credit notes of others. Returns the settlements
    that have no credit note: they are reversed together with the payment's own.
    """
    said = reason.strip() or _("Payment %(number)s was taken back.") % {"number": payment.number}
    fall_with_settlements(actor, [each.allocation_id for each in pay_offs], reason=said, chosen=chosen)
    notes = [each.credit_note_id for each in pay_offs if each.credit_note_id is not None]
    if notes:
        reverse_notes(actor, notes, reason=said, chosen=chosen)
    return [each.allocation for each in pay_offs if each.credit_note_id is None]

"""Posting what a payment gives up, in its own transaction, and taking it back with the payment.

Dr the reason's account / Cr receivables at the rate the invoice is booked at. Where the reason says so, a credit note
for each account is the document of its entry; else the journal alone says it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.credit_notes.drafting import Draft, booked_rate, drafted
from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine, Reason
from receivables.billing.credit_notes.operations import issue_drafted, journal_lines, reverse_credit_note, settle
from receivables.billing.models import Invoice, Revision
from receivables.billing.summary.parts import lost_shares, parts_of, share_out
from receivables.collections.models import Payment, PayOff, PayOffPolicy
from receivables.collections.recoveries.falling import fall_with_settlements
from receivables.core.operations import SystemActor
from receivables.customers.models import Account
from receivables.ledger import posting
from receivables.ledger.models import Allocation

# Of each invoice: its key, that of the settlement, how much, and the document of it.
Made = list[tuple[int, int, Decimal, CreditNote | None]]

MOST_SHOWN = 20

# Who takes a payment back need not hold the permission to reverse credit notes of others.
TAKING_BACK = frozenset({"reverse_credit_note"})


@dataclass(frozen=True)
class Lost:
    """What is given up on an invoice; `whole`: all that was left of it."""

    invoice: Invoice
    amount: Decimal
    whole: bool


def give_up(
    actor: Any, payment: Payment, policy: PayOffPolicy, lost: Sequence[Lost], chosen: date | None
) -> list[PayOff]:
    """Post the bad debt of a payment, after what it applies is posted and under the same locks.

    Raises `Refused` if the reason is not in use, or where a credit note on an invoice waits for approval.
    """
    if not lost:
        return []
    by_account: dict[int, list[Lost]] = {}
    for each in lost:
        by_account.setdefault(each.invoice.account_id, []).append(each)
    journal_only = policy.reason.document == Reason.Document.JOURNAL
    drafts = [_draft(actor, payment, policy.reason, part, chosen, journal_only) for part in by_account.values()]
    made = _by_journal(actor, payment, drafts) if journal_only else _by_credit_notes(actor, drafts)
    for each in lost:
        _say_for_which_load(actor, each, made)
    whole = {each.invoice.pk: each.whole for each in lost}
    return PayOff.objects.bulk_create(
        PayOff(
            organization=actor.organization, payment=payment, invoice_id=invoice, allocation_id=allocation,
            credit_note=note, reason=policy.reason, currency=payment.currency, amount=amount, whole=whole[invoice],
        )
        for invoice, allocation, amount, note in made
    )  # fmt: skip


def _say_for_which_load(actor: Any, lost: Lost, made: Made) -> None:
    """Of a summary invoice: which loads the bad debt is for, where what the payments were for says so."""
    if not lost.invoice.summary:
        return
    invoice = Invoice.objects.select_related("open_item").get(pk=lost.invoice.pk)
    parts = parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))
    allocation = next(allocation for invoice_id, allocation, _amount, _note in made if invoice_id == invoice.pk)
    share_out(actor, Allocation.objects.get(pk=allocation), lost_shares(parts, lost.amount))


def _draft(
    actor: Any, payment: Payment, reason: Reason, lost: Sequence[Lost], chosen: date | None, journal_only: bool
) -> Draft:
    """The invoices of one account, read anew after the payment was applied. Never dated before an invoice."""
    account: Account = lost[0].invoice.account
    return drafted(
        actor, account, reason, [(each.invoice, each.amount) for each in lost],
        text=_("Rest after payment %(number)s") % {"number": payment.number},
        day=max([payment.date, *(each.invoice.issue_date for each in lost)]), posting_date=chosen,
        journal_only=journal_only,
    )  # fmt: skip


def _by_credit_notes(actor: Any, drafts: Sequence[Draft]) -> Made:
    made: Made = []
    for draft in drafts:
        note = issue_drafted(actor, draft, actor.user)
        settled = dict(CreditNoteLine.objects.filter(credit_note=note).values_list("invoice_id", "allocation_id"))
        made += [(part.invoice.pk, settled[part.invoice.pk], part.amount, note) for part in draft.parts]
    return made


def _by_journal(actor: Any, payment: Payment, drafts: Sequence[Draft]) -> Made:
    total = sum((draft.total for draft in drafts), Decimal(0))
    value = sum((part.own_value for draft in drafts for part in draft.parts), Decimal(0))
    entry = posting.post(
        actor,
        posting.Draft(
            "bad_debt", payment, payment.date, max(draft.posting_date for draft in drafts), payment.currency,
            [line for draft in drafts for line in journal_lines(draft)], booked_rate(value, total),
            memo=payment.number,
        ),
    )[0]  # fmt: skip
    return [
        (part.invoice.pk, allocation.pk, part.amount, None)
        for draft in drafts
        for part, allocation in settle(actor, draft, entry)
    ]


def standing(payment: Payment) -> list[PayOff]:
    """What was given up with a payment and still stands."""
    found = PayOff.objects.filter(payment=payment, allocation__reversed_by__isnull=True)
    return list(
        found.select_related("allocation", "credit_note", "invoice__open_item", "reason").order_by("credit_note", "pk")
    )


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

    Returns the settlements that have no credit note: they are reversed together with the payment's own.
    """
    worker = SystemActor(actor.organization, actor.name, TAKING_BACK, actor.user)
    said = reason.strip() or _("Payment %(number)s was taken back.") % {"number": payment.number}
    fall_with_settlements(actor, [each.allocation_id for each in pay_offs], reason=said, chosen=chosen)
    notes = {each.credit_note_id: each.credit_note for each in pay_offs if each.credit_note is not None}
    for note in notes.values():
        reverse_credit_note(actor=worker, credit_note=note, reason=said, posting_date=chosen)
    return [each.allocation for each in pay_offs if each.credit_note_id is None]

"""Issuing and reversing credit notes.

A credit note posts one entry: Dr the reason's account, and where its tax rule says so the taxes' own accounts / Cr
receivables of each invoice, at the rate that invoice is booked at. It is the document of that entry.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.approvals.models import ApprovalRequest
from receivables.billing.credit_notes.drafting import Draft, Part, drafted
from receivables.billing.credit_notes.kinds import settles_as
from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine, CreditNoteReversal, Reason
from receivables.billing.credit_notes.queries import reversal_of
from receivables.billing.credit_notes.requests import ask_for, exceeds_authority, held, refuse_what_moved
from receivables.billing.credit_notes.rules import reverse_credit_note_blocker
from receivables.billing.models import Invoice
from receivables.billing.operations.revisions import bill_to, chosen_posting_date
from receivables.core import events
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account, Customer
from receivables.ledger import posting
from receivables.ledger.models import Allocation, JournalEntry

ZERO = Decimal(0)


@operation
def issue_credit_note(
    *, actor: Any, account: Account, reason: Reason, parts: Sequence[tuple[Invoice, Decimal]], text: str = "",
    date: date | None = None, posting_date: date | None = None,
) -> CreditNote | ApprovalRequest:  # fmt: skip
    """Take something off invoices of an account, each by its amount in its currency, with a document of its own.

    Beyond the actor's authority nothing is posted: the request that waits for approval is returned instead, and this
    very credit note is issued when it is granted. Raises `Refused` for more than is open, a void invoice, two
    currencies, a reason without a document, a closed posting date.
    """
    draft = drafted(actor, account, reason, parts, text=text, day=date, posting_date=posting_date)
    if exceeds_authority(actor, draft):
        return ask_for(actor, draft)
    return issue_drafted(actor, draft, actor.user)


def release_credit_note(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision: an approved credit note is issued as it was asked for, if the facts still allow it.
    `Refused` refuses the decision as a whole."""
    if subject.verb != "issue_credit_note" or subject.state != ApprovalRequest.State.APPROVED:
        return
    draft = held(actor, subject)
    refuse_what_moved(actor, subject, draft)
    issue_drafted(actor, draft, subject.requested_by)


def issue_drafted(actor: Any, draft: Draft, author: Any) -> CreditNote:
    """Post a draft and record it, in the transaction and under the lock that it was made in."""
    note = post_draft(actor, draft, author)
    invoices = [part.invoice for part in draft.parts]
    loads = [load for invoice in invoices for load in invoice.loads.all()]
    record(
        actor, "issue_credit_note", note, about=[draft.account, *invoices, *loads], reason=draft.text,
        total=note.total, currency=note.currency, type=draft.reason.name,
        split={part.invoice.number: part.amount for part in draft.parts},
    )  # fmt: skip
    return note


def post_draft(actor: Any, draft: Draft, author: Any) -> CreditNote:
    """Number, document, entry and settlements of a draft, under the lock that it was made under."""
    sequence_number, number = take_numbers(actor.organization_id, {"credit_note": 1})["credit_note"][0]
    customer = Customer.objects.get(pk=draft.account.customer_id)
    note = CreditNote.objects.create(
        organization=actor.organization, number=number, sequence_number=sequence_number, account=draft.account,
        reason=draft.reason, reason_name=draft.reason.name, text=draft.text, currency=draft.currency, rate=draft.rate,
        date=draft.date, posting_date=draft.posting_date, net=draft.net, tax=draft.tax, total=draft.total,
        line_count=draft.line_count, bill_to=bill_to(customer), created_by=author,
    )  # fmt: skip
    entry = posting.Draft(
        "credit_note", note, draft.date, draft.posting_date, draft.currency, journal_lines(draft), draft.rate,
        memo=number,
    )  # fmt: skip
    settlements = settle(actor, draft, posting.post(actor, entry)[0])
    write_lines(actor, note, draft, settlements)
    return note


def journal_lines(draft: Draft) -> list[posting.Line]:
    """Debits by account and agreement, then what each invoice's receivable goes down by."""
    debits: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
    for part in draft.parts:
        for line in part.lines:
            booked = [(draft.reason.gl_account_id, line.net, line.own_net)]
            if line.tax is not None:
                booked.append((line.tax.gl_account_id, line.tax_amount, line.own_tax))
            for account, amount, own in booked:
                key = (account, part.invoice.agreement_id)
                known, own_known = debits.get(key, (ZERO, ZERO))
                debits[key] = (known + amount, own_known + own)
    return [
        *(
            posting.Line(account, amount, for_agreement_id=agreement, organization_amount=own)
            for (account, agreement), (amount, own) in debits.items()
            if amount
        ),
        *(
            posting.Line(
                part.invoice.open_item.gl_account_id, -part.amount, open_item_id=part.invoice.open_item_id,
                agreement_id=part.invoice.agreement_id, organization_amount=-part.own_value,
            )
            for part in draft.parts
        ),
    ]  # fmt: skip


def settle(actor: Any, draft: Draft, entry: JournalEntry) -> list[tuple[Part, Allocation]]:
    """The settlements of the invoices by the entry, one for each."""
    kind = settles_as(draft.reason.kind)
    made = Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=kind, debit_item_id=part.invoice.open_item_id, entry=entry,
            currency=draft.currency, amount=part.amount, date=draft.date,
        )
        for part in draft.parts
    )  # fmt: skip
    return list(zip(draft.parts, made, strict=True))


def write_lines(
    actor: Any, note: CreditNote, draft: Draft, settlements: Sequence[tuple[Part, Allocation]]
) -> list[CreditNoteLine]:
    """The lines of a credit note, each naming the settlement it is part of; all in one statement."""
    return CreditNoteLine.objects.bulk_create(lines_of_note(actor, note, draft, settlements))


def lines_of_note(
    actor: Any, note: CreditNote, draft: Draft, settlements: Sequence[tuple[Part, Allocation]]
) -> list[CreditNoteLine]:
    """The same, not written yet."""
    rows = [(part, allocation, line) for part, allocation in settlements for line in part.lines]
    return [
        CreditNoteLine(
            organization=actor.organization, credit_note=note, line_no=line_no, invoice=part.invoice,
            allocation=allocation, gl_account_id=draft.reason.gl_account_id, currency=draft.currency, net=line.net,
            tax_code_id=line.tax.code_id if line.tax else None, tax_rate=line.tax.rate if line.tax else ZERO,
            tax=line.tax_amount, total=line.total,
        )
        for line_no, (part, allocation, line) in enumerate(rows, start=1)
    ]  # fmt: skip


@operation
def reverse_credit_note(
    *, actor: Any, credit_note: CreditNote, reason: str, posting_date: date | None = None
) -> CreditNoteReversal:
    """Undo a credit note: its entry is mirrored, its invoices owe again exactly what they owed before.

    The document stays, marked as reversed. Raises `Refused` if it was reversed before.
    """
    lock_rows(Account.objects.of(actor), [credit_note.account_id])
    return reverse_notes(actor, [credit_note.pk], reason=reason, chosen=posting_date)[0]


def reverse_notes(
    actor: Any, wanted: Iterable[int], *, reason: str, chosen: date | None
) -> list[CreditNoteReversal]:  # fmt: skip
    """Undo credit notes, whose accounts are locked, in one posting; as many queries for one as for many.

    Raises `Refused` if one of them was reversed before.
    """
    notes = list(
        CreditNote.objects.of(actor).filter(pk__in=set(wanted)).select_related("account", "reversal").order_by("pk")
    )
    posted: dict[date, date] = {}
    for note in notes:
        refuse(
            reverse_credit_note_blocker(
                number=note.number, reversed_already=reversal_of(note) is not None, posted=note.posting_date,
                posting_date=chosen, reason=reason,
            )
        )  # fmt: skip
        day = max(today(actor.organization), note.posting_date)
        if day not in posted:
            posted[day] = chosen_posting_date(actor, day, chosen)
    reversals = CreditNoteReversal.objects.bulk_create(
        CreditNoteReversal(
            organization=actor.organization, credit_note=note, reason=reason, created_by=actor.user,
            posting_date=posted[max(today(actor.organization), note.posting_date)],
        )
        for note in notes
    )  # fmt: skip
    _mirror(actor, reversals)
    _record_reversed(actor, notes, reason)
    return reversals


def _mirror(actor: Any, reversals: Sequence[CreditNoteReversal]) -> None:
    """Post the mirrors of these credit notes' entries, and undo what they settled."""
    by_note: dict[Any, CreditNoteReversal] = {each.credit_note_id: each for each in reversals}
    settled = dict(
        CreditNoteLine.objects.filter(credit_note__in=by_note).values_list("allocation_id", "credit_note_id")
    )
    allocations = list(Allocation.objects.filter(pk__in=settled).order_by("pk"))
    notes: dict[Any, CreditNoteReversal] = {each.entry_id: by_note[settled[each.pk]] for each in allocations}
    entries = JournalEntry.objects.filter(pk__in=notes).prefetch_related("lines").order_by("pk")
    mirrors = [
        posting.mirror(
            entry, list(entry.lines.all()), kind="credit_note_reversed", source=notes[entry.pk].credit_note,
            posting_date=notes[entry.pk].posting_date,
        )
        for entry in entries
    ]  # fmt: skip
    undoing = {entry.reverses_id: entry for entry in posting.post(actor, *mirrors)}
    Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=each.kind, debit_item_id=each.debit_item_id,
            entry=undoing[each.entry_id], currency=each.currency, amount=each.amount, reverses=each,
            date=undoing[each.entry_id].posting_date,
        )
        for each in allocations
    )  # fmt: skip


def _record_reversed(actor: Any, notes: Sequence[CreditNote], reason: str) -> None:
    lines = CreditNoteLine.objects.filter(credit_note__in=notes).select_related("invoice")
    about: dict[int, dict[int, Invoice]] = {note.pk: {} for note in notes}
    for line in lines.prefetch_related("invoice__loads").order_by("line_no"):
        about[line.credit_note_id].setdefault(line.invoice_id, line.invoice)
    built = []
    for note in notes:
        invoices = list(about[note.pk].values())
        loads = [load for invoice in invoices for load in invoice.loads.all()]
        event = events.build(
            actor, "reverse_credit_note", note, about=[note.account, *invoices, *loads], reason=reason,
            total=note.total, currency=note.currency,
        )  # fmt: skip
        built.append((event, note))
    events.record_all(actor, built)

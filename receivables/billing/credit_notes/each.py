"""Many small settlements at once: each takes something off one invoice, with a document of its own, so that each can be
undone alone. However many there are, the number of queries is the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Sum

from receivables.billing.credit_notes.drafting import Draft, amount_field, part_of, said_by
from receivables.billing.credit_notes.kinds import settles_as
from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import journal_lines, lines_of_note
from receivables.billing.credit_notes.queries import asked_for, live_lines
from receivables.billing.credit_notes.rules import CreditNoteFacts, PartFacts, issue_credit_note_blocker
from receivables.billing.credit_notes.splitting import Booked
from receivables.billing.models import Invoice, Revision
from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import bill_to
from receivables.billing.queries import current_revisions
from receivables.core import events
from receivables.core.errors import refuse
from receivables.core.rows import insert
from receivables.core.sequences import take_numbers
from receivables.ledger import posting
from receivables.ledger.models import Allocation
from receivables.ledger.queries import PostingDays
from receivables.ledger.rates.queries import rate_on

ZERO = Decimal(0)
CREDIT_NOTE = Reason.Document.CREDIT_NOTE


@dataclass(frozen=True)
class Wanted:
    """What is to be taken off an invoice, in its currency. The invoice is as it stands under the lock, with its open
    item, loads and account with customer; the reason as it was just read."""

    invoice: Invoice
    reason: Reason
    amount: Decimal


@dataclass(frozen=True)
class Settled:
    """What was posted of one draft: its settlement, and the credit note where its reason has one."""

    draft: Draft
    allocation: Allocation
    credit_note: CreditNote | None

    @property
    def invoice(self) -> Invoice:
        return self.draft.parts[0].invoice


def notes_needed(wanted: Sequence[Wanted]) -> int:
    """How many numbers of credit notes these take."""
    return sum(each.reason.document == CREDIT_NOTE for each in wanted)


class _Days:
    """Posting days and rates, asked for once each."""

    def __init__(self, actor: Any, chosen: date | None, days: PostingDays | None) -> None:
        self.actor, self.chosen = actor, chosen
        self.days = days or PostingDays(actor.organization_id)
        self.rates: dict[tuple[str, date], Decimal] = {}

    def posting(self, day: date) -> date:
        return self.days.chosen(day, self.chosen)

    def rate(self, currency: str, day: date) -> Decimal:
        if (currency, day) not in self.rates:
            self.rates[currency, day] = rate_on(self.actor, currency, day)
        return self.rates[currency, day]


def drafted_each(
    actor: Any, wanted: Sequence[Wanted], *, text: str, day: date, posting_date: date | None,
    days: PostingDays | None = None,
) -> list[Draft]:  # fmt: skip
    """Check and work out each as a document of its own, never dated before its invoice; the accounts are locked.

    `days` are those that the same act has read before. The open items of the invoices are left as they are after it,
    for what is posted next. Raises `Refused` where a rule of credit notes forbids one of them.
    """
    if not wanted:
        return []
    invoices = {each.invoice.pk: each.invoice for each in wanted}
    revisions, calendar = current_revisions(list(invoices.values())), _Days(actor, posting_date, days)
    asked, taken = asked_for(actor, invoices), _taken(wanted)
    says = said_by(invoices.values(), revisions)
    drafts = []
    for each in wanted:
        invoice, reason, revision = each.invoice, each.reason, revisions[each.invoice.pk]
        dated = max(day, invoice.issue_date)
        before = taken.get((reason.pk, invoice.pk), ZERO)
        rate = calendar.rate(invoice.currency, dated) if reason.maximum is not None else ZERO
        own_total = (each.amount + before) * rate
        refuse(_blocker(actor, each, revision, dated, posting_date, own_total, invoice.pk in asked))
        part = part_of(reason, says[invoice.pk], invoice, each.amount, actor.organization.currency)
        drafts.append(
            Draft(
                invoice.account, reason, invoice.currency, (part,), text.strip(), dated,
                calendar.posting(max(dated, revision.posting_date)), posting_date,
            )
        )  # fmt: skip
        taken[reason.pk, invoice.pk] = before + each.amount
        says[invoice.pk].notes.append([Booked(line.tax, line.net, line.tax_amount) for line in part.lines])
        invoice.open_item.balance -= each.amount
        invoice.open_item.organization_balance -= part.own_value
    return drafts


def _taken(wanted: Sequence[Wanted]) -> dict[tuple[int, int], Decimal]:
    """What reasons with a limit of their own took off these invoices before, by reason and invoice."""
    limited = {each.reason.pk for each in wanted if each.reason.maximum is not None}
    if not limited:
        return {}
    lines: Any = live_lines({each.invoice.pk for each in wanted}).filter(credit_note__reason__in=limited)
    sums = lines.order_by().values_list("credit_note__reason", "invoice").annotate(sum=Sum("total"))
    return {(reason, invoice): total for reason, invoice, total in sums}


def _blocker(
    actor: Any, each: Wanted, revision: Revision, day: date, chosen: date | None, own_total: Decimal, asked: bool
) -> Any:  # fmt: skip
    invoice, reason = each.invoice, each.reason
    part = PartFacts(
        invoice.number, invoice.currency, each.amount, invoice.open_item.balance, invoice.issue_date,
        revision.posting_date, invoice.voided_at is not None, own_total, asked, amount_field(invoice.pk),
    )  # fmt: skip
    facts = CreditNoteFacts(
        fmt=number_format(actor), parts=[part], date=day, posting_date=chosen, reason=reason.name,
        reason_usable=reason.active, limit=reason.maximum, own_currency=actor.organization.currency,
    )  # fmt: skip
    return issue_credit_note_blocker(facts)


def post_each(
    actor: Any, drafts: Sequence[Draft], *, author: Any, numbers: Sequence[tuple[int, str]] | None = None,
    source: models.Model, memo: str,
) -> list[Settled]:  # fmt: skip
    """Post the drafts: with a credit note each where the reason has one, else by the journal alone, whose entries name
    `source` as their document. `numbers` are those of the credit notes, if they were taken before. Their events, which
    `issued` builds, are the caller's to record."""
    if not drafts:
        return []
    documented = [draft for draft in drafts if draft.reason.document == CREDIT_NOTE]
    if numbers is None:
        numbers = take_numbers(actor.organization_id, {"credit_note": len(documented)}).get("credit_note", [])
    notes = dict(zip(map(id, documented), _notes(actor, documented, author, numbers), strict=True))
    one = len(drafts) - len(documented) == 1
    entries = posting.post(actor, *(_entry(draft, notes.get(id(draft)), source, memo, one) for draft in drafts))
    allocations = insert(
        Allocation(
            organization=actor.organization, kind=settles_as(draft.reason.kind), entry=entry,
            debit_item_id=draft.parts[0].invoice.open_item_id, currency=draft.currency, amount=draft.total,
            date=draft.date,
        )
        for draft, entry in zip(drafts, entries, strict=True)
    )  # fmt: skip
    settled = [
        Settled(draft, allocation, notes.get(id(draft))) for draft, allocation in zip(drafts, allocations, strict=True)
    ]
    insert(
        line
        for each in settled
        if each.credit_note is not None
        for line in lines_of_note(actor, each.credit_note, each.draft, [(each.draft.parts[0], each.allocation)])
    )
    return settled


def issued(actor: Any, settled: Sequence[Settled]) -> list[tuple[Any, CreditNote]]:
    """The events of the credit notes, for whoever records what he did together with them."""
    return [_event(actor, each) for each in settled if each.credit_note is not None]


def _notes(
    actor: Any, drafts: Sequence[Draft], author: Any, numbers: Sequence[tuple[int, str]]
) -> list[CreditNote]:  # fmt: skip
    return insert(
        CreditNote(
            organization=actor.organization, number=number, sequence_number=sequence_number, account=draft.account,
            reason=draft.reason, reason_name=draft.reason.name, text=draft.text, currency=draft.currency,
            rate=draft.rate, date=draft.date, posting_date=draft.posting_date, net=draft.net, tax=draft.tax,
            total=draft.total, line_count=draft.line_count, bill_to=bill_to(draft.account.customer),
            created_by=author,
        )
        for draft, (sequence_number, number) in zip(drafts, numbers, strict=True)
    )  # fmt: skip


def _entry(draft: Draft, note: CreditNote | None, source: models.Model, memo: str, one: bool) -> posting.Draft:
    kind, document, said = "credit_note", note, note.number if note is not None else memo
    if document is None:
        word = "credited" if settles_as(draft.reason.kind) == Allocation.Kind.CREDIT_NOTE else "bad_debt"
        kind = word if one else f"{word} {draft.parts[0].invoice.pk}-{draft.reason.pk}"
    return posting.Draft(
        kind, document or source, draft.date, draft.posting_date, draft.currency, journal_lines(draft), draft.rate,
        memo=said,
    )  # fmt: skip


def _event(actor: Any, each: Settled) -> tuple[Any, CreditNote]:
    note, draft = each.credit_note, each.draft
    if note is None:
        raise TypeError("only a credit note is said to be issued")
    about = [draft.account, each.invoice, *each.invoice.loads.all()]
    event = events.build(
        actor, "issue_credit_note", note, about=about, reason=draft.text, total=note.total, currency=note.currency,
        type=draft.reason.name, split={each.invoice.number: draft.total},
    )  # fmt: skip
    return event, note


def by_invoice(settled: Sequence[Settled]) -> Mapping[int, list[Settled]]:
    """What was posted, by invoice, in order."""
    found: dict[int, list[Settled]] = {}
    for each in settled:
        found.setdefault(each.invoice.pk, []).append(each)
    return found

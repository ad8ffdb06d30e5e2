"""Reading credit notes: what stands on invoices, what was given on them, and what lists and pages show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.billing.charges import Tax
from receivables.billing.credit_notes.kinds import kinds_under
from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine, Reason
from receivables.billing.credit_notes.splitting import Booked
from receivables.core.compiled import Arg, Compiled
from receivables.ledger.models import Allocation, JournalEntry

ZERO = Decimal(0)
VERB = "issue_credit_note"


def with_documents(notes: QuerySet[CreditNote]) -> QuerySet[CreditNote]:
    """Credit notes with what a list shows of them."""
    return notes.select_related("account__customer", "reason", "reversal")


def reversal_of(note: CreditNote) -> Any:
    """What undid a credit note, or None."""
    return getattr(note, "reversal", None)


def usable_reasons(actor: Any) -> QuerySet[Reason]:
    """The reasons that a credit note may have."""
    return Reason.objects.of(actor).filter(active=True, document=Reason.Document.CREDIT_NOTE).order_by("name")


def _as_tax(line: Any) -> Tax | None:
    code = line.tax_code
    return Tax(code.pk, code.name, code.rate, code.gl_account_id) if code is not None else None


def booked(lines: Iterable[Any]) -> list[Booked]:
    """Lines of revisions or credit notes with their taxes."""
    return [Booked(_as_tax(line), line.net, line.tax) for line in lines]


def _live() -> QuerySet[CreditNoteLine]:
    rows = CreditNoteLine.objects.filter(credit_note__reversal__isnull=True)
    return rows.select_related("tax_code", "credit_note__reason").order_by("credit_note_id", "line_no")


def live_lines(invoice_ids: Iterable[int]) -> QuerySet[CreditNoteLine]:
    """What credit notes that stand take off these invoices, oldest first."""
    return _live().filter(invoice_id__in=list(invoice_ids))


LIVE_LINES = Compiled(lambda: _live().filter(invoice_id__any=Arg("invoices")))
ASKED = Compiled(
    lambda: ApprovalRequest.objects.filter(
        organization_id=Arg("organization"), verb=VERB, state=ApprovalRequest.State.WAITING
    ).values_list("facts")
)


@dataclass(frozen=True)
class SettledBy:
    """The credit notes that stand on an invoice: their numbers, where the first is, what they take off in all."""

    numbers: tuple[str, ...]
    url: str
    total: Decimal


NOTHING = SettledBy((), "", ZERO)


def settled_by(item_ids: Sequence[int]) -> dict[int, SettledBy]:
    """The credit notes that stand on the invoices of open items, by item."""
    if not item_ids:
        return {}
    rows = CreditNoteLine.objects.filter(invoice__open_item__in=item_ids, credit_note__reversal__isnull=True)
    found: dict[int, list[CreditNoteLine]] = {}
    for line in rows.select_related("credit_note", "invoice").order_by("credit_note_id", "line_no"):
        found.setdefault(line.invoice.open_item_id, []).append(line)
    return {item: _settled_by(lines) for item, lines in found.items()}


def _settled_by(lines: Sequence[CreditNoteLine]) -> SettledBy:
    numbers = tuple(dict.fromkeys(line.credit_note.number for line in lines))
    total = sum((line.total for line in lines), ZERO)
    return SettledBy(numbers, lines[0].credit_note.get_absolute_url(), total)


def given_by_settlement(invoice_ids: Iterable[int], authority: str) -> Decimal:
    """What was given away on invoices by settlements that stand, of the kind that one authority covers.

    Bad debt counts whether it has a credit note or is booked by the journal only.
    """
    return sum(given_by_invoice(invoice_ids, authority).values(), ZERO)


def given_by_invoice(invoice_ids: Iterable[int], authority: str) -> dict[int, Decimal]:
    """The same by invoice, in one query."""
    ids = list(invoice_ids)
    if authority == AuthorityKind.BAD_DEBT:
        rows: Any = Allocation.objects.filter(
            debit_item__invoice__in=ids, kind__in=[Allocation.Kind.BAD_DEBT, Allocation.Kind.DIFFERENCE],
            reverses__isnull=True, reversed_by__isnull=True,
        )  # fmt: skip
        return dict(rows.order_by().values_list("debit_item__invoice").annotate(Sum("amount")))
    lines: Any = live_lines(ids).filter(credit_note__reason__kind__in=kinds_under(authority))
    return dict(lines.order_by().values_list("invoice_id").annotate(Sum("total")))


def asked_for(actor: Any, invoice_ids: Iterable[int]) -> set[int]:
    """Which of these invoices are named in a credit note that waits for approval."""
    waiting = ASKED.fetch(organization=actor.organization_id)
    named = {int(pk) for (facts,) in waiting for pk, _amount in facts["parts"]}
    return named & set(invoice_ids)


def entry_of(note: CreditNote) -> JournalEntry:
    """The journal entry that the credit note is the document of."""
    return JournalEntry.objects.get(pk=note.lines.values_list("allocation__entry_id", flat=True)[:1])


def entries(note: CreditNote) -> list[JournalEntry]:
    """Its entry, and the one that reversed it."""
    rows = JournalEntry.objects.filter(organization_id=note.organization_id)
    posted = note.lines.values("allocation__entry_id")[:1]
    return list((rows.filter(pk__in=posted) | rows.filter(reverses__in=posted)).order_by("pk"))

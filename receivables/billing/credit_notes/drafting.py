"""A credit note before it is posted: read and checked under the account's lock, worked out to the last line."""

import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.queries import LIVE_LINES, asked_for, booked, live_lines
from receivables.billing.credit_notes.rules import CreditNoteFacts, PartFacts, issue_credit_note_blocker
from receivables.billing.credit_notes.splitting import Booked, CreditedLine, credited_lines, left_of, valued
from receivables.billing.models import Invoice, Revision, RevisionLine
from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.billing.queries import current_revisions
from receivables.core.access import lock_rows
from receivables.core.compiled import Arg, Compiled
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.customers.models import Account
from receivables.ledger.posting import settled_value
from receivables.ledger.rates.queries import rate_on

ZERO = Decimal(0)
RATE_PLACES = Decimal("0.0000000001")


@dataclass(frozen=True)
class Part:
    """What is taken off one invoice, by tax; `own_value` is what its receivable goes down by in the books."""

    invoice: Invoice
    amount: Decimal
    lines: tuple[CreditedLine, ...]
    own_value: Decimal


@dataclass(frozen=True)
class Draft:
    """A credit note worked out. `chosen` is the posting date that a person asked for, if they did."""

    account: Account
    reason: Reason
    currency: str
    parts: tuple[Part, ...]
    text: str
    date: datetime.date
    posting_date: datetime.date
    chosen: datetime.date | None

    @property
    def total(self) -> Decimal:
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax_amount for part in self.parts for line in part.lines), ZERO)

    @property
    def net(self) -> Decimal:
        return self.total - self.tax

    @property
    def line_count(self) -> int:
        return sum(len(part.lines) for part in self.parts)

    @property
    def rate(self) -> Decimal:
        """What one unit is booked at, over all invoices."""
        return booked_rate(sum((part.own_value for part in self.parts), ZERO), self.total)

    @property
    def digest(self) -> str:
        """A fingerprint of what would be booked where."""
        facts = [
            (
                part.invoice.pk,
                str(line.net.normalize()),
                str(line.tax_amount.normalize()),
                line.tax and line.tax.code_id,
            )
            for part in self.parts
            for line in part.lines
        ]
        return hashlib.sha256(repr((self.reason.pk, self.reason.gl_account_id, facts)).encode()).hexdigest()


def booked_rate(value: Decimal, amount: Decimal) -> Decimal:
    """What one unit of `amount` is booked at where all of it is worth `value`, without superfluous zeros."""
    return Decimal(f"{(value / amount).quantize(RATE_PLACES).normalize():f}")


def amount_field(invoice_id: int) -> str:
    """The name of the form field for what is taken off an invoice."""
    return f"amount_{invoice_id}"


def drafted(
    actor: Any, account: Account, reason: Reason, parts: Sequence[tuple[Invoice, Decimal]], *, text: str,
    day: datetime.date | None, posting_date: datetime.date | None, journal_only: bool = False,
) -> Draft:  # fmt: skip
    """Lock the account, read everything anew, refuse what the rule forbids, and work out lines and dates.

    `journal_only`: for a reason that has no credit note, worked out the same way and posted without a document.
    """
    locked = lock_rows(Account.objects.of(actor), [account.pk])
    wanted = [invoice.pk for invoice, _amount in parts]
    invoices = (
        Invoice.objects.of(actor)
        .filter(account_id=account.pk)
        .select_related("open_item")
        .prefetch_related("loads")
        .in_bulk(wanted)
    )
    if not locked or len(invoices) < len(set(wanted)):
        raise Refused(Blocker("not_found", _("An invoice of another account can't be on this credit note.")))
    day = day or today(actor.organization)
    current = Reason.objects.of(actor).select_related("gl_account").filter(pk=reason.pk).first()
    revisions = current_revisions(list(invoices.values()))
    wanted_parts = [(invoices[invoice.pk], amount) for invoice, amount in parts]
    facts = _facts(actor, current, wanted_parts, revisions, day, posting_date)
    refuse(issue_credit_note_blocker(replace(facts, by_credit_note=facts.by_credit_note or journal_only)))
    if current is None:
        raise TypeError("the rule lets no credit note without a reason through")
    own = actor.organization.currency
    says = said_by(invoices.values(), revisions)
    made = tuple(part_of(current, says[invoice.pk], invoice, amount, own) for invoice, amount in wanted_parts)
    posted = max([day, *(revisions[invoice.pk].posting_date for invoice, _amount in parts)])
    return Draft(
        locked[0], current, made[0].invoice.currency, made, text.strip(), day,
        chosen_posting_date(actor, posted, posting_date), posting_date,
    )  # fmt: skip


def _facts(
    actor: Any, reason: Reason | None, parts: Sequence[tuple[Invoice, Decimal]], revisions: dict[int, Revision],
    day: datetime.date, posting_date: datetime.date | None,
) -> CreditNoteFacts:  # fmt: skip
    ids = [invoice.pk for invoice, _amount in parts]
    asked = asked_for(actor, ids)
    earlier = _earlier(reason, ids)
    return CreditNoteFacts(
        fmt=number_format(actor),
        parts=[
            PartFacts(
                invoice.number, invoice.currency, amount, invoice.open_item.balance, invoice.issue_date,
                revisions[invoice.pk].posting_date, invoice.voided_at is not None,
                _in_own(actor, reason, amount + earlier.get(invoice.pk, ZERO), invoice.currency, day),
                invoice.pk in asked, amount_field(invoice.pk),
            )
            for invoice, amount in parts
        ],
        date=day,
        posting_date=posting_date,
        reason=reason.name if reason else "",
        reason_usable=reason is not None and reason.active,
        by_credit_note=reason is not None and reason.document == Reason.Document.CREDIT_NOTE,
        limit=reason.maximum if reason else None,
        own_currency=actor.organization.currency,
    )  # fmt: skip


def _earlier(reason: Reason | None, ids: Sequence[int]) -> dict[int, Decimal]:
    """What the same reason took off each invoice before."""
    taken: dict[int, Decimal] = {}
    if reason is None or reason.maximum is None:
        return taken
    for line in live_lines(ids).filter(credit_note__reason=reason):
        taken[line.invoice_id] = taken.get(line.invoice_id, ZERO) + line.total
    return taken


def _in_own(actor: Any, reason: Reason | None, amount: Decimal, currency: str, day: datetime.date) -> Decimal:
    """An amount in the organization's currency at the day's rate, unrounded; only where a limit asks for it."""
    if reason is None or reason.maximum is None:
        return ZERO
    return amount * rate_on(actor, currency, day)


@dataclass
class Says:
    """What an invoice says by line, and what each credit note took off it: what taxes are split over."""

    invoiced: list[Booked]
    notes: list[list[Booked]]


REVISION_LINES = Compiled(
    lambda: (
        RevisionLine.objects.filter(revision_id__any=Arg("revisions")).select_related("tax_code").order_by("line_no")
    )
)


def said_by(invoices: Collection[Invoice], revisions: Mapping[int, Revision]) -> dict[int, Says]:
    """What these invoices say in their current revisions, by invoice; two queries at most, however many there are.

    Their open items are as they stand under the lock: nobody asks for credit notes where only payments settled.
    """
    found = {invoice.pk: Says([], []) for invoice in invoices}
    owners = {revision.pk: invoice for invoice, revision in revisions.items()}
    for line in REVISION_LINES.fetch(revisions=list(owners)):
        found[owners[line.revision_id]].invoiced += booked([line])
    by_note: dict[tuple[int, int], list[Booked]] = {}
    settled = [invoice.pk for invoice in invoices if invoice.open_item.settled_otherwise]
    for credited in LIVE_LINES.fetch(invoices=settled) if settled else []:
        by_note.setdefault((credited.invoice_id, credited.credit_note_id), []).extend(booked([credited]))
    for (invoice, _note), lines in by_note.items():
        found[invoice].notes.append(lines)
    return found


def part_of(reason: Reason, says: Says, invoice: Invoice, amount: Decimal, own: str) -> Part:
    """What is taken off one invoice, split over its taxes as the reason wants it."""
    left = left_of(says.invoiced, says.notes, invoice.currency)
    value = settled_value(invoice.open_item, amount, own)
    split = valued(credited_lines(reason.tax_rule, amount, left, invoice.currency), value, own)
    return Part(invoice, amount, tuple(split), value)

"""Exporting a credit note: the document is made, checked against schema and rules, and kept. It posts nothing."""

from typing import Any

from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.einvoice.credited import NextOfCredit, build_credit, exported_invoices, next_of_credit
from receivables.billing.einvoice.document import DEBIT_NOTE
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import UNNUMBERED, checked, keep, links_of, not_ready_blocker, number_left
from receivables.billing.einvoice.rules import Credited, CreditFacts, export_credit_note_blocker
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account


def credit_facts(actor: Any, coming: NextOfCredit) -> CreditFacts:
    """What the rule looks at, with the document as it would leave today."""
    note, invoices = coming.note, coming.invoices
    organization, known = actor.organization, exported_invoices(invoices)
    document = build_credit(coming, organization, number=UNNUMBERED, day=today(organization)) if coming.type else None
    return CreditFacts(
        number=note.number, bad_debt=coming.bad_debt, reversed=coming.reversed, exported=bool(coming.exported),
        document=document, links=links_of(actor, note.account),
        number_left=not coming.exported and number_left(actor, note.number),
        invoices=[
            Credited(invoice.number, invoice.get_absolute_url(), invoice.pk in known, invoice.imported)
            for invoice in invoices
        ],
    )  # fmt: skip


def export_credit_blocker(actor: Any, note: CreditNote) -> Blocker | None:
    """Why a credit note can't be exported now, or None."""
    return export_credit_note_blocker(credit_facts(actor, next_of_credit(note)))


@operation
def export_credit_note(*, actor: Any, credit_note: CreditNote) -> EInvoice:
    """Make, check and keep the e-invoice of a credit note under its own number; if it was reversed after it left, the
    debit note that takes it back, with a number of its own.

    Raises `Refused` if there is nothing to export, an invoice that it corrects never left, something is missing or a
    rule is broken; then no number is used.
    """
    refuse(not_ready_blocker())
    lock_rows(Account.objects.of(actor), [credit_note.account_id])
    notes = CreditNote.objects.of(actor).select_related("account__customer", "reason", "reversal")
    coming, organization = next_of_credit(notes.get(pk=credit_note.pk)), actor.organization
    facts = credit_facts(actor, coming)
    refuse(export_credit_note_blocker(facts))
    sequence_number, number, kind = None, coming.note.number, EInvoice.Kind.CREDIT_NOTE
    if coming.type == DEBIT_NOTE:
        taken = take_numbers(actor.organization_id, {"einvoice_correction": 1})
        (sequence_number, number), kind = taken["einvoice_correction"][0], EInvoice.Kind.CORRECTION
    document = build_credit(coming, organization, number=number, day=today(organization))
    made = keep(
        actor, document, checked(document, facts.links), sign=-1 if document.is_credit else 1, kind=kind,
        sequence_number=sequence_number, credit_note=coming.note,
    )  # fmt: skip
    record(
        actor, "export_credit_note", coming.note, about=[coming.note.account, *coming.invoices], number=made.number,
        total=made.total, currency=made.currency, sha256=made.sha256,
    )  # fmt: skip
    return made

"""Exporting an invoice: the document is made, checked against schema and rules, and kept. It posts nothing."""

import hashlib
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.billing.einvoice import validation
from receivables.billing.einvoice.billed import Next, next_document
from receivables.billing.einvoice.building import build
from receivables.billing.einvoice.document import Document
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.rules import (
    ExportFacts,
    Links,
    as_blocker,
    export_einvoice_blocker,
    findings_blocker,
    number_left_blocker,
    problems,
)
from receivables.billing.einvoice.ubl import ubl
from receivables.billing.models import Invoice
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account

# Stands for the number of a correction that is only looked at: numbers are taken when the document is made.
UNNUMBERED = "?"


def links_of(actor: Any, account: Account) -> Links:
    """Where what is missing is completed; no link for somebody who may not."""
    organization = reverse("admin:accounts_organization_change", args=[actor.organization_id])
    return Links(
        organization=organization if actor.can("manage_organization") else "",
        customer=reverse("customer", args=[account.customer_id]),
        tax_codes=reverse("admin:billing_taxcode_changelist") if actor.can("manage_tax_codes") else "",
    )


def facts_of(actor: Any, coming: Next) -> ExportFacts:
    """What the rule looks at, with the document as it would leave today."""
    invoice = coming.invoice
    may_be = not invoice.imported and coming.lines
    document = build(coming, actor.organization, number=UNNUMBERED, day=today(actor.organization)) if may_be else None
    return ExportFacts(
        number=invoice.number, imported=invoice.imported, voided=invoice.voided_at is not None,
        exported=coming.first is not None, document=document, links=links_of(actor, invoice.account),
        number_left=coming.first is None and number_left(actor, invoice.number),
    )  # fmt: skip


def number_left(actor: Any, number: str) -> bool:
    """Whether a document of this number left already."""
    return EInvoice.objects.of(actor).filter(number=number).exists()


def export_blocker(actor: Any, coming: Next) -> Blocker | None:
    """Why an invoice can't be exported now, or None."""
    return export_einvoice_blocker(facts_of(actor, coming))


def checked(document: Document, links: Links) -> bytes:
    """The XML of a document that keeps schema and rules. Raises `Refused` with the rules it breaks, or if they could
    not be asked: nothing unchecked leaves."""
    refuse(as_blocker(problems(document, links)))
    content = ubl(document)
    try:
        found = validation.findings(content)
    except validation.CheckFailed as failed:
        message = _(
            "The rules of EN 16931 could not be checked just now (%(why)s), so nothing was exported. Try again."
        )
        raise Refused(Blocker("unchecked", message % {"why": failed})) from failed
    refuse(findings_blocker(found, links))
    return content


@operation
def export_einvoice(*, actor: Any, invoice: Invoice) -> EInvoice:
    """Make, check and keep the next e-invoice of an invoice: the first time the invoice itself, later what changed
    since, as a credit note or debit note with a number of its own.

    Raises `Refused` if there is nothing to export, something is missing or a rule is broken; then no number is used.
    """
    refuse(not_ready_blocker())
    lock_rows(Account.objects.of(actor), [invoice.account_id])
    current = Invoice.objects.of(actor).select_related("account__customer").get(pk=invoice.pk)
    coming, day = next_document(current), today(actor.organization)
    facts = facts_of(actor, coming)
    refuse(export_einvoice_blocker(facts))
    sequence_number, number = None, current.number
    if coming.first is not None:
        sequence_number, number = take_numbers(actor.organization_id, {"einvoice_correction": 1})[
            "einvoice_correction"
        ][0]
    document = build(coming, actor.organization, number=number, day=day)
    made = _keep(actor, coming, document, checked(document, facts.links), sequence_number)
    record(
        actor, "export_einvoice", current, about=[current.account], number=made.number, total=made.total,
        currency=made.currency, revision=coming.revision.number, sha256=made.sha256,
    )  # fmt: skip
    return made


def not_ready_blocker() -> Blocker | None:
    """The rules are loaded before anything is locked; it takes a second after a pause."""
    try:
        validation.rules.ready()
    except validation.CheckFailed as failed:
        return Blocker("unchecked", _("The rules of EN 16931 can't be loaded here: %(why)s.") % {"why": failed})
    return None


def _keep(actor: Any, coming: Next, document: Document, content: bytes, sequence_number: int | None) -> EInvoice:
    kind = EInvoice.Kind.INVOICE if coming.first is None else EInvoice.Kind.CORRECTION
    return keep(
        actor, document, content, sign=coming.sign, kind=kind, sequence_number=sequence_number, invoice=coming.invoice,
        revision=coming.revision,
    )  # fmt: skip


def keep(actor: Any, document: Document, content: bytes, *, sign: int, **about: Any) -> EInvoice:
    """The row of a document that leaves; `sign` -1 where it says positive amounts of what is owed less.

    Raises `Refused` where the number of a correction, just taken, left already as that of another document.
    """
    refuse(number_left_blocker(number=document.number, left=number_left(actor, document.number)))
    return EInvoice.objects.create(
        organization=actor.organization, document_type=document.type, number=document.number,
        issue_date=document.issued, currency=document.currency, net=sign * document.net, tax=sign * document.tax,
        total=sign * document.total, content=content, sha256=hashlib.sha256(content).hexdigest(),
        created_by=actor.user, **about,
    )  # fmt: skip

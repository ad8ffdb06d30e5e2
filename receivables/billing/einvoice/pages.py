"""What is seen of e-invoices: the section on the invoice's page and the dialog of the export."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.einvoice.billed import Next, next_document
from receivables.billing.einvoice.document import CREDIT_NOTE, INVOICE
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_blocker, export_einvoice
from receivables.billing.models import Invoice
from receivables.billing.pages import amount_text
from receivables.core.registry import Action


@dataclass(frozen=True)
class State:
    """How far an invoice is with e-invoicing, as one label."""

    code: str
    label: Any
    tone: str


STATES = {
    "never": State("never", gettext_lazy("Never exported"), "neutral"),
    "exported": State("exported", gettext_lazy("Exported"), "success"),
    "correction": State("correction", gettext_lazy("Correction needed"), "warning"),
    "none": State("none", gettext_lazy("Not exported"), "neutral"),
}


def state_of(coming: Next) -> State:
    """Never exported, exported as it is billed, or billed otherwise since."""
    if coming.first is None:
        return STATES["never"]
    return STATES["correction" if coming.lines else "exported"]


def coming_of(invoice: Invoice) -> Next:
    """What the invoice would be exported as, kept on the object so that a page reads it once."""
    kept: Next | None = invoice.__dict__.get("_coming")
    if kept is None:
        kept = invoice.__dict__["_coming"] = next_document(invoice)
    return kept


def einvoice_panel(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """The section on the page of an invoice."""
    coming = coming_of(invoice)
    return {
        "subject": invoice,
        "verb": "export_einvoice",
        "state": state_of(coming),
        "documents": coming.exported,
        "offered": bool(coming.lines) and not invoice.imported,
        "notice": _notice(coming, actor),
    }


def _notice(coming: Next, actor: Any) -> str:
    if coming.invoice.imported:
        return _("It was issued by another system and is e-invoiced there.")
    if not (coming.first and coming.lines):
        return ""
    waiting = amount_text(actor, coming.total, coming.invoice.currency)
    return _("The invoice was changed by %(waiting)s since; a correction says so to the customer.") % {
        "waiting": waiting
    }


def _confirm(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """What the document would be, and what exporting it means."""
    coming = coming_of(invoice)
    amount = amount_text(actor, coming.sign * coming.total, invoice.currency)
    words = {"number": invoice.number, "amount": amount, "n": coming.revision.number}
    facts = [
        {"label": _("Invoice"), "value": invoice.number},
        {"label": _("Document"), "value": EInvoice.DocumentType(coming.type).label},
        {"label": _("Amount"), "value": amount},
    ]
    return {"facts": facts, "effects": _effects(coming, words), "submit_label": _("Export UBL")}


def _effects(coming: Next, words: dict[str, Any]) -> list[str]:
    kept = _("It is checked against UBL 2.1 and EN 16931 and kept as it is. Nothing is posted, and nothing is sent.")
    if coming.type == INVOICE:
        first = _("Invoice %(number)s is exported as billed by revision %(n)s: %(amount)s.") % words
        return [first, _("Its number is then never e-invoiced again; later changes become credit notes."), kept]
    if coming.type == CREDIT_NOTE:
        first = _(
            "A credit note of %(amount)s over what was taken off since, with its own number, refers to %(number)s."
        )
    else:
        first = _("A debit note of %(amount)s over what was added since, with its own number, refers to %(number)s.")
    return [first % words, kept]


def _run(actor: Any, invoice: Invoice, data: dict[str, Any]) -> tuple[Any, str]:
    made = export_einvoice(actor=actor, invoice=invoice)
    return invoice, _("E-invoice %(number)s was checked and exported. Download it below.") % {"number": made.number}


ACTION = Action(
    "export_einvoice", "billing.invoice", gettext_lazy("Export UBL"), _run,
    blocker=lambda invoice, actor: export_blocker(actor, coming_of(invoice)), confirm=_confirm, style="secondary",
)  # fmt: skip

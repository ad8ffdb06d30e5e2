"""What is seen of the e-invoices of credit notes: the section on their page and the dialog of the export."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.einvoice.credit_operations import credit_facts, export_credit_blocker, export_credit_note
from receivables.billing.einvoice.credited import NextOfCredit, next_of_credit
from receivables.billing.einvoice.document import CREDIT_NOTE
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.pages import STATES, State
from receivables.billing.einvoice.rules import export_credit_note_blocker
from receivables.billing.pages import amount_text
from receivables.core.registry import Action


def state_of_credit(coming: NextOfCredit) -> State:
    """Never exported, exported as it stands, reversed since, or nothing that is exported at all."""
    if not coming.exported:
        return STATES["never" if coming.type else "none"]
    return STATES["correction" if coming.type else "exported"]


def credit_note_panel(note: CreditNote, actor: Any) -> dict[str, Any]:
    """The section on the page of a credit note."""
    coming = next_of_credit(note)
    blocker = export_credit_note_blocker(credit_facts(actor, coming))
    return {
        "subject": note,
        "verb": "export_credit_note",
        "state": state_of_credit(coming),
        "documents": coming.exported,
        "offered": bool(coming.type),
        "notice": _notice(coming, blocker),
    }


def _notice(coming: NextOfCredit, blocker: Any) -> str:
    if coming.exported and coming.type:
        return _("The credit note was reversed since; a debit note says so to the customer.")
    return str(blocker.message) if blocker and not coming.type and not coming.exported else ""


def _confirm(note: CreditNote, actor: Any) -> dict[str, Any]:
    """What the document would be, and what exporting it means."""
    coming = next_of_credit(note)
    amount = amount_text(actor, note.total, note.currency)
    shown = EInvoice.DocumentType(coming.type or CREDIT_NOTE).label
    facts = [
        {"label": _("Credit note"), "value": note.number},
        {"label": _("Document"), "value": shown},
        {"label": _("Amount"), "value": amount},
        {"label": _("Corrects"), "value": ", ".join(invoice.number for invoice in coming.invoices)},
    ]
    return {"facts": facts, "effects": _effects(coming, amount), "submit_label": _("Export UBL")}


def _effects(coming: NextOfCredit, amount: str) -> list[str]:
    kept = _("It is checked against UBL 2.1 and EN 16931 and kept as it is. Nothing is posted, and nothing is sent.")
    what = {"number": coming.note.number, "amount": amount}
    if not coming.type:
        return []
    if coming.type == CREDIT_NOTE:
        first = _("Credit note %(number)s is exported over %(amount)s and refers to the invoices that it corrects.")
        once = _("It leaves once; if it is reversed afterwards, a debit note takes it back.")
        return [first % what, once, kept]
    first = _("A debit note of %(amount)s, with its own number, takes back credit note %(number)s, which was reversed.")
    return [first % what, kept]


def _run(actor: Any, note: CreditNote, data: dict[str, Any]) -> tuple[Any, str]:
    made = export_credit_note(actor=actor, credit_note=note)
    return note, _("E-invoice %(number)s was checked and exported. Download it below.") % {"number": made.number}


ACTION = Action(
    "export_credit_note", "billing.creditnote", gettext_lazy("Export UBL"), _run,
    blocker=lambda note, actor: export_credit_blocker(actor, note), confirm=_confirm, style="secondary",
)  # fmt: skip

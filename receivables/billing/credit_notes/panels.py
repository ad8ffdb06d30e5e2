"""The credit notes of an invoice and of an account, as sections on their pages."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine
from receivables.billing.credit_notes.queries import reversal_of, with_documents
from receivables.billing.credit_notes.rules import nothing_open_blocker
from receivables.billing.models import Invoice
from receivables.core.registry import Panel, panels
from receivables.customers.models import Account

NEWEST = 10


def of_invoice(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """Credit notes on an invoice with what each takes off it, and the way to a new one."""
    lines = (
        CreditNoteLine.objects.of(actor)
        .filter(invoice=invoice)
        .select_related("credit_note__reason", "credit_note__reversal")
        .order_by("credit_note_id", "line_no")
    )
    rows: dict[int, dict[str, Any]] = {}
    for line in lines:
        row = rows.setdefault(line.credit_note_id, _row(line.credit_note, line.total * 0))
        row["amount"] += line.total
    return {"rows": list(rows.values()), "button": _button(invoice, actor), "of_invoice": True}


def _row(note: CreditNote, amount: Any) -> dict[str, Any]:
    return {"note": note, "amount": amount, "reversed": reversal_of(note)}


def _button(invoice: Invoice, actor: Any) -> dict[str, Any] | None:
    if not actor.can("issue_credit_note") or invoice.voided_at is not None:
        return None
    blocker = nothing_open_blocker(is_open=bool(invoice.open_item.balance))
    if blocker is not None:
        return None
    address = reverse("issue_credit_note", args=[invoice.account_id])
    return {
        "label": _("Issue credit note"), "url": f"{address}?invoice={invoice.pk}", "id": f"credit-{invoice.pk}",
        "style": "secondary", "size": "sm", "enabled": True,
    }  # fmt: skip


def of_account(account: Account, actor: Any) -> dict[str, Any]:
    """The newest credit notes of an account."""
    notes = with_documents(CreditNote.objects.of(actor)).filter(account=account).order_by("-pk")[: NEWEST + 1]
    rows = [_row(note, note.total) for note in notes]
    return {"rows": rows[:NEWEST], "more": len(rows) > NEWEST, "account": account}


def register() -> None:
    """Called once, when the application is ready."""
    template = "billing/includes/credit_notes.html"
    panels.register(Panel("credit_notes", "billing.invoice", "credits", template, of_invoice))
    panels.register(Panel("credit_notes", "customers.account", "main", template, of_account))

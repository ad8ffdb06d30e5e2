"""How a document stands in accounting, on the pages of invoices, loads, payments and credit notes."""

from typing import Any

from receivables.billing.models import Load
from receivables.core.registry import Panel, panels
from receivables.integrations.queries import deliveries_of
from receivables.integrations.tables import TONES


def _shown(actor: Any, source: str, pk: int) -> dict[str, Any]:
    rows = deliveries_of(actor, source, pk)
    may_look = actor.can("view_error_transactions")
    return {"deliveries": [{"row": row, "tone": TONES[row.state], "linked": may_look} for row in rows]}


def of_document(document: Any, actor: Any) -> dict[str, Any]:
    return _shown(actor, document._meta.label_lower, document.pk)


def of_load(load: Load, actor: Any) -> dict[str, Any]:
    """A load stands in accounting as its invoice does."""
    return _shown(actor, "billing.invoice", load.invoice_id) if load.invoice_id else {"deliveries": []}


def register() -> None:
    """Called once, when the application is ready."""
    template = "integrations/accounting_panel.html"
    panels.register(Panel("accounting", "billing.invoice", "payments", template, of_document))
    panels.register(Panel("accounting", "billing.load", "payments", template, of_load))
    panels.register(Panel("accounting", "collections.payment", "aside", template, of_document))
    panels.register(Panel("accounting", "billing.creditnote", "aside", template, of_document))

"""What the pages of a short payment show besides forms: where one is, how the invoice stands, what was noted."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from receivables.billing.models import Invoice, Load
from receivables.billing.pages import amount_text, load_balance, state_of
from receivables.billing.summary.parts import part_of
from receivables.collections.queries import applied_rows, is_live
from receivables.collections.resolution_pages import newest
from receivables.collections.wizard.models import ShortPaymentNote
from receivables.core.registry import Panel, panels

SHOWN_NOTES = 20


def stepper(current: str, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """The steps, the present one marked; those before it can be gone back to."""
    labels = [("what", _("What happened and why")), ("check", _("Check")), ("done", _("Done"))]
    place = [name for name, _label in labels].index(current)
    return [
        {
            "label": label,
            "current": index == place,
            "passed": index < place,
            "url": address(name) if index < place < len(labels) - 1 else "",
        }
        for index, (name, label) in enumerate(labels)
    ]


def _notes(actor: Any, **about: Any) -> QuerySet[ShortPaymentNote]:
    """Notes without the content of their files."""
    found = ShortPaymentNote.objects.of(actor).filter(**about).defer("content")
    return found.select_related("created_by", "load").order_by("-pk")[:SHOWN_NOTES]


def facts_shown(load: Load, actor: Any) -> dict[str, Any]:
    """Invoice, total, what was received and what is short; the payments found."""
    state = state_of(load, actor)
    if state.item is None or state.invoice is None:
        return {}
    item, short = state.item, load_balance(state.load)
    figures = [
        {"label": _("Invoice total"), "value": amount_text(actor, item.amount, item.currency)},
        {"label": _("Received"), "value": amount_text(actor, item.paid, item.currency)},
    ]
    if state.on_summary:
        billed = amount_text(actor, part_of(state.load).billed, item.currency)
        figures.append({"label": _("Load %(load)s bills") % {"load": load.number}, "value": billed})
    live = [row for row in applied_rows(debit_item=item.pk) if is_live(row)] if item.live_payments else []
    return {
        "invoice": state.invoice,
        "figures": [*figures, {"label": _("Short"), "value": amount_text(actor, short, item.currency)}],
        "live": live,
        "may_record": actor.can("record_payment"),
        "nothing_received": not live and item.balance > Decimal(0),
    }


def done_context(load: Load, actor: Any) -> dict[str, Any]:
    """How it stands now, and where one may go from here."""
    figures = facts_shown(load, actor)
    return {**figures, **newest(load, actor), "note": _notes(actor, load=load).first()}


def load_notes(load: Load, actor: Any) -> dict[str, Any]:
    return {"notes": list(_notes(actor, load=load))}


def invoice_notes(invoice: Invoice, actor: Any) -> dict[str, Any]:
    return {"notes": list(_notes(actor, invoice=invoice)), "with_load": True}


def register() -> None:
    """Called once, when the application is ready."""
    template = "collections/short_payment/notes_panel.html"
    panels.register(Panel("short_payment_notes", "billing.load", "payments", template, load_notes))
    panels.register(Panel("short_payment_notes", "billing.invoice", "payments", template, invoice_notes))

"""The sendings of an invoice, as a section on the pages of loads and invoices; a customer's settings on theirs."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from receivables.billing.delivery.models import Dispatch, Method
from receivables.billing.delivery.queries import TROUBLE, bounces_of, delivery_of, dispatches_of
from receivables.billing.models import Invoice, Load
from receivables.billing.status import Status
from receivables.core.registry import Panel, panels
from receivables.customers.models import Customer

State = Dispatch.State
TONES = {
    State.WAITING: "info", State.SENDING: "info", State.SENT: "success", State.FAILED: "danger",
    State.PARTLY: "warning", State.UNCERTAIN: "warning", State.BOUNCED: "danger",
}  # fmt: skip


def invoice_sending(invoice: Invoice | None, actor: Any) -> dict[str, Any]:
    """The sendings of an invoice, newest first, each with its state in words."""
    if invoice is None:
        return {"invoice": None, "rows": []}
    return {"invoice": invoice, "rows": [_row(each) for each in dispatches_of(invoice)]}


def _row(dispatch: Dispatch) -> dict[str, Any]:
    return {
        "dispatch": dispatch,
        "tone": TONES[State(dispatch.state)],
        "how": dispatch.get_method_display(),
        "who": _("sent by itself") if dispatch.automatic else str(dispatch.sent_by or ""),
        "at": dispatch.sent_at or dispatch.created_at,
        "trouble": trouble(dispatch),
    }


def trouble(dispatch: Dispatch) -> str:
    """What went wrong with a sending, in a sentence; "" if nothing did."""
    if dispatch.state == State.WAITING and dispatch.error:
        return _("%(error)s It is tried again by itself.") % {"error": dispatch.error}
    if dispatch.state == State.UNCERTAIN:
        words = {"error": dispatch.error}
        return _("%(error)s It may have gone out or not: ask the customer, then confirm it or retry it.") % words
    if dispatch.state == State.BOUNCED:
        return _("It came back: %(reason)s") % {"reason": dispatch.bounce_reason}
    return dispatch.error


def not_delivered(state: str | None) -> Status | None:
    """The badge of an invoice that somebody does not have, or perhaps does not; None if there is nothing to say."""
    words = {
        State.FAILED: _("Sending failed"),
        State.PARTLY: _("Sent to some"),
        State.UNCERTAIN: _("Sending uncertain"),
        State.BOUNCED: pgettext("e-mail", "Bounced"),
    }
    return Status(f"sending_{state}", words[State(state)], TONES[State(state)]) if state in TROUBLE else None


def load_sending(load: Load, actor: Any) -> dict[str, Any]:
    return invoice_sending(load.invoice, actor)


def customer_delivery(customer: Customer, actor: Any) -> dict[str, Any]:
    """How a customer wants invoices, and which e-mails came back."""
    delivery = delivery_of(customer)
    by_mail = delivery.method == Method.EMAIL
    return {
        "delivery": delivery,
        "language": delivery.get_language_display() if delivery.language else "",
        "no_address": by_mail and not delivery.to,
        "bounces": bounces_of(customer),
    }


def register() -> None:
    """Called once, when the application is ready."""
    panels.register(Panel("sending", "billing.load", "sending", "billing/sending_panel.html", load_sending))
    panels.register(Panel("sending", "billing.invoice", "sending", "billing/sending_panel.html", invoice_sending))
    panels.register(Panel("delivery", "customers.customer", "aside", "billing/delivery_panel.html", customer_delivery))

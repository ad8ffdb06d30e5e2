"""What can be clicked about sending: on an invoice, on one of its sendings, on a customer."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.delivery import operations
from receivables.billing.delivery.forms import BounceForm, DeliveryForm, LetterForm, SendForm
from receivables.billing.delivery.models import Dispatch, Method
from receivables.billing.delivery.queries import Sending, sending_as_shown
from receivables.billing.delivery.rules import (
    WENT_OUT,
    confirm_dispatch_blocker,
    note_bounce_blocker,
    resend_invoice_blocker,
    retry_dispatch_blocker,
    send_invoice_blocker,
)
from receivables.billing.models import Invoice
from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.mail import leaves_the_house
from receivables.core.registry import Action, actions
from receivables.customers.models import Customer

INVOICE, DISPATCH, CUSTOMER = "billing.invoice", "billing.dispatch", "customers.customer"
State = Dispatch.State


def sending(invoice: Invoice, actor: Any) -> Sending:
    """The invoice's sending, kept on the object so that a page's buttons read it once."""
    kept: Sending | None = invoice.__dict__.get("_sending")
    if kept is None:
        kept = invoice.__dict__["_sending"] = sending_as_shown(invoice)
    return kept


def _fact(label: Any, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}


def _to_be_sent(invoice: Invoice, actor: Any) -> bool:
    return invoice.voided_at is None and invoice.sent_revision != invoice.current_revision


def _was_sent(invoice: Invoice, actor: Any) -> bool:
    return invoice.voided_at is None and invoice.sent_revision == invoice.current_revision


def demonstration() -> list[str]:
    """What has to be said where mail does not leave the house."""
    if leaves_the_house():
        return []
    return [_("This site has no mail server, so no e-mail leaves it: what would go out is kept here to look at.")]


def _confirm_send(invoice: Invoice, actor: Any) -> dict[str, Any]:
    found = sending(invoice, actor)
    effects = [
        _("An e-mail goes out in the background. The invoice counts as sent once the mail server has taken it."),
        *demonstration(),
    ]
    if found.revision.internal:
        effects.append(_("This revision differs by bad debt only, which is usually kept in the house."))
    return {
        "facts": _facts(found, actor),
        "effects": effects,
        "tone": "warning" if found.revision.internal else "info",
    }


def _facts(found: Sending, actor: Any) -> list[dict[str, Any]]:
    return [
        _fact(_("Invoice"), found.invoice.number),
        _fact(_("Revision"), found.revision.number),
        _fact(_("Total"), amount_text(actor, found.revision.total, found.invoice.currency)),
        _fact(_("Customer"), found.invoice.account.customer.name),
    ]


def _send(actor: Any, invoice: Invoice, data: dict[str, Any]) -> tuple[Any, str]:
    letter = data["letter"] if data["method"] == Method.EMAIL else None
    sent = operations.send_invoice(
        actor=actor, invoice=invoice, letter=letter, method=data["method"],
        internal_too=data.get("internal_too", False), seen=data["seen"],
    )  # fmt: skip
    words = {"number": sent.number, "n": sent.current_revision, "to": ", ".join(letter.to) if letter else ""}
    if letter is None:
        return invoice, _("Revision %(n)s of invoice %(number)s is noted as sent.") % words
    return invoice, _("The e-mail with invoice %(number)s to %(to)s is on its way.") % words


def _confirm_resend(invoice: Invoice, actor: Any) -> dict[str, Any]:
    effects = [_("The same revision goes out once more. When it was sent first stays as it is."), *demonstration()]
    return {"facts": _facts(sending(invoice, actor), actor), "effects": effects}


def _resend(actor: Any, invoice: Invoice, data: dict[str, Any]) -> tuple[Any, str]:
    dispatch = operations.resend_invoice(actor=actor, invoice=invoice, letter=data["letter"], seen=data["seen"])
    words = {"number": invoice.number, "to": ", ".join(dispatch.to)}
    return invoice, _("The e-mail with invoice %(number)s to %(to)s is on its way.") % words


def _about(dispatch: Dispatch) -> list[dict[str, Any]]:
    return [
        _fact(_("Invoice"), dispatch.invoice.number),
        _fact(_("Revision"), dispatch.revision.number),
        _fact(_("To"), dispatch.recipients),
    ]


def _retry_blocker(dispatch: Dispatch, actor: Any) -> Blocker | None:
    return retry_dispatch_blocker(
        state=dispatch.state, voided=dispatch.invoice.voided_at is not None, newest=operations.is_newest(dispatch)
    )  # fmt: skip


def _confirm_retry(dispatch: Dispatch, actor: Any) -> dict[str, Any]:
    if dispatch.state == State.UNCERTAIN:
        effects = [_("Nobody knows whether this e-mail went out. If it did, the customer gets it a second time.")]
        return {"facts": _about(dispatch), "effects": effects, "tone": "warning"}
    shown = [*_about(dispatch), _fact(_("Why it failed"), dispatch.error)]
    return {"facts": shown, "effects": [_("The same e-mail is tried again, to the same recipients.")]}


def _retry(actor: Any, dispatch: Dispatch, data: dict[str, Any]) -> tuple[Any, str]:
    current = operations.retry_dispatch(actor=actor, dispatch=dispatch)
    return current, _("The e-mail to %(to)s is tried again.") % {"to": current.recipients}


def _confirm_blocker(dispatch: Dispatch, actor: Any) -> Blocker | None:
    return confirm_dispatch_blocker(state=dispatch.state, voided=dispatch.invoice.voided_at is not None)


def _confirm_confirm(dispatch: Dispatch, actor: Any) -> dict[str, Any]:
    return {"facts": _about(dispatch), "effects": [_("The invoice counts as sent. Nothing is mailed.")]}


def _confirm(actor: Any, dispatch: Dispatch, data: dict[str, Any]) -> tuple[Any, str]:
    current = operations.confirm_dispatch(actor=actor, dispatch=dispatch)
    return current, _("Invoice %(number)s counts as sent.") % {"number": current.invoice.number}


def _bounce_blocker(dispatch: Dispatch, actor: Any) -> Blocker | None:
    return note_bounce_blocker(state=dispatch.state, method=dispatch.method, sent_on=None, bounced_on=None)


def _confirm_bounce(dispatch: Dispatch, actor: Any) -> dict[str, Any]:
    effects = [_("The invoice stays Invoiced; it shows that the customer does not have it until it is sent again.")]
    return {"facts": _about(dispatch), "effects": effects, "tone": "warning"}


def _bounce(actor: Any, dispatch: Dispatch, data: dict[str, Any]) -> tuple[Any, str]:
    current = operations.note_bounce(
        actor=actor, dispatch=dispatch, bounced_on=data["bounced_on"], reason=data["reason"]
    )  # fmt: skip
    return current, _("It is noted that the e-mail came back. Check the address and send the invoice again.")


def _confirm_delivery(customer: Customer, actor: Any) -> dict[str, Any]:
    return {"submit_label": _("Save")}


def _edit_delivery(actor: Any, customer: Customer, data: dict[str, Any]) -> tuple[Any, str]:
    operations.edit_delivery(actor=actor, customer=customer, **data)
    return customer, _("Delivery of invoices saved.")


def register() -> None:
    """Called once, when the application is ready."""
    for action in (
        Action(
            "send_invoice", INVOICE, gettext_lazy("Send invoice"), _send, form=SendForm,
            blocker=lambda invoice, actor: send_invoice_blocker(sending(invoice, actor).facts), visible=_to_be_sent,
            confirm=_confirm_send, style="primary",
        ),
        Action(
            "resend_invoice", INVOICE, gettext_lazy("Send again"), _resend, form=LetterForm,
            blocker=lambda invoice, actor: resend_invoice_blocker(sending(invoice, actor).facts), visible=_was_sent,
            confirm=_confirm_resend, style="secondary",
        ),
        Action(
            "retry_dispatch", DISPATCH, gettext_lazy("Retry"), _retry, blocker=_retry_blocker,
            visible=lambda dispatch, actor: dispatch.state in (State.FAILED, State.UNCERTAIN), confirm=_confirm_retry,
            style="secondary",
        ),
        Action(
            "confirm_dispatch", DISPATCH, gettext_lazy("It arrived"), _confirm, blocker=_confirm_blocker,
            visible=lambda dispatch, actor: dispatch.state == State.UNCERTAIN, confirm=_confirm_confirm,
            style="secondary",
        ),
        Action(
            "note_bounce", DISPATCH, gettext_lazy("It came back"), _bounce, form=BounceForm, blocker=_bounce_blocker,
            visible=lambda dispatch, actor: dispatch.state in WENT_OUT and dispatch.method == Method.EMAIL,
            confirm=_confirm_bounce, style="secondary",
        ),
        Action(
            "edit_delivery", CUSTOMER, gettext_lazy("Delivery of invoices"), _edit_delivery, form=DeliveryForm,
            confirm=_confirm_delivery,
        ),
    ):  # fmt: skip
        actions.register(action)

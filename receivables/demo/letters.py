"""Invoices that went out once more by e-mail, with what became of it; one left as an e-invoice as well.

No mail leaves: what a server would answer is played. Nothing here draws lots, so that no figure of the demo moves.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import F

from receivables.billing.delivery.mailing import failed, taken
from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import Letter, note_bounce, resend_invoice, suggested_letter
from receivables.billing.delivery.queries import sending_of
from receivables.billing.einvoice.operations import export_einvoice
from receivables.billing.models import Invoice
from receivables.core.dates import today

UNKNOWN = (550, b"5.1.1 no such user here")
Answer = Callable[[Any, Dispatch], object]


def arrives(actor: Any, dispatch: Dispatch) -> None:
    taken(actor, dispatch, {})


def copy_refused(actor: Any, dispatch: Dispatch) -> None:
    taken(actor, dispatch, dict.fromkeys(dispatch.cc, UNKNOWN))


def server_away(actor: Any, dispatch: Dispatch) -> None:
    failed(actor, dispatch, "The mail server could not be reached.")


def comes_back(actor: Any, dispatch: Dispatch) -> None:
    arrives(actor, dispatch)
    note_bounce(actor=actor, dispatch=dispatch, bounced_on=today(actor.organization), reason="Mailbox is full")


ANSWERS: tuple[Answer, ...] = (arrives, copy_refused, server_away, comes_back)


def write_letters(actor: Any) -> None:
    """E-mail the newest invoices that are owed, each with another outcome; the first is an e-invoice as well."""
    owed = (
        Invoice.objects.of(actor)
        .filter(sent_revision=F("current_revision"), currency=actor.organization.currency, open_item__balance__gt=0)
        .order_by("-sequence_number")
    )
    chosen = list(owed[: len(ANSWERS)])
    for invoice, answer in zip(chosen, ANSWERS, strict=False):
        answer(actor, _handed_over(actor, invoice))
    export_einvoice(actor=actor, invoice=chosen[0])


def _handed_over(actor: Any, invoice: Invoice) -> Dispatch:
    """An e-mail in the moment in which the mail server has it."""
    found = suggested_letter(actor, sending_of(actor, invoice.pk))
    copies = [f"controller@{address.partition('@')[2]}" for address in found.to]
    letter = Letter(found.to, copies, found.subject, found.body, found.sender_name, found.reply_to, found.language)
    dispatch = resend_invoice(actor=actor, invoice=invoice, letter=letter)
    dispatch.state, dispatch.attempts = Dispatch.State.SENDING, 1
    dispatch.save(update_fields=["state", "attempts"])
    return dispatch

"""Handing one e-mail over: everything that may be repeated first, then the claim, then the mail, then what came of it.

Before the claim nothing has left, so whatever goes wrong is tried again. After it, only a clear answer of the mail
server says that nothing was taken; without one the sending is uncertain, and never repeated by itself.
"""

import logging
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import locked_dispatch, note_sent, subjects_of
from receivables.billing.delivery.rules import hand_over_blocker
from receivables.billing.documents import EngineMissing, TooLong, file_name, invoice_pdf
from receivables.billing.einvoice.billed import einvoice_saying
from receivables.billing.models import Revision
from receivables.core.events import record
from receivables.core.logs import request_id
from receivables.core.mail import NoMailServer, refused_of
from receivables.core.operations import SystemActor

State = Dispatch.State
ANSWER_LENGTH = 200

logger = logging.getLogger("receivables.mail")


class TryAgain(Exception):
    """Nothing was handed over; the queue tries it again later."""


@dataclass(frozen=True)
class Fault:
    """Why a mail was not handed over, in plain words; whether it may work later; whether it is certain at all."""

    words: str
    temporary: bool = False
    certain: bool = True


def deliver(dispatch: Dispatch, *, last: bool) -> None:
    """Hand a waiting e-mail over. `last`: it is not tried again afterwards. Raises `TryAgain`."""
    actor = actor_of(dispatch)
    if dispatch.state == State.SENDING:
        # Only a dead worker leaves a claim behind: tasks of one sending never run at the same time.
        _doubt(actor, dispatch, _("The worker was stopped while it handed the e-mail over."))
        return
    if dispatch.state != State.WAITING:
        return
    try:
        connection = get_connection()
        message = message_of(dispatch, connection)
        connection.open()
    except Exception as error:
        _give_back(actor, dispatch, fault_before(error), last)
        return
    try:
        if _claim(actor, dispatch):
            _hand_over(actor, dispatch, connection, message, last)
    finally:
        connection.close()


def actor_of(dispatch: Dispatch) -> SystemActor:
    """The background, on behalf of who sent it."""
    return SystemActor(dispatch.organization, str(dispatch.sent_by or _("Background")), frozenset(), dispatch.sent_by)


def message_of(dispatch: Dispatch, connection: Any = None) -> EmailMessage:
    """The e-mail with the PDF and the e-invoice of exactly its revision.

    Raises `EngineMissing`, `TooLong`, `BadHeaderError`.
    """
    invoice, revision = dispatch.invoice, dispatch.revision
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = EmailMessage(
        subject=dispatch.subject, body=dispatch.body, from_email=formataddr((dispatch.sender_name, address)),
        to=dispatch.to, cc=dispatch.cc, reply_to=[dispatch.reply_to] if dispatch.reply_to else None,
        headers={"Message-ID": dispatch.message_id}, connection=connection,
    )  # fmt: skip
    if dispatch.attach_pdf:
        message.attach(file_name(invoice, revision), invoice_pdf(invoice, revision), "application/pdf")
    said = einvoice_saying(invoice, revision) if dispatch.attach_xml else None
    if said is not None:
        message.attach(said.file_name, bytes(said.content), "application/xml")
    message.message()  # a bad header is found now, not by the mail server
    return message


def _claim(actor: Any, dispatch: Dispatch) -> bool:
    """Make the sending ours for one attempt; False if it is not to be sent any more."""
    with transaction.atomic():
        current = locked_dispatch(actor, dispatch)
        if current.state != State.WAITING:
            return False
        blocker = hand_over_blocker(
            voided=current.invoice.voided_at is not None,
            superseded_by=_superseded_by(current),
            revision=current.revision.number,
        )
        if blocker is not None:
            failed(actor, current, str(blocker.message))
            return False
        current.state, current.attempts, current.error = State.SENDING, current.attempts + 1, ""
        current.save(update_fields=["state", "attempts", "error"])
        return True


def _superseded_by(dispatch: Dispatch) -> int | None:
    """The newest revision that the customer should get instead; internal ones are none of their business."""
    later = Revision.objects.filter(invoice_id=dispatch.invoice_id, number__gt=dispatch.revision.number, internal=False)
    return later.order_by("-number").values_list("number", flat=True).first()


def _hand_over(actor: Any, dispatch: Dispatch, connection: Any, message: EmailMessage, last: bool) -> None:
    try:
        count = connection.send_messages([message])
    except Exception as error:
        fault = fault_during(error)
        if fault.certain:
            _give_back(actor, dispatch, fault, last)
        else:
            _doubt(actor, dispatch, fault.words)
        return
    if not count:
        _give_back(actor, dispatch, Fault(_("The mail server took nothing."), temporary=True), last)
        return
    refused = refused_of(connection, [*dispatch.to, *dispatch.cc])
    if refused.keys() >= set(dispatch.to):
        fault = Fault(_("%(refusals)s Only the copies went out.") % {"refusals": _refusals(refused)})
        _give_back(actor, dispatch, fault, last)
        return
    taken(actor, dispatch, refused)


def taken(actor: Any, dispatch: Dispatch, refused: Mapping[str, tuple[int, bytes]]) -> None:
    """The mail server took the mail, for everybody or for all but those that it refused."""
    words = {"refusals": _refusals(refused)}
    error = _("%(refusals)s The others got it; send it again to whom it concerns.") % words if refused else ""
    with transaction.atomic():
        current = locked_dispatch(actor, dispatch)
        if current.state not in (State.SENDING, State.UNCERTAIN):
            return
        current.state = State.PARTLY if refused else State.SENT
        current.error, current.sent_at = error, timezone.now()
        current.save(update_fields=["state", "error", "sent_at"])
        note_sent(actor, current)
        if refused:
            _recorded(actor, "dispatch_incomplete", current)
    logger.info("dispatch %s was handed over", dispatch.pk)


def _refusals(answers: Mapping[str, tuple[int, bytes]]) -> str:
    """A sentence for each refused recipient."""
    message = _("The mail server refused the recipient %(address)s: %(answer)s.")
    said = [message % {"address": address, "answer": _answer(*answer)} for address, answer in answers.items()]
    return " ".join(said)


def _give_back(actor: Any, dispatch: Dispatch, fault: Fault, last: bool) -> None:
    """Nothing was handed over: let it wait for the next attempt (raises `TryAgain`), or fail."""
    again = fault.temporary and not last
    with transaction.atomic():
        current = locked_dispatch(actor, dispatch)
        if current.state not in (State.WAITING, State.SENDING):
            return
        if not again:
            failed(actor, current, fault.words)
        else:
            current.state, current.error = State.WAITING, fault.words
            current.save(update_fields=["state", "error"])
    logger.warning("dispatch %s was not handed over, %s", dispatch.pk, "again later" if again else "given up")
    if again:
        raise TryAgain


def failed(actor: Any, dispatch: Dispatch, words: str) -> None:
    """Nothing was handed over, and it is not tried again by itself."""
    dispatch.state, dispatch.error = State.FAILED, words
    dispatch.save(update_fields=["state", "error"])
    _recorded(actor, "dispatch_failed", dispatch)


def _doubt(actor: Any, dispatch: Dispatch, words: str) -> None:
    """Nobody knows whether it went out."""
    with transaction.atomic():
        current = locked_dispatch(actor, dispatch)
        if current.state != State.SENDING:
            return
        current.state, current.error = State.UNCERTAIN, words
        current.save(update_fields=["state", "error"])
        _recorded(actor, "dispatch_uncertain", current)
    logger.warning("dispatch %s is uncertain", dispatch.pk)


def _recorded(actor: Any, name: str, dispatch: Dispatch) -> None:
    record(
        actor, name, dispatch.invoice, about=subjects_of(dispatch.invoice), reason=dispatch.error,
        revision=dispatch.revision.number, recipients=dispatch.recipients,
    )  # fmt: skip


def fault_before(error: Exception) -> Fault:
    """What went wrong before anything was handed over: all of it is certain."""
    if isinstance(error, EngineMissing):
        message = _("The PDF could not be made: this server lacks its packages. Install %(packages)s, then retry.")
        return Fault(message % {"packages": error.packages})
    if isinstance(error, TooLong):
        message = _("The invoice has %(n)s lines, more than a PDF may have. Send it another way.")
        return Fault(message % {"n": f"{error.lines:,}"})
    if isinstance(error, NoMailServer):
        return Fault(_("This site has no mail server yet. An administrator sets EMAIL_URL; then retry."))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        words = _("The mail server did not accept this site's sign-in. An administrator checks EMAIL_URL.")
        return Fault(words, temporary=400 <= error.smtp_code < 500)
    if isinstance(error, smtplib.SMTPException | OSError):
        return Fault(_("The mail server could not be reached."), temporary=True)
    return _unknown(error)


def fault_during(error: Exception) -> Fault:
    """What went wrong while the mail was handed over. Silence is no answer: the server may have taken it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        temporary = all(400 <= code < 500 for code, _text in error.recipients.values())
        return Fault(_refusals(error.recipients), temporary=temporary)
    if isinstance(error, smtplib.SMTPResponseException):
        message = _("The mail server refused the e-mail: %(answer)s")
        answer = _answer(error.smtp_code, error.smtp_error)
        return Fault(message % {"answer": answer}, temporary=400 <= error.smtp_code < 500)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Fault(_("The mail server can't take an e-mail like this."))
    if isinstance(error, NoMailServer):
        return fault_before(error)
    if isinstance(error, smtplib.SMTPException | OSError):
        return Fault(_("The mail server stopped answering while the e-mail was handed over."), certain=False)
    fault = _unknown(error)
    return Fault(fault.words, certain=isinstance(error, BadHeaderError))


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"[:ANSWER_LENGTH]


def _unknown(error: Exception) -> Fault:
    """A fault of ours: its details are in the log, under the reference."""
    if isinstance(error, BadHeaderError):
        return Fault(_("The e-mail has a header that can't be sent. Send the invoice anew."))
    logger.error("a mail failed", exc_info=error)
    return Fault(_("Something failed on our side. Reference %(id)s.") % {"id": request_id.get()})

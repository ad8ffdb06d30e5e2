"""Handing over the e-mail of a letter that is no invoice: made and greeted first, then claimed, then sent, then what
came of it is kept.

Before the claim nothing has left; after it only a clear answer of the mail server says that nothing was taken.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.delivery.mailing import Fault, TryAgain, fault_before, fault_during
from receivables.billing.delivery.models import Dispatch
from receivables.core.mail import refused_of

State = Dispatch.State
logger = logging.getLogger("receivables.mail")


@dataclass(frozen=True)
class Letter:
    """A letter on its way. `row` says to whom it goes and how far it is: `to`, `subject`, `sender_name`, `reply_to`,
    `message_id`, `state`, `attempts`, `error`, `sent_at`. `pdf` makes its attachment with a name; `note` records in the
    row's transaction that it was sent, failed or is uncertain, in words. `barred` says why it must not leave any more,
    as things are when its turn comes; "" where it may."""

    row: Any
    body: str
    pdf: Callable[[], tuple[str, bytes]]
    note: Callable[[str, str], None]
    barred: Callable[[], str] = str


def deliver_letter(letter: Letter, *, last: bool) -> None:
    """Hand a waiting letter over. `last`: it is not tried again afterwards. Raises `TryAgain`."""
    if letter.row.state == State.SENDING:
        # Only a dead worker leaves a claim behind: tasks of one letter never run at the same time.
        _moved(letter, State.UNCERTAIN, _("The worker was stopped while it handed the e-mail over."))
        return
    if letter.row.state != State.WAITING:
        return
    if why := letter.barred():
        _moved(letter, State.FAILED, why)
        return
    try:
        connection = get_connection()
        message = _message(letter, connection)
        connection.open()
    except Exception as error:
        _give_back(letter, fault_before(error), last)
        return
    try:
        if _claimed(letter.row):
            _hand_over(letter, connection, message, last)
    finally:
        connection.close()


def _message(letter: Letter, connection: Any) -> EmailMessage:
    row, address = letter.row, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = EmailMessage(
        subject=row.subject, body=letter.body, from_email=formataddr((row.sender_name, address)), to=row.to,
        reply_to=[row.reply_to] if row.reply_to else None, headers={"Message-ID": row.message_id},
        connection=connection,
    )  # fmt: skip
    message.attach(*letter.pdf(), "application/pdf")
    message.message()  # a bad header is found now, not by the mail server
    return message


def _claimed(row: Any) -> bool:
    rows = type(row).objects.filter(pk=row.pk, state=State.WAITING)
    return bool(rows.update(state=State.SENDING, attempts=row.attempts + 1, error=""))


def _hand_over(letter: Letter, connection: Any, message: EmailMessage, last: bool) -> None:
    try:
        count = connection.send_messages([message])
    except Exception as error:
        fault = fault_during(error)
        if fault.certain:
            _give_back(letter, fault, last)
        else:
            _moved(letter, State.UNCERTAIN, fault.words)
        return
    refused = refused_of(connection, letter.row.to)
    if not count or len(refused) == len(letter.row.to):
        _give_back(letter, Fault(_("The mail server took it for none of the recipients.")), last)
        return
    _moved(letter, State.SENT, _("Refused for %(who)s.") % {"who": ", ".join(refused)} if refused else "")


def _give_back(letter: Letter, fault: Fault, last: bool) -> None:
    """Nothing was handed over: let it wait for the next attempt (raises `TryAgain`), or fail."""
    again = fault.temporary and not last
    _moved(letter, State.WAITING if again else State.FAILED, fault.words)
    if again:
        raise TryAgain


def _moved(letter: Letter, state: str, words: str) -> None:
    row = letter.row
    with transaction.atomic():
        sent_at = timezone.now() if state == State.SENT else None
        rows = type(row).objects.filter(pk=row.pk, state__in=[State.WAITING, State.SENDING])
        if not rows.update(state=state, error=words, sent_at=sent_at) or state == State.WAITING:
            return
        letter.note(state, words)
    logger.info("%s %s: %s", row._meta.label_lower, row.pk, state)

"""Handing a reminder over: made and greeted first, then claimed, then sent, then what came of it is kept.

Before the claim nothing has left; after it only a clear answer of the mail server says that nothing was taken.
"""

import logging
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.delivery.mailing import Fault, TryAgain, fault_before, fault_during
from receivables.billing.documents import plain_name
from receivables.core.events import record
from receivables.core.mail import refused_of
from receivables.core.operations import SystemActor
from receivables.credit_control.reminders.letters import reminder_pdf
from receivables.credit_control.reminders.models import Reminder

State = Reminder.State
logger = logging.getLogger("receivables.mail")


def deliver(reminder: Reminder, *, last: bool) -> None:
    """Hand a waiting reminder over. `last`: it is not tried again afterwards. Raises `TryAgain`."""
    if reminder.state == State.SENDING:
        # Only a dead worker leaves a claim behind: tasks of one reminder never run at the same time.
        _moved(reminder, State.UNCERTAIN, _("The worker was stopped while it handed the e-mail over."))
        return
    if reminder.state != State.WAITING:
        return
    try:
        connection = get_connection()
        message = _message(reminder, connection)
        connection.open()
    except Exception as error:
        _give_back(reminder, fault_before(error), last)
        return
    try:
        if _claimed(reminder):
            _hand_over(reminder, connection, message, last)
    finally:
        connection.close()


def _message(reminder: Reminder, connection: Any) -> EmailMessage:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = EmailMessage(
        subject=reminder.subject, body=reminder.body, from_email=formataddr((reminder.sender_name, address)),
        to=reminder.to, reply_to=[reminder.reply_to] if reminder.reply_to else None,
        headers={"Message-ID": reminder.message_id}, connection=connection,
    )  # fmt: skip
    name = f"{plain_name(reminder.process.account.number)}-{reminder.day.isoformat()}.pdf"
    message.attach(name, reminder_pdf(reminder), "application/pdf")
    message.message()  # a bad header is found now, not by the mail server
    return message


def _claimed(reminder: Reminder) -> bool:
    rows = Reminder.objects.filter(pk=reminder.pk, state=State.WAITING)
    return bool(rows.update(state=State.SENDING, attempts=reminder.attempts + 1, error=""))


def _hand_over(reminder: Reminder, connection: Any, message: EmailMessage, last: bool) -> None:
    try:
        count = connection.send_messages([message])
    except Exception as error:
        fault = fault_during(error)
        if fault.certain:
            _give_back(reminder, fault, last)
        else:
            _moved(reminder, State.UNCERTAIN, fault.words)
        return
    refused = refused_of(connection, reminder.to)
    if not count or len(refused) == len(reminder.to):
        _give_back(reminder, Fault(_("The mail server took it for none of the recipients.")), last)
        return
    _moved(reminder, State.SENT, _("Refused for %(who)s.") % {"who": ", ".join(refused)} if refused else "")


def _give_back(reminder: Reminder, fault: Fault, last: bool) -> None:
    """Nothing was handed over: let it wait for the next attempt (raises `TryAgain`), or fail."""
    again = fault.temporary and not last
    _moved(reminder, State.WAITING if again else State.FAILED, fault.words)
    if again:
        raise TryAgain


def _moved(reminder: Reminder, state: str, words: str) -> None:
    with transaction.atomic():
        sent_at = timezone.now() if state == State.SENT else None
        rows = Reminder.objects.filter(pk=reminder.pk, state__in=[State.WAITING, State.SENDING])
        if not rows.update(state=state, error=words, sent_at=sent_at) or state == State.WAITING:
            return
        actor = SystemActor(
            reminder.organization, str(reminder.created_by or _("Background")), frozenset(), reminder.created_by
        )
        account = reminder.process.account
        record(
            actor, f"reminder_{state}", reminder.process, about=[account, account.customer], reason=words,
            recipients=", ".join(reminder.to),
        )  # fmt: skip
    logger.info("reminder %s: %s", reminder.pk, state)

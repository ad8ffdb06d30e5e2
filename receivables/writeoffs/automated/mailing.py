"""Letters of processes by e-mail: written down with their event, handed over by the worker, tried again by a person."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from receivables.billing.delivery.letters import Letter, deliver_letter
from receivables.billing.delivery.models import SUBJECT_LENGTH, InvoiceMailText
from receivables.billing.delivery.operations import new_message_id
from receivables.billing.delivery.queries import delivery_of
from receivables.billing.delivery.texts import one_line
from receivables.billing.documents import languages, plain_name
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.jobs import defer_task
from receivables.core.operations import SystemActor, operation
from receivables.customers.holds import under_stay
from receivables.customers.models import Account
from receivables.writeoffs.automated.letters import letter_pdf
from receivables.writeoffs.automated.models import LetterMail, ProcessEvent, WriteOffProcess
from receivables.writeoffs.automated.processes import record_about
from receivables.writeoffs.automated.rules import REASONS, retry_letter_blocker

TASK = "automated.send_letter"
State = LetterMail.State


def recipients_of(event: ProcessEvent) -> list[str]:
    """To whom a letter goes by e-mail: where its template says so, the addresses to which invoices go. Nobody: it is
    printed and posted."""
    return list(delivery_of(event.process.account.customer).to) if event.by_email else []


def put_into_the_mail(actor: Any, event: ProcessEvent, to: list[str]) -> LetterMail:
    """Let the worker hand a letter over, once this transaction has committed."""
    customer, organization = event.process.account.customer, actor.organization
    language = customer.language if customer.language in languages() else organization.language
    sender = {each.language: each for each in InvoiceMailText.objects.of(actor)}
    own = sender.get(language) or sender.get(organization.language)
    with translation.override(language):
        subject = _("Your account %(account)s with %(organization)s") % {
            "account": event.process.account.number, "organization": organization.name,
        }  # fmt: skip
    mail = LetterMail.objects.create(
        organization=organization, event=event, to=to, subject=one_line(subject, SUBJECT_LENGTH),
        sender_name=one_line(own.sender_name if own and own.sender_name else organization.name, 100),
        reply_to=own.reply_to if own else "", message_id=new_message_id(), created_by=actor.user,
    )  # fmt: skip
    _defer(mail)
    return mail


@operation
def retry_letter(*, actor: Any, event: ProcessEvent) -> LetterMail:
    """Hand the e-mail of a letter over again that failed, or of which nobody knows, while its process goes on.
    `Refused`."""
    rows = ProcessEvent.objects.of(actor).select_related("process")
    lock_rows(Account.objects.of(actor), [rows.get(pk=event.pk).process.account_id])
    current = rows.get(pk=event.pk)
    mail = LetterMail.objects.of(actor).filter(event=current).first()
    ended = current.process.state != WriteOffProcess.State.ACTIVE
    refuse(retry_letter_blocker(state=mail.state if mail else "", ended=ended))
    assert mail is not None  # the rule refuses a letter without one
    mail.state, mail.error = State.WAITING, ""
    mail.save(update_fields=["state", "error"])
    _defer(mail)
    record_about(actor, "retry_letter", current.process, recipients=", ".join(mail.to))
    return mail


def _defer(mail: LetterMail) -> None:
    defer_task(TASK, queue="mail", lock=f"letter {mail.pk}", mail_id=mail.pk)


def deliver(mail: LetterMail, *, last: bool) -> None:
    """Hand a waiting letter over. `last`: it is not tried again afterwards. Raises `TryAgain`."""
    event = mail.event
    name = f"{plain_name(event.process.account.number)}-{event.done_on:%Y-%m-%d}.pdf"
    deliver_letter(
        Letter(
            mail, event.text, lambda: (name, letter_pdf(event)), lambda state, words: _note(mail, state, words),
            lambda: _barred(mail),
        ),
        last=last,
    )  # fmt: skip


def _barred(mail: LetterMail) -> str:
    """A petition may have been filed while it waited."""
    return str(REASONS["bankrupt"]) if under_stay(_actor(mail), [mail.event.process.account_id]) else ""


def _actor(mail: LetterMail) -> SystemActor:
    return SystemActor(mail.organization, str(mail.created_by or _("Background")), frozenset(), mail.created_by)


def _note(mail: LetterMail, state: str, words: str) -> None:
    record_about(_actor(mail), f"letter_{state}", mail.event.process, reason=words, recipients=", ".join(mail.to))

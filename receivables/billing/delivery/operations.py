"""Sending an invoice, again, retrying, confirming, noting what came back, and how a customer wants it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.delivery.models import CustomerDelivery, Dispatch, Method
from receivables.billing.delivery.queries import Sending, delivery_of, sending_of
from receivables.billing.delivery.rules import (
    confirm_dispatch_blocker,
    edit_delivery_blocker,
    internal_blocker,
    note_bounce_blocker,
    recipients_blocker,
    resend_invoice_blocker,
    retry_dispatch_blocker,
    send_invoice_blocker,
)
from receivables.billing.delivery.texts import mail_for
from receivables.billing.einvoice.billed import einvoice_saying
from receivables.billing.models import Invoice, Load
from receivables.core.access import lock_rows
from receivables.core.compiled import Arg, Compiled
from receivables.core.dates import local_day
from receivables.core.errors import Blocker, Refused, refuse, stale_blocker
from receivables.core.events import record
from receivables.core.jobs import defer_task
from receivables.core.operations import operation
from receivables.customers.models import Account, Customer

TASK = "billing.send_dispatch"
State = Dispatch.State


@dataclass(frozen=True)
class Letter:
    """An e-mail as a person or a setting wants it: to whom, in which words, with the PDF or the e-invoice or both."""

    to: Sequence[str]
    cc: Sequence[str]
    subject: str
    body: str
    sender_name: str = ""
    reply_to: str = ""
    language: str = ""
    attach_pdf: bool = True
    attach_xml: bool = False


def suggested_letter(actor: Any, sending: Sending) -> Letter:
    """The e-mail as the customer's settings and the organization's text have it. Only what was exported is attached."""
    delivery = delivery_of(sending.invoice.account.customer)
    mail = mail_for(actor, sending.invoice, sending.revision, delivery.language)
    return Letter(
        to=delivery.to, cc=delivery.cc, subject=mail.subject, body=mail.body, sender_name=mail.sender_name,
        reply_to=mail.reply_to, language=mail.language, attach_pdf=delivery.attach_pdf,
        attach_xml=delivery.attach_xml and einvoice_saying(sending.invoice, sending.revision) is not None,
    )  # fmt: skip


def locked_invoice(actor: Any, invoice_id: int, account_id: int) -> Sending:
    """Lock the account, which owns all its documents, then read the invoice anew."""
    lock_rows(Account.objects.of(actor), [account_id])
    return sending_of(actor, invoice_id)


def subjects_of(invoice: Invoice) -> list[Any]:
    """In whose history the sending of an invoice belongs: its loads, its account, its customer."""
    loads = list(Load.objects.filter(invoice=invoice).only("pk").order_by("pk"))
    return [*loads, invoice.account, invoice.account.customer]


@operation
def send_invoice(
    *, actor: Any, load: Load | None = None, invoice: Invoice | None = None, letter: Letter | None = None,
    method: str = Method.POST, internal_too: bool = False, seen: int | None = None,
) -> Invoice:  # fmt: skip
    """Send the current revision of an invoice, named by itself or by one of its loads.

    With a `letter` an e-mail is queued, and the invoice counts as sent once that was handed over. Without one it is
    noted that it went out another way (`method`), now. `seen` is the version of the load, or the revision of the
    invoice, that the person saw. Raises `Refused`.
    """
    sending = _located(actor, load, invoice, seen)
    refuse(send_invoice_blocker(sending.facts))
    refuse(internal_blocker(internal=sending.revision.internal, internal_too=internal_too))
    if letter is not None:
        queue_letter(actor, sending, letter, "queue_invoice")
        return sending.invoice
    if method not in (Method.POST, Method.PORTAL):
        raise Refused(Blocker("method", _("Choose how the invoice went out."), field="method"))
    note_sent(actor, _written(actor, sending, Letter([], [], "", "", attach_pdf=False), method, State.SENT))
    return sending.invoice


def _located(actor: Any, load: Load | None, invoice: Invoice | None, seen: int | None) -> Sending:
    if load is not None:
        lock_rows(Account.objects.of(actor), [load.account_id])
        current = Load.objects.of(actor).get(pk=load.pk)
        refuse(stale_blocker(current.version, seen))
        if current.invoice_id is None:
            raise Refused(Blocker("draft", _("Generate the invoice first.")))
        return sending_of(actor, current.invoice_id)
    if invoice is None:
        raise TypeError("name the invoice, or a load of it")
    sending = locked_invoice(actor, invoice.pk, invoice.account_id)
    refuse(stale_blocker(sending.revision.number, seen))
    return sending


@operation
def resend_invoice(*, actor: Any, invoice: Invoice, letter: Letter, seen: int | None = None) -> Dispatch:
    """Send the revision that the customer has once more, to whomever. When it was first sent stays as it was."""
    sending = _located(actor, None, invoice, seen)
    refuse(resend_invoice_blocker(sending.facts))
    return queue_letter(actor, sending, letter, "resend_invoice", again=True)


def queue_letter(
    actor: Any, sending: Sending, letter: Letter, event: str, *, again: bool = False, automatic: bool = False
) -> Dispatch:
    """Write an e-mail that waits, and its task: both exist exactly if the running transaction commits."""
    refuse(recipients_blocker(method=Method.EMAIL, to=letter.to))
    dispatch = _written(actor, sending, letter, Method.EMAIL, State.WAITING, again=again, automatic=automatic)
    _defer(dispatch)
    record(
        actor, event, sending.invoice, about=subjects_of(sending.invoice), revision=sending.revision.number,
        recipients=dispatch.recipients, automatic=automatic,
    )  # fmt: skip
    return dispatch


def _written(
    actor: Any, sending: Sending, letter: Letter, method: str, state: str, *, again: bool = False,
    automatic: bool = False,
) -> Dispatch:  # fmt: skip
    return Dispatch.objects.create(
        organization=actor.organization, invoice=sending.invoice, revision=sending.revision, method=method,
        to=list(letter.to), cc=list(letter.cc), subject=letter.subject, body=letter.body,
        sender_name=letter.sender_name, reply_to=letter.reply_to, language=letter.language,
        attach_pdf=letter.attach_pdf, attach_xml=letter.attach_xml, message_id=new_message_id(), again=again,
        automatic=automatic, state=state,
        sent_at=timezone.now() if state == State.SENT else None, sent_by=actor.user,
    )  # fmt: skip


def new_message_id() -> str:
    """A name that the mail keeps through every attempt, so that mail programs know a second copy for what it is."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid4().hex}@{domain}>"


def _defer(dispatch: Dispatch) -> None:
    defer_task(TASK, queue="mail", lock=f"dispatch {dispatch.pk}", dispatch_id=dispatch.pk)


def note_sent(actor: Any, dispatch: Dispatch) -> None:
    """A sending went out: the invoice counts as sent, unless this revision or a newer one was before."""
    invoice, number = dispatch.invoice, dispatch.revision.number
    first = invoice.sent_revision is None or invoice.sent_revision < number
    if first:
        invoice.sent_at, invoice.sent_revision = dispatch.sent_at, number
        invoice.save(update_fields=["sent_at", "sent_revision"])
    record(
        actor, "send_invoice" if first else "dispatch_sent", invoice, about=subjects_of(invoice), revision=number,
        method=str(dispatch.get_method_display()), recipients=dispatch.recipients,
    )  # fmt: skip


def locked_dispatch(actor: Any, dispatch: Dispatch) -> Dispatch:
    """Lock the account, then the sending, and read it with its invoice as both are now."""
    lock_rows(Account.objects.of(actor), [dispatch.invoice.account_id])
    lock_rows(Dispatch.objects.of(actor), [dispatch.pk])
    rows = Dispatch.objects.of(actor).select_related("invoice__account__customer", "invoice__organization", "revision")
    return rows.get(pk=dispatch.pk)


@operation
def retry_dispatch(*, actor: Any, dispatch: Dispatch) -> Dispatch:
    """Queue a failed e-mail again, unchanged; or one that is uncertain, at the risk that it arrives twice."""
    current = locked_dispatch(actor, dispatch)
    refuse(
        retry_dispatch_blocker(
            state=current.state, voided=current.invoice.voided_at is not None, newest=is_newest(current)
        )
    )
    before = current.state
    current.state, current.error = State.WAITING, ""
    current.save(update_fields=["state", "error"])
    _defer(current)
    _recorded(actor, "retry_dispatch", current, before=before)
    return current


def is_newest(dispatch: Dispatch) -> bool:
    """Whether nothing of the invoice was sent after this."""
    later = Dispatch.objects.filter(invoice_id=dispatch.invoice_id, pk__gt=dispatch.pk)
    return not later.exists()


@operation
def confirm_dispatch(*, actor: Any, dispatch: Dispatch) -> Dispatch:
    """A person found out that an uncertain e-mail did arrive: the invoice counts as sent."""
    current = locked_dispatch(actor, dispatch)
    refuse(confirm_dispatch_blocker(state=current.state, voided=current.invoice.voided_at is not None))
    current.state, current.error, current.sent_at = State.SENT, "", timezone.now()
    current.save(update_fields=["state", "error", "sent_at"])
    _recorded(actor, "confirm_dispatch", current)
    note_sent(actor, current)
    return current


@operation
def note_bounce(*, actor: Any, dispatch: Dispatch, bounced_on: date, reason: str) -> Dispatch:
    """Note that an e-mail came back. The invoice stays Invoiced; that the customer does not have it shows loudly."""
    current = locked_dispatch(actor, dispatch)
    sent_on = local_day(actor.organization, current.sent_at) if current.sent_at else None
    refuse(
        note_bounce_blocker(state=current.state, method=current.method, sent_on=sent_on, bounced_on=bounced_on)
    )  # fmt: skip
    if not reason.strip():
        raise Refused(Blocker("no_reason", _("Say what the returned mail says."), field="reason"))
    current.state, current.bounced_on, current.bounce_reason = State.BOUNCED, bounced_on, reason.strip()
    current.save(update_fields=["state", "bounced_on", "bounce_reason"])
    _recorded(actor, "note_bounce", current, reason=reason.strip())
    return current


def _recorded(actor: Any, name: str, dispatch: Dispatch, *, reason: str = "", before: str = "") -> None:
    data = {"before": {"state": before}, "after": {"state": dispatch.state}} if before else {}
    record(
        actor, name, dispatch.invoice, about=subjects_of(dispatch.invoice), reason=reason,
        revision=dispatch.revision.number, recipients=dispatch.recipients, **data,
    )  # fmt: skip


DELIVERY_FIELDS = ("method", "to", "cc", "language", "automatic", "attach_pdf", "attach_xml")


@operation
def edit_delivery(*, actor: Any, customer: Customer, seen: int | None = None, **changes: Any) -> CustomerDelivery:
    """Change how a customer wants invoices. Addresses are checked already; raises `Refused` for what can't go together.

    `seen` is the version that the person saw, 0 where nothing had been chosen.
    """
    unknown = set(changes) - set(DELIVERY_FIELDS)
    if unknown:
        raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
    locked = lock_rows(Customer.objects.of(actor), [customer.pk])[0]
    current = delivery_of(locked)
    refuse(stale_blocker(current.version, seen))
    before = {name: getattr(current, name) for name in DELIVERY_FIELDS}
    wanted = {**before, **changes}
    refuse(
        edit_delivery_blocker(
            method=wanted["method"], to=wanted["to"], cc=wanted["cc"], automatic=wanted["automatic"]
        )
    )  # fmt: skip
    for name, value in changes.items():
        setattr(current, name, value)
    current.version += 1
    # What the row belongs to may not be written again.
    current.save(update_fields=["version", *changes] if current.pk else None)
    changed = [name for name, value in changes.items() if before[name] != value]
    record(
        actor, "edit_delivery", locked, before={name: _plain(before[name]) for name in changed},
        after={name: _plain(changes[name]) for name in changed},
    )  # fmt: skip
    return current


def _plain(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


AUTOMATIC = Compiled(
    lambda: CustomerDelivery.objects.filter(
        automatic=True, method=Method.EMAIL, customer__accounts=Arg("account")
    ).values_list("pk")
)


def send_when_generated(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a generated invoice, in its transaction: e-mail it at once where the customer's settings say so."""
    if not AUTOMATIC.fetch(account=subject.account_id):
        return
    sending = sending_of(actor, subject.pk)
    letter = suggested_letter(actor, sending)
    if letter.to:
        queue_letter(actor, sending, letter, "queue_invoice", automatic=True)

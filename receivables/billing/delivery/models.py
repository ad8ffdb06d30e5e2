"""How customers want their invoices, the words of the mails, and every sending with what became of it."""

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.formats import Language
from receivables.billing.delivery.addresses import LONGEST_ADDRESS
from receivables.core.models import OrganizationModel

SUBJECT_LENGTH = 200
BODY_LENGTH = 5_000
# What no header may hold: a new line in a subject or a name would begin a header of somebody else's choice.
CONTROL = r"[\x01-\x1f\x7f]"


class Method(models.TextChoices):
    """How an invoice reaches the customer."""

    EMAIL = "email", _("E-mail")
    POST = "post", _("Print and post")
    PORTAL = "portal", _("Customer's portal")


def addresses_field(label: Any, **kwargs: Any) -> ArrayField:
    return ArrayField(
        models.CharField(max_length=LONGEST_ADDRESS), verbose_name=label, default=list, blank=True, **kwargs
    )  # fmt: skip


class CustomerDelivery(OrganizationModel):
    """How a customer wants invoices. Without a row: by e-mail to the customer's own address, if there is one."""

    customer = models.OneToOneField("customers.Customer", on_delete=models.PROTECT, related_name="delivery")
    method = models.CharField(_("method"), max_length=8, choices=Method, default=Method.EMAIL)
    to = addresses_field(_("to"), db_column="mail_to")  # TO is a word of SQL
    cc = addresses_field(_("copy to"))
    language = models.CharField(_("language of the mail"), max_length=5, choices=Language, blank=True)
    automatic = models.BooleanField(_("send when generated"), default=False)
    attach_pdf = models.BooleanField(_("attach the PDF"), default=True)
    attach_xml = models.BooleanField(_("attach the e-invoice"), default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_method_display()}"

    @property
    def goes_by_itself(self) -> bool:
        """Whether an invoice is e-mailed as soon as it is generated."""
        return bool(self.automatic and self.method == Method.EMAIL and self.to)


@pghistory.track()
class InvoiceMailText(OrganizationModel):
    """What an e-mail with an invoice says in one language, whom it comes from, and where answers go."""

    language = models.CharField(_("language"), max_length=5, choices=Language)
    sender_name = models.CharField(
        _("sender name"), max_length=100, blank=True, help_text=_("Empty: the organization's name.")
    )
    reply_to = models.EmailField(
        _("replies to"), blank=True, help_text=_("Empty: answers go to the address that the site sends from.")
    )
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH)
    body = models.TextField(_("text"), max_length=BODY_LENGTH)

    class Meta:
        verbose_name = _("invoice e-mail")
        verbose_name_plural = _("invoice e-mails")
        constraints = [
            models.UniqueConstraint(fields=["organization", "language"], name="invoice_mail_once_per_language"),
            models.CheckConstraint(
                condition=~models.Q(subject__regex=CONTROL) & ~models.Q(sender_name__regex=CONTROL),
                name="invoice_mail_headers_in_one_line",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_language_display())


class Dispatch(OrganizationModel):
    """One sending of one revision: an e-mail with its state, or the note that it went out another way.

    Waiting → Sending → Sent, Partly (the mail server refused some of the recipients), Failed (Retry makes it wait
    again) or Uncertain: the worker was lost in the moment of handing over, so nobody knows. A mail that came back is
    Bounced.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        PARTLY = "partly", _("Sent to some")
        FAILED = "failed", _("Failed")
        UNCERTAIN = "uncertain", _("Uncertain")
        BOUNCED = "bounced", pgettext_lazy("e-mail", "Bounced")

    invoice = models.ForeignKey("billing.Invoice", on_delete=models.PROTECT, related_name="dispatches")
    revision = models.ForeignKey("billing.Revision", on_delete=models.PROTECT, related_name="+", db_index=False)
    method = models.CharField(max_length=8, choices=Method)
    to = addresses_field(_("to"), db_column="mail_to")  # TO is a word of SQL
    cc = addresses_field(_("copy to"))
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True)
    body = models.TextField(max_length=BODY_LENGTH, blank=True)
    sender_name = models.CharField(max_length=150, blank=True)
    reply_to = models.EmailField(blank=True)
    language = models.CharField(max_length=5, blank=True)
    attach_pdf = models.BooleanField(default=True)
    attach_xml = models.BooleanField(default=False, db_default=False)
    message_id = models.CharField(max_length=120, unique=True)
    automatic = models.BooleanField(default=False)
    again = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    bounced_on = models.DateField(null=True)
    bounce_reason = models.CharField(max_length=500, blank=True)
    sent_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sending")
        verbose_name_plural = _("sendings")
        constraints = [
            models.UniqueConstraint(
                fields=["revision"], condition=models.Q(state__in=["waiting", "sending"]), name="dispatch_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["sent", "partly", "bounced"], sent_at__isnull=False)
                | (~models.Q(state__in=["sent", "partly", "bounced"]) & models.Q(sent_at__isnull=True)),
                name="dispatch_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="bounced", bounced_on__isnull=False)
                | (~models.Q(state="bounced") & models.Q(bounced_on__isnull=True)),
                name="dispatch_bounced_has_its_day",
            ),
            models.CheckConstraint(
                condition=~models.Q(method="email") | ~models.Q(to=[]), name="dispatch_mail_has_a_recipient"
            ),
            models.CheckConstraint(
                condition=~models.Q(subject__regex=CONTROL) & ~models.Q(sender_name__regex=CONTROL),
                name="dispatch_headers_in_one_line",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "invoice"], condition=~models.Q(state="sent"), name="dispatch_not_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        return self.invoice.get_absolute_url()

    @property
    def recipients(self) -> str:
        """All addresses, as they stand in a sentence."""
        return ", ".join([*self.to, *self.cc])

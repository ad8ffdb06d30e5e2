"""The e-mail of a letter of a process, and what became of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.billing.delivery.addresses import LONGEST_ADDRESS
from receivables.billing.delivery.models import CONTROL, SUBJECT_LENGTH
from receivables.core.models import MadeModel


class LetterMail(MadeModel):
    """One letter that leaves by e-mail with its PDF; its words are those of its event.

    It waits, is being sent, and is then sent, failed, or uncertain: the worker was lost while it handed the mail over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNCERTAIN = "uncertain", _("Uncertain")

    event = models.OneToOneField(
        "automated.ProcessEvent", on_delete=models.PROTECT, related_name="mail", db_constraint=False
    )
    to = ArrayField(models.CharField(max_length=LONGEST_ADDRESS), db_column="mail_to")
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    sender_name = models.CharField(max_length=150, blank=True, default="")
    reply_to = models.EmailField(blank=True, default="")
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("e-mail of a letter")
        verbose_name_plural = _("e-mails of letters")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
                name="letter_mail_sent_has_its_time",
            ),
            models.CheckConstraint(condition=~models.Q(to=[]), name="letter_mail_has_a_recipient"),
            models.CheckConstraint(
                condition=~models.Q(subject__regex=CONTROL) & ~models.Q(sender_name__regex=CONTROL),
                name="letter_mail_headers_in_one_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        return reverse("write_off_process", args=[self.event.process_id])

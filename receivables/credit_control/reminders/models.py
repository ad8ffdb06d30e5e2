"""A reminder as it was written, and what became of its e-mail."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.billing.delivery.addresses import LONGEST_ADDRESS
from receivables.billing.delivery.models import BODY_LENGTH, CONTROL, SUBJECT_LENGTH
from receivables.core.dates import day_words
from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel
from receivables.credit_control.monitor.models import CollectionProcess, Step


class Reminder(MadeModel):
    """One letter of a process. `rows` are the invoices as the letter lists them, `less` what is taken off their sum.

    An e-mail waits, is being sent, and is then sent, failed, or uncertain: the worker was lost while it handed the
    mail over. One that is posted counts as sent at once.
    """

    class Method(models.TextChoices):
        EMAIL = "email", _("E-mail")
        POST = "post", _("Print and post")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNCERTAIN = "uncertain", _("Uncertain")

    process = models.ForeignKey(
        CollectionProcess, on_delete=models.PROTECT, related_name="reminders", db_constraint=False
    )
    step = models.PositiveSmallIntegerField(choices=Step)
    day = models.DateField()
    currency = CurrencyField()
    amount = MoneyField()
    less = MoneyField(default=0)
    rows = models.JSONField(default=list)
    method = models.CharField(max_length=8, choices=Method)
    to = ArrayField(models.CharField(max_length=LONGEST_ADDRESS), default=list, blank=True, db_column="mail_to")
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    body = models.TextField(max_length=BODY_LENGTH)
    language = models.CharField(max_length=5)
    sender_name = models.CharField(max_length=150, blank=True, default="")
    reply_to = models.EmailField(blank=True, default="")
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["process"], condition=models.Q(state__in=["waiting", "sending"]), name="reminder_one_at_a_time"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="reminder_asks_for_something"),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
                name="reminder_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(method="email") | ~models.Q(to=[]), name="reminder_mail_has_a_recipient"
            ),
            models.CheckConstraint(
                condition=~models.Q(subject__regex=CONTROL) & ~models.Q(sender_name__regex=CONTROL),
                name="reminder_headers_in_one_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {day_words(self.day)}"

    def get_absolute_url(self) -> str:
        return reverse("collection_process", args=[self.process_id])

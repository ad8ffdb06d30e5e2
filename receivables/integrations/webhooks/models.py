"""Where webhooks go, what is to be told there, and every attempt at telling it."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.models import OrganizationModel


@pghistory.track(exclude=["secrets", "previous_until", "shown_at"])
class Endpoint(OrganizationModel):
    """An address of the organization's that is told what happens. `types` empty: everything.

    `secrets` are encrypted: the one that signs, and after a rotation the one before, which signs as well until
    `previous_until`. `shown_at`: when the present one was shown, which happens once.
    """

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        DISABLED = "disabled", _("Disabled")

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=500)
    types = ArrayField(models.CharField(max_length=40), verbose_name=_("events"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LIVE)
    problem = models.TextField(_("problem"), blank=True, default="")
    secrets = models.TextField(blank=True, default="")
    previous_until = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [models.UniqueConstraint("organization", Upper("name"), name="webhook_name_once")]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("webhook", args=[self.pk])


class Pending(models.Model):
    """An event that webhooks may follow from, put here by the database with the event, taken away once looked at."""

    event_id = models.BigIntegerField(primary_key=True)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("event to be told")
        verbose_name_plural = _("events to be told")

    def __str__(self) -> str:
        return str(self.event_id)


class Message(OrganizationModel):
    """One event for one endpoint. `payload` is the body as it is signed and sent, each time the same.

    `subject` is the document, "app.model:id": its messages arrive in the order of their events.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="messages", db_index=False)
    webhook_id = models.CharField(max_length=40, unique=True)
    event_id = models.BigIntegerField(null=True)
    type = models.CharField(_("event"), max_length=40)
    subject = models.CharField(max_length=80)
    reference = models.CharField(_("document"), max_length=80, blank=True, default="")
    payload = models.TextField()
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.QUEUED)
    tries = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True)

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        constraints = [models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhook_message_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "subject", "id"], condition=models.Q(state="queued"), name="webhook_message_queue"
            ),
            models.Index(fields=["organization", "-id"], name="webhook_message_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.reference}"

    def get_absolute_url(self) -> str:
        return reverse("webhook_message", args=[self.pk])


class Call(OrganizationModel):
    """One attempt: what was sent, without its signature, and what came back, cut short. Never changed."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="calls")
    request = models.TextField()
    response = models.TextField(blank=True, default="")
    status = models.CharField(max_length=20)
    delivered = models.BooleanField()
    milliseconds = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")

    def __str__(self) -> str:
        return f"{self.message_id} {self.status}"

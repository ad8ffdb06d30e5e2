"""What was seen over there: how far a connection was looked through, and each change that a person decides about."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel
from receivables.integrations.models import Connection, Delivery


class Watch(OrganizationModel):
    """How far the changes of a connection were looked through. `problem` says why not further; `position` is where a
    look stands that a program over there brings page by page."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="watches", db_index=False)
    since = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")
    position = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("watch over a connection")
        verbose_name_plural = _("watches over connections")
        constraints = [models.UniqueConstraint(fields=["organization", "connection"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.since}"


class IncomingChange(OrganizationModel):
    """One document over there as it was seen last: a payment that we do not have, or one of ours that differs.

    `applied` are our invoices that the payment is for over there: `{"invoice": id, "amount": "950.00"}`.
    """

    class What(models.TextChoices):
        PAYMENT = "payment", _("Payment recorded over there")
        CHANGED = "changed", _("Changed over there")
        DELETED = "deleted", _("Deleted over there")

    class State(models.TextChoices):
        OPEN = "open", _("To be decided")
        ACCEPTED = "accepted", _("Recorded here")
        DISMISSED = "dismissed", _("Dismissed")
        GONE = "gone", _("Gone over there")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="incoming", db_index=False)
    entity = models.CharField(max_length=12)
    remote_id = models.CharField(max_length=60)
    remote_version = models.CharField(max_length=60, blank=True, default="")
    what = models.CharField(_("what"), max_length=10, choices=What)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.OPEN)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(
        "collections.Payment", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    date = models.DateField(_("date"), null=True)
    currency = CurrencyField(_("currency"))
    amount = MoneyField(_("amount"), default=0)
    applied = models.JSONField(default=list)
    message = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    seen_at = models.DateTimeField(_("seen"), default=timezone.now)

    class Meta:
        verbose_name = _("change over there")
        verbose_name_plural = _("changes over there")
        constraints = [
            models.UniqueConstraint(fields=["connection", "entity", "remote_id"], name="incoming_change_once"),
            models.CheckConstraint(
                condition=~models.Q(state="accepted") | models.Q(payment__isnull=False),
                name="incoming_accepted_is_paid",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "-id"], name="incoming_change_state")]

    def __str__(self) -> str:
        return self.reference or f"{self.get_what_display()} {self.remote_id}"

    def get_absolute_url(self) -> str:
        return reverse("incoming_change", args=[self.pk])

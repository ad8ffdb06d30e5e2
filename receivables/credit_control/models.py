"""Chasing what is owed: what a customer disputes. The debt monitor has files of its own."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from receivables.collections.wizard.models import ShortPaymentReason
from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel
from receivables.credit_control.monitor.models import (  # noqa: F401  tables of this package
    CollectionCriterion,
    CollectionProcess,
    MonitorResult,
    MonitorRun,
)
from receivables.credit_control.plans.models import Plan, PlanItem  # noqa: F401  tables of this package
from receivables.credit_control.reminders.models import Reminder  # noqa: F401  tables of this package


class Dispute(OrganizationModel):
    """A part of an invoice that the customer refuses, with the reason. It moves no money and changes no status: while
    it is open the invoice is held from reminders. Never deleted; closed once, with what came of it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("dispute", "Open")
        RESOLVED = "resolved", _("Resolved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("The customer is right")
        PARTLY = "partly", _("The customer is partly right")
        REJECTED = "rejected", _("The customer is not right")
        WITHDRAWN = "withdrawn", _("The customer withdrew it")

    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="disputes", db_constraint=False
    )
    load = models.ForeignKey(
        "billing.Load", null=True, on_delete=models.PROTECT, related_name="disputes", db_constraint=False
    )
    currency = CurrencyField()
    amount = MoneyField(_("disputed amount"))
    why = models.CharField(_("reason"), max_length=12, choices=ShortPaymentReason)
    note = models.TextField(_("note"), blank=True, default="")
    next_step_on = models.DateField(_("next step on"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, default="")
    outcome = models.TextField(_("what came of it"), blank=True, default="")
    opened_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="dispute_above_zero"),
            models.CheckConstraint(
                condition=models.Q(state="open", decision="", closed_at__isnull=True)
                | (~models.Q(state="open") & ~models.Q(decision="") & models.Q(closed_at__isnull=False)),
                name="dispute_closed_with_decision",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "invoice"], condition=models.Q(state="open"), name="dispute_open")
        ]

    def __str__(self) -> str:
        return f"{_('Dispute')} {self.invoice}"

    def get_absolute_url(self) -> str:
        return f"{reverse('invoice', args=[self.invoice_id])}#disputes"

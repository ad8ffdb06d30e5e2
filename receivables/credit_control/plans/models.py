"""A plan of an agreement, and the debt that an arrangement covers."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel


class Plan(MadeModel):
    """How an agreement's current balance leaves its payoff balance (documented: they differ for budgets and payment
    arrangements). The payoff stays where it is; only what is asked for now moves.

    A *budget* asks for an equal `amount` every so many months; actual charges raise the payoff alone. An
    *arrangement* defers debt that is there (`total`) and asks for it in `instalments`. `asked` counts what was asked
    for so far. One at a time; what ended stays.
    """

    class Kind(models.TextChoices):
        BUDGET = "budget", _("Budget")
        ARRANGEMENT = "arrangement", _("Payment arrangement")

    class Ended(models.TextChoices):
        KEPT = "kept", _("Kept: all of it was paid")
        BROKEN = "broken", _("Broken: an instalment was not paid in time")
        CANCELLED = "cancelled", _("Cancelled")
        STOPPED = "stopped", _("Service stopped")
        WRITTEN_OFF = "written_off", _("The debt was written off")

    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="plans", db_constraint=False
    )
    kind = models.CharField(max_length=12, choices=Kind)
    currency = CurrencyField()
    amount = MoneyField(null=True)
    total = MoneyField(null=True)
    instalments = models.PositiveSmallIntegerField(null=True)
    every_months = models.PositiveSmallIntegerField(default=1)
    first_due = models.DateField()
    grace_days = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0)
    # The newest movement of the agreement that a budget has looked at.
    seen_movement = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True, default="")
    ended_on = models.DateField(null=True)
    ended_because = models.CharField(max_length=12, choices=Ended, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("budget or payment arrangement")
        verbose_name_plural = _("budgets and payment arrangements")
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"], condition=models.Q(ended_on__isnull=True), name="plan_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="budget", amount__gt=0, total__isnull=True, instalments__isnull=True)
                | models.Q(kind="arrangement", amount__isnull=True, total__gt=0, instalments__range=(1, 120)),
                name="plan_says_how_much",
            ),
            models.CheckConstraint(condition=models.Q(every_months__range=(1, 12)), name="plan_asks_every_so_often"),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True, ended_because="")
                | (models.Q(ended_on__isnull=False) & ~models.Q(ended_because="")),
                name="plan_ends_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(instalments__isnull=True) | models.Q(asked__lte=models.F("instalments")),
                name="plan_asks_no_more_than_all",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], condition=models.Q(ended_on__isnull=True), name="plan_active")
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return f"{reverse('agreement', args=[self.agreement_id])}#plan"


class PlanItem(OrganizationModel):
    """A debt that an arrangement covers, with what was open of it then. Never changed."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="items", db_index=False)
    open_item = models.ForeignKey("ledger.OpenItem", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    currency = CurrencyField()
    amount = MoneyField()

    class Meta:
        verbose_name = _("debt of an arrangement")
        verbose_name_plural = _("debts of arrangements")
        constraints = [
            models.UniqueConstraint(fields=["plan", "open_item"], name="plan_item_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="plan_item_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.open_item_id}: {self.amount}"

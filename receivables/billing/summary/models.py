"""What of a settlement belongs to which load, and when a customer's loads are summed up."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel


class LoadShare(MadeModel):
    """A part of one settlement of a summary invoice that belongs to a load; what is not said belongs to no load yet.

    Never changed: another split adds rows, also negative ones. It lives as long as its settlement does.
    """

    allocation = models.ForeignKey(
        "ledger.Allocation", on_delete=models.PROTECT, related_name="load_shares", db_constraint=False
    )
    load = models.ForeignKey("billing.Load", on_delete=models.PROTECT, related_name="shares", db_constraint=False)
    currency = CurrencyField()
    amount = MoneyField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="load_share_not_zero")]

    def __str__(self) -> str:
        return f"{self.load_id}: {self.amount}"


class Frequency(models.TextChoices):
    WEEKLY = "weekly", _("Every week")
    FORTNIGHTLY = "fortnightly", _("Every two weeks")
    MONTHLY = "monthly", _("Every month")


@pghistory.track()
class SummarySchedule(OrganizationModel):
    """When a customer's delivered loads are put on summary invoices. `next_date` is the day of the next run; on it
    the loads delivered before it are billed."""

    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.PROTECT, related_name="summary_schedule", db_constraint=False
    )
    frequency = models.CharField(_("frequency"), max_length=12, choices=Frequency)
    next_date = models.DateField(_("next summary invoice on"))
    # The day of the month that a monthly schedule returns to: 31 is the last day of every month.
    day_of_month = models.PositiveSmallIntegerField(default=1)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("schedule of summary invoices")
        verbose_name_plural = _("schedules of summary invoices")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(day_of_month__gte=1, day_of_month__lte=31), name="summary_schedule_day_of_month"
            )
        ]

    def __str__(self) -> str:
        return str(self.customer)

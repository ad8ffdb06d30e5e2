"""Recurring and one-off charges of agreements, the periods that were billed, and the billing runs."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.dates import day_words
from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel


class AgreementCharge(MadeModel):
    """What an agreement is billed by itself: every so many months behind the period, or once. The type gives words,
    tax and GL account. The amount of a period is fixed; another amount is another charge."""

    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="charges", db_constraint=False
    )
    type = models.ForeignKey(
        "billing.AccessorialType", on_delete=models.PROTECT, related_name="+", verbose_name=_("type")
    )
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    note = models.CharField(_("note"), max_length=120, blank=True, default="")
    # Empty: billed once, on its first day.
    every_months = models.PositiveSmallIntegerField(_("every so many months"), null=True, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    billed_through = models.DateField(null=True)
    cancelled = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("charge of an agreement")
        verbose_name_plural = _("charges of agreements")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="agreement_charge_above_zero"),
            models.CheckConstraint(
                condition=models.Q(every_months__isnull=True) | models.Q(every_months__range=(1, 60)),
                name="agreement_charge_every_so_often",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="agreement_charge_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled=False) | models.Q(billed_through__isnull=True),
                name="agreement_charge_cancelled_unbilled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "agreement"],
                condition=models.Q(cancelled=False),
                name="agreement_charge_live",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type.name}: {self.note}" if self.note else str(self.type.name)

    def get_absolute_url(self) -> str:
        return reverse("agreement", args=[self.agreement_id])


class BilledPeriod(OrganizationModel):
    """A period of a charge that stands on a load and by it on an invoice. Billed once: the database refuses a second
    period that begins on the same day or overlaps. A voided invoice leaves its load, which can be billed anew."""

    charge = models.ForeignKey(
        AgreementCharge, on_delete=models.PROTECT, related_name="periods", db_index=False, db_constraint=False
    )
    load = models.ForeignKey("billing.Load", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    first_day = models.DateField()
    last_day = models.DateField()
    currency = CurrencyField()
    amount = MoneyField()
    final = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("billed period")
        verbose_name_plural = _("billed periods")
        constraints = [
            models.UniqueConstraint(fields=["charge", "first_day"], name="billed_period_once"),
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="billed_period_has_days"
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="billed_period_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id} {self.first_day} – {self.last_day}"


class BillingRun(MadeModel):
    """One billing of everything that is due up to a day. Never changed; `job` is the work that runs or ran last."""

    cut_off = models.DateField(_("due up to"))
    issue_date = models.DateField(_("issue date"))
    job = models.ForeignKey(
        "core.Job", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("billing run")
        verbose_name_plural = _("billing runs")
        indexes = [models.Index(fields=["organization", "-id"], name="billing_run_newest")]

    def __str__(self) -> str:
        return str(_("Billing up to %(day)s") % {"day": day_words(self.cut_off)})

    def get_absolute_url(self) -> str:
        return reverse("billing_run", args=[self.pk])


class BillingRunItem(OrganizationModel):
    """An agreement of a run and what became of it, written in the transaction that bills it. `message` says in words
    why it was passed over or failed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        BILLED = "billed", _("Billed")
        CLOSED = "closed", _("Nothing left to bill")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(
        BillingRun, on_delete=models.PROTECT, related_name="items", db_index=False, db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = CurrencyField()
    amount = MoneyField()
    final = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")
    invoice = models.OneToOneField(
        "billing.Invoice", null=True, on_delete=models.PROTECT, related_name="billed_by", db_constraint=False
    )
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("agreement of a billing run")
        verbose_name_plural = _("agreements of billing runs")
        constraints = [
            models.UniqueConstraint(fields=["run", "agreement"], name="billing_run_item_once"),
            models.CheckConstraint(
                condition=models.Q(state="billed", invoice__isnull=False)
                | (~models.Q(state="billed") & models.Q(invoice__isnull=True)),
                name="billing_run_item_billed_by_an_invoice",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["skipped", "failed"]) | ~models.Q(message=""),
                name="billing_run_item_says_why",
            ),
        ]
        indexes = [models.Index(fields=["run", "state", "id"], name="billing_run_item_state")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.state}"

"""Collection criteria, the runs of the debt monitor with what they found, and the processes that they start."""

import pghistory
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.dates import day_words
from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel
from receivables.customers.models import CollectionClass, DebtClass


class Step(models.IntegerChoices):
    """How far chasing has come. A process only ever goes up."""

    FIRST = 1, _("First reminder")
    SECOND = 2, _("Second reminder")
    FINAL = 3, _("Final demand")


@pghistory.track()
class CollectionCriterion(OrganizationModel):
    """When debt of a class, on accounts of a collection class, is chased, and how. Of several the first that is met
    wins, the lowest priority number first (documented: collection class × debt class, by priority)."""

    collection_class = models.ForeignKey(
        CollectionClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("collection class")
    )
    debt_class = models.ForeignKey(DebtClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("debt class"))
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=50, help_text=_("The lowest number is tried first; the first one that is met wins.")
    )
    currency = CurrencyField(_("currency"))
    minimum_amount = MoneyField(
        _("at least"), help_text=_("How much must be overdue that long before anybody is chased.")
    )
    minimum_age = models.PositiveSmallIntegerField(
        _("days overdue"), default=1, help_text=_("Only what is overdue for at least so many days is counted.")
    )
    step = models.PositiveSmallIntegerField(_("step"), choices=Step, default=Step.FIRST)
    late_fee = MoneyField(
        _("late fee"), null=True, blank=True,
        help_text=_("Charged once when a process reaches this step; the next billing run bills it. Empty: none."),
    )  # fmt: skip
    late_fee_type = models.ForeignKey(
        "billing.AccessorialType", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("charged as"),
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("collection criterion")
        verbose_name_plural = _("collection criteria")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "collection_class", "debt_class", "currency", "priority"],
                name="criterion_priority_once",
            ),
            models.CheckConstraint(condition=models.Q(minimum_amount__gt=0), name="criterion_amount_above_zero"),
            models.CheckConstraint(condition=models.Q(minimum_age__gte=1), name="criterion_is_about_overdue_debt"),
            models.CheckConstraint(
                condition=models.Q(late_fee__isnull=True, late_fee_type__isnull=True)
                | models.Q(late_fee__gt=0, late_fee_type__isnull=False),
                name="criterion_fee_names_its_charge",
            ),
        ]

    def __str__(self) -> str:
        words = {"step": self.get_step_display(), "priority": self.priority}
        return str(_("%(step)s, priority %(priority)s") % words)


class MonitorRun(MadeModel):
    """One run of the debt monitor over all accounts. `job` does the work; the daily one has nobody who asked for it.

    `reviewed` counts the accounts that were looked at: those with something overdue or a process under way.
    """

    day = models.DateField()
    daily = models.BooleanField(default=False)
    reviewed = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(
        "core.Job", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("run of the debt monitor")
        verbose_name_plural = _("runs of the debt monitor")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day"], condition=models.Q(daily=True), name="monitor_run_daily_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="monitor_run_newest")]

    def __str__(self) -> str:
        return str(_("Review of %(day)s") % {"day": day_words(self.day)})

    def get_absolute_url(self) -> str:
        return reverse("monitor_run", args=[self.pk])


class CollectionProcess(MadeModel):
    """Debt of one class and currency on an account that is being chased: an entry of the worklist.

    It begins and rises by the criteria, and ends when they are met no more. One at a time; what ended stays.
    """

    class Ended(models.TextChoices):
        PAID = "paid", _("Nothing is overdue any more")
        BELOW = "below", _("What is overdue is too little or too new")
        DISPUTED = "disputed", _("All that is overdue is disputed")
        IMMUNE = "immune", _("The debt class is not subject to collection any more")
        BANKRUPT = "bankrupt", _("A petition in bankruptcy was filed")
        NO_CRITERIA = "no_criteria", _("No criteria apply any more")

    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="collection_processes", db_constraint=False
    )
    debt_class = models.ForeignKey(DebtClass, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = CurrencyField()
    step = models.PositiveSmallIntegerField(choices=Step)
    amount = MoneyField()
    oldest_due = models.DateField()
    started_on = models.DateField()
    raised_on = models.DateField()
    ended_on = models.DateField(null=True)
    ended_because = models.CharField(max_length=12, choices=Ended, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("collection process")
        verbose_name_plural = _("collection processes")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "debt_class", "currency"],
                condition=models.Q(ended_on__isnull=True),
                name="collection_process_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True, ended_because="")
                | (models.Q(ended_on__isnull=False) & ~models.Q(ended_because="")),
                name="collection_process_ends_for_a_reason",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="collection_process_about_something"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "-step", "-id"],
                condition=models.Q(ended_on__isnull=True),
                name="collection_process_active",
            )
        ]

    def __str__(self) -> str:
        return str(_("Collection of %(account)s") % {"account": self.account.number})

    def get_absolute_url(self) -> str:
        return reverse("collection_process", args=[self.pk])


class MonitorResult(OrganizationModel):
    """What a run found about the debt of one class and currency on an account. Never changed.

    `amount` is what counted (for a skip: what was left alone), `code` names the reason of a skip or an end.
    """

    class Outcome(models.TextChoices):
        STARTED = "started", _("Started")
        RAISED = "raised", _("Raised")
        GOING_ON = "going_on", _("Going on")
        ENDED = "ended", _("Ended")
        SKIPPED = "skipped", _("Left alone")

    run = models.ForeignKey(MonitorRun, on_delete=models.PROTECT, related_name="results", db_index=False)
    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    debt_class = models.ForeignKey(DebtClass, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = CurrencyField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    code = models.CharField(max_length=20, blank=True, default="")
    amount = MoneyField()
    days = models.PositiveIntegerField(default=0)
    step = models.PositiveSmallIntegerField(choices=Step, null=True)
    process = models.ForeignKey(
        CollectionProcess, null=True, on_delete=models.PROTECT, related_name="results", db_constraint=False
    )

    class Meta:
        verbose_name = _("result of the debt monitor")
        verbose_name_plural = _("results of the debt monitor")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "account", "debt_class", "currency"], name="monitor_result_once_per_run"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["ended", "skipped"]) & ~models.Q(code="")
                | models.Q(outcome__in=["started", "raised", "going_on"], code="", process__isnull=False),
                name="monitor_result_says_why",
            ),
        ]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="monitor_result_outcome")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.outcome}"

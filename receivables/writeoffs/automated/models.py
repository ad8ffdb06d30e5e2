"""Runs of the monitor and the activator, the processes, and what came of them. Settings are in `settings_models.py`."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.dates import day_words
from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel
from receivables.writeoffs.automated.kinds import EventDetails
from receivables.writeoffs.automated.mail_models import LetterMail
from receivables.writeoffs.automated.settings_models import (
    CollectionAgency,
    ProcessTemplate,
    TemplateEvent,
    WriteOffControl,
    WriteOffCriterion,
)

__all__ = [
    "CollectionAgency", "LetterMail", "ProcessTemplate", "TemplateEvent", "WriteOffControl", "WriteOffCriterion",
]  # fmt: skip


class AutomatedRun(MadeModel):
    """One run of the monitor or of the activator. The daily one has nobody who asked for it.

    `reviewed` counts what was looked at: accounts by the monitor, events by the activator.
    """

    class Work(models.TextChoices):
        MONITOR = "monitor", _("Monitor")
        ACTIVATOR = "activator", _("Activator")

    work = models.CharField(max_length=10, choices=Work)
    day = models.DateField()
    daily = models.BooleanField(default=False)
    reviewed = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(
        "core.Job", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("run of the automated write-off")
        verbose_name_plural = _("runs of the automated write-off")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "work", "day"], condition=models.Q(daily=True), name="automated_run_daily_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="automated_run_newest")]

    def __str__(self) -> str:
        return str(_("%(work)s of %(day)s") % {"work": self.get_work_display(), "day": day_words(self.day)})

    def get_absolute_url(self) -> str:
        return reverse("automated_run", args=[self.pk])


class WriteOffProcess(MadeModel):
    """Debt of one control on an account on its way to being written off: agreements, and dated events.

    Active until its last agreement has left (the database sees to that, in the transaction in which it closes), its
    last event is over, or somebody cancels it. What ended stays.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")

    class Ended(models.TextChoices):
        CLOSED = "closed", _("Its last agreement has left: nothing is owed on it any more")
        COMPLETED = "completed", _("Its last event is over")
        CANCELLED = "cancelled", _("Cancelled by hand")

    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="write_off_processes", db_constraint=False
    )
    control = models.ForeignKey(WriteOffControl, on_delete=models.PROTECT, related_name="+", db_index=False)
    template = models.ForeignKey(ProcessTemplate, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = CurrencyField()
    amount = MoneyField()
    started_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, choices=Ended, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("write-off process")
        verbose_name_plural = _("write-off processes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="active", ended_because="", ended_at__isnull=True)
                | (models.Q(state="inactive", ended_at__isnull=False) & ~models.Q(ended_because="")),
                name="write_off_process_ends_for_a_reason",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="write_off_process_about_something"),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="write_off_process_newest"),
            models.Index(fields=["account", "-id"], name="write_off_process_account"),
        ]

    def __str__(self) -> str:
        return str(_("Write-off process of %(account)s") % {"account": self.account.number})

    def get_absolute_url(self) -> str:
        return reverse("write_off_process", args=[self.pk])


class ProcessAgreement(OrganizationModel):
    """An agreement in a process; in one at a time. When it leaves it stays readable."""

    class Left(models.TextChoices):
        CLOSED = "closed", _("Closed")
        BELOW = "below", _("Owes no more than the control's threshold")
        ENDED = "ended", _("The process has ended")

    process = models.ForeignKey(WriteOffProcess, on_delete=models.PROTECT, related_name="agreements")
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="write_off_processes", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True)
    left_because = models.CharField(max_length=10, choices=Left, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"], condition=models.Q(active=True), name="agreement_in_one_process"
            ),
            models.UniqueConstraint(fields=["process", "agreement"], name="process_agreement_once"),
            models.CheckConstraint(
                condition=models.Q(active=True, left_at__isnull=True, left_because="")
                | (models.Q(active=False, left_at__isnull=False) & ~models.Q(left_because="")),
                name="process_agreement_leaves_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process_id} {self.agreement_id}"


class ProcessEvent(EventDetails):
    """A dated event of a process. What is done stays as it was; a to-do is ticked off later.

    `amount` is what was owed on the process's agreements when it was done, `rows` each agreement's part of that.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        RUNNING = "running", _("Running")
        WAITING = "waiting", _("Waits for approval")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Approval refused")
        CANCELLED = "cancelled", _("Cancelled")

    process = models.ForeignKey(WriteOffProcess, on_delete=models.PROTECT, related_name="events")
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    done_on = models.DateField(null=True)
    outcome = models.CharField(max_length=300, blank=True, default="")
    amount = MoneyField(null=True)
    currency = CurrencyField()
    rows = models.JSONField(default=list)
    request = models.OneToOneField(
        "approvals.ApprovalRequest", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    handled_on = models.DateField(null=True)
    handled_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("event of a process")
        verbose_name_plural = _("events of a process")
        indexes = [
            models.Index(
                fields=["organization", "due_on", "process", "sequence"],
                condition=models.Q(state="pending"),
                name="process_event_pending",
            ),
            models.Index(
                fields=["organization", "id"],
                condition=models.Q(kind="to_do", state="done", handled_on__isnull=True),
                name="process_event_to_do",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return f"{reverse('write_off_process', args=[self.process_id])}#event-{self.pk}"


class Referral(MadeModel):
    """Debt that a collection agency was asked to collect."""

    process = models.ForeignKey(WriteOffProcess, on_delete=models.PROTECT, related_name="referrals")
    agency = models.ForeignKey(CollectionAgency, on_delete=models.PROTECT, related_name="referrals", db_index=False)
    currency = CurrencyField()
    amount = MoneyField()
    referred_on = models.DateField()
    active = models.BooleanField(default=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(active=True, cancelled_at__isnull=True)
                | models.Q(active=False, cancelled_at__isnull=False),
                name="referral_cancelled_once",
            )
        ]
        indexes = [models.Index(fields=["agency"], condition=models.Q(active=True), name="referral_active")]

    def __str__(self) -> str:
        return f"{self.agency} {self.amount}"


class WriteDown(MadeModel):
    """Small debt closed as a difference (`amount` above zero), or small credit (below). It is the document of its
    entry: nothing is expected to be paid any more, unlike with a write-off."""

    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="write_downs", db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="write_downs", db_constraint=False
    )
    control = models.ForeignKey(WriteOffControl, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = CurrencyField()
    amount = MoneyField()
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("write-down")
        verbose_name_plural = _("write-downs")
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="write_down_of_something")]

    def __str__(self) -> str:
        return str(_("Small difference of %(agreement)s") % {"agreement": self.agreement.number})

    def get_absolute_url(self) -> str:
        return str(self.agreement.get_absolute_url())


class WriteDownReversal(MadeModel):
    """What took a write-down or write-up back, once and whole."""

    write_down = models.OneToOneField(WriteDown, on_delete=models.PROTECT, related_name="reversal", db_constraint=False)
    reason = models.TextField()
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("reversal of a write-down")
        verbose_name_plural = _("reversals of write-downs")
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="write_down_reversal_says_why")]

    def __str__(self) -> str:
        return str(self.write_down)

    def get_absolute_url(self) -> str:
        return self.write_down.get_absolute_url()


class RunResult(OrganizationModel):
    """What a run did about an account, an agreement or an event. Never changed. `code` and `message` say why."""

    class Outcome(models.TextChoices):
        CLOSED = "closed", _("Closed without a write-off")
        STARTED = "started", _("Process started")
        REFUND = "refund", _("Refund asked for")
        DONE = "done", _("Event done")
        WAITING = "waiting", _("Waits for approval")
        SKIPPED = "skipped", _("Left alone")
        ERROR = "error", _("Error")

    run = models.ForeignKey(AutomatedRun, on_delete=models.PROTECT, related_name="results", db_index=False)
    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    agreement = models.ForeignKey(
        "customers.Agreement", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    process = models.ForeignKey(WriteOffProcess, null=True, on_delete=models.PROTECT, related_name="results")
    event = models.ForeignKey(ProcessEvent, null=True, on_delete=models.PROTECT, related_name="results")
    outcome = models.CharField(max_length=10, choices=Outcome)
    code = models.CharField(max_length=20, blank=True, default="")
    message = models.CharField(max_length=500, blank=True, default="")
    currency = CurrencyField()
    amount = MoneyField()

    class Meta:
        verbose_name = _("result of the automated write-off")
        verbose_name_plural = _("results of the automated write-off")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome__in=["skipped", "error"]) | ~models.Q(code=""),
                name="automated_result_says_why",
            )
        ]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="automated_result_outcome")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.outcome}"

"""A batch: the debts of many accounts written off by one decision. It stays as it was asked for, its items move on."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel
from receivables.writeoffs.bulk.counting import Counts


class WriteOffBatch(MadeModel):
    """What was asked for: by whom, of which debts, why. A job works it out (`planned_at`), somebody confirms it
    (`confirmed_at`, `confirmed_by`, once; above their authority `request` waits and `approved_by` granted it), a job
    writes off: in the name of who confirmed it, whose authority it was measured by.

    `plan` is what it comes to: amounts by where debt was booked and goes to, and the last account that was looked at.
    `job` is the work that runs or ran last on it. `tally` is how many of its items are in which state, and what they
    come to: the database moves it with every statement that writes items, so no page adds up 100,000 (`counting.py`).
    """

    currency = CurrencyField(_("currency"))
    to_type = models.ForeignKey(
        "customers.AgreementType", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    reason = models.TextField(_("reason"))
    posting_date = models.DateField(_("posting date"), null=True)
    selection = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    tally = models.JSONField(default=dict)
    planned_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    request = models.ForeignKey(
        "approvals.ApprovalRequest", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    job = models.ForeignKey(
        "core.Job", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("batch of write-offs")
        verbose_name_plural = _("batches of write-offs")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="write_off_batch_says_why"),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True) | models.Q(planned_at__isnull=False),
                name="write_off_batch_planned_first",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="write_off_batch_confirmed_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="write_off_batch_newest")]

    def __str__(self) -> str:
        return str(_("Batch %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return reverse("write_off_batch", args=[self.pk])

    @property
    def counts(self) -> Counts:
        """What became of its accounts, as far as it was when the batch was read."""
        return Counts(self.tally)


class WriteOffBatchItem(OrganizationModel):
    """One account of a batch, and what became of it. Its state and its write-off are written in one transaction.

    `picks` are its debts (agreement, open item, amount), `amount` their sum, `money` what of it the customer's own
    money pays first, `planned` what is left to be written off, `digest` where that goes: an account that would come
    out otherwise when its turn comes is passed over. `message` says why it was passed over or failed, `undo_message`
    why it stands.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Written off")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")

    class Undo(models.TextChoices):
        NONE = "", _("Not asked for")
        WAITING = "waiting", _("Being taken back")
        UNDONE = "undone", _("Taken back")
        KEPT = "kept", _("Could not be taken back")

    batch = models.ForeignKey(
        WriteOffBatch, on_delete=models.PROTECT, related_name="items", db_index=False, db_constraint=False
    )
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = CurrencyField()
    debts = models.PositiveIntegerField(_("debts"))
    picks = models.JSONField(default=list)
    amount = MoneyField(_("owed"))
    money = MoneyField(default=0)
    planned = MoneyField(_("to be written off"), default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")
    write_off = models.OneToOneField(
        "writeoffs.WriteOff", null=True, on_delete=models.PROTECT, related_name="batch_item", db_constraint=False
    )
    undo_state = models.CharField(max_length=8, choices=Undo, blank=True, default=Undo.NONE)
    undo_message = models.TextField(blank=True, default="")
    undo = models.OneToOneField(
        "writeoffs.WriteOffReversal", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("account of a batch of write-offs")
        verbose_name_plural = _("accounts of batches of write-offs")
        constraints = [
            models.UniqueConstraint(fields=["batch", "account"], name="write_off_batch_item_once"),
            models.CheckConstraint(
                condition=models.Q(state="done", write_off__isnull=False)
                | (~models.Q(state="done") & models.Q(write_off__isnull=True)),
                name="write_off_batch_item_done_by_a_write_off",
            ),
            models.CheckConstraint(
                condition=models.Q(undo_state="undone", undo__isnull=False)
                | (~models.Q(undo_state="undone") & models.Q(undo__isnull=True)),
                name="write_off_batch_item_undone_by_a_reversal",
            ),
            models.CheckConstraint(
                condition=models.Q(undo_state="") | models.Q(state="done"), name="write_off_batch_item_undone_was_done"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["skipped", "failed"]) | ~models.Q(message=""),
                name="write_off_batch_item_says_why",
            ),
        ]
        indexes = [models.Index(fields=["batch", "state", "id"], name="write_off_batch_item_state")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.state}"

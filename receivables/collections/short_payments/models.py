"""A batch: many short payments resolved by one decision. Its header is kept as it was asked for, its items move on."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField, RateField
from receivables.core.models import MadeModel, OrganizationModel


class BatchResolution(MadeModel):
    """What was asked for: by whom, for which rows, with which type and limits. Never changed; `job` is the work that
    runs or ran last on it. How far it is say its items."""

    currency = CurrencyField(_("currency"))
    type = models.ForeignKey("billing.AccessorialType", on_delete=models.PROTECT, related_name="+", db_index=False)
    most_amount = MoneyField(_("only if short by at most"), null=True)
    most_percent = RateField(_("only if short by at most (%)"), null=True)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    posting_date = models.DateField(_("posting date"), null=True)
    selection = models.JSONField(default=dict)
    job = models.ForeignKey(
        "core.Job", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("batch of short payments")
        verbose_name_plural = _("batches of short payments")
        indexes = [models.Index(fields=["organization", "-id"], name="batch_resolution_newest")]

    def __str__(self) -> str:
        return str(_("Batch %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return reverse("short_payment_batch", args=[self.pk])


class BatchItem(OrganizationModel):
    """One invoice of a batch, and what became of it. Its state and its resolution are written in one transaction.

    `short` is what was open, `seen` the version of the load, when the batch was asked for: an invoice that changed
    since is passed over. `message` says in words why it was passed over or failed, `undo_message` why it stands.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Resolved")
        ASKED = "asked", _("Sent for approval")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")

    class Undo(models.TextChoices):
        NONE = "", _("Not asked for")
        WAITING = "waiting", _("Being undone")
        UNDONE = "undone", _("Undone")
        KEPT = "kept", _("Could not be undone")

    batch = models.ForeignKey(
        BatchResolution, on_delete=models.PROTECT, related_name="items", db_index=False, db_constraint=False
    )
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    load = models.ForeignKey(
        "billing.Load", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = CurrencyField()
    short = MoneyField(_("short"))
    seen = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")
    resolution = models.OneToOneField(
        "collections.Resolution", null=True, on_delete=models.PROTECT, related_name="batch_item", db_constraint=False
    )
    accessorial = models.OneToOneField(
        "billing.Accessorial", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    undo_state = models.CharField(max_length=8, choices=Undo, blank=True, default=Undo.NONE)
    undo_message = models.TextField(blank=True, default="")
    undo = models.OneToOneField(
        "collections.Resolution", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invoice of a batch")
        verbose_name_plural = _("invoices of batches")
        constraints = [
            models.UniqueConstraint(fields=["batch", "invoice"], name="batch_item_once"),
            models.CheckConstraint(
                condition=models.Q(state="done", resolution__isnull=False)
                | (~models.Q(state="done") & models.Q(resolution__isnull=True)),
                name="batch_item_done_by_a_resolution",
            ),
            models.CheckConstraint(
                condition=models.Q(undo_state="undone", undo__isnull=False)
                | (~models.Q(undo_state="undone") & models.Q(undo__isnull=True)),
                name="batch_item_undone_by_a_resolution",
            ),
            models.CheckConstraint(
                condition=models.Q(undo_state="") | models.Q(state="done"), name="batch_item_undone_was_done"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["skipped", "failed"]) | ~models.Q(message=""),
                name="batch_item_says_why",
            ),
        ]
        indexes = [models.Index(fields=["batch", "state", "id"], name="batch_item_state")]

    def __str__(self) -> str:
        return f"{self.invoice} {self.state}"

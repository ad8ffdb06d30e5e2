"""The ledger as it left for other programs: numbered batches, what was in each, and their content as it was."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.models import MadeModel, OrganizationModel
from receivables.ledger.models import JournalEntry


class Format(models.TextChoices):
    """The files that the ledger can be exported to."""

    CSV = "csv", _("CSV (spreadsheets)")
    IIF = "iif", _("IIF (QuickBooks Desktop)")
    BEANCOUNT = "beancount", "beancount"
    HLEDGER = "hledger", "hledger"


class LedgerExport(MadeModel):
    """A batch: the entries of the ledger that no live batch of its format had before, up to a posting date.

    `opened` is what it declares (names of accounts and customers, currencies), which later batches of the format do not
    repeat.
    `size` is in bytes. It never changes; a batch that was never imported may be withdrawn, so that its entries leave
    with the next one.
    """

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    format = models.CharField(_("format"), max_length=10, choices=Format)
    through = models.DateField(_("posted up to"))
    entries = models.PositiveIntegerField(_("entries"))
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    opened = models.JSONField(default=dict)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    withdrawn_reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("ledger export")
        verbose_name_plural = _("ledger exports")
        constraints = [
            models.CheckConstraint(condition=models.Q(entries__gt=0), name="ledger_export_not_empty"),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | (models.Q(withdrawn_at__isnull=False) & ~models.Q(withdrawn_reason="")),
                name="ledger_export_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["organization", "format", "-id"], name="ledger_export_format")]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("ledger_export", args=[self.pk])

    @property
    def live(self) -> bool:
        return self.withdrawn_at is None


class ExportPart(OrganizationModel):
    """A piece of a batch's file, in bytes; together in order they are the file."""

    export = models.ForeignKey(LedgerExport, on_delete=models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_part_once")]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"


class ExportedEntry(OrganizationModel):
    """That an entry is in a batch. `live` follows the batch: an entry is in one live batch of a format at most."""

    export = models.ForeignKey(LedgerExport, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    format = models.CharField(max_length=10, choices=Format)
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "format"], condition=models.Q(live=True), name="exported_entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.export_id}: {self.entry_id}"

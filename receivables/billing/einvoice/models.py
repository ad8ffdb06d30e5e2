"""What left the house as an e-invoice: kept byte for byte, never changed."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel


class EInvoice(OrganizationModel):
    """One exported document. The first says what the invoice bills; each later one says the difference, under a number
    of its own. Amounts are signed as the customer owes them: a credit is negative.

    Bad debt is on none of them. The documents of an invoice add up to what its revision bills.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CORRECTION = "correction", _("Correction")

    class DocumentType(models.TextChoices):
        """UNTDID 1001."""

        INVOICE = "380", _("Invoice")
        CREDIT_NOTE = "381", _("Credit note")
        DEBIT_NOTE = "383", _("Debit note")

    kind = models.CharField(max_length=12, choices=Kind)
    document_type = models.CharField(max_length=3, choices=DocumentType)
    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField(null=True)
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="einvoices", db_constraint=False
    )
    revision = models.ForeignKey(
        "billing.Revision", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    issue_date = models.DateField()
    currency = CurrencyField()
    net = MoneyField()
    tax = MoneyField()
    total = MoneyField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("e-invoice")
        verbose_name_plural = _("e-invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=models.Q(kind="invoice"), name="einvoice_number_exported_once"
            ),
            models.UniqueConstraint(fields=["organization", "number"], name="einvoice_number_once"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="einvoice_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="invoice", document_type="380", sequence_number__isnull=True, total__gte=0)
                | models.Q(kind="correction", document_type="381", sequence_number__isnull=False, total__lte=0)
                | models.Q(kind="correction", document_type="383", sequence_number__isnull=False, total__gt=0),
                name="einvoice_kind_fits",
            ),
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="einvoice_newest")]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("einvoice_file", args=[self.pk])

    @property
    def file_name(self) -> str:
        """A name that every disk takes, whatever characters the number has."""
        plain = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in self.number)
        return f"{plain}.xml"

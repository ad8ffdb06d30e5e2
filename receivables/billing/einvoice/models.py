"""What left the house as an e-invoice: kept byte for byte, never changed."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel


class EInvoice(MadeModel):
    """One exported document, of an invoice or of a credit note. Amounts are signed as the customer owes them: a credit
    is negative.

    Of an invoice, the first says what it bills; each later one says the difference, under a number of its own. All of
    them add up to what its revision bills. A credit note leaves once, under its own number; if it is reversed later, a
    debit note over the same amounts takes it back. Bad debt is on none of them.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CORRECTION = "correction", _("Correction")
        CREDIT_NOTE = "credit_note", _("Credit note")

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
        "billing.Invoice", null=True, on_delete=models.PROTECT, related_name="einvoices", db_constraint=False
    )
    revision = models.ForeignKey(
        "billing.Revision", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    credit_note = models.ForeignKey(
        "billing.CreditNote", null=True, on_delete=models.PROTECT, related_name="einvoices", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    issue_date = models.DateField()
    currency = CurrencyField()
    net = MoneyField()
    tax = MoneyField()
    total = MoneyField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("e-invoice")
        verbose_name_plural = _("e-invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=models.Q(kind="invoice"), name="einvoice_number_exported_once"
            ),
            models.UniqueConstraint(fields=["credit_note", "kind"], name="einvoice_credit_note_exported_once"),
            models.UniqueConstraint(fields=["organization", "number"], name="einvoice_number_once"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="einvoice_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind="invoice", document_type="380", sequence_number__isnull=True, total__gte=0,
                    credit_note__isnull=True,
                )
                | models.Q(
                    kind="correction", document_type="381", sequence_number__isnull=False, total__lte=0,
                    credit_note__isnull=True,
                )
                | models.Q(kind="correction", document_type="383", sequence_number__isnull=False, total__gt=0)
                | models.Q(
                    kind="credit_note", document_type="381", sequence_number__isnull=True, total__lt=0,
                    credit_note__isnull=False,
                ),
                name="einvoice_kind_fits",
            ),
            models.CheckConstraint(
                condition=models.Q(invoice__isnull=False, revision__isnull=False, credit_note__isnull=True)
                | models.Q(invoice__isnull=True, revision__isnull=True, credit_note__isnull=False),
                name="einvoice_of_one_document",
            ),
        ]  # fmt: skip
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

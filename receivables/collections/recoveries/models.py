"""Bad debt that was paid after all, each recovery a document of its own."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel


class Recovery(MadeModel):
    """Money of a payment that is for bad debt on an invoice. Never changed; undone by a reversal, once.

    `allocation` is the settlement that gave the debt up (with a payment, by credit note or by journal); empty: it was
    given up by lines of the invoice itself. The invoice keeps its figures: nothing is owed again.
    """

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="recoveries", db_constraint=False
    )
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="recoveries", db_constraint=False
    )
    allocation = models.ForeignKey(
        "ledger.Allocation", null=True, on_delete=models.PROTECT, related_name="recoveries", db_constraint=False
    )
    date = models.DateField(_("date"))
    posting_date = models.DateField(_("posting date"))
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("recovery of bad debt")
        verbose_name_plural = _("recoveries of bad debt")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="recovery_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="recovery_positive"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return f"{reverse('invoice', args=[self.invoice_id])}#bad-debt"


class RecoveryReversal(MadeModel):
    """What took a recovery back; its money is on account again. Once."""

    recovery = models.OneToOneField(Recovery, on_delete=models.PROTECT, related_name="reversal", db_constraint=False)
    reason = models.TextField()
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("reversal of a recovery")
        verbose_name_plural = _("reversals of recoveries")

    def __str__(self) -> str:
        return str(self.recovery)

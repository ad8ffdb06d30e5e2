"""Claims of tax relief: a numbered document over the bad debts whose tax is claimed back with it."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel


class TaxReliefClaim(MadeModel):
    """What was claimed in one act. `as_of`: the day on which all of it was eligible. Never changed."""

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    as_of = models.DateField(_("eligible as of"))
    posting_date = models.DateField(_("posting date"))

    class Meta:
        verbose_name = _("claim of tax relief")
        verbose_name_plural = _("claims of tax relief")
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="tax_relief_number_once")]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("tax_relief_claim", args=[self.pk])


class TaxRelief(OrganizationModel):
    """The tax inside one bad debt, claimed back: Dr the taxes' accounts / Cr what the bad debt was debited to.

    `base` is what of the bad debt was not recovered at the time, tax included; `amount` the tax inside it.
    """

    claim = models.ForeignKey(TaxReliefClaim, on_delete=models.PROTECT, related_name="items", db_constraint=False)
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="tax_reliefs", db_constraint=False
    )
    allocation = models.ForeignKey(
        "ledger.Allocation", on_delete=models.PROTECT, related_name="tax_reliefs", db_constraint=False
    )
    currency = CurrencyField()
    base = MoneyField()
    amount = MoneyField()

    class Meta:
        verbose_name = _("tax relief")
        verbose_name_plural = _("tax reliefs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, amount__lte=models.F("base")), name="tax_relief_within_its_base"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("tax_relief_claim", args=[self.claim_id])


class TaxReliefReversal(MadeModel):
    """What took a tax relief back: it was claimed wrongly, or the bad debt itself was taken back. Once."""

    relief = models.OneToOneField(TaxRelief, on_delete=models.PROTECT, related_name="reversal", db_constraint=False)
    reason = models.TextField()
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("reversal of a tax relief")
        verbose_name_plural = _("reversals of tax reliefs")

    def __str__(self) -> str:
        return str(self.relief)

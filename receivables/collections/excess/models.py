"""Small over-payments that were booked as income, and what took that back."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel


class SmallExcess(MadeModel):
    """What of a payment was more than is owed and was booked as income, so that the payment itself is smaller by it.

    Never changed; taken back by its reversal, once, and with its payment at the latest.
    """

    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="small_excesses", db_constraint=False
    )
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("GL account"),
        db_constraint=False,
    )  # fmt: skip
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    posting_date = models.DateField(_("posting date"))

    class Meta:
        verbose_name = _("small over-payment booked as income")
        verbose_name_plural = _("small over-payments booked as income")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="small_excess_above_zero")]

    def __str__(self) -> str:
        return f"{self.payment} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.payment_id])


class SmallExcessReversal(MadeModel):
    """What took a small over-payment out of income again: it is on account, or its payment is gone. Once."""

    excess = models.OneToOneField(SmallExcess, on_delete=models.PROTECT, related_name="reversal", db_constraint=False)
    reason = models.TextField(blank=True, default="")
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("reversal of a small over-payment")
        verbose_name_plural = _("reversals of small over-payments")

    def __str__(self) -> str:
        return str(self.excess)

"""Fees for returned payments: documents of their own, owed on an agreement of the account."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel


class BounceFee(MadeModel):
    """What the payer owes because a payment bounced: Dr receivables / Cr fee income, an open item of its own that is
    paid like any debt. Never changed; taken back by a reversal while nothing is paid on it, once."""

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    bounced = models.OneToOneField(
        "collections.PaymentReversal", on_delete=models.PROTECT, related_name="fee", db_constraint=False
    )
    open_item = models.OneToOneField(
        "ledger.OpenItem", on_delete=models.PROTECT, related_name="fee", db_constraint=False
    )
    date = models.DateField(_("date"))
    posting_date = models.DateField(_("posting date"))
    currency = CurrencyField()
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("fee for a bounced payment")
        verbose_name_plural = _("fees for bounced payments")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="bounce_fee_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="bounce_fee_positive"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.bounced.payment_id])


class BounceFeeReversal(MadeModel):
    """What took a fee back, once."""

    fee = models.OneToOneField(BounceFee, on_delete=models.PROTECT, related_name="reversal", db_constraint=False)
    reason = models.TextField()
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("reversal of a fee")
        verbose_name_plural = _("reversals of fees")

    def __str__(self) -> str:
        return str(self.fee)

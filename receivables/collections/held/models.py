"""Money of a payment that is held on a deposit or overpayment agreement, and what was taken from there again."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel


class Holding(MadeModel):
    """Money of a payment that was put on a deposit or overpayment agreement of its account, as a credit there.

    The payment is smaller by it while it is held; its open item holds the rest of it (negative). Never changed: what
    is used or given back is a release, after which it is money on account again.
    """

    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="holdings", db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="holdings", db_constraint=False
    )
    open_item = models.OneToOneField(
        "ledger.OpenItem", on_delete=models.PROTECT, related_name="holding", db_constraint=False
    )
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    reason = models.TextField(blank=True, default="")
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("money held")
        verbose_name_plural = _("money held")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="holding_above_zero")]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("agreement", args=[self.agreement_id])


class HoldingRelease(MadeModel):
    """What was taken from money held: it is on account again, on the payment that brought it."""

    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, related_name="releases", db_constraint=False)
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    reason = models.TextField(blank=True, default="")
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("money taken from what is held")
        verbose_name_plural = _("money taken from what is held")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="holding_release_above_zero")]

    def __str__(self) -> str:
        return f"{self.holding_id} {self.amount}"

    def get_absolute_url(self) -> str:
        return str(self.holding.get_absolute_url())

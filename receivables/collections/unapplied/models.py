"""What is done with a payment's money after it was recorded, each act a row of its own."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, ExchangeRateField, MoneyField
from receivables.core.models import MadeModel


class PaymentAssignment(MadeModel):
    """One act on a payment's money: applied to invoices, taken off one of them, or moved from one to another.

    The source document of the entries that it posts, so that any number of acts on one payment can be told apart.
    `removes` is the settlement that it took off; `amount` what it applied, or took off where it applied nothing.
    """

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", _("Applied")
        REMOVED = "removed", _("Taken off")
        MOVED = "moved", _("Moved")

    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="assignments", db_constraint=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    removes = models.OneToOneField(
        "ledger.Allocation", null=True, on_delete=models.PROTECT, related_name="removed_by", db_constraint=False
    )
    currency = CurrencyField()
    amount = MoneyField()
    reason = models.TextField(blank=True, default="")
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("assignment of a payment")
        verbose_name_plural = _("assignments of payments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="assigned", removes__isnull=True)
                | (~models.Q(kind="assigned") & models.Q(removes__isnull=False)),
                name="payment_assignment_removes_one",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="payment_assignment_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.payment} {self.kind}"

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.payment_id])


class Refund(MadeModel):
    """Money on account given back to the customer. Never changed; taken back by a reversal, once."""

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="refunds", db_constraint=False
    )
    bank_account = models.ForeignKey(
        "collections.BankAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("bank account"),
        db_constraint=False,
    )  # fmt: skip
    date = models.DateField(_("date"))
    posting_date = models.DateField(_("posting date"))
    currency = CurrencyField()
    rate = ExchangeRateField(default=1)
    amount = MoneyField(_("amount"))
    method = models.CharField(_("method"), max_length=10)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="refund_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_positive"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.payment_id])


class RefundReversal(MadeModel):
    """What took a refund back: it was recorded wrongly, or the money came back. Once."""

    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, related_name="reversal", db_constraint=False)
    reason = models.TextField()
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("reversal of a refund")
        verbose_name_plural = _("reversals of refunds")

    def __str__(self) -> str:
        return str(self.refund)

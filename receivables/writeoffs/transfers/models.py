"""Debt that was moved between two agreements of a customer by hand, or to keep it from being written off."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel


class DebtTransfer(MadeModel):
    """A numbered document that moves debt from one agreement to another; what is owed in all stays as it is.

    It posts one entry of pairs over the transfer account. Never changed; taken back whole, once, by a reversal.
    """

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    source = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="debt_moved_out", db_constraint=False
    )
    target = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="debt_moved_in", db_constraint=False
    )
    reason = models.TextField(_("reason"))
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    organization_amount = MoneyField()
    item_count = models.PositiveIntegerField()
    date = models.DateField(_("date"))
    posting_date = models.DateField(_("posting date"))

    class Meta:
        verbose_name = _("debt transfer")
        verbose_name_plural = _("debt transfers")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="debt_transfer_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="debt_transfer_above_zero"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="debt_transfer_says_why"),
            models.CheckConstraint(condition=models.Q(item_count__gte=1), name="debt_transfer_has_items"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="debt_transfer_moves"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("debt_transfer", args=[self.pk])


class MovedDebt(OrganizationModel):
    """One debt that was moved: off `source_item` (or the source agreement itself, where it stood on no item), onto
    `open_item` of the target. `source_account` is the one on which it stood."""

    transfer = models.ForeignKey(DebtTransfer, on_delete=models.PROTECT, related_name="items", db_constraint=False)
    source_item = models.ForeignKey(
        "ledger.OpenItem", null=True, on_delete=models.PROTECT, related_name="moved_on", db_constraint=False
    )
    source_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    open_item = models.OneToOneField(
        "ledger.OpenItem", on_delete=models.PROTECT, related_name="transfer", db_constraint=False
    )
    currency = CurrencyField()
    amount = MoneyField()
    organization_amount = MoneyField()

    class Meta:
        verbose_name = _("moved debt")
        verbose_name_plural = _("moved debts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, organization_amount__gte=0), name="moved_debt_above_zero"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_item_id} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("debt_transfer", args=[self.transfer_id])


class MovedOrigin(OrganizationModel):
    """What a moved debt was once booked to (empty: no transaction explains it), so that a later write-off finds revenue
    and taxes."""

    moved = models.ForeignKey(MovedDebt, on_delete=models.PROTECT, related_name="origins", db_constraint=False)
    booked_account = models.ForeignKey(
        "ledger.GLAccount", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = CurrencyField()
    amount = MoneyField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="moved_origin_above_zero")]

    def __str__(self) -> str:
        return f"{self.booked_account_id} {self.amount}"


class DebtTransferReversal(MadeModel):
    """What took a transfer back, once and whole: the debt stands on its source again."""

    transfer = models.OneToOneField(
        DebtTransfer, on_delete=models.PROTECT, related_name="reversal", db_constraint=False
    )
    reason = models.TextField(_("reason"))
    posting_date = models.DateField(_("posting date"))

    class Meta:
        verbose_name = _("reversal of a debt transfer")
        verbose_name_plural = _("reversals of debt transfers")
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="debt_transfer_reversal_says_why")]

    def __str__(self) -> str:
        return str(self.transfer)

    def get_absolute_url(self) -> str:
        return reverse("debt_transfer", args=[self.transfer_id])

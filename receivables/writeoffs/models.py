"""Writing off: debt is transferred to write-off agreements, on which it is still owed. Nothing here is ever changed."""

import pghistory
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel
from receivables.writeoffs.bankruptcy.models import BankruptcyStop, BankruptcyWithdrawal
from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem
from receivables.writeoffs.register.models import RegisterLine, RegisterTotal
from receivables.writeoffs.transfers.models import DebtTransfer, DebtTransferReversal, MovedDebt, MovedOrigin

# Of this package.
__all__ = [
    "BankruptcyStop", "BankruptcyWithdrawal", "DebtTransfer", "DebtTransferReversal", "MovedDebt", "MovedOrigin",
    "RegisterLine", "RegisterTotal", "WriteOffBatch", "WriteOffBatchItem",
]  # fmt: skip


@pghistory.track()
class WriteOffSettings(OrganizationModel):
    """One row for each organization: where debt goes that no transaction explains. Empty: such debt is refused."""

    default_type = models.ForeignKey(
        "customers.AgreementType",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("default write-off type"),
        help_text=_("Debt that no transaction explains, such as a balance that was taken over, goes there."),
    )
    automated = models.BooleanField(
        _("automated write-off every day"),
        default=False,
        db_default=False,
        help_text=_(
            "Every day the monitor looks at stopped agreements and the activator does what is due, without anybody. "
            "Off: both run only when somebody starts them."
        ),
    )

    class Meta:
        verbose_name = _("write-off settings")
        verbose_name_plural = _("write-off settings")
        constraints = [models.UniqueConstraint(fields=["organization"], name="write_off_settings_once")]

    def __str__(self) -> str:
        return str(_("Write-off settings"))


class Bankruptcy(MadeModel):
    """A customer's petition, one that stands for an account: what was owed on `filed_on` moved to the bankruptcy type.

    `new_account` bills service after the petition. The write-offs that moved the debt name their bankruptcy, and so do
    those that later move what a trustee pays. `approved_by` is who granted it, where it exceeded authority; `alert`
    what it said on the account. One that was withdrawn stays, and another may be started then.
    """

    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="bankruptcies", db_constraint=False
    )
    new_account = models.OneToOneField(
        "customers.Account", on_delete=models.PROTECT, related_name="opened_by_bankruptcy", db_constraint=False
    )
    filed_on = models.DateField(_("filing date"))
    reference = models.CharField(_("court and case number"), max_length=200)
    posting_date = models.DateField(_("posting date"))
    alert = models.CharField(max_length=200, default="", db_default="")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("bankruptcy")
        verbose_name_plural = _("bankruptcies")
        constraints = [models.CheckConstraint(condition=~models.Q(reference=""), name="bankruptcy_has_a_case")]

    def __str__(self) -> str:
        return str(self.reference)

    def get_absolute_url(self) -> str:
        return reverse("bankruptcy", args=[self.pk])


class WriteOff(MadeModel):
    """A numbered document that transfers debt of an account to write-off agreements, in one currency.

    `account` is that of the debt. It posts one entry, in which the transfer account nets to zero; reversals are
    documents of their own. `approved_by` is who granted it, where it exceeded the authority of `created_by`.
    """

    class Method(models.TextChoices):
        DISTRIBUTION = "distribution", _("By the accounts it was booked to")
        TYPE = "type", _("To one write-off type")
        BANKRUPTCY = "bankruptcy", _("Bankruptcy: one type, by the accounts it was booked to")
        DIVIDEND = "dividend", _("Dividend of a bankruptcy: back to the ordinary write-off types")

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="write_offs", db_constraint=False
    )
    method = models.CharField(_("method"), max_length=12, choices=Method, default=Method.DISTRIBUTION)
    bankruptcy = models.ForeignKey(
        Bankruptcy, null=True, on_delete=models.PROTECT, related_name="write_offs", db_constraint=False
    )
    reason = models.TextField(_("reason"))
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    organization_amount = MoneyField()
    line_count = models.PositiveIntegerField()
    date = models.DateField(_("date"))
    posting_date = models.DateField(_("posting date"))
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="write_off_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="write_off_above_zero"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="write_off_says_why"),
            models.CheckConstraint(condition=models.Q(line_count__gte=1), name="write_off_has_lines"),
            models.CheckConstraint(
                condition=models.Q(method__in=["bankruptcy", "dividend"], bankruptcy__isnull=False)
                | (~models.Q(method__in=["bankruptcy", "dividend"]) & models.Q(bankruptcy__isnull=True)),
                name="write_off_of_a_bankruptcy",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-posting_date", "-id"], name="write_off_date"),
            models.Index(fields=["account", "-id"], name="write_off_account"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("write_off", args=[self.pk])


class WriteOffItem(OrganizationModel):
    """What a write-off put on one write-off agreement under one GL account, as the open item that a later payment
    settles."""

    write_off = models.ForeignKey(WriteOff, on_delete=models.PROTECT, related_name="items", db_constraint=False)
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="write_off_items", db_constraint=False
    )
    open_item = models.OneToOneField(
        "ledger.OpenItem", on_delete=models.PROTECT, related_name="write_off", db_constraint=False
    )

    class Meta:
        verbose_name = _("written-off debt")
        verbose_name_plural = _("written-off debt")

    def __str__(self) -> str:
        return f"{self.write_off_id} {self.agreement_id}"

    def get_absolute_url(self) -> str:
        return reverse("write_off", args=[self.write_off_id])


class WriteOffLine(OrganizationModel):
    """A part of one source's debt and where it went: off `source_item` (or the agreement itself, where the debt stands
    on no item), onto `item`.

    `booked_account` is the account it was once booked to, empty where no transaction explains it; `source_account` the
    one on which the source's balance stood (credited). The item's own account is the one that was debited.
    """

    write_off = models.ForeignKey(
        WriteOff, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_no = models.PositiveIntegerField()
    source_agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="written_off", db_constraint=False
    )
    source_item = models.ForeignKey(
        "ledger.OpenItem", null=True, on_delete=models.PROTECT, related_name="written_off", db_constraint=False
    )
    source_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    booked_account = models.ForeignKey(
        "ledger.GLAccount", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    item = models.ForeignKey(WriteOffItem, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    currency = CurrencyField()
    amount = MoneyField()
    organization_amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["write_off", "line_no"], name="write_off_line_no_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, organization_amount__gte=0), name="write_off_line_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_agreement_id} {self.amount}"


class WriteOffReversal(MadeModel):
    """What took a write-off back, whole or in part: the debt stands on its sources again. A write-off may be reversed
    in several steps (`step` 1, 2, …), never beyond what it wrote off."""

    write_off = models.ForeignKey(WriteOff, on_delete=models.PROTECT, related_name="reversals", db_constraint=False)
    step = models.PositiveIntegerField()
    reason = models.TextField(_("reason"))
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    organization_amount = MoneyField()
    line_count = models.PositiveIntegerField()
    posting_date = models.DateField(_("posting date"))

    class Meta:
        verbose_name = _("reversal of a write-off")
        verbose_name_plural = _("reversals of write-offs")
        constraints = [
            models.UniqueConstraint(fields=["write_off", "step"], name="write_off_reversal_step_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="write_off_reversal_above_zero"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="write_off_reversal_says_why"),
            models.CheckConstraint(condition=models.Q(line_count__gte=1), name="write_off_reversal_has_lines"),
        ]
        indexes = [models.Index(fields=["organization", "-posting_date", "-id"], name="write_off_reversal_date")]

    def __str__(self) -> str:
        return f"{self.write_off} · {self.step}"

    def get_absolute_url(self) -> str:
        return reverse("write_off", args=[self.write_off_id])


class WriteOffReversalLine(OrganizationModel):
    """How much of one line of a write-off was taken back by one reversal."""

    reversal = models.ForeignKey(
        WriteOffReversal, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line = models.ForeignKey(WriteOffLine, on_delete=models.PROTECT, related_name="reversed", db_constraint=False)
    currency = CurrencyField()
    amount = MoneyField()
    organization_amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reversal", "line"], name="write_off_reversal_line_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, organization_amount__gte=0), name="write_off_reversal_line_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.amount}"

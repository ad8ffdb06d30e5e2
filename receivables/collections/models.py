"""Money received: bank accounts, payments, and what undid them."""

import pghistory
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from receivables.collections.assigning.models import PaymentDraft  # noqa: F401  a table of this package
from receivables.collections.attachments.models import AttachmentWithdrawal, PaymentAttachment  # noqa: F401  of this package
from receivables.collections.bounce_fees.models import BounceFee, BounceFeeReversal  # noqa: F401  tables of this package
from receivables.collections.excess.models import SmallExcess, SmallExcessReversal  # noqa: F401  of this package
from receivables.collections.held.models import Holding, HoldingRelease  # noqa: F401  tables of this package
from receivables.collections.payoff_models import (  # noqa: F401  tables of this package
    PayOff,
    PayOffExclusion,
    PayOffPolicy,
    PayOffRequest,
)
from receivables.collections.recoveries.models import Recovery, RecoveryReversal  # noqa: F401  tables of this package
from receivables.collections.short_payments.models import BatchItem, BatchResolution  # noqa: F401  of this package
from receivables.collections.tax_relief.models import (  # noqa: F401  tables of this package
    TaxRelief,
    TaxReliefClaim,
    TaxReliefReversal,
)
from receivables.collections.unapplied.models import (  # noqa: F401  tables of this package
    PaymentAssignment,
    Refund,
    RefundReversal,
)
from receivables.collections.wizard.models import ShortPaymentDraft, ShortPaymentNote  # noqa: F401  tables of this package
from receivables.core.fields import CurrencyField, ExchangeRateField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel


@pghistory.track()
class BankAccount(OrganizationModel):
    """Where money arrives, and the GL account that stands for it."""

    name = models.CharField(_("name"), max_length=80)
    currency = CurrencyField(_("currency"))
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("GL account")
    )
    active = models.BooleanField(_("active"), default=True)
    bounce_fee = MoneyField(
        _("fee for a bounced payment"), null=True, blank=True,
        help_text=_("Suggested when a payment into this account bounces, in its currency; it can be changed or left."),
    )  # fmt: skip
    fee_account = models.ForeignKey(
        "ledger.GLAccount", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("GL account for fees"), help_text=_("Empty: no fee is charged."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint("organization", Upper("name"), name="bank_account_name_once"),
            models.CheckConstraint(
                condition=models.Q(bounce_fee__isnull=True) | models.Q(bounce_fee__gt=0, fee_account__isnull=False),
                name="bank_account_fee_has_its_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class Payment(MadeModel):
    """Money received from a customer's account. Never changed; deleting or bouncing it is a reversal.

    What of it is unapplied is the balance of its open item.
    """

    class Method(models.TextChoices):
        CHECK = "check", pgettext_lazy("method of payment", "Check")
        ACH = "ach", _("ACH")
        WIRE = "wire", _("Wire transfer")
        CARD = "card", _("Card")
        CASH = "cash", _("Cash")
        OTHER = "other", _("Other")

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="payments", db_constraint=False
    )
    open_item = models.OneToOneField(
        "ledger.OpenItem", on_delete=models.PROTECT, related_name="payment", db_constraint=False
    )
    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank account"), db_constraint=False
    )
    date = models.DateField(_("date"))
    posting_date = models.DateField(_("posting date"))
    currency = CurrencyField()
    rate = ExchangeRateField(default=1)
    amount = MoneyField(_("amount"))
    method = models.CharField(_("method"), max_length=10, choices=Method)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="payment_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="payment_not_negative"),
        ]
        indexes = [
            models.Index(fields=["organization", "-date", "-id"], name="payment_date"),
            models.Index(fields=["account", "-id"], name="payment_account"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.pk])


class PaymentReversal(MadeModel):
    """What undid a payment: deleted because it was recorded wrongly, or bounced by the bank. Once."""

    class Kind(models.TextChoices):
        DELETED = "deleted", _("Deleted")
        BOUNCED = "bounced", _("Bounced")

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="reversal", db_constraint=False)
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.TextField(blank=True, default="")
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("payment reversal")
        verbose_name_plural = _("payment reversals")

    def __str__(self) -> str:
        return f"{self.payment} {self.kind}"


class Resolution(MadeModel):
    """A short payment resolved in one step: what it took off, on which revision. Its undoing is another row.

    It is the document behind the entries that take payments off the invoice and put them back.
    """

    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="resolutions", db_constraint=False
    )
    load = models.ForeignKey("billing.Load", on_delete=models.PROTECT, related_name="resolutions", db_constraint=False)
    accessorial = models.ForeignKey(
        "billing.Accessorial", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    revision_number = models.PositiveIntegerField()
    currency = CurrencyField()
    amount = MoneyField()
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="undone_by", db_constraint=False
    )
    reason = models.TextField(blank=True, default="")
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("resolution of a short payment")
        verbose_name_plural = _("resolutions of short payments")

    def __str__(self) -> str:
        return f"{self.invoice} v{self.revision_number}"

    def get_absolute_url(self) -> str:
        return reverse("load", args=[self.load_id])

"""What the pages of a short payment keep: why it was short, the evidence, and what is not sent yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel


class ShortPaymentReason(models.TextChoices):
    """Why a customer paid less than was billed."""

    DAMAGE = "damage", _("Damaged or missing goods")
    RATE = "rate", _("Rate not agreed")
    DETENTION = "detention", _("Detention or extra charge refused")
    TAX = "tax", _("Tax or withholding")
    BANK_FEE = "bank_fee", _("Bank fee")
    OTHER = "other", _("Other")


class ShortPaymentNote(MadeModel):
    """Why a payment was short, what was done about it (`outcome`, a verb), and the evidence. Never changed."""

    load = models.ForeignKey(
        "billing.Load", on_delete=models.PROTECT, related_name="short_payment_notes", db_constraint=False
    )
    invoice = models.ForeignKey("billing.Invoice", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    why = models.CharField(_("reason"), max_length=12, choices=ShortPaymentReason)
    details = models.TextField(_("details"), blank=True, default="")
    outcome = models.CharField(max_length=64)
    currency = CurrencyField()
    short = MoneyField()
    file_name = models.CharField(_("file"), max_length=120, blank=True, default="")
    file_digest = models.CharField(max_length=64, blank=True, default="")
    content = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("note on a short payment")
        verbose_name_plural = _("notes on short payments")

    def __str__(self) -> str:
        return f"{self.load} {self.get_why_display()}"


class ShortPaymentDraft(OrganizationModel):
    """What a person typed about a load's short payment and did not send yet; one for each person and load.

    It lives in the database, so that it outlives the session and any web server can show it.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    load = models.ForeignKey("billing.Load", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    data = models.JSONField(default=dict)
    file_name = models.CharField(max_length=120, blank=True, default="")
    content = models.BinaryField(null=True)
    kept_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user", "load"], name="short_payment_draft_once"),
        ]
        indexes = [models.Index(fields=["kept_until"], name="short_payment_draft_ends")]

    def __str__(self) -> str:
        return f"{self.load} {self.user}"

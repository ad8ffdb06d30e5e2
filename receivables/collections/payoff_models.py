"""The pay-off policy of an organization, and what was settled besides money when a payment fell short."""

import pghistory
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField, RateField
from receivables.core.models import MadeModel, OrganizationModel


@pghistory.track()
class PayOffPolicy(OrganizationModel):
    """How much may be given up when a payment falls short, one row an organization (source: the published rules).

    `maximum`, the limit on one invoice, and `cap` are in `currency`, the organization's. None is no maximum, 0 that
    nothing may be given up. All that are set must allow. `over_maximum` is of a payment that brings too much: what is
    booked as income on `over_account`; None is off. `why` is the reason of the last change and is kept with it.
    """

    currency = CurrencyField(editable=False)
    maximum = MoneyField(
        _("pay-off limit"), null=True, blank=True,
        help_text=_("The most that may be given up on one invoice. Empty: no maximum. 0: nothing may be given up."),
    )  # fmt: skip
    percent = RateField(
        _("percent of the invoice"), null=True, blank=True,
        help_text=_("The most that may be given up, in percent of the invoice's total. Empty: not looked at."),
    )  # fmt: skip
    cap = MoneyField(
        _("cap per customer"), null=True, blank=True,
        help_text=_("The most that one customer may be given in 12 months. Empty: not looked at."),
    )  # fmt: skip
    reason = models.ForeignKey(
        "billing.Reason", on_delete=models.PROTECT, related_name="+", verbose_name=_("reason"),
        help_text=_("Where it is booked, and whether a credit note is its document."),
    )  # fmt: skip
    over_maximum = MoneyField(
        _("over-payment limit"), null=True, blank=True,
        help_text=_(
            "The most of what is paid too much that may be booked as income. Empty: the choice is not offered, and the"
            " money stays on account."
        ),
    )  # fmt: skip
    over_account = models.ForeignKey(
        "ledger.GLAccount", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("income account for over-payments"),
    )  # fmt: skip
    why = models.CharField(_("why it was changed"), max_length=300)

    class Meta:
        verbose_name = _("pay-off limit")
        verbose_name_plural = _("pay-off limit")
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="pay_off_policy_once"),
            models.CheckConstraint(
                condition=models.Q(maximum__isnull=True) | models.Q(maximum__gte=0), name="pay_off_limit_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True) | models.Q(percent__gte=0, percent__lte=100),
                name="pay_off_percent_is_one",
            ),
            models.CheckConstraint(
                condition=models.Q(cap__isnull=True) | models.Q(cap__gte=0), name="pay_off_cap_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(over_maximum__isnull=True)
                | models.Q(over_maximum__gte=0, over_account__isnull=False),
                name="over_payment_limit_has_its_account",
            ),
            models.CheckConstraint(condition=~models.Q(why=""), name="pay_off_policy_says_why"),
        ]

    def __str__(self) -> str:
        return str(_("Pay-off limit"))


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayOffExclusion(OrganizationModel):
    """A customer whom nothing is given up for."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", verbose_name=_("customer")
    )

    class Meta:
        verbose_name = _("customer excluded from pay-offs")
        verbose_name_plural = _("customers excluded from pay-offs")
        constraints = [
            models.UniqueConstraint(fields=["organization", "customer"], name="pay_off_exclusion_once"),
        ]

    def __str__(self) -> str:
        return str(self.customer)


class PayOffRequest(MadeModel):
    """A part of a difference that exceeds a limit and was asked for with a payment; it stays open until somebody else
    grants it. What became of it stands on the approval request whose subject it is. Never changed."""

    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="asked_pay_offs", db_constraint=False
    )
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="asked_pay_offs", db_constraint=False
    )
    reason = models.ForeignKey("billing.Reason", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    currency = CurrencyField()
    amount = MoneyField()

    class Meta:
        verbose_name = _("difference that waits for approval")
        verbose_name_plural = _("differences that wait for approval")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="asked_pay_off_above_zero"),
            models.UniqueConstraint(fields=["payment", "invoice", "reason"], name="asked_pay_off_once"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.payment_id])


class PayOff(OrganizationModel):
    """What a payment fell short of and was settled with it, one row for each invoice and reason: the settlement, and
    the credit note that documents it, if its reason has one.

    What the Save gave falls with the payment; what was `asked` for and granted stands on its own. `whole` says that
    nothing is left of the invoice.
    """

    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="pay_offs", db_constraint=False
    )
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="pay_offs", db_constraint=False
    )
    allocation = models.OneToOneField(
        "ledger.Allocation", on_delete=models.PROTECT, related_name="pay_off", db_constraint=False
    )
    credit_note = models.ForeignKey(
        "billing.CreditNote", null=True, on_delete=models.PROTECT, related_name="pay_offs", db_constraint=False
    )
    reason = models.ForeignKey("billing.Reason", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    currency = CurrencyField()
    amount = MoneyField()
    whole = models.BooleanField()
    asked = models.OneToOneField(
        PayOffRequest, null=True, on_delete=models.PROTECT, related_name="granted", db_constraint=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("difference of a payment")
        verbose_name_plural = _("differences of payments")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="pay_off_above_zero")]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.payment_id])

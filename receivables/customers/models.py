"""Who owes: customers, their accounts, and the service agreements that hold the debt.

The nouns follow utility billing: an account holds service agreements (SA); each SA holds debt with two balances,
*payoff* (what is truly owed) and *current* (what is asked for now).
"""

import pghistory
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel


class Named(OrganizationModel):
    """A setting with a code that is unique in its organization."""

    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.name)


@pghistory.track()
class PaymentTerms(Named):
    """How many days after issue an invoice is due."""

    days = models.PositiveSmallIntegerField(_("days"), default=30)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        constraints = [models.UniqueConstraint("organization", Upper("code"), name="terms_code_once")]


@pghistory.track()
class Division(Named):
    """A jurisdiction or line of business; with a code it keys an agreement type."""

    class Meta:
        verbose_name = _("division")
        verbose_name_plural = _("divisions")
        constraints = [models.UniqueConstraint("organization", Upper("code"), name="division_code_once")]


@pghistory.track()
class DebtClass(Named):
    """Groups debt for chasing. Not eligible for collection: the debt monitor leaves it alone."""

    eligible_for_collection = models.BooleanField(_("eligible for collection"), default=True)

    class Meta:
        verbose_name = _("debt class")
        verbose_name_plural = _("debt classes")
        constraints = [models.UniqueConstraint("organization", Upper("code"), name="debt_class_code_once")]


@pghistory.track()
class WriteOffDebtClass(Named):
    """Groups debt for write-off rules. Not eligible: tried to be closed, never written off."""

    eligible_for_write_off = models.BooleanField(_("eligible for write-off"), default=True)

    class Meta:
        verbose_name = _("write-off debt class")
        verbose_name_plural = _("write-off debt classes")
        constraints = [models.UniqueConstraint("organization", Upper("code"), name="write_off_debt_class_code_once")]


@pghistory.track()
class CollectionClass(Named):
    """Which accounts are chased and written off by the same rules."""

    class Meta:
        verbose_name = _("collection class")
        verbose_name_plural = _("collection classes")
        constraints = [models.UniqueConstraint("organization", Upper("code"), name="collection_class_code_once")]


@pghistory.track()
class AgreementType(Named):
    """How agreements of this type behave. Keyed by division and code."""

    class SpecialRole(models.TextChoices):
        NONE = "none", _("None")
        WRITE_OFF = "write_off", _("Write-off")
        DEPOSIT = "deposit", _("Deposit")
        OVERPAYMENT = "overpayment", _("Overpayment")
        ARRANGEMENT = "arrangement", _("Payment arrangement")
        BUDGET = "budget", _("Budget")

    class PaymentSegment(models.TextChoices):
        NONE = "", _("Takes no payments")
        NORMAL = "normal", _("Normal")

    division = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="+", verbose_name=_("division"))
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("GL account")
    )
    eligible_for_billing = models.BooleanField(_("eligible for billing"), default=True)
    payment_segment_type = models.CharField(
        _("payment segment type"),
        max_length=12,
        choices=PaymentSegment,
        blank=True,
        default=PaymentSegment.NORMAL,
        help_text=_("Blank: no payment is ever distributed to agreements of this type (bankruptcy)."),
    )
    debt_class = models.ForeignKey(DebtClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("debt class"))
    write_off_debt_class = models.ForeignKey(
        WriteOffDebtClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("write-off debt class")
    )
    special_role = models.CharField(_("special role"), max_length=12, choices=SpecialRole, default=SpecialRole.NONE)
    one_time_charge = models.BooleanField(
        _("one-time charge"), default=False, help_text=_("Closes by itself when it is paid off.")
    )
    do_not_overpay = models.BooleanField(_("do not overpay"), default=False)
    payment_priority = models.PositiveSmallIntegerField(
        _("payment priority"), default=50, help_text=_("The lowest number is paid first.")
    )
    alert_while_open = models.BooleanField(_("alert while open"), default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("agreement type")
        verbose_name_plural = _("agreement types")
        constraints = [
            models.UniqueConstraint("organization", "division", Upper("code"), name="agreement_type_code_once"),
            models.CheckConstraint(
                condition=~models.Q(special_role="write_off") | models.Q(eligible_for_billing=False),
                name="write_off_type_not_billed",
            ),
        ]


class Customer(OrganizationModel):
    """A company or person that is billed. Master data; money hangs on its accounts."""

    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    address = models.TextField(_("address"), blank=True, max_length=500)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("state or region"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    terms = models.ForeignKey(PaymentTerms, on_delete=models.PROTECT, related_name="+", verbose_name=_("payment terms"))
    currency = CurrencyField(_("currency"))
    note = models.TextField(_("note"), blank=True, max_length=2000)
    active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [models.UniqueConstraint("organization", Upper("number"), name="customer_number_once")]
        indexes = [models.Index(fields=["organization", "name", "id"], name="customer_name")]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("customer", args=[self.pk])


class Account(OrganizationModel):
    """A customer's account: what a statement is about. Whoever locks it owns all its documents."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=200, blank=True)
    collection_class = models.ForeignKey(
        CollectionClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("collection class")
    )
    postpone_until = models.DateField(_("no chasing until"), null=True, blank=True)
    alert = models.CharField(_("alert"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.UniqueConstraint("organization", Upper("number"), name="account_number_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    def get_absolute_url(self) -> str:
        return reverse("account", args=[self.pk])


class Agreement(OrganizationModel):
    """A service agreement: it holds debt. Balances are moved by the ledger's triggers only; a debit is positive.

    States after closing follow the balances by themselves (documented behaviour of utility systems): Stopped and
    Reactivated close when both balances are zero, Closed is reactivated when a transaction leaves it non-zero.
    """

    class State(models.TextChoices):
        PENDING_START = "pending_start", _("Pending start")
        ACTIVE = "active", _("Active")
        PENDING_STOP = "pending_stop", _("Pending stop")
        STOPPED = "stopped", _("Stopped")
        CLOSED = "closed", _("Closed")
        REACTIVATED = "reactivated", _("Reactivated")
        CANCELLED = "cancelled", _("Cancelled")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="agreements")
    type = models.ForeignKey(AgreementType, on_delete=models.PROTECT, related_name="+", verbose_name=_("type"))
    number = models.CharField(_("number"), max_length=40)
    currency = CurrencyField(_("currency"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.ACTIVE)
    start_date = models.DateField(_("start date"))
    stop_date = models.DateField(_("stop date"), null=True, blank=True)
    payoff_balance = MoneyField(_("payoff balance"), default=0)
    current_balance = MoneyField(_("current balance"), default=0)
    # It has charges of its own: when it stops it is billed once more, and closes no sooner.
    awaits_final_bill = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("service agreement")
        verbose_name_plural = _("service agreements")
        constraints = [models.UniqueConstraint("organization", Upper("number"), name="agreement_number_once")]
        indexes = [models.Index(fields=["account", "state"], name="agreement_account_state")]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("agreement", args=[self.pk])

"""Loads and what is billed for them: accessorials, invoices and their immutable revisions."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine, CreditNoteReversal, Reason  # noqa: F401
from receivables.billing.delivery.models import CustomerDelivery, Dispatch, InvoiceMailText  # noqa: F401  tables of this package
from receivables.billing.einvoice.categories import TaxCategory
from receivables.billing.einvoice.models import EInvoice  # noqa: F401  tables of this package
from receivables.billing.importing.models import ImportFile, ImportMapping  # noqa: F401  tables of this package
from receivables.billing.recurring.models import (  # noqa: F401  tables of this package
    AgreementCharge,
    BilledPeriod,
    BillingRun,
    BillingRunItem,
)
from receivables.billing.summary.models import LoadShare, SummarySchedule  # noqa: F401
from receivables.core.fields import CurrencyField, ExchangeRateField, MoneyField, RateField
from receivables.core.models import MadeModel, OrganizationModel


class ChargeKind(models.TextChoices):
    """What a charge is, which decides how a settled invoice reads: never its account."""

    CHARGE = "charge", _("Charge")
    BAD_DEBT = "bad_debt", _("Bad debt")
    PRICE_CONCESSION = "price_concession", _("Price concession")
    OTHER = "other", _("Other")


class TaxTreatment(models.TextChoices):
    NONE = "none", _("No tax")
    ADDED = "added", _("Tax is added on top")
    INCLUDED = "included", _("Tax is included in the amount")


class RateType(models.TextChoices):
    FLAT = "flat", _("Flat")
    WEIGHT = "weight", _("Weight")
    DISTANCE = "distance", _("Distance")
    VOLUME = "volume", _("Volume")
    TIME = "time", _("Time")


class Entity(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    CARRIER = "carrier", _("Carrier")
    DRIVER = "driver", _("Driver")
    OWNER = "owner", _("Owner")


@pghistory.track()
class TaxCode(OrganizationModel):
    """A tax rate in percent and the liability account it is booked to. A rate that was used is never changed:
    a new rate is a new code."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    rate = RateField(_("rate in percent"))
    category = models.CharField(_("category"), max_length=2, choices=TaxCategory, default=TaxCategory.STANDARD)
    exemption_reason = models.CharField(
        _("why there is no tax"), max_length=200, blank=True, default="",
        help_text=_("Stands on e-invoices. An exemption names the paragraph; the other categories have a sentence."),
    )  # fmt: skip
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("GL account")
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        constraints = [
            models.UniqueConstraint("organization", Upper("code"), name="tax_code_once"),
            models.CheckConstraint(condition=models.Q(rate__gte=0, rate__lte=100), name="tax_rate_range"),
        ]

    def __str__(self) -> str:
        return str(self.name)


@pghistory.track()
class AccessorialType(OrganizationModel):
    """A kind of extra charge or adjustment (Settings > Accessorials). None for write-offs ships with a fresh
    organization: an Admin creates "Write-Off" or "Balance Adjustment"."""

    name = models.CharField(_("type name"), max_length=80)
    rate_type = models.CharField(_("rate type"), max_length=10, choices=RateType, default=RateType.FLAT)
    entities = ArrayField(models.CharField(max_length=10, choices=Entity), verbose_name=_("entities"), default=list)
    kind = models.CharField(_("kind"), max_length=20, choices=ChargeKind, default=ChargeKind.CHARGE)
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("GL account")
    )
    tax_treatment = models.CharField(_("tax treatment"), max_length=10, choices=TaxTreatment, default=TaxTreatment.NONE)
    tax_code = models.ForeignKey(
        TaxCode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("tax code")
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("accessorial type")
        verbose_name_plural = _("accessorial types")
        constraints = [
            models.UniqueConstraint("organization", Upper("name"), name="accessorial_type_name_once"),
            models.CheckConstraint(condition=~models.Q(entities=[]), name="accessorial_type_has_an_entity"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["bad_debt", "price_concession"]) | ~models.Q(tax_treatment="added"),
                name="accessorial_adjustment_never_adds_tax",
            ),
            models.CheckConstraint(
                condition=~models.Q(tax_treatment="added") | models.Q(tax_code__isnull=False),
                name="accessorial_type_names_its_tax",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def is_adjustment(self) -> bool:
        """Adjustments only take off: their sign is fixed to minus."""
        return self.kind in (ChargeKind.BAD_DEBT, ChargeKind.PRICE_CONCESSION)


class Invoice(OrganizationModel):
    """A numbered claim on an account, through one agreement. What it says is its current revision.

    Regenerating keeps number, issue date, due date and rate. Amounts live in revisions and on the open item.
    """

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField(null=True)
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="invoices", db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="invoices", db_constraint=False
    )
    open_item = models.OneToOneField(
        "ledger.OpenItem", on_delete=models.PROTECT, related_name="invoice", db_constraint=False
    )
    currency = CurrencyField()
    rate = ExchangeRateField(default=1)
    issue_date = models.DateField(_("issue date"))
    due_date = models.DateField(_("due date"))
    terms_days = models.PositiveSmallIntegerField(default=0)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    summary = models.BooleanField(default=False)
    imported = models.BooleanField(default=False)
    current_revision = models.PositiveIntegerField(default=1)
    sent_at = models.DateTimeField(null=True)
    sent_revision = models.PositiveIntegerField(null=True)
    voided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="invoice_number_once"),
            models.CheckConstraint(
                condition=models.Q(sent_revision__isnull=True)
                | models.Q(sent_revision__lte=models.F("current_revision")),
                name="invoice_sent_what_exists",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-issue_date", "-id"], name="invoice_issue_date"),
            models.Index(fields=["organization", "due_date", "id"], name="invoice_due_date"),
            models.Index(fields=["account", "-id"], name="invoice_account"),
            models.Index(Upper("number"), "organization", name="invoice_number_upper"),
            models.Index("organization", OpClass(Upper("number"), "text_pattern_ops"), name="invoice_number_prefix"),
            models.Index(
                "organization", OpClass(Upper("reference"), "text_pattern_ops"), name="invoice_reference_prefix"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("invoice", args=[self.pk])


class Load(OrganizationModel):
    """A shipment to be billed. Draft until its invoice is generated; what it reads as afterwards is derived."""

    number = models.CharField(_("number"), max_length=40)
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="loads", db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="loads", db_constraint=False
    )
    currency = CurrencyField()
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    origin = models.CharField(_("origin"), max_length=120, blank=True, default="")
    destination = models.CharField(_("destination"), max_length=120, blank=True, default="")
    pickup_date = models.DateField(_("pickup date"), null=True, blank=True)
    delivery_date = models.DateField(_("delivery date"), null=True, blank=True)
    line_haul = MoneyField(_("line haul"))
    tax_code = models.ForeignKey(
        TaxCode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("tax on line haul")
    )
    weight = RateField(_("weight"), null=True, blank=True)
    distance = RateField(_("distance"), null=True, blank=True)
    volume = RateField(_("volume"), null=True, blank=True)
    hours = RateField(_("hours"), null=True, blank=True)
    tonu = models.BooleanField(_("TONU (cancelled before pickup, yet billed)"), default=False)
    invoice = models.ForeignKey(Invoice, null=True, on_delete=models.PROTECT, related_name="loads", db_constraint=False)
    charges_total = MoneyField(default=0)
    # What the charges added up to at the newest revision of its invoice: another total means out of date.
    billed_charges = MoneyField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("load")
        verbose_name_plural = _("loads")
        constraints = [
            models.UniqueConstraint("organization", Upper("number"), name="load_number_once"),
            models.CheckConstraint(condition=models.Q(line_haul__gte=0), name="load_line_haul_not_negative"),
            models.CheckConstraint(
                condition=models.Q(delivery_date__isnull=True)
                | models.Q(pickup_date__isnull=True)
                | models.Q(delivery_date__gte=models.F("pickup_date")),
                name="load_delivered_after_pickup",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="load_newest"),
            models.Index(fields=["organization", "number", "id"], name="load_by_number"),
            models.Index("organization", OpClass(Upper("number"), "text_pattern_ops"), name="load_number_prefix"),
            models.Index("organization", OpClass(Upper("reference"), "text_pattern_ops"), name="load_reference_prefix"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("load", args=[self.pk])


class Accessorial(MadeModel):
    """An extra charge, or a reduction, on a load. Only Customer accessorials reach the customer's invoice.

    One that waits for approval, was rejected or was removed is no charge.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        WAITING = "waiting", _("Waiting for approval")
        REJECTED = "rejected", _("Rejected")
        REMOVED = "removed", _("Removed")

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="accessorials", db_constraint=False)
    type = models.ForeignKey(AccessorialType, on_delete=models.PROTECT, related_name="+", verbose_name=_("type"))
    entity = models.CharField(_("entity"), max_length=10, choices=Entity)
    currency = CurrencyField()
    quantity = RateField(_("quantity"), null=True, blank=True)
    rate = RateField(_("rate"), null=True, blank=True)
    amount = MoneyField(_("amount"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    payment_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("accessorial")
        verbose_name_plural = _("accessorials")
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="accessorial_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.amount}"

    def get_absolute_url(self) -> str:
        return self.load.get_absolute_url()


class Revision(MadeModel):
    """What an invoice says, frozen: lines, taxes, totals, bill-to. Never changed; regenerating adds the next one."""

    class Cause(models.TextChoices):
        GENERATED = "generated", _("Generated")
        REGENERATED = "regenerated", _("Regenerated")
        REISSUED = "reissued", _("Reissued")
        VOIDED = "voided", _("Voided")
        IMPORTED = "imported", _("Imported")

    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="revisions", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField()
    cause = models.CharField(max_length=12, choices=Cause)
    currency = CurrencyField()
    net = MoneyField()
    tax = MoneyField()
    total = MoneyField()
    organization_total = MoneyField()
    bad_debt = MoneyField(default=0)
    price_concession = MoneyField(default=0)
    bill_to = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    line_count = models.PositiveIntegerField()
    internal = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="")
    posting_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="revision_total_not_negative"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="revision_total_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(bad_debt__gte=0, price_concession__gte=0), name="revision_given_up_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(cause__in=["reissued"]) | ~models.Q(reason=""), name="revision_reissued_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} v{self.number}"


class RevisionLine(OrganizationModel):
    """A line of a revision. `net` + `tax` = `total`; the tax is its share of the tax of the whole document."""

    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_no = models.PositiveIntegerField()
    load = models.ForeignKey(Load, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    accessorial = models.ForeignKey(
        Accessorial, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=ChargeKind)
    description = models.CharField(max_length=300)
    quantity = RateField(null=True)
    rate = RateField(null=True)
    currency = CurrencyField()
    net = MoneyField()
    tax_code = models.ForeignKey(
        TaxCode, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    tax_rate = RateField(default=0)
    tax = MoneyField(default=0)
    total = MoneyField()
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "line_no"], name="revision_line_no_once"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="revision_line_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return str(self.description)


class RevisionTax(OrganizationModel):
    """The tax of a whole revision by tax code: computed and rounded once per group."""

    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="taxes", db_index=False, db_constraint=False
    )
    tax_code = models.ForeignKey(
        TaxCode, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    name = models.CharField(max_length=120)
    rate = RateField()
    currency = CurrencyField()
    net = MoneyField()
    tax = MoneyField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "tax_code"], name="revision_tax_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.tax}"

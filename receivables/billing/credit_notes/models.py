"""Reasons of differences, credit notes with their lines, and what undid them."""

import pghistory
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, ExchangeRateField, MoneyField, RateField
from receivables.core.models import MadeModel, OrganizationModel


@pghistory.track()
class Reason(OrganizationModel):
    """Why something is taken off what a customer owes: where it is booked, by which document, with which tax.

    `maximum` is the most that it may take off one invoice, in `currency`, the organization's; empty: no limit of its
    own. The kind never changes: it decides how settled invoices read.
    """

    class Kind(models.TextChoices):
        BAD_DEBT = "bad_debt", _("Bad debt")
        PRICE_CONCESSION = "price_concession", _("Price concession")
        DISCOUNT = "discount", _("Discount")
        SMALL_DIFFERENCE = "small_difference", _("Small difference")
        BANK_FEE = "bank_fee", _("Bank fee")
        WITHHOLDING_TAX = "withholding_tax", _("Withholding tax")
        OTHER = "other", _("Other")

    class Document(models.TextChoices):
        CREDIT_NOTE = "credit_note", _("Credit note")
        JOURNAL = "journal", _("Journal only")

    class TaxRule(models.TextChoices):
        NONE = "none", _("No tax")
        AT_ONCE = "at_once", _("Tax is taken back at once")
        RELIEF_LATER = "relief_later", _("Tax relief is claimed later")

    class ReliefFrom(models.TextChoices):
        WRITE_OFF = "write_off", _("the day it was given up")
        DUE = "due", _("the invoice's due date")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("GL account")
    )
    document = models.CharField(_("document"), max_length=12, choices=Document, default=Document.CREDIT_NOTE)
    tax_rule = models.CharField(_("tax"), max_length=12, choices=TaxRule, default=TaxRule.NONE)
    relief_days = models.PositiveSmallIntegerField(_("days until tax relief"), null=True, blank=True)
    relief_from = models.CharField(
        _("counted from"), max_length=10, choices=ReliefFrom, default=ReliefFrom.WRITE_OFF,
        db_default=ReliefFrom.WRITE_OFF,
    )  # fmt: skip
    currency = CurrencyField(editable=False)
    maximum = MoneyField(_("limit per invoice"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons of differences")
        constraints = [
            models.UniqueConstraint("organization", Upper("code"), name="reason_code_once"),
            models.CheckConstraint(
                condition=models.Q(maximum__isnull=True) | models.Q(maximum__gte=0), name="reason_limit_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(tax_rule="relief_later", relief_days__isnull=False)
                | (~models.Q(tax_rule="relief_later") & models.Q(relief_days__isnull=True)),
                name="reason_relief_has_its_days",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)


class CreditNote(MadeModel):
    """A numbered document that takes something off one or several invoices of an account. Never changed.

    It is the document of one journal entry, which its lines name through their settlements, and posts nothing besides.
    `rate` is what one unit of its currency was booked at, over all its invoices: each keeps its own booked rate.
    """

    number = models.CharField(_("number"), max_length=40)
    sequence_number = models.BigIntegerField()
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="credit_notes", db_constraint=False
    )
    reason = models.ForeignKey(
        Reason, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason"), db_constraint=False
    )
    reason_name = models.CharField(max_length=80, blank=True, default="", db_default="")
    text = models.CharField(_("text"), max_length=300, blank=True, default="")
    currency = CurrencyField()
    rate = ExchangeRateField(default=1)
    date = models.DateField(_("date"))
    posting_date = models.DateField(_("posting date"))
    net = MoneyField()
    tax = MoneyField()
    total = MoneyField()
    line_count = models.PositiveIntegerField()
    bill_to = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="credit_note_number_once"),
            models.CheckConstraint(condition=models.Q(total__gt=0, net__gte=0, tax__gte=0), name="credit_note_amounts"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="credit_note_adds_up"
            ),
            models.CheckConstraint(condition=models.Q(line_count__gte=1), name="credit_note_has_lines"),
        ]
        indexes = [
            models.Index(fields=["organization", "-date", "-id"], name="credit_note_date"),
            models.Index(fields=["account", "-id"], name="credit_note_account"),
            models.Index(
                "organization", OpClass(Upper("number"), "text_pattern_ops"), name="credit_note_number_prefix"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("credit_note", args=[self.pk])

    @property
    def reason_text(self) -> str:
        """The reason as it was called when this was issued: the paper stays as the customer has it."""
        return self.reason_name or str(self.reason.name)


class CreditNoteLine(OrganizationModel):
    """What a credit note takes off one invoice under one tax code: `net` + `tax` = `total`.

    Net is debited to `gl_account`, the tax to the account of its code; `allocation` is the settlement of the invoice,
    which the lines of that invoice add up to.
    """

    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_no = models.PositiveIntegerField()
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, related_name="credit_lines", db_constraint=False
    )
    allocation = models.ForeignKey(
        "ledger.Allocation", on_delete=models.PROTECT, related_name="credit_note_lines", db_constraint=False
    )
    gl_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = CurrencyField()
    net = MoneyField()
    tax_code = models.ForeignKey(
        "billing.TaxCode", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    tax_rate = RateField(default=0)
    tax = MoneyField(default=0)
    total = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "line_no"], name="credit_note_line_no_once"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="credit_note_line_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(total__gt=0, net__gte=0, tax__gte=0), name="credit_note_line_amounts"
            ),
            models.CheckConstraint(
                condition=models.Q(tax_code__isnull=False) | models.Q(tax=0), name="credit_note_line_names_its_tax"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.total}"


class CreditNoteReversal(MadeModel):
    """What undid a credit note, once; the invoices owe again what it took off."""

    credit_note = models.OneToOneField(
        CreditNote, on_delete=models.PROTECT, related_name="reversal", db_constraint=False
    )
    reason = models.TextField()
    posting_date = models.DateField()

    class Meta:
        verbose_name = _("reversal of a credit note")
        verbose_name_plural = _("reversals of credit notes")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="credit_note_reversal_says_why"),
        ]

    def __str__(self) -> str:
        return str(self.credit_note)

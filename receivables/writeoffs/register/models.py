"""The register of write-offs and recoveries: each movement of a write-off agreement, and what they come to.

Both tables are written by the database alone, by a trigger on the ledger's movements: so the register is the ledger's,
and neither its list nor its totals read 100,000 journal entries.
"""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel


class RegisterTotal(OrganizationModel):
    """How many movements one posting date has of a kind, write-off type, person, reason and currency, and what they
    come to: a debit is what is owed more. The movements of a batch of 100,000 are some three of these."""

    class What(models.TextChoices):
        WRITTEN_OFF = "written_off", _("Written off")
        TAKEN_BACK = "taken_back", _("Taken back")
        RECOVERED = "recovered", _("Recovered")
        WRITTEN_DOWN = "written_down", _("Closed as a small difference")
        MOVED = "moved", _("Moved between agreements")

    date = models.DateField()
    what = models.CharField(max_length=12, choices=What)
    type = models.ForeignKey(
        "customers.AgreementType", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    person = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    currency = CurrencyField()
    line_count = models.PositiveBigIntegerField()
    amount = MoneyField()

    def __str__(self) -> str:
        return f"{self.date} {self.what} {self.amount}"


class RegisterLine(OrganizationModel):
    """What one entry did to one write-off agreement. An entry that moves written-off debt on to a bankruptcy together
    with other debt has two lines there: what was moved, and what was written off by it."""

    total = models.ForeignKey(RegisterTotal, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    entry = models.ForeignKey(
        "ledger.JournalEntry", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    date = models.DateField()
    document = models.CharField(max_length=200)
    currency = CurrencyField()
    amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "agreement", "total"], name="register_line_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "date", "id"], include=["total"], name="register_line_date"),
            models.Index(fields=["organization", "amount", "id"], include=["total"], name="register_line_amount"),
            models.Index("organization", OpClass(Upper("document"), "text_pattern_ops"), name="register_line_document"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.amount}"

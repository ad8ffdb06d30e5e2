"""What moved agreements: the rows from which both of an agreement's balances are added up."""

from django.db import models
from django.utils import timezone

from receivables.core.fields import MoneyField
from receivables.core.models import OrganizationModel


class AgreementTransaction(OrganizationModel):
    """A movement of an agreement's two balances. Those of an entry are written by the ledger's trigger; budgets,
    arrangements and the sync of current to payoff have no entry and move the current balance only."""

    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="transactions", db_constraint=False
    )
    entry = models.ForeignKey(
        "ledger.JournalEntry", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    kind = models.CharField(max_length=32)
    date = models.DateField()
    payoff_effect = MoneyField()
    current_effect = MoneyField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(entry__isnull=False) | models.Q(payoff_effect=0),
                name="agreement_transaction_payoff_is_posted",
            ),
            models.UniqueConstraint(fields=["entry", "agreement"], name="agreement_transaction_once_per_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.payoff_effect}"

"""What a fresh organization collects with."""

from typing import Any

from receivables.collections.models import BankAccount
from receivables.ledger.models import GLAccount


def set_up_bank(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization: a bank account in its currency, after the chart of accounts exists."""
    BankAccount.objects.create(
        organization=subject,
        name="Main bank",
        currency=subject.currency,
        gl_account=GLAccount.objects.get(organization=subject, code="1000"),
    )

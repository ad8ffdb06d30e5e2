"""What a fresh organization collects with."""

from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import Reason
from receivables.collections.models import BankAccount, PayOffPolicy
from receivables.ledger.models import GLAccount


def set_up_bank(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization: a bank account in its currency, after the chart of accounts exists."""
    BankAccount.objects.create(
        organization=subject,
        name="Main bank",
        currency=subject.currency,
        gl_account=GLAccount.objects.get(organization=subject, code="1000"),
    )


def set_up_pay_offs(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization, after its reasons exist: no maximum, booked as bad debt with a credit note."""
    reason = Reason.objects.get(organization=subject, code="BAD-DEBT")
    PayOffPolicy.objects.create(organization=subject, currency=subject.currency, reason=reason, why=_("Set up"))

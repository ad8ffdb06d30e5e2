"""Which GL accounts the settings of billing may name."""

from typing import Any

from receivables.ledger.models import GLAccount

# Accounts whose balance is held to open items, agreements or other entries: nothing is charged to them.
CONTROL = (
    GLAccount.Role.RECEIVABLES, GLAccount.Role.UNAPPLIED, GLAccount.Role.TRANSFER, GLAccount.Role.CURRENCY_CLEARING,
    GLAccount.Role.EXCHANGE, GLAccount.Role.OPENING,
)  # fmt: skip


def chargeable(accounts: Any) -> Any:
    """GL accounts that a charge may be booked to."""
    return accounts.exclude(role__in=CONTROL)

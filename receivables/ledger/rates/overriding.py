"""A rate of a document's own: who may say so, why, and how far it may be from the table's."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.core.errors import refuse
from receivables.core.money import NumberFormat
from receivables.core.operations import authorize
from receivables.ledger.rates.queries import known_rate, rate_on
from receivables.ledger.rates.rules import override_exchange_rate_blocker, own_currency_blocker


@dataclass(frozen=True)
class Override:
    """The rate that was agreed on, and why; `sure`: it is far from the table's, and meant."""

    rate: Decimal
    reason: str
    sure: bool = False


def document_rate(actor: Any, currency: str, day: date, override: Override | None = None) -> Decimal:
    """The rate of a document of a day: the table's, or its own, which needs a permission.

    Raises `Refused` without a rate, and for one of its own without a reason or far off without a confirmation.
    """
    if override is None:
        return rate_on(actor, currency, day)
    authorize(actor, "override_exchange_rate")
    organization = actor.organization
    known = known_rate(actor, currency, day)
    refuse(
        own_currency_blocker(currency, organization.currency, field="own_rate")
        or override_exchange_rate_blocker(
            override.rate, table=known.rate if known else None, tolerance=organization.exchange_tolerance,
            reason=override.reason, sure=override.sure, fmt=NumberFormat.of(organization, actor.user),
        )
    )  # fmt: skip
    return override.rate


def said_of(override: Override | None) -> dict[str, Any]:
    """What an event says of a document's own rate."""
    return {} if override is None else {"rate": str(override.rate), "rate_reason": override.reason}

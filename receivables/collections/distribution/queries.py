"""The debt of an account that a payment is distributed over, as the ledger has it."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from receivables.collections.distribution.strategies import Debt, distribute
from receivables.collections.payable import NO_PAYMENTS
from receivables.customers.models import AgreementType
from receivables.ledger.models import OpenItem

MOST_DEBTS = 500  # of one account in one currency; the oldest come first


def takes_payments(item: OpenItem) -> bool:
    """Whether a payment may reach the agreement of a debt, which was read with its type."""
    return item.agreement is not None and item.agreement.type.payment_segment_type != NO_PAYMENTS


def is_written_off(item: OpenItem) -> bool:
    return item.agreement is not None and item.agreement.type.special_role == AgreementType.SpecialRole.WRITE_OFF


def debts_of(
    actor: Any, account_id: int, currency: str, settled: Collection[int] | None = None
) -> list[OpenItem]:  # fmt: skip
    """What is owed on the agreements of an account in a currency, the oldest due first, with agreement and type; also
    what no payment may reach. `settled`: instead of it these debts, on which nothing may be owed any more."""
    own = OpenItem.objects.of(actor).filter(account_id=account_id, currency=currency, agreement__isnull=False)
    owed = own.filter(balance__gt=0) if settled is None else own.filter(pk__in=settled)
    return list(owed.select_related("agreement__type", "invoice").order_by("due_date", "pk")[:MOST_DEBTS])


def debt_of(item: OpenItem) -> Debt:
    """A debt as strategies see it."""
    agreement: Any = item.agreement
    return Debt(
        item.pk, agreement.pk, agreement.type.payment_priority, item.due_date, item.balance, is_written_off(item),
        takes_payments(item),
    )  # fmt: skip


def proposed(actor: Any, amount: Decimal, items: Sequence[OpenItem]) -> dict[int, Decimal]:
    """How the organization's way of distributing spreads an amount over these debts, in the order of payment."""
    return distribute(actor.organization.payment_distribution, amount, [debt_of(item) for item in items])

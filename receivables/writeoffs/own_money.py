"""What the customer already has with us, which pays the debt before any of it is written off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.unapplied.queries import on_account
from receivables.core.operations import SystemActor
from receivables.writeoffs.planning import Debt

ZERO = Decimal(0)
# Who writes off need not hold the permission to distribute payments.
APPLYING = frozenset({"distribute_payment"})


@dataclass(frozen=True)
class Money:
    """Payments of an account with money that is not applied, oldest first, and how much that is in all."""

    payments: tuple[Payment, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((unapplied(payment) for payment in self.payments), ZERO)


def money_of(actor: Any, account_id: int, currency: str) -> Money:
    """What an account has in a currency."""
    return Money(tuple(on_account(actor, account=account_id, currency=currency)))


def apply_first(
    actor: Any, money: Money, picked: Sequence[tuple[Debt, Decimal]], used: Decimal, *, posting_date: date, reason: str
) -> None:
    """Apply `used` of the money to these debts in their order, each payment by the operation that people use."""
    worker = SystemActor(actor.organization, actor.name, APPLYING, actor.user)
    open_now = {debt.item_id: debt.balance for debt, _amount in picked if debt.item_id and debt.payable}
    for payment in money.payments:
        left = min(unapplied(payment), used)
        parts: dict[int, Decimal] = {}
        for item, balance in open_now.items():
            part = min(left, balance)
            if part > 0:
                parts[item] = part
                open_now[item] -= part
                left -= part
                used -= part
        if parts:
            distribute_payment(
                actor=worker, payment=payment, amounts=parts, reason=reason,
                posting_date=max(posting_date, payment.posting_date),
            )  # fmt: skip

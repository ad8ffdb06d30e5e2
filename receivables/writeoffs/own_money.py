"""What the customer already has with us, which pays the debt before any of it is written off."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.collections.distribution.own_money import OwnMoney, own_money, use_own_money
from receivables.collections.distribution.paying import filled
from receivables.ledger.models import OpenItem
from receivables.writeoffs.planning import Debt

Money = OwnMoney


def money_of(actor: Any, account_id: int, currency: str) -> Money:
    """What an account has in a currency: overpayments, money on account, deposits of stopped service. Most have
    nothing, which one look at the open items tells: all of it stands there in credit."""
    items = OpenItem.objects.of(actor).filter(account_id=account_id, currency=currency, balance__lt=0)
    if not items.exists():
        return OwnMoney()
    return own_money(actor, account_id, currency)


def apply_first(
    actor: Any, money: Money, picked: Sequence[tuple[Debt, Decimal]], used: Decimal, *, posting_date: date, reason: str
) -> None:
    """Apply `used` of the money to these debts in their order."""
    owed = {debt.item_id: debt.balance for debt, _amount in picked if debt.item_id and debt.payable}
    shares = filled([used], owed)[0]
    if shares:
        latest = max([posting_date, *(source.posted for source in money.sources)])
        use_own_money(actor, money, shares, posting_date=latest, reason=reason)

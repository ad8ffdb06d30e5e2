"""Which debt of an account a payment pays first: pure functions with a name, of which an organization chooses one.

Another way is one more entry of `STRATEGIES`; what no payment may reach is taken out before any of them is asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker, Refused
from receivables.core.registry import distributions

DEFAULT = "priority"


@dataclass(frozen=True)
class Debt:
    """An open item as a strategy sees it; amounts in its currency. The lowest `priority` is paid first."""

    item_id: int
    agreement_id: int
    priority: int
    due: date
    balance: Decimal
    written_off: bool = False
    takes_payments: bool = True


# What of an amount goes to which open item, by key.
Strategy = Callable[[Decimal, Sequence[Debt]], Mapping[int, Decimal]]


def in_order(key: Callable[[Debt], Any]) -> Strategy:
    """The strategy that pays one debt after the other in full, by this order, while there is money."""

    def strategy(amount: Decimal, debts: Sequence[Debt]) -> Mapping[int, Decimal]:
        left, paid = amount, {}
        for debt in sorted(debts, key=key):
            part = min(left, debt.balance)
            if part > 0:
                paid[debt.item_id] = part
                left -= part
        return paid

    return strategy


def by_priority(debt: Debt) -> Any:
    """Payment priority of the agreement's type, then the oldest debt, then the agreement; what was written off comes
    after everything else (ours; documented are the two criteria, not their order)."""
    return debt.written_off, debt.priority, debt.due, debt.agreement_id, debt.item_id


def by_age(debt: Debt) -> Any:
    """The oldest debt, whatever its agreement; what was written off comes after everything else."""
    return debt.written_off, debt.due, debt.priority, debt.agreement_id, debt.item_id


STRATEGIES: dict[str, Strategy] = {DEFAULT: in_order(by_priority), "oldest": in_order(by_age)}


def register() -> None:
    """Called once, when the application is ready."""
    distributions[DEFAULT] = gettext_lazy("Payment priority of the agreement's type, then the oldest debt")
    distributions["oldest"] = gettext_lazy("The oldest debt, whatever its agreement")


def distribute(name: str, amount: Decimal, debts: Sequence[Debt]) -> dict[int, Decimal]:
    """What of `amount` goes to which debt, in the order in which it is paid; what no debt takes is left over.

    Raises `Refused` where no strategy has this name, `ValueError` for one that pays more than there is or is owed.
    """
    strategy = STRATEGIES.get(name)
    if strategy is None:
        message = _("No way of distributing payments is called “%(name)s”. An administrator can choose another one.")
        raise Refused(Blocker("no_distribution", message % {"name": name}))
    payable = {debt.item_id: debt for debt in debts if debt.takes_payments}
    paid = dict(strategy(amount, list(payable.values())))
    beyond = [key for key, part in paid.items() if part <= 0 or part > payable[key].balance]
    if beyond or sum(paid.values(), Decimal(0)) > amount:
        raise ValueError(f"the distribution {name} pays more than there is or is owed")
    return paid

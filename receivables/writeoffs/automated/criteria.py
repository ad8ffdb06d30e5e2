"""The criteria that a control may ask, and the functions that an event may run: more are registered here."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.operations import SystemActor
from receivables.customers.models import Account
from receivables.writeoffs.alerts import warn


@dataclass(frozen=True)
class Owed:
    """The debt that criteria look at: what its agreements owe together, and what else the account has."""

    amount: Decimal
    has_deposit: bool = False


@dataclass(frozen=True)
class Criterion:
    """A test of debt. `needs_amount`: the setting names the amount that it is compared with."""

    label: Any
    holds: Callable[[Owed, Decimal], bool]
    needs_amount: bool = False


CRITERIA: dict[str, Criterion] = {
    "at_least": Criterion(
        gettext_lazy("At least the amount is owed"), lambda owed, amount: owed.amount >= amount, True
    ),
    "below": Criterion(gettext_lazy("Less than the amount is owed"), lambda owed, amount: owed.amount < amount, True),
    "has_deposit": Criterion(gettext_lazy("We hold a deposit of the account"), lambda owed, _amount: owed.has_deposit),
    "always": Criterion(gettext_lazy("Always"), lambda _owed, _amount: True),
}


def first_met(rows: list[Any], owed: Owed) -> Any:
    """The first of the criteria, by priority, that is met; None if none is. One that nobody knows any more is not."""
    for row in sorted(rows, key=lambda each: each.priority):
        criterion = CRITERIA.get(row.test)
        if criterion is not None and criterion.holds(owed, row.amount or Decimal(0)):
            return row
    return None


@dataclass(frozen=True)
class Function:
    """Something that an event may run: `run(actor, process, event)` does it and says in a sentence what it did."""

    label: Any
    run: Callable[[Any, Any, Any], str]


def _warn(actor: Any, process: Any, event: Any) -> str:
    """Put a warning on the account, for whoever opens it."""
    worker = SystemActor(actor.organization, actor.name, frozenset({"edit_account"}), actor.user)
    account = Account.objects.of(actor).select_related("customer").get(pk=process.account_id)
    alert = event.text.strip() or _("Its debt is about to be written off.")
    warn(worker, account, alert)
    return _("The account's page warns: %(alert)s") % {"alert": alert}


FUNCTIONS: dict[str, Function] = {"warn": Function(gettext_lazy("Warn on the account's page"), _warn)}

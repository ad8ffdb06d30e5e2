"""Which debt is chased, and why the rest is left alone. Pure functions over facts; nothing here reads the database.

Documented behaviour: debt is aged and summed per debt class, then compared with the criteria of the account's
collection class by priority; classes that are not eligible for collection are left out, so written-off debt is immune.
Ours: nobody presses a bankrupt account (the stay that a petition brings); disputed invoices, and those of which
something waits for approval, are held whole; money on account is taken off the oldest debt; and no more is asked for
than the agreement's current balance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker

ZERO = Decimal(0)

# Why debt is left alone.
SKIPS: dict[str, Any] = {
    "immune": gettext_lazy("The debt class is not subject to collection."),
    "bankrupt": gettext_lazy("A petition in bankruptcy was filed: nobody presses for what this account owes."),
    "postponed": gettext_lazy("Nobody chases this account until the day that is set on it."),
    "disputed": gettext_lazy("All that is overdue is disputed."),
    "waiting": gettext_lazy("What is overdue waits for approval or is disputed."),
    "on_account": gettext_lazy("Money on account covers all that is overdue."),
    "not_asked": gettext_lazy("A budget or an arrangement asks for none of it now."),
    "no_criteria": gettext_lazy("No criteria exist for this collection class, debt class and currency."),
    "below": gettext_lazy("It is less, or overdue for fewer days, than any of the criteria wants."),
}
# How a process ends where the debt behind it is left alone; what is postponed or waits for a decision only rests.
ENDS = {
    "immune": "immune", "bankrupt": "bankrupt", "disputed": "disputed", "on_account": "paid", "not_asked": "paid",
    "no_criteria": "no_criteria", "below": "below",
}  # fmt: skip
RESTS = SKIPS.keys() - ENDS.keys()


@dataclass(frozen=True)
class Item:
    """An overdue open item: what is open on it, for how many days it is overdue, whether it is disputed, and whether
    something of it waits for somebody who may give it up."""

    balance: Decimal
    days: int
    agreement_id: int | None = None
    disputed: bool = False
    waiting: bool = False

    @property
    def held(self) -> bool:
        """Whether nobody is reminded of it meanwhile."""
        return self.disputed or self.waiting


@dataclass(frozen=True)
class Criterion:
    """A row of the criteria as far as the rule needs it."""

    priority: int
    minimum_amount: Decimal
    minimum_age: int
    step: int
    late_fee: Decimal = ZERO
    late_fee_type_id: int | None = None


@dataclass(frozen=True)
class Debt:
    """What is overdue of one debt class and currency on an account. `asked` caps an agreement's part at its current
    balance; `on_account` is money in that currency that was not applied yet; `bankrupt`: a petition was filed."""

    collectable: bool
    items: Sequence[Item]
    postponed_until: date | None = None
    asked: dict[int, Decimal] = field(default_factory=dict)
    on_account: Decimal = ZERO
    bankrupt: bool = False


@dataclass(frozen=True)
class Verdict:
    """What comes of a debt: a step of chasing, or a code of SKIPS. `amount` and `days` are what counted."""

    code: str
    amount: Decimal
    days: int
    step: int | None = None
    criterion: Criterion | None = None
    oldest_agreement: int | None = None


def _capped(items: Iterable[Item], asked: dict[int, Decimal]) -> list[Item]:
    """No more of an agreement than it asks for now, its oldest items first."""
    left = {agreement: max(amount, ZERO) for agreement, amount in asked.items()}
    found = []
    for item in sorted(items, key=lambda each: -each.days):
        if item.agreement_id is None or item.agreement_id not in left:
            found.append(item)
            continue
        part = min(item.balance, left[item.agreement_id])
        left[item.agreement_id] -= part
        if part > 0:
            found.append(Item(part, item.days, item.agreement_id))
    return found


def _less(items: Sequence[Item], money: Decimal) -> list[Item]:
    """What is left when money on account is taken off, the oldest first."""
    found = []
    for item in sorted(items, key=lambda each: -each.days):
        used = min(item.balance, money)
        money -= used
        if item.balance > used:
            found.append(Item(item.balance - used, item.days, item.agreement_id))
    return found


def total(items: Iterable[Item]) -> Decimal:
    return sum((item.balance for item in items), ZERO)


def oldest(items: Iterable[Item]) -> int:
    return max((item.days for item in items), default=0)


def chased(debt: Debt) -> list[Item]:
    """What of an overdue debt may be chased at all: not held, asked for, and not covered by money on account; nothing
    of a bankrupt account."""
    if debt.bankrupt:
        return []
    return _less(_capped(_free(debt), debt.asked), debt.on_account)


def _free(debt: Debt) -> list[Item]:
    return [item for item in debt.items if not item.held]


def review(debt: Debt, criteria: Sequence[Criterion], today: date) -> Verdict:
    """What comes of an overdue debt today. The first criterion that is met wins."""
    whole, days = total(debt.items), oldest(debt.items)
    reason = _left_alone(debt, today)
    if reason:
        return Verdict(reason, whole, days)
    items = chased(debt)
    for criterion in sorted(criteria, key=lambda each: each.priority):
        old_enough = [item for item in items if item.days >= criterion.minimum_age]
        if old_enough and total(old_enough) >= criterion.minimum_amount:
            first = max(items, key=lambda each: each.days)
            return Verdict("", total(items), oldest(items), criterion.step, criterion, first.agreement_id)
    return Verdict("below" if criteria else "no_criteria", total(items), oldest(items))


def _left_alone(debt: Debt, today: date) -> str:
    """Why nothing of a debt is compared with any criterion; "" if something is."""
    if not debt.collectable:
        return "immune"
    if debt.bankrupt:
        return "bankrupt"
    if debt.postponed_until is not None and debt.postponed_until > today:
        return "postponed"
    free = _free(debt)
    if not free:
        return "waiting" if any(item.waiting for item in debt.items) else "disputed"
    asked = _capped(free, debt.asked)
    if not asked:
        return "not_asked"
    return "" if _less(asked, debt.on_account) else "on_account"


def run_debt_monitor_blocker(*, running: bool) -> Blocker | None:
    """One run at a time: two at once would do the same work."""
    if running:
        return Blocker("monitor_running", _("The debt monitor is at work. Wait for its end, or stop it first."))
    return None

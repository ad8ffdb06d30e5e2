"""What a write-off comes to, worked out without a query: which debt, split over the accounts it was booked to, and
where each part goes. The facts of any number of accounts are read beforehand (`reading.py`), set by set.

Source of the split: the published write-off by distribution code; that the unpaid part of open items is split in
proportion, and debt without an item is walked newest first, is ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from receivables.core.money import round_money, split

ZERO = Decimal(0)
# The account of debt that no transaction explains.
UNEXPLAINED = None

Booked = Mapping[int | None, Decimal]


@dataclass(frozen=True)
class Movement:
    """A transaction that raised an agreement's debt without an open item: how much, and what it was booked to."""

    amount: Decimal
    booked: Booked


@dataclass(frozen=True)
class Debt:
    """What is owed on one open item, or on an agreement beside its items (`item_id` None), in `currency`.

    `standing_on` is the GL account on which the balance stands; `booked` what the item was booked to, as far as it was
    not taken back; `movements`, newest first, explain debt without an item. A debt of a write-off agreement keeps its
    account (`written_off`). `payable`: the customer's own money may be applied to it.
    """

    account_id: int
    agreement_id: int
    item_id: int | None
    number: str
    due_date: date
    standing_on: int
    currency: str
    balance: Decimal
    own_balance: Decimal
    booked: Booked = field(default_factory=dict)
    movements: Sequence[Movement] = ()
    written_off: bool = False
    payable: bool = True

    @property
    def key(self) -> tuple[int, int | None]:
        return self.agreement_id, self.item_id


@dataclass(frozen=True)
class Route:
    """Where a part of debt goes: to the write-off agreement of a type, debited to an account."""

    type_id: int
    debit_account_id: int


@dataclass(frozen=True)
class Routes:
    """The routes of the accounts that debt may have been booked to; `default` takes what nothing explains."""

    by_account: Mapping[int, Route]
    default: Route | None = None

    def of(self, account_id: int | None) -> Route | None:
        return self.default if account_id is None else self.by_account.get(account_id)


@dataclass(frozen=True)
class Share:
    """A part of one debt with one origin and one destination."""

    debt: Debt
    booked_account_id: int | None
    route: Route
    amount: Decimal
    own_amount: Decimal


@dataclass(frozen=True)
class Plan:
    """Shares that add up to what is written off, or why it can't be: `unrouted` accounts, or `unexplained` debt."""

    shares: tuple[Share, ...] = ()
    unrouted: tuple[int, ...] = ()
    unexplained: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        return sum((share.amount for share in self.shares), ZERO)

    @property
    def own_amount(self) -> Decimal:
        return sum((share.own_amount for share in self.shares), ZERO)

    def by_debt(self) -> dict[tuple[int, int | None], Decimal]:
        sums: dict[tuple[int, int | None], Decimal] = {}
        for share in self.shares:
            sums[share.debt.key] = sums.get(share.debt.key, ZERO) + share.amount
        return sums


def unpaid_parts(
    booked: Mapping[int | None, Decimal], taken_back: Mapping[int, Decimal], reduced: Decimal, liabilities: set[int],
    currency: str,
) -> dict[int | None, Decimal]:  # fmt: skip
    """What an item still stands for by account: what it was booked to, less what reductions took back.

    `taken_back` names accounts (a credit note's tax), `reduced` what was taken off without naming one of them: that
    comes off revenue, and so does an account that was booked the other way. So tax is never reclaimed twice.
    """
    left = {account: amount - taken_back.get(account or 0, ZERO) for account, amount in booked.items()}
    surplus = reduced + sum((amount for account, amount in taken_back.items() if account not in booked), ZERO)
    surplus += sum((-amount for amount in left.values() if amount < 0), ZERO)
    left = {account: amount for account, amount in left.items() if amount > 0}
    revenue = {account: amount for account, amount in left.items() if account not in liabilities}
    for group in (revenue, left):
        part = min(surplus, sum((left[account] for account in group), ZERO))
        if part > 0:
            for account, share in zip(group, split(part, [left[each] for each in group], currency), strict=True):
                left[account] -= share
            surplus -= part
    return {account: amount for account, amount in left.items() if amount > 0}


def walked(movements: Iterable[Movement], amount: Decimal, currency: str) -> dict[int | None, Decimal]:
    """The origin of debt that stands on no item: transactions newest first until the amount is reached, the one that
    overshoots in proportion; what is left is unexplained."""
    found: dict[int | None, Decimal] = {}
    for movement in movements:
        part = min(movement.amount, amount)
        if part <= 0 or not any(weight > 0 for weight in movement.booked.values()):
            continue
        weights = [max(weight, ZERO) for weight in movement.booked.values()]
        for account, share in zip(movement.booked, split(part, weights, currency), strict=True):
            found[account] = found.get(account, ZERO) + share
        amount -= part
    if amount > 0:
        found[UNEXPLAINED] = found.get(UNEXPLAINED, ZERO) + amount
    return {account: share for account, share in found.items() if share}


def chosen(debts: Sequence[Debt], amounts: Mapping[tuple[int, int | None], Decimal]) -> list[tuple[Debt, Decimal]]:
    """Those debts that were picked, each with its amount, in the order of the debts."""
    return [(debt, amounts[debt.key]) for debt in debts if amounts.get(debt.key, ZERO) != 0]


def oldest_first(debts: Iterable[Debt], amount: Decimal | None) -> dict[tuple[int, int | None], Decimal]:
    """How an amount in all (None: everything) falls on debts, the oldest due first."""
    picked: dict[tuple[int, int | None], Decimal] = {}
    for debt in debts:
        part = debt.balance if amount is None else min(amount, debt.balance)
        if part > 0:
            picked[debt.key] = part
            amount = None if amount is None else amount - part
    return picked


def own_value(debt: Debt, amount: Decimal, own_currency: str) -> Decimal:
    """What a part of a debt is booked at in the organization's currency; the last part takes the rest."""
    if amount == debt.balance:
        return debt.own_balance
    return round_money(debt.own_balance * amount / debt.balance, own_currency)


def own_values(
    rests: Sequence[tuple[Decimal, Decimal]], parts: Sequence[Decimal], standing: Decimal, own_currency: str, *,
    emptied: bool,
) -> list[Decimal]:  # fmt: skip
    """What parts of lines are worth in the organization's currency: of each line (what is left of it, its own value)
    in proportion, and all that is left where the line is taken whole, so that no step takes more of a line than it is
    worth or leaves a value behind on nothing. Together not more than what stands (`standing`), and just that where
    nothing is left (`emptied`): what payments rounded is found on the lines that go on."""
    values = [
        max(own if part == amount else round_money(own * part / amount, own_currency), ZERO) if part else ZERO
        for (amount, own), part in zip(rests, parts, strict=True)
    ]
    missing = (standing if emptied else min(standing, sum(values, ZERO))) - sum(values, ZERO)
    taken = [index for index, part in enumerate(parts) if part]
    for index in sorted(taken, key=lambda each: parts[each] == rests[each][0]):
        room = max(rests[index][1] - values[index], ZERO)
        step = min(missing, room) if missing > 0 else max(missing, -values[index])
        values[index], missing = values[index] + step, missing - step
    if missing:
        values[taken[0]] += missing
    return values


def origins(debt: Debt, amount: Decimal) -> dict[int | None, Decimal]:
    """The accounts that a part of a debt was booked to, cents by largest remainder."""
    if debt.written_off:
        return {debt.standing_on: amount}
    if debt.item_id is None:
        return walked(debt.movements, amount, debt.currency)
    if not debt.booked:
        return {UNEXPLAINED: amount}
    parts = split(amount, list(debt.booked.values()), debt.currency)
    return {account: part for account, part in zip(debt.booked, parts, strict=True) if part}


def plan(picked: Sequence[tuple[Debt, Decimal]], routes: Routes, own_currency: str) -> Plan:
    """Split each picked amount by its origin and send every part where its account says."""
    shares: list[Share] = []
    unrouted: dict[int, None] = {}
    unexplained = ZERO
    for debt, amount in picked:
        found = origins(debt, amount)
        values = split(own_value(debt, amount, own_currency), list(found.values()), own_currency)
        for (account, part), own in zip(found.items(), values, strict=True):
            route = routes.of(account)
            if route is not None:
                shares.append(Share(debt, account, route, part, own))
            elif account is None:
                unexplained += part
            else:
                unrouted[account] = None
    if unrouted or unexplained:
        return Plan((), tuple(unrouted), unexplained)
    return Plan(tuple(shares))


def after_money(picked: Sequence[tuple[Debt, Decimal]], money: Decimal) -> tuple[list[tuple[Debt, Decimal]], Decimal]:
    """What is left to write off of each picked debt once the customer's own money was applied to these debts, in their
    order; and how much of the money that takes. The money pays what is picked first."""
    left, used = [], ZERO
    for debt, amount in picked:
        part = min(money - used, debt.balance) if debt.payable else ZERO
        used += part
        rest = min(amount, debt.balance - part)
        if rest > 0:
            remaining = replace(debt, balance=debt.balance - part)
            left.append((remaining, rest))
    return left, used

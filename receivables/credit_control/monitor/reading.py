"""What the debt monitor looks at: overdue debt by account, debt class and currency; a few queries for many accounts."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from receivables.credit_control.monitor.models import CollectionCriterion, CollectionProcess
from receivables.credit_control.monitor.rules import Criterion, Debt, Item, Verdict, review, total
from receivables.credit_control.queries import held_items
from receivables.customers.holds import under_stay
from receivables.customers.models import Account, Agreement, DebtClass
from receivables.ledger.models import OpenItem

# Account, debt class, currency.
Key = tuple[int, int, str]


@dataclass(frozen=True)
class Reviewed:
    """One debt with what the rule says of it, and the process that is under way about it."""

    key: Key
    verdict: Verdict
    process: CollectionProcess | None


def criteria_of(actor: Any) -> dict[tuple[int, int, str], list[Criterion]]:
    """The active criteria by collection class, debt class and currency."""
    found: dict[tuple[int, int, str], list[Criterion]] = defaultdict(list)
    for row in CollectionCriterion.objects.of(actor).filter(active=True):
        key = (row.collection_class_id, row.debt_class_id, row.currency)
        fee = row.late_fee or Decimal(0)
        found[key].append(
            Criterion(row.priority, row.minimum_amount, row.minimum_age, row.step, fee, row.late_fee_type_id)
        )
    return found


def accounts_to_review(actor: Any, today: date) -> list[int]:
    """The accounts with something overdue or with a process under way, in ascending order."""
    overdue = OpenItem.objects.of(actor).filter(due_date__lt=today, balance__gt=0)
    under_way = CollectionProcess.objects.of(actor).filter(ended_on__isnull=True)
    keys = set(overdue.order_by().values_list("account_id", flat=True).distinct())
    return sorted(keys | set(under_way.values_list("account_id", flat=True)))


def _items(actor: Any, accounts: Collection[int], today: date) -> dict[Key, list[Item]]:
    rows = OpenItem.objects.of(actor).filter(
        account__in=accounts, due_date__lt=today, balance__gt=0, agreement__isnull=False
    )
    values = list(
        rows.values_list(
            "pk", "account_id", "agreement__type__debt_class_id", "currency", "balance", "due_date", "agreement_id"
        )
    )
    disputed, waiting = held_items(actor, accounts)
    found: dict[Key, list[Item]] = defaultdict(list)
    for pk, account, debt_class, currency, balance, due, agreement in values:
        days = (today - due).days
        found[(account, debt_class, currency)].append(Item(balance, days, agreement, pk in disputed, pk in waiting))
    return found


def _on_account(actor: Any, accounts: Collection[int]) -> dict[tuple[int, str], Decimal]:
    """Money that was received and not applied, by account and currency; positive."""
    rows = OpenItem.objects.of(actor).filter(account__in=accounts, balance__lt=0, kind=OpenItem.Kind.PAYMENT)
    sums = rows.order_by().values_list("account_id", "currency").annotate(Sum("balance"))
    return {(account, currency): -amount for account, currency, amount in sums}


def _asked(actor: Any, accounts: Collection[int]) -> dict[int, Decimal]:
    """The current balance of agreements that ask for less than is owed."""
    rows = Agreement.objects.of(actor).filter(account__in=accounts, current_balance__lt=F("payoff_balance"))
    return dict(rows.values_list("pk", "current_balance"))


def debts_of(actor: Any, accounts: Collection[int], today: date) -> dict[Key, Debt]:
    """The overdue debt of these accounts. Money on account goes to the first collectable class that has debt."""
    postponed = dict(Account.objects.of(actor).filter(pk__in=accounts).values_list("pk", "postpone_until"))
    collectable = _collectable(actor)
    money, asked, bankrupt = _on_account(actor, accounts), _asked(actor, accounts), under_stay(actor, accounts)
    found = {}
    for key, items in sorted(_items(actor, accounts, today).items()):
        account, debt_class, currency = key
        chased = collectable[debt_class]
        own = {item.agreement_id for item in items}
        found[key] = Debt(
            collectable=chased, items=items, bankrupt=account in bankrupt, postponed_until=postponed.get(account),
            asked={agreement: amount for agreement, amount in asked.items() if agreement in own},
            on_account=_take(money, (account, currency), items) if chased else Decimal(0),
        )  # fmt: skip
    return found


def _take(money: dict[tuple[int, str], Decimal], key: tuple[int, str], items: Iterable[Item]) -> Decimal:
    """As much of an account's money as there is debt for that may be chased; the rest is left for the next class."""
    owed = total(item for item in items if not item.held)
    used = min(money.get(key, Decimal(0)), owed)
    if used:
        money[key] -= used
    return used


def _collectable(actor: Any) -> dict[int, bool]:
    return dict(DebtClass.objects.of(actor).values_list("pk", "eligible_for_collection"))


def processes_of(actor: Any, accounts: Collection[int]) -> dict[Key, CollectionProcess]:
    """The processes under way on these accounts."""
    rows = CollectionProcess.objects.of(actor).filter(account__in=accounts, ended_on__isnull=True)
    return {(row.account_id, row.debt_class_id, row.currency): row for row in rows}


def _nothing(bankrupt: bool) -> Verdict:
    """Where nothing is overdue any more: it was paid, or went to the bankruptcy type."""
    return Verdict("bankrupt" if bankrupt else "paid", Decimal(0), 0)


def review_accounts(actor: Any, accounts: Collection[int], today: date) -> list[Reviewed]:
    """What the rule says of every overdue debt of these accounts, and of processes whose debt is overdue no more."""
    classes = dict(Account.objects.of(actor).filter(pk__in=accounts).values_list("pk", "collection_class_id"))
    criteria, processes = criteria_of(actor), processes_of(actor, accounts)
    found = []
    for key, debt in debts_of(actor, accounts, today).items():
        account, debt_class, currency = key
        verdict = review(debt, criteria.get((classes[account], debt_class, currency), []), today)
        found.append(Reviewed(key, verdict, processes.pop(key, None)))
    bankrupt = under_stay(actor, {account for account, _debt_class, _currency in processes})
    found += [Reviewed(key, _nothing(key[0] in bankrupt), process) for key, process in processes.items()]
    return sorted(found, key=lambda each: each.key)

"""What a payment does to each of its invoices, judged under the lock by the pay-off rule."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.billing.models import Invoice
from receivables.collections.giving_up import Lost
from receivables.collections.models import PayOffPolicy
from receivables.collections.payoff import pay_off_all, stale_row_blocker
from receivables.collections.payoff_queries import Wish, assignment_facts, changed_by, pay_off_facts, policy_of
from receivables.collections.rules import assignment_blocker
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.money import NumberFormat
from receivables.customers.models import Account, Customer


def lock_customers(actor: Any, accounts: Iterable[int]) -> None:
    """Before the accounts: what a customer may be given in 12 months is shared by all its accounts."""
    customers = Account.objects.of(actor).filter(pk__in=set(accounts)).values_list("customer_id", flat=True)
    lock_rows(Customer.objects.of(actor), customers)


def wishes_of(assignments: Sequence[Any], invoices: Mapping[int, Invoice]) -> list[Wish]:
    return [Wish(invoices[each.invoice.pk], each.applied, each.pay_bill, each.bad_debt) for each in assignments]


def refuse_beyond_owed(wishes: Sequence[Wish], currency: str, fmt: NumberFormat) -> None:
    """What no rate of exchange is needed for: void, another currency, more than is owed."""
    for wish in wishes:
        refuse(assignment_blocker(assignment_facts(wish, currency, fmt)))


def judged(
    actor: Any, assignments: Sequence[Any], invoices: Mapping[int, Invoice], *, currency: str, rate: Decimal, day: date
) -> tuple[PayOffPolicy, list[Lost]]:
    """The policy, and what the assignments give up; `invoices` are as they are under the lock.

    Raises `Refused` for the first assignment that the rule refuses, or whose facts have moved since they were shown.
    """
    policy = policy_of(actor)
    wishes = wishes_of(assignments, invoices)
    facts = pay_off_facts(actor, policy, wishes, currency=currency, rate=rate, day=day)
    for each, seen in zip(facts, assignments, strict=True):
        if each.moved(seen.seen):
            invoice = invoices[seen.invoice.pk]
            refuse(stale_row_blocker(each, seen.seen, changed_by(actor, [invoice]).get(invoice.pk, "")))
    lost = []
    for wish, outcome in zip(wishes, pay_off_all(facts), strict=True):
        refuse(outcome.blocker)
        if outcome.bad_debt:
            lost.append(Lost(wish.invoice, outcome.bad_debt, whole=not outcome.new_balance))
    return policy, lost

"""What a payment does to each of its invoices, judged under the lock by the pay-off rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.billing.models import Invoice, Reason
from receivables.collections.giving_up import Given
from receivables.collections.payoff import pay_off_all
from receivables.collections.payoff_limits import stale_row_blocker
from receivables.collections.payoff_queries import (
    CORRECTS,
    Wish,
    assignment_facts,
    changed_by,
    pay_off_facts,
    policy_of,
)
from receivables.collections.rules import assignment_blocker, not_found_blocker, payer_blocker
from receivables.core.compiled import Arg, Compiled
from receivables.core.errors import refuse
from receivables.core.money import NumberFormat
from receivables.core.operations import authorize
from receivables.customers.models import Account, Customer

PAYERS = Compiled(
    lambda: (
        Customer.objects.filter(
            organization_id=Arg("organization"),
            pk__in=Account.objects.filter(pk__any=Arg("accounts"), organization_id=Arg("organization")).values(
                "customer"
            ),
        )
        .select_for_update(no_key=True)
        .order_by("pk")
    )
)


def lock_customers(actor: Any, accounts: Iterable[int]) -> None:
    """Before the accounts: what a customer may be given in 12 months is shared by all its accounts."""
    PAYERS.fetch(organization=actor.organization_id, accounts=list(set(accounts)))


def wishes_of(
    assignments: Sequence[Any], invoices: Mapping[int, Invoice], reasons: Mapping[int, Reason]
) -> list[Wish]:  # fmt: skip
    """What is wanted of each invoice, with the reasons as they were just read."""
    return [
        Wish(
            invoices[each.invoice.pk], each.applied, each.pay_bill, each.bad_debt,
            [(reasons[reason.pk], amount) for reason, amount in each.parts], each.ask,
        )
        for each in assignments
    ]  # fmt: skip


def read_reasons(actor: Any, assignments: Sequence[Any]) -> dict[int, Reason]:
    """The reasons of the parts as they are now. `Refused` for one of another organization; what corrects an invoice by
    a credit note takes the permission to issue one."""
    wanted = {reason.pk for each in assignments for reason, _amount in each.parts}
    if not wanted:
        return {}
    found = Reason.objects.of(actor).in_bulk(wanted)
    refuse(not_found_blocker("reason", found=len(found) == len(wanted)))
    if Reason.objects.of(actor).filter(CORRECTS, pk__in=wanted).exists():
        authorize(actor, "issue_credit_note")
    return found


@dataclass(frozen=True)
class Judged:
    """What a Save settles besides the money, and what of it exceeds a limit and is asked for."""

    posted: list[Given]
    asked: list[Given]


def refuse_others(wishes: Sequence[Wish], account: Account) -> None:
    """Money goes to invoices of its own payer, over all accounts of that customer."""
    for wish in wishes:
        same = wish.invoice.account.customer_id == account.customer_id
        refuse(payer_blocker(wish.invoice.number, same_payer=same))


def refuse_beyond_owed(wishes: Sequence[Wish], currency: str, fmt: NumberFormat) -> None:
    """What no rate of exchange is needed for: void, another currency, more than is owed."""
    for wish in wishes:
        refuse(assignment_blocker(assignment_facts(wish, currency, fmt)))


def judged(
    actor: Any, wishes: Sequence[Wish], seen: Sequence[str], *, currency: str, rate: Decimal, day: date
) -> Judged:
    """What these wishes settle besides the money; their invoices are as they are under the lock.

    `seen` are the digests of the facts that the person saw. Raises `Refused` for the first wish that the rule refuses,
    or whose facts have moved since they were shown. Where nothing was shown and nothing but money is wanted there is
    nothing to judge beyond what `refuse_beyond_owed` looks at.
    """
    if not any(seen) and not any(wish.pay_bill or wish.bad_debt or wish.parts for wish in wishes):
        return Judged([], [])
    policy = policy_of(actor)
    facts = pay_off_facts(actor, policy, wishes, currency=currency, rate=rate, day=day)
    for each, wish, digest in zip(facts, wishes, seen, strict=True):
        if each.moved(digest):
            by = changed_by(actor, [wish.invoice]).get(wish.invoice.pk, "")
            refuse(stale_row_blocker(each, digest, by))
    found = Judged([], [])
    for wish, outcome in zip(wishes, pay_off_all(facts), strict=True):
        refuse(outcome.blocker)
        reasons = {policy.reason_id: policy.reason, **{reason.pk: reason for reason, _amount in wish.parts}}
        for parts, into in ((outcome.parts, found.posted), (outcome.asked, found.asked)):
            into.extend(
                Given(wish.invoice, reasons[part.reason.pk], part.amount, not outcome.new_balance, outcome.over)
                for part in parts
            )
    return found

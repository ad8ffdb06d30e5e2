"""Booking what was paid too much as income, and taking that back."""

from datetime import date
from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.collections.excess.acting import put_into_income, take_out_of_income
from receivables.collections.excess.models import SmallExcess, SmallExcessReversal
from receivables.collections.excess.queries import excess_facts
from receivables.collections.excess.rules import book_small_excess_blocker, reverse_small_excess_blocker
from receivables.collections.models import Payment
from receivables.collections.payoff_queries import policy_of
from receivables.collections.rules import not_found_blocker
from receivables.collections.unapplied.acting import act_day, lock_all_accounts, read_payment
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation


@operation
def book_small_excess(*, actor: Any, payment: Payment, posting_date: date | None = None) -> SmallExcess:
    """Book all that is left of a payment as income, since it is a little more than is owed: Dr unapplied money / Cr
    the policy's account (source: the decision on over-payments beside the pay-off limit).

    The limit is read here, under the lock. Raises `Refused` above it, without one, while an invoice that the payment
    pays is not paid off, for a payment that pays nothing, for a closed day.
    """
    lock_all_accounts(actor, [payment.account_id])
    current, policy = read_payment(actor, payment.pk), policy_of(actor)
    facts = excess_facts(actor, policy, current)
    refuse(book_small_excess_blocker(facts))
    day = act_day(actor, current, current.posting_date, posting_date, document=current.date)
    excess = put_into_income(actor, current, facts.excess, policy.over_account_id or 0, day)
    record(
        actor, "book_small_excess", current, about=[current.account, excess], amount=excess.amount,
        currency=excess.currency,
    )  # fmt: skip
    return excess


@operation
def reverse_small_excess(
    *, actor: Any, excess: SmallExcess, reason: str, posting_date: date | None = None
) -> SmallExcessReversal:
    """Take a small over-payment out of income: its money is on account again, to be applied or given back. Raises
    `Refused` if that was done before."""
    refuse(not_found_blocker("payment", found=excess.organization_id == actor.organization_id))
    lock_all_accounts(actor, [excess.payment.account_id])
    undone = SmallExcessReversal.objects.filter(excess_id=excess.pk).exists()
    payment = read_payment(actor, excess.payment_id)
    refuse(
        reverse_small_excess_blocker(
            number=payment.number, reversed_already=undone, posted=excess.posting_date, posting_date=posting_date
        )
        or no_reason_blocker(reason)
    )
    day = act_day(actor, payment, excess.posting_date, posting_date)
    reversal = take_out_of_income(actor, excess, reason=reason, posting_date=day)
    record(
        actor, "reverse_small_excess", payment, about=[payment.account, excess], reason=reason, amount=excess.amount,
        currency=excess.currency,
    )  # fmt: skip
    return reversal

"""Distributing the money of a payment over the debt of its account."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.collections.applying import Target
from receivables.collections.distribution.queries import debts_of, proposed, takes_payments
from receivables.collections.distribution.rules import ShareFacts, distribute_payment_blocker, share_field
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.unapplied.acting import (
    act_day,
    apply_money,
    documents,
    invoice_of,
    lock_accounts,
    read_payment,
)
from receivables.collections.unapplied.models import PaymentAssignment
from receivables.collections.unapplied.queries import money_facts
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.ledger.models import OpenItem

Amounts = Mapping[int, Decimal]


@operation
def distribute_payment(
    *, actor: Any, payment: Payment, amounts: Amounts | None = None, posting_date: date | None = None, reason: str = ""
) -> PaymentAssignment:
    """Apply money on account to the debt of the payment's account: Dr unapplied money / Cr receivables, and what was
    written off is recovered: Cr the account that it was debited to.

    Without `amounts` (by open item) as the organization distributes payments; a person may direct it. What no debt
    takes stays on account. Raises `Refused` for more than is on account or owed, and for debt that takes no payments.
    """
    lock_accounts(actor, [payment.account_id])
    current = read_payment(actor, payment.pk)
    items = {item.pk: item for item in debts_of(actor, current.account_id, current.currency)}
    shares = proposed(actor, unapplied(current), list(items.values())) if amounts is None else dict(amounts)
    facts = [share_facts(pk, items.get(pk), amount) for pk, amount in shares.items()]
    refuse(distribute_payment_blocker(money_facts(actor, current), facts))
    act = PaymentAssignment.objects.create(
        organization=actor.organization, payment=current, kind=PaymentAssignment.Kind.ASSIGNED,
        currency=current.currency, amount=sum(shares.values(), Decimal(0)), reason=reason,
        posting_date=act_day(actor, current, current.posting_date, posting_date), created_by=actor.user,
    )  # fmt: skip
    apply_money(actor, act, current, [Target(items[pk], amount) for pk, amount in shares.items()])
    record(
        actor, "distribute_payment", current, about=_about(current, [items[pk] for pk in shares]), reason=reason,
        amount=act.amount, currency=current.currency, directed=amounts is not None,
        applied={items[pk].number: amount for pk, amount in shares.items()},
    )  # fmt: skip
    return act


def share_facts(pk: int, item: OpenItem | None, amount: Decimal) -> ShareFacts:
    """What the rule looks at of one debt; `item` None where it is not open on the account."""
    if item is None or item.agreement is None:
        return ShareFacts("", "", "", None, amount, takes_payments=True, field=share_field(pk))
    agreement = item.agreement
    return ShareFacts(
        item.number, agreement.number, agreement.type.name, item.balance, amount, takes_payments(item), share_field(pk)
    )


def _about(payment: Payment, items: Sequence[OpenItem]) -> list[Any]:
    """In whose history it shows."""
    invoices = [invoice for item in items if (invoice := invoice_of(item))]
    return [payment.account, *documents(invoices), *(item.agreement for item in items)]

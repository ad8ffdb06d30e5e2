"""Distributing the money of a payment over the debt of its account."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.billing.models import Invoice
from receivables.collections.distribution.paying import Paid, Source, pay_from
from receivables.collections.distribution.queries import debts_of, proposed, takes_payments
from receivables.collections.distribution.rules import ShareFacts, distribute_payment_blocker, share_field
from receivables.collections.held.acting import agreement_for, put
from receivables.collections.held.queries import Role, overpayments, total_of
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.unapplied.acting import act_day, documents, lock_all_accounts, read_payment
from receivables.collections.unapplied.queries import money_facts
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.ledger.models import OpenItem
from receivables.ledger.moved import first_items

Amounts = Mapping[int, Decimal]


@operation
def distribute_payment(
    *, actor: Any, payment: Payment, amounts: Amounts | None = None, keep_rest: bool = False,
    posting_date: date | None = None, reason: str = "",
) -> Paid:  # fmt: skip
    """Apply money on account to the debt of the payment's account: Dr unapplied money / Cr receivables, and what was
    written off is recovered: Cr the account that it was debited to. What the account paid too much is used first.

    Without `amounts` (by open item) as the organization distributes payments; a person may direct it. What no debt
    takes stays on account, or with `keep_rest` is held as an overpayment. Raises `Refused` for more than there is or
    is owed, and for debt that takes no payments.
    """
    lock_all_accounts(actor, [payment.account_id])
    current = read_payment(actor, payment.pk)
    items = {item.pk: item for item in debts_of(actor, current.account_id, current.currency)}
    held = overpayments(actor, current.account_id, current.currency)
    money = unapplied(current) + total_of(held)
    shares = proposed(actor, money, list(items.values())) if amounts is None else dict(amounts)
    facts = [share_facts(pk, items.get(pk), amount) for pk, amount in shares.items()]
    refuse(distribute_payment_blocker(money_facts(actor, current), facts, overpaid=total_of(held)))
    sources = [*(Source(each.payment, each) for each in held), Source(current)]
    paid = pay_from(actor, sources, items, shares, reason=reason, chosen=posting_date)
    if keep_rest:
        paid = replace(paid, holding=_kept(actor, current, reason, posting_date))
    record(
        actor, "distribute_payment", current, about=_about(current, paid, [items[pk] for pk in shares]), reason=reason,
        amount=paid.amount, currency=current.currency, directed=amounts is not None,
        applied={items[pk].number: amount for pk, amount in shares.items()},
        overpayments=sum((each.amount for each in paid.releases), Decimal(0)),
    )  # fmt: skip
    return paid


def _kept(actor: Any, payment: Payment, reason: str, chosen: date | None) -> Any:
    """What is left of the payment, held as an overpayment; None if nothing is."""
    current = read_payment(actor, payment.pk)
    left = unapplied(current)
    if not left:
        return None
    agreement = agreement_for(actor, current.account, Role.OVERPAYMENT, current.currency)
    day = act_day(actor, current, current.posting_date, chosen)
    return put(actor, current, agreement, left, reason=reason, posting_date=day)


def share_facts(pk: int, item: OpenItem | None, amount: Decimal) -> ShareFacts:
    """What the rule looks at of one debt; `item` None where it is not open on the account."""
    if item is None or item.agreement is None:
        return ShareFacts("", "", "", None, amount, takes_payments=True, field=share_field(pk))
    agreement = item.agreement
    return ShareFacts(
        item.number, agreement.number, agreement.type.name, item.balance, amount, takes_payments(item), share_field(pk)
    )


def _about(payment: Payment, paid: Paid, items: Sequence[OpenItem]) -> list[Any]:
    """In whose history it shows; of moved debt also its invoice's."""
    rows = Invoice.objects.filter(open_item__in=first_items(item.pk for item in items)).prefetch_related("loads")
    invoices = list(rows.order_by("pk"))
    used = [act.payment for act in paid.acts]
    return [*used, payment.account, *documents(invoices), *(item.agreement for item in items)]

"""Applying money on account to invoices, taking it off one of them, and moving it from one to another."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.models import Invoice
from receivables.billing.summary.operations import split_blocker
from receivables.collections.applying import Target
from receivables.collections.crossing import beside, crossings
from receivables.collections.models import Payment
from receivables.collections.operations import Assignment
from receivables.collections.payable import unpayable_blocker
from receivables.collections.rules import precision_blocker
from receivables.collections.unapplied.acting import (
    act_day,
    applied_on,
    apply_money,
    documents,
    lock_all_accounts,
    lock_applied,
    read_invoices,
    read_payment,
    take_off_alone,
    target_facts,
)
from receivables.collections.unapplied.models import PaymentAssignment
from receivables.collections.unapplied.queries import money_facts
from receivables.collections.unapplied.rules import (
    amount_field,
    assign_payment_blocker,
    move_payment_assignment_blocker,
    unassign_payment_blocker,
    undone_blocker,
)
from receivables.core.errors import Refused, refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.ledger.models import Allocation


@operation
def assign_payment(
    *, actor: Any, payment: Payment, assignments: Sequence[Assignment], posting_date: date | None = None,
    reason: str = "",
) -> PaymentAssignment:  # fmt: skip
    """Apply money on account to open invoices of its payer: Dr unapplied money / Cr receivables, each at the value it
    is booked at. Amounts are in the invoices' currencies; those in another than the payment's go through currency
    clearing, converted at the day of the payment.

    Raises `Refused` for more than is on account or owed, a void invoice, another customer, no rate, a closed day.
    """
    lock_all_accounts(actor, {payment.account_id, *(each.invoice.account_id for each in assignments)})
    current = read_payment(actor, payment.pk)
    invoices = read_invoices(actor, [each.invoice.pk for each in assignments])
    refuse(unpayable_blocker(actor, invoices.values(), {pk: amount_field(pk) for pk in invoices}))
    taken = taken_of(actor, current, assignments, invoices)
    facts = [
        target_facts(actor, current, invoices[each.invoice.pk], each.applied, taken=taken[each.invoice.pk])
        for each in assignments
    ]
    gives_up = any(each.gives_up for each in assignments)
    refuse(assign_payment_blocker(money_facts(actor, current), facts, gives_up=gives_up))
    for each in assignments:
        refuse(split_blocker(actor, invoices[each.invoice.pk], each.applied, each.shares, {}))
    act = PaymentAssignment.objects.create(
        organization=actor.organization, payment=current, kind=PaymentAssignment.Kind.ASSIGNED,
        currency=current.currency, amount=sum((each.spent for each in facts), Decimal(0)), reason=reason,
        posting_date=act_day(actor, current, current.posting_date, posting_date), created_by=actor.user,
    )  # fmt: skip
    targets = [
        Target(invoices[each.invoice.pk].open_item, each.applied, each.shares, taken[each.invoice.pk])
        for each in assignments
    ]
    apply_money(actor, act, current, targets)
    record(
        actor, "assign_payment", current, about=[current.account, *documents(invoices.values())], reason=reason,
        amount=act.amount, currency=current.currency,
        applied={target.item.number: target.amount for target in targets},
        taken={target.item.number: target.taken for target in targets if target.taken is not None},
    )  # fmt: skip
    return act


def taken_of(
    actor: Any, payment: Payment, assignments: Sequence[Assignment], invoices: Mapping[int, Invoice]
) -> dict[int, Decimal | None]:
    """What each invoice (by key) takes of a payment, in the payment's currency; None where it is in that itself.

    `Refused` beside the amount where no rate is known.
    """
    taken: dict[int, Decimal | None] = {}
    for each in assignments:
        invoice = invoices[each.invoice.pk]
        try:
            across = crossings(actor, payment, [invoice.currency]).get(invoice.currency)
        except Refused as refused:
            raise beside(refused, amount_field(invoice.pk)) from None
        precise = precision_blocker(each.applied, invoice.currency) is None
        taken[invoice.pk] = across.taken_for(each.applied) if across and precise else None
    return taken


@operation
def unassign_payment(
    *, actor: Any, allocation: Allocation, reason: str, posting_date: date | None = None
) -> PaymentAssignment:
    """Take a payment off one invoice, or off written-off debt; its money is on account again and every balance exact.

    Other debt of the payment keeps what it got. Raises `Refused` if it was taken off before.
    """
    found = lock_applied(actor, allocation)
    number, debt = found.payment.number, found.debt
    refuse(
        undone_blocker(money_facts(actor, found.payment))
        or unassign_payment_blocker(number=number, invoice=debt.number, live=found.live)
        or no_reason_blocker(reason)
    )
    act = PaymentAssignment.objects.create(
        organization=actor.organization, payment=found.payment, kind=PaymentAssignment.Kind.REMOVED,
        removes=found.allocation, currency=found.payment.currency, amount=found.allocation.spent, reason=reason,
        posting_date=act_day(actor, found.payment, applied_on(found), posting_date), created_by=actor.user,
    )  # fmt: skip
    take_off_alone(actor, found, act, posting_date)
    record(
        actor, "unassign_payment", found.payment, about=[found.payment.account, *found.documents], reason=reason,
        amount=act.amount, currency=act.currency, invoice=debt.number,
    )  # fmt: skip
    return act


@operation
def move_payment_assignment(
    *, actor: Any, allocation: Allocation, invoice: Invoice, reason: str, amount: Decimal | None = None,
    shares: Mapping[int, Decimal] | None = None, posting_date: date | None = None,
) -> PaymentAssignment:  # fmt: skip
    """Take a payment off one invoice and apply it to another, in one act; all of it, or the `amount` that is named,
    and then the rest is on account.

    Raises `Refused` as taking off and applying do.
    """
    found = lock_applied(actor, allocation, also=[invoice.account_id])
    moved = found.allocation.amount if amount is None else amount
    target = read_invoices(actor, [invoice.pk])[invoice.pk]
    refuse(
        undone_blocker(money_facts(actor, found.payment))
        or unpayable_blocker(actor, [target], {target.pk: "invoice"})
        or move_payment_assignment_blocker(
            number=found.payment.number, invoice=found.debt.number, live=found.live, amount=moved,
            applied=found.allocation.amount, target=target_facts(actor, found.payment, target, moved, "amount"),
            same=target.open_item_id == found.debt.pk, crossed=found.allocation.crossed,
        )
        or no_reason_blocker(reason)
        or split_blocker(actor, target, moved, shares or {}, {})
    )  # fmt: skip
    act = PaymentAssignment.objects.create(
        organization=actor.organization, payment=found.payment, kind=PaymentAssignment.Kind.MOVED,
        removes=found.allocation, currency=found.allocation.currency, amount=moved, reason=reason,
        posting_date=act_day(actor, found.payment, applied_on(found), posting_date), created_by=actor.user,
    )  # fmt: skip
    take_off_alone(actor, found, act, posting_date)
    # Taking it off moved the balances: read what is there now.
    target = read_invoices(actor, [invoice.pk])[invoice.pk]
    apply_money(actor, act, read_payment(actor, found.payment.pk), [Target(target.open_item, moved, shares or {})])
    record(
        actor, "move_payment_assignment", found.payment, reason=reason, amount=moved, currency=act.currency,
        about=[found.payment.account, *found.documents, *documents([target])],
        before={"invoice": found.debt.number}, after={"invoice": target.number},
    )  # fmt: skip
    return act

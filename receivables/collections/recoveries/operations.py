"""Recovering bad debt: Dr the money / Cr the accounts that the bad debt was debited to."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.collections.assigning.judging import lock_customers
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, record_payment
from receivables.collections.recoveries.debits import Debit, credited
from receivables.collections.recoveries.falling import about, undo_recoveries
from receivables.collections.recoveries.losses import Loss, losses_of
from receivables.collections.recoveries.models import Recovery, RecoveryReversal
from receivables.collections.recoveries.rules import PartFacts, recover_bad_debt_blocker, reverse_recovery_blocker
from receivables.collections.rules import not_found_blocker
from receivables.collections.unapplied.acting import lock_all_accounts, read_payment
from receivables.collections.unapplied.queries import money_facts
from receivables.collections.unapplied.rules import act_day_blocker
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account
from receivables.ledger.models import GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, post, settled_value
from receivables.ledger.queries import posting_date_blocker, posting_date_for, role_accounts
from receivables.ledger.rates.overriding import Override

# How much is recovered of which loss.
Parts = Sequence[tuple[Loss, Decimal]]


@dataclass(frozen=True)
class Received:
    """Money that just came in: recorded as a payment in the same act, and applied to invoices as far as it is said."""

    account: Account
    amount: Decimal
    date: datetime.date
    method: str
    bank_account: BankAccount
    assignments: Sequence[Assignment] = ()
    reference: str = ""
    note: str = ""
    why: str = ""
    override: Override | None = None


@operation
def recover_bad_debt(
    *, actor: Any, money: Payment | Received, parts: Parts, date: datetime.date | None = None,
    posting_date: datetime.date | None = None, note: str = "",
) -> list[Recovery]:  # fmt: skip
    """Use money of a customer for what was given up before: of a payment's money on account, or freshly received.

    Each loss gets a recovery of its own, with number and entry; the invoices keep their figures. Amounts are in the
    payment's currency. Raises `Refused` for more than was given up and is not recovered yet, for bad debt that was
    taken back meanwhile, for more than is on account, another currency or customer, a closed day.
    """
    account = money.account if isinstance(money, Received) else Account.objects.get(pk=money.account_id)
    wanted = {account.pk, *(loss.invoice.account_id for loss, _amount in parts)}
    if isinstance(money, Received) and any(each.gives_up for each in money.assignments):
        lock_customers(actor, wanted | {each.invoice.account_id for each in money.assignments})
    if isinstance(money, Received):
        wanted |= {each.invoice.account_id for each in money.assignments}
    lock_all_accounts(actor, wanted)
    payment = read_payment(actor, _payment_of(actor, money, posting_date).pk)
    current = {each.key: each for each in losses_of({loss.invoice.pk for loss, _amount in parts})}
    facts = [_facts(actor, payment, loss, current.get(loss.key), amount) for loss, amount in parts]
    refuse(recover_bad_debt_blocker(money_facts(actor, payment), facts, posting_date=posting_date))
    day = date or max(today(actor.organization), payment.date)
    posted_on = _posted_on(actor, payment, [each.given for each in facts], day, posting_date)
    numbers = take_numbers(actor.organization_id, {"recovery": len(parts)})["recovery"]
    return [
        _recover(actor, payment, current[loss.key], amount, number, day, posted_on, note)
        for (loss, amount), number in zip(parts, numbers, strict=True)
    ]


def _payment_of(actor: Any, money: Payment | Received, posting_date: datetime.date | None) -> Payment:
    """The payment whose money it is; what just came in is recorded first, under the same locks."""
    if isinstance(money, Payment):
        return money
    return record_payment(
        actor=actor, account=money.account, amount=money.amount, date=money.date, method=money.method,
        bank_account=money.bank_account, assignments=money.assignments, reference=money.reference, note=money.note,
        posting_date=posting_date, why=money.why, override=money.override,
    )  # fmt: skip


def _facts(actor: Any, payment: Payment, loss: Loss, current: Loss | None, amount: Decimal) -> PartFacts:
    refuse(not_found_blocker("invoice", found=loss.invoice.organization_id == actor.organization_id))
    entry = current.allocation.entry if current is not None and current.allocation is not None else None
    return PartFacts(
        loss.key, loss.invoice.number, loss.invoice.currency, amount, current.left if current else None,
        entry.posting_date if entry else loss.given_on,
        loss.invoice.account.customer_id == payment.account.customer_id,
    )  # fmt: skip


def _posted_on(
    actor: Any, payment: Payment, given: Sequence[datetime.date], day: datetime.date, chosen: datetime.date | None
) -> datetime.date:
    """The day that was chosen, else that of the document, never before the money came and the debt was given up."""
    if chosen is None:
        return posting_date_for(actor.organization_id, max(day, payment.posting_date, *given))
    refuse(
        act_day_blocker(number=payment.number, posted=payment.posting_date, chosen=chosen)
        or posting_date_blocker(actor.organization_id, chosen)
    )
    return chosen


def _recover(
    actor: Any, payment: Payment, loss: Loss, amount: Decimal, number: tuple[int, str], day: datetime.date,
    posted_on: datetime.date, note: str,
) -> Recovery:  # fmt: skip
    recovery = Recovery.objects.create(
        organization=actor.organization, number=number[1], sequence_number=number[0], payment=payment,
        invoice=loss.invoice, allocation=loss.allocation, date=day, posting_date=posted_on, currency=payment.currency,
        amount=amount, note=note, created_by=actor.user,
    )  # fmt: skip
    lines = _lines(actor, payment.open_item, loss, amount)
    post(actor, Draft("recovery", recovery, day, posted_on, payment.currency, lines, payment.rate, memo=number[1]))
    record(
        actor, "recover_bad_debt", recovery, about=about(recovery), amount=amount, currency=payment.currency,
        reference=number[1],
    )  # fmt: skip
    return recovery


def _lines(actor: Any, money: OpenItem, loss: Loss, amount: Decimal) -> list[Line]:
    """Dr unapplied money / Cr what the bad debt was debited to; both at the value they are booked at.

    Not a settlement between two documents: there is less of the payment itself, so its item's amount moves too.
    """
    own = actor.organization.currency
    taken = -settled_value(money, -amount, own)
    back: list[Debit] = credited(loss, amount, own)
    lines = [
        Line(money.gl_account_id, amount, open_item_id=money.pk, opens=True, organization_amount=taken),
        *(
            Line(
                each.gl_account_id, -each.amount, for_agreement_id=loss.invoice.agreement_id,
                organization_amount=-each.own,
            )
            for each in back
        ),
    ]  # fmt: skip
    gained = sum((each.own for each in back), Decimal(0)) - taken
    if gained:
        exchange = role_accounts(actor.organization_id, GLAccount.Role.EXCHANGE)[GLAccount.Role.EXCHANGE]
        lines.append(Line(exchange, Decimal(0), organization_amount=gained))
    # The next recovery of the same act finds the money as this one leaves it.
    money.balance, money.organization_balance = money.balance + amount, money.organization_balance + taken
    return lines


@operation
def reverse_recovery(
    *, actor: Any, recovery: Recovery, reason: str, posting_date: datetime.date | None = None
) -> RecoveryReversal:
    """Take a recovery back: its entry is mirrored, its money is on account again, the bad debt can be recovered anew.

    Raises `Refused` if it was taken back before.
    """
    refuse(not_found_blocker("payment", found=recovery.organization_id == actor.organization_id))
    lock_all_accounts(actor, [recovery.payment.account_id, recovery.invoice.account_id])
    undone = RecoveryReversal.objects.filter(recovery_id=recovery.pk).exists()
    refuse(
        reverse_recovery_blocker(
            number=recovery.number, reversed_already=undone, posted=recovery.posting_date, posting_date=posting_date
        )
        or no_reason_blocker(reason)
    )
    if posting_date is not None:
        refuse(posting_date_blocker(actor.organization_id, posting_date))
    return undo_recoveries(actor, [recovery], reason=reason, chosen=posting_date)[0]

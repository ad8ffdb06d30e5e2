"""Deposits and overpayments: money of a customer held on an agreement of its own, used for debt, or put back."""

from datetime import date as Day
from decimal import Decimal
from typing import Any

from receivables.billing.operations.locking import number_format
from receivables.collections.distribution.paying import Paid, Source, pay_from
from receivables.collections.distribution.queries import debts_of, proposed, takes_payments
from receivables.collections.held.acting import agreement_for, ask_for, put, stop_with_service, take
from receivables.collections.held.models import Holding
from receivables.collections.held.queries import (
    HOLDS_MONEY,
    STOPPED_STATES,
    Role,
    holdings,
    left_of,
    open_agreement,
    service_runs,
)
from receivables.collections.held.rules import (
    HeldFacts,
    apply_deposit_blocker,
    hold_overpayment_blocker,
    record_deposit_blocker,
    release_held_money_blocker,
)
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import record_payment
from receivables.collections.unapplied.acting import act_day, lock_all_accounts, read_payment
from receivables.collections.unapplied.queries import money_facts
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import SystemActor, operation
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import OpenItem

ZERO = Decimal(0)


def held_facts(actor: Any, agreement: Agreement) -> HeldFacts:
    """What the rules look at; `agreement` as it is now, with its type."""
    holds = agreement.type.special_role in HOLDS_MONEY
    held = -agreement.payoff_balance if holds else ZERO
    return HeldFacts(agreement.number, agreement.currency, holds, held, number_format(actor))


def _locked(actor: Any, agreement: Agreement) -> Agreement:
    lock_all_accounts(actor, [agreement.account_id])
    return Agreement.objects.of(actor).select_related("type", "account__customer").get(pk=agreement.pk)


@operation
def hold_overpayment(
    *, actor: Any, payment: Payment, amount: Decimal, reason: str = "", posting_date: Day | None = None
) -> Holding:
    """Keep money on account as an overpayment: Dr unapplied money / Cr overpayments, a credit on an agreement of its
    own, which the next distribution uses first. Raises `Refused` for more than is on account."""
    lock_all_accounts(actor, [payment.account_id])
    current = read_payment(actor, payment.pk)
    refuse(hold_overpayment_blocker(money_facts(actor, current), amount))
    day = act_day(actor, current, current.posting_date, posting_date)
    agreement = agreement_for(actor, current.account, Role.OVERPAYMENT, current.currency)
    holding = put(actor, current, agreement, amount, reason=reason, posting_date=day)
    record(
        actor, "hold_overpayment", current, about=[current.account, agreement], reason=reason, amount=amount,
        currency=current.currency,
    )  # fmt: skip
    return holding


@operation
def record_deposit(
    *, actor: Any, account: Account, amount: Decimal, date: Day, method: str, bank_account: BankAccount,
    required: Decimal | None = None, reference: str = "", note: str = "", posting_date: Day | None = None,
) -> Holding:  # fmt: skip
    """Take a deposit: Dr bank / Cr deposits (by way of unapplied money), held on the account's deposit agreement.

    What is truly owed on it (payoff) is the credit for the money held; what is asked for now (current) is what is
    `required` and not paid yet, by default nothing (documented behaviour). Raises `Refused` for more than is required.
    """
    lock_all_accounts(actor, [account.pk])
    currency = bank_account.currency
    found = open_agreement(actor, account.pk, Role.DEPOSIT, currency)
    held, asked = (-found.payoff_balance, found.current_balance) if found else (ZERO, ZERO)
    fmt = number_format(actor)
    refuse(record_deposit_blocker(amount=amount, currency=currency, held=held, required=required, fmt=fmt))
    worker = SystemActor(actor.organization, actor.name, frozenset({"record_payment"}), actor.user)
    payment = record_payment(
        actor=worker, account=account, amount=amount, date=date, method=method, bank_account=bank_account,
        reference=reference, note=note, posting_date=posting_date,
    )  # fmt: skip
    agreement = agreement_for(actor, account, Role.DEPOSIT, currency)
    wanted = max(held + asked, held + amount) if required is None else required
    ask_for(agreement, wanted - held - asked, kind="deposit_required", day=payment.posting_date)
    current = read_payment(actor, payment.pk)
    holding = put(actor, current, agreement, amount, reason=note, posting_date=payment.posting_date)
    record(
        actor, "record_deposit", agreement, about=[account, payment], amount=amount, currency=currency,
        required=wanted, reference=reference,
    )  # fmt: skip
    return holding


@operation
def release_held_money(
    *, actor: Any, agreement: Agreement, amount: Decimal, reason: str, posting_date: Day | None = None
) -> list[Holding]:
    """Put money held back on account, the oldest first: from there it is applied or given back (refunded).

    A deposit that is put back while it is required is not asked for again. Raises `Refused` for more than is held.
    """
    current = _locked(actor, agreement)
    refuse(release_held_money_blocker(held_facts(actor, current), amount))
    left, used = amount, []
    required = current.type.special_role == Role.DEPOSIT and current.state == Agreement.State.ACTIVE
    for holding in holdings(actor, agreement=current):
        part = min(left, left_of(holding))
        if part > 0:
            day = act_day(actor, holding.payment, holding.posting_date, posting_date)
            if required:
                ask_for(current, -part, kind="deposit_returned", day=day)
            take(actor, holding, part, reason=reason, posting_date=day)
            used.append(holding)
            left -= part
    record(
        actor, "release_held_money", current, about=[current.account, *(each.payment for each in used)], reason=reason,
        amount=amount, currency=current.currency,
    )  # fmt: skip
    return used


def final_debts(actor: Any, agreement: Agreement) -> list[OpenItem]:
    """What is owed for stopped service on the account of a deposit, what was written off of it included."""
    items = debts_of(actor, agreement.account_id, agreement.currency)
    return [
        item
        for item in items
        if takes_payments(item)
        and item.agreement is not None
        and (item.agreement.state in STOPPED_STATES or item.agreement.type.special_role == Role.WRITE_OFF)
    ]


@operation
def apply_deposit(*, actor: Any, agreement: Agreement, reason: str = "", posting_date: Day | None = None) -> Paid:
    """Pay the final debt of stopped service out of the deposit, as the organization distributes payments: Dr deposits /
    Cr unapplied money, Dr unapplied money / Cr receivables.

    Where no service runs any more, current is set to payoff first and the agreement stops; at zero it closes by itself
    (documented behaviour). Raises `Refused` while service runs or nothing is owed.
    """
    current = _locked(actor, agreement)
    items = final_debts(actor, current)
    owed = sum((item.balance for item in items), ZERO)
    facts, runs = held_facts(actor, current), service_runs(actor, current.account_id, current.currency)
    is_deposit = current.type.special_role == Role.DEPOSIT
    refuse(apply_deposit_blocker(facts, is_deposit=is_deposit, owed=owed, runs=runs))
    found = list(holdings(actor, agreement=current))
    if not runs:
        stop_with_service(actor, found[0])
    shares = proposed(actor, facts.held, items)
    sources = [Source(each.payment, each) for each in found]
    paid = pay_from(actor, sources, {item.pk: item for item in items}, shares, reason=reason, chosen=posting_date)
    record(
        actor, "apply_deposit", current, reason=reason, amount=paid.amount, currency=current.currency,
        about=[current.account, *(act.payment for act in paid.acts), *(item.agreement for item in items)],
        applied={item.number: shares[item.pk] for item in items if item.pk in shares},
    )  # fmt: skip
    return paid

"""The parts that the acts on money held are made of; the account is locked by the caller."""

from datetime import date
from decimal import Decimal
from typing import Any

from receivables.collections.held.models import Holding, HoldingRelease
from receivables.collections.held.queries import KINDS, Role, holdings, left_of, open_agreement, type_for
from receivables.collections.models import Payment
from receivables.core.dates import today
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import AgreementTransaction, OpenItem
from receivables.ledger.posting import Draft, Line, post, settled_value
from receivables.ledger.queries import posting_date_for


def agreement_for(actor: Any, account: Account, role: str, currency: str) -> Agreement:
    """The agreement that holds an account's money in this role, started if there is none that takes more."""
    found = open_agreement(actor, account.pk, role, currency)
    if found is not None:
        return found
    kind = type_for(actor, role)
    _number, number = take_numbers(actor.organization_id, {"agreement": 1})["agreement"][0]
    return Agreement.objects.create(
        organization=actor.organization, account=account, type=kind, number=number, currency=currency,
        start_date=today(actor.organization), state=Agreement.State.ACTIVE,
    )  # fmt: skip


def put(
    actor: Any, payment: Payment, agreement: Agreement, amount: Decimal, *, reason: str, posting_date: date
) -> Holding:
    """Hold money of a payment on an agreement: Dr unapplied money / Cr the agreement type's own account.

    `payment` is as it was just read; its money is smaller by it afterwards, in the books as in memory.
    """
    money = payment.open_item
    item = OpenItem.objects.create(
        organization=actor.organization, account_id=payment.account_id, agreement=agreement,
        gl_account_id=agreement.type.gl_account_id, kind=KINDS[Role(agreement.type.special_role)],
        number=payment.number, currency=payment.currency, document_date=posting_date, due_date=posting_date,
    )  # fmt: skip
    holding = Holding.objects.create(
        organization=actor.organization, payment=payment, agreement=agreement, open_item=item,
        currency=payment.currency, amount=amount, reason=reason, posting_date=posting_date, created_by=actor.user,
    )  # fmt: skip
    value = -settled_value(money, -amount, actor.organization.currency)
    lines = [
        # Not a settlement between two documents: there is less of the payment itself, so its item's amount moves too.
        Line(money.gl_account_id, amount, money.pk, opens=True, organization_amount=value),
        Line(item.gl_account_id, -amount, item.pk, opens=True, agreement_id=agreement.pk, organization_amount=-value),
    ]
    post(actor, Draft("held", holding, posting_date, posting_date, payment.currency, lines, memo=payment.number))
    money.balance, money.organization_balance = money.balance + amount, money.organization_balance + value
    item.balance, item.organization_balance = -amount, -value
    return holding


def take(actor: Any, holding: Holding, amount: Decimal, *, reason: str, posting_date: date) -> HoldingRelease:
    """Take from money held what then is on account again: Dr the type's own account / Cr unapplied money. `holding` is
    as it was just read, with item and payment.

    The transfer account has no part in it: a transfer moves debt from one agreement to another within one entry.
    """
    item, money = holding.open_item, OpenItem.objects.of(actor).get(pk=holding.payment.open_item_id)
    release = HoldingRelease.objects.create(
        organization=actor.organization, holding=holding, currency=holding.currency, amount=amount, reason=reason,
        posting_date=posting_date, created_by=actor.user,
    )  # fmt: skip
    value = -settled_value(item, -amount, actor.organization.currency)
    lines = [
        Line(
            item.gl_account_id, amount, item.pk, opens=True, agreement_id=holding.agreement_id,
            organization_amount=value,
        ),
        Line(money.gl_account_id, -amount, money.pk, opens=True, organization_amount=-value),
    ]  # fmt: skip
    post(actor, Draft("released", release, posting_date, posting_date, holding.currency, lines, memo=item.number))
    item.balance, item.organization_balance = item.balance + amount, item.organization_balance + value
    return release


def take_all(actor: Any, payment: Payment, *, reason: str, posting_date: date) -> None:
    """Take everything that is held of a payment, which is about to be undone."""
    for holding in holdings(actor, payment=payment):
        take(actor, holding, left_of(holding), reason=reason, posting_date=posting_date)


def ask_for(agreement: Agreement, change: Decimal, *, kind: str, day: date) -> None:
    """Move what is asked for now by `change`, and nothing that is truly owed: no journal line."""
    if change:
        AgreementTransaction.objects.create(
            organization_id=agreement.organization_id, agreement=agreement, kind=kind, date=day,
            payoff_effect=Decimal(0), current_effect=change,
        )  # fmt: skip


def stop_with_service(actor: Any, holding: Holding) -> None:
    """The service that a deposit secured is over: no more is asked for, and its agreement stops; at zero it closes by
    itself (documented behaviour). `holding` is any of those on the agreement."""
    agreement = Agreement.objects.of(actor).get(pk=holding.agreement_id)
    day = posting_date_for(actor.organization_id, max(today(actor.organization), holding.posting_date))
    ask_for(agreement, agreement.payoff_balance - agreement.current_balance, kind="sync", day=day)
    if agreement.state == Agreement.State.ACTIVE:
        agreement.state, agreement.stop_date = Agreement.State.STOPPED, max(day, agreement.start_date)
        agreement.save(update_fields=["state", "stop_date"])

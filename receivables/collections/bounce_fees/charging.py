"""Charging a fee with a bounce: Dr receivables / Cr the bank account's account for fees, as an open item of its own."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from receivables.collections.bounce_fees.rules import bounce_fee_blocker
from receivables.collections.models import BankAccount, BounceFee, Payment, PaymentReversal
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.sequences import take_numbers
from receivables.customers.models import Agreement, Customer
from receivables.ledger.models import GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, post
from receivables.ledger.queries import role_accounts
from receivables.ledger.rates.queries import rate_on

State = Agreement.State
OPEN = (State.ACTIVE, State.PENDING_STOP, State.REACTIVATED, State.STOPPED, State.CLOSED)


def fee_agreement(actor: Any, payment: Payment) -> Agreement | None:
    """The payer's agreement that owes the fee: in the payment's currency, booked as receivable, active ones first."""
    found = Agreement.objects.of(actor).filter(
        account=payment.account_id, currency=payment.currency, type__gl_account__role=GLAccount.Role.RECEIVABLES,
        state__in=OPEN,
    )  # fmt: skip
    return min(found, key=lambda each: (OPEN.index(each.state), each.pk), default=None)


def usual_fee(payment: Payment) -> Decimal | None:
    """What the bank account suggests, if it charges fees at all."""
    return payment.bank_account.bounce_fee if payment.bank_account.fee_account_id else None


def charge_bounce_fee(actor: Any, payment: Payment, bounced: PaymentReversal, fee: Decimal) -> BounceFee:
    """In the transaction that records the bounce, under the lock of the payer's account. Raises `Refused`."""
    agreement, bank = fee_agreement(actor, payment), BankAccount.objects.of(actor).get(pk=payment.bank_account_id)
    refuse(
        bounce_fee_blocker(
            fee=fee, currency=payment.currency, bank=bank.name, has_account=bank.fee_account_id is not None,
            has_agreement=agreement is not None,
        )
    )  # fmt: skip
    if agreement is None or bank.fee_account_id is None:
        raise TypeError("the rule lets no fee without an account and an agreement through")
    day = bounced.posting_date
    control = role_accounts(actor.organization_id, GLAccount.Role.RECEIVABLES)[GLAccount.Role.RECEIVABLES]
    terms = Customer.objects.select_related("terms").get(pk=payment.account.customer_id).terms
    sequence_number, number = take_numbers(actor.organization_id, {"bounce_fee": 1})["bounce_fee"][0]
    item = OpenItem.objects.create(
        organization=actor.organization, account=payment.account, agreement=agreement, gl_account_id=control,
        kind=OpenItem.Kind.FEE, number=number, currency=payment.currency, document_date=day,
        due_date=day + timedelta(days=terms.days),
    )  # fmt: skip
    made = BounceFee.objects.create(
        organization=actor.organization, number=number, sequence_number=sequence_number, bounced=bounced,
        open_item=item, date=day, posting_date=day, currency=payment.currency, amount=fee, created_by=actor.user,
    )  # fmt: skip
    lines = [
        Line(control, fee, open_item_id=item.pk, opens=True, agreement_id=agreement.pk),
        Line(bank.fee_account_id, -fee, for_agreement_id=agreement.pk),
    ]
    rate = rate_on(actor, payment.currency, day)
    post(actor, Draft("bounce_fee", made, day, day, payment.currency, lines, rate, memo=number))
    record(
        actor, "charge_bounce_fee", made, about=[payment, payment.account], amount=fee, currency=payment.currency,
        reference=number,
    )  # fmt: skip
    return made

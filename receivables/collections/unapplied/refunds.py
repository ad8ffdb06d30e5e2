"""Giving money on account back to the customer, and taking that back."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.moved import Fact, facts_moved_blocker
from receivables.approvals.operations import ask, authority_of, supersede_request, waiting_request
from receivables.approvals.rules import no_reason_blocker
from receivables.collections.models import BankAccount, Payment
from receivables.collections.rules import not_found_blocker
from receivables.collections.unapplied.acting import act_day, lock_all_accounts, read_payment
from receivables.collections.unapplied.models import Refund, RefundReversal
from receivables.collections.unapplied.queries import REFUND, money_facts, refunded, waiting_refund
from receivables.collections.unapplied.rules import RefundFacts, refund_unapplied_blocker, reverse_refund_blocker
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import record
from receivables.core.money import round_money
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.ledger.models import GLAccount, JournalEntry
from receivables.ledger.posting import Draft, Line, mirror, post, settled_value
from receivables.ledger.queries import role_accounts
from receivables.ledger.rates.queries import rate_on


@dataclass(frozen=True)
class Giving:
    """What is given back, in the payment's currency, out of which bank account, how, and why."""

    amount: Decimal
    bank_account: BankAccount
    day: date
    method: str
    reason: str
    reference: str = ""
    posting_date: date | None = None


@operation
def refund_unapplied(
    *, actor: Any, payment: Payment, amount: Decimal, bank_account: BankAccount, date: date, method: str, reason: str,
    reference: str = "", posting_date: date | None = None,
) -> Refund | ApprovalRequest:  # fmt: skip
    """Give money on account back: Dr unapplied money / Cr bank, a document with its own number.

    Beyond the actor's authority (all refunds of the payment together) nothing is posted and the request is returned.
    Raises `Refused` for more than is on account, another currency, a day before the money came, a closed day.
    """
    lock_all_accounts(actor, [payment.account_id])
    current = read_payment(actor, payment.pk)
    giving = Giving(amount, bank_account, date, method, reason, reference, posting_date)
    waiting = waiting_refund(actor, current) is not None
    checked = _checked(actor, current, giving, waiting=waiting)
    if exceeds_authority(actor, current, amount):
        return _ask(actor, current, checked)
    return _give_back(actor, current, checked, actor.user)


def exceeds_authority(actor: Any, payment: Payment, amount: Decimal) -> bool:
    """Whether what is given back of this payment in all is more than the actor may give back alone."""
    return not authority_of(actor, AuthorityKind.REFUND, payment.currency).covers(refunded(payment) + amount)


def _checked(actor: Any, payment: Payment, giving: Giving, *, waiting: bool) -> Giving:
    """The refund with the bank account as it is now. `Refused` where the rule forbids it."""
    bank = BankAccount.objects.of(actor).filter(pk=giving.bank_account.pk).first()
    refuse(not_found_blocker("bank_account", found=bank is not None))
    bank = bank or giving.bank_account
    facts = RefundFacts(
        money_facts(actor, payment), giving.amount, bank.active, bank.currency, giving.day, payment.date, waiting
    )
    refuse(refund_unapplied_blocker(facts) or no_reason_blocker(giving.reason))
    return replace(giving, bank_account=bank)


def _ask(actor: Any, payment: Payment, giving: Giving) -> ApprovalRequest:
    money = money_facts(actor, payment)
    words = {"amount": money.text(giving.amount), "number": payment.number, "bank": giving.bank_account.name}
    facts = {
        "amount": str(giving.amount), "bank_account": giving.bank_account.pk, "date": giving.day.isoformat(),
        "method": giving.method, "reference": giving.reference,
        "posting_date": giving.posting_date.isoformat() if giving.posting_date else "",
    }  # fmt: skip
    words["left"] = money.text(money.unapplied - giving.amount)
    preview = [
        _("%(amount)s of payment %(number)s is given back from %(bank)s.") % words,
        _("%(left)s of it stays on account.") % words,
    ]
    return ask(
        actor, verb=REFUND, kind=AuthorityKind.REFUND, subject=payment, amount=giving.amount,
        title=_("Refund of %(amount)s of payment %(number)s") % words, currency=payment.currency,
        reason=giving.reason, facts=facts, preview=preview, about=[payment.account], shown=_shown(actor, payment),
    )  # fmt: skip


def _shown(actor: Any, payment: Payment) -> list[Fact]:
    """What of the payment is on account."""
    money = money_facts(actor, payment)
    label = _("On account of payment %(number)s") % {"number": payment.number}
    return [Fact("unapplied", label, money.unapplied, money.currency)]


def shown_now(actor: Any, request: ApprovalRequest) -> list[Fact]:
    """What a refund that waits was shown with, as it is now."""
    return _shown(actor, read_payment(actor, request.subject_id))


def _give_back(actor: Any, payment: Payment, giving: Giving, by: Any) -> Refund:
    """Number, write and post a refund that was checked under the lock; `by` is who asked for it."""
    money, own = payment.open_item, actor.organization.currency
    posted_on = act_day(actor, payment, payment.posting_date, giving.posting_date, document=giving.day)
    accounts = role_accounts(actor.organization_id, GLAccount.Role.EXCHANGE)
    try:
        rate = rate_on(actor, payment.currency, giving.day)
    except Refused as refused:
        raise Refused(replace(refused.blocker, field="date")) from None
    sequence_number, number = take_numbers(actor.organization_id, {"refund": 1})["refund"][0]
    refund = Refund.objects.create(
        organization=actor.organization, number=number, sequence_number=sequence_number, payment=payment,
        bank_account=giving.bank_account, date=giving.day, posting_date=posted_on, currency=payment.currency,
        rate=rate, amount=giving.amount, method=giving.method, reference=giving.reference, reason=giving.reason,
        created_by=by,
    )  # fmt: skip
    taken = -settled_value(money, -giving.amount, own)
    paid = round_money(giving.amount * rate, own)
    lines = [
        # Not a settlement between two documents: there is less of the payment itself, so its item's amount moves too.
        Line(money.gl_account_id, giving.amount, open_item_id=money.pk, opens=True, organization_amount=taken),
        Line(giving.bank_account.gl_account_id, -giving.amount, organization_amount=-paid),
    ]
    if taken != paid:
        lines.append(Line(accounts[GLAccount.Role.EXCHANGE], Decimal(0), organization_amount=paid - taken))
    post(actor, Draft("refund", refund, giving.day, posted_on, payment.currency, lines, rate, memo=number))
    record(
        actor, "refund_unapplied", refund, about=[payment, payment.account], reason=giving.reason,
        amount=giving.amount, currency=payment.currency, reference=giving.reference,
    )  # fmt: skip
    return refund


def release_refund(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a granted request: the refund as it was asked for, under the facts of now."""
    if subject.verb != REFUND:
        return
    facts = subject.facts
    payment = Payment.objects.of(actor).get(pk=subject.subject_id)
    lock_all_accounts(actor, [payment.account_id])
    current = read_payment(actor, payment.pk)
    chosen = date.fromisoformat(facts["posting_date"]) if facts["posting_date"] else None
    giving = Giving(
        Decimal(facts["amount"]), BankAccount.objects.of(actor).get(pk=facts["bank_account"]),
        date.fromisoformat(facts["date"]), facts["method"], subject.reason, facts["reference"], chosen,
    )  # fmt: skip
    checked = _checked(actor, current, giving, waiting=False)
    fmt = money_facts(actor, current).fmt
    refuse(facts_moved_blocker(subject, _shown(actor, current), fmt))
    if exceeds_authority(actor, current, giving.amount):
        message = _("With what was already given back of this payment it is above your own limit.")
        raise Refused(Blocker("above_limit", message))
    _give_back(actor, current, checked, subject.requested_by)


def drop_refund(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a payment that is taken back: there is no money left that a waiting refund could give."""
    supersede_request(actor, waiting_request(subject, REFUND))


@operation
def reverse_refund(*, actor: Any, refund: Refund, reason: str, posting_date: date | None = None) -> RefundReversal:
    """Take a refund back: its entry is mirrored, and the money is on account again. Raises `Refused` if it was taken
    back before."""
    refuse(not_found_blocker("payment", found=refund.organization_id == actor.organization_id))
    lock_all_accounts(actor, [refund.payment.account_id])
    undone = RefundReversal.objects.filter(refund_id=refund.pk).exists()
    refuse(reverse_refund_blocker(number=refund.number, reversed_already=undone) or no_reason_blocker(reason))
    payment = read_payment(actor, refund.payment_id)
    posted_on = act_day(actor, payment, refund.posting_date, posting_date)
    reversal = RefundReversal.objects.create(
        organization=actor.organization, refund=refund, reason=reason, posting_date=posted_on, created_by=actor.user
    )
    entry = (
        JournalEntry.objects.of(actor)
        .prefetch_related("lines")
        .get(source_type=refund._meta.label_lower, source_id=refund.pk, kind="refund")
    )
    post(actor, mirror(entry, list(entry.lines.all()), kind="refund_reversed", source=refund, posting_date=posted_on))
    record(
        actor, "reverse_refund", refund, about=[payment, payment.account], reason=reason, amount=refund.amount,
        currency=refund.currency,
    )  # fmt: skip
    return reversal

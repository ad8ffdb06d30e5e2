"""What exceeds a limit is asked for: the money is posted at once, only the difference waits until somebody grants it.

Approval never holds cash hostage (source: the decision on approvals): asking posts the payment and all that is applied.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import Asked, ask_all, authority_of, supersede_request
from receivables.approvals.rules import Authority
from receivables.billing.credit_notes.kinds import authority_for
from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.billing.pages import amount_text
from receivables.collections.assigning.judging import lock_customers
from receivables.collections.giving_up import Given, give_up
from receivables.collections.models import Payment, PayOffRequest
from receivables.collections.payoff_queries import PAY_BILL, given_away, standing_of, waiting_asked
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, refuse
from receivables.core.events import build, record_all, ref
from receivables.core.money import NumberFormat, format_money
from receivables.customers.models import Account
from receivables.ledger.models import Allocation

ZERO = Decimal(0)


def ask_each(actor: Any, payment: Payment, asked: Sequence[Given], *, why: str) -> list[ApprovalRequest]:
    """Put what exceeds a limit into the inbox, within the transaction that posts the payment."""
    rows = PayOffRequest.objects.bulk_create(
        PayOffRequest(
            organization=actor.organization, payment=payment, invoice=each.invoice, reason=each.reason,
            currency=payment.currency, amount=each.amount, created_by=actor.user,
        )
        for each in asked
    )  # fmt: skip
    return ask_all(actor, [_asked(actor, payment, row, each, why) for row, each in zip(rows, asked, strict=True)])


def _asked(actor: Any, payment: Payment, row: PayOffRequest, each: Given, why: str) -> Asked:
    invoice, balance = each.invoice, each.invoice.open_item.balance
    words = {
        "reason": each.reason.name, "number": invoice.number, "payment": payment.number,
        "amount": amount_text(actor, each.amount, payment.currency),
        "left": amount_text(actor, balance - each.amount, payment.currency),
        "received": amount_text(actor, payment.amount, payment.currency),
    }  # fmt: skip
    preview = [
        each.over,
        _("%(amount)s is taken off invoice %(number)s as “%(reason)s”; %(left)s stays open on it.") % words,
        _("Payment %(payment)s of %(received)s is posted already; it does not wait.") % words,
    ]
    return Asked(
        verb=PAY_BILL, kind=authority_for(each.reason.kind) or AuthorityKind.BAD_DEBT, subject=row,
        title=_("%(reason)s of %(amount)s on invoice %(number)s") % words, currency=payment.currency,
        amount=each.amount, reason=why, facts={"balance": str(balance), "payment": payment.pk},
        preview=[line for line in preview if line],
        about=[invoice, *invoice.loads.all(), payment, invoice.account], reason_key=ref(each.reason),
    )  # fmt: skip


@dataclass(frozen=True)
class GrantFacts:
    """A difference about to be granted: what is open now, and what the decider may give on the invoice in all."""

    number: str
    currency: str
    amount: Decimal
    balance: Decimal
    given: Decimal
    voided: bool
    paid: bool
    authority: Authority
    fmt: NumberFormat

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


def grant_blocker(facts: GrantFacts) -> Blocker | None:
    """What was asked for is posted if the balance still covers it and its payment still stands on the invoice."""
    if facts.voided or not facts.paid:
        message = _(
            "The payment that this was asked for with is not on invoice %(number)s any more; reject the request."
        )
        return Blocker("facts_moved", message % {"number": facts.number})
    if facts.amount > facts.balance:
        message = _(
            "Only %(balance)s is open on invoice %(number)s by now; %(amount)s was asked for. Reject the request."
        )
        words = {"balance": facts.text(facts.balance), "amount": facts.text(facts.amount)}
        return Blocker("facts_moved", message % {**words, "number": facts.number})
    if not facts.authority.covers(facts.given + facts.amount):
        message = _(
            "With the %(given)s already given on invoice %(number)s it is above your own limit; somebody with more must"
            " decide."
        )
        return Blocker("above_limit", message % {"given": facts.text(facts.given), "number": facts.number})
    return None


def release_pay_off(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision: what was granted is posted as it was asked for, under the facts of now. `Refused` refuses
    the decision as a whole."""
    if subject.verb != PAY_BILL or subject.state != ApprovalRequest.State.APPROVED:
        return
    asked = PayOffRequest.objects.of(actor).select_related("payment", "reason", "invoice").get(pk=subject.subject_id)
    accounts = {asked.payment.account_id, asked.invoice.account_id}
    lock_customers(actor, accounts)
    lock_rows(Account.objects.of(actor), accounts)
    rows = Invoice.objects.of(actor).select_related("open_item", "account__customer").prefetch_related("loads")
    invoice = rows.get(pk=asked.invoice_id)
    refuse(grant_blocker(_facts(actor, asked, invoice)))
    given = Given(invoice, asked.reason, asked.amount, whole=asked.amount == invoice.open_item.balance)
    made = give_up(
        actor, asked.payment, [given], day=today(actor.organization), chosen=None, author=subject.requested_by,
        asked=asked,
    )  # fmt: skip
    granted = build(
        actor, PAY_BILL, asked.payment, about=[invoice, *invoice.loads.all(), invoice.account, subject],
        reason=subject.reason, amount=asked.amount, currency=asked.currency, type=asked.reason.name,
        note=[each.credit_note.number for each in made.rows if each.credit_note],
    )  # fmt: skip
    record_all(actor, [*made.events, (granted, asked.payment)])


def _facts(actor: Any, asked: PayOffRequest, invoice: Invoice) -> GrantFacts:
    kind = authority_for(asked.reason.kind)
    if kind == AuthorityKind.BAD_DEBT:
        given = standing_of(actor, [invoice])[invoice.pk].given
    else:
        given = given_away([invoice], kind).get(invoice.pk, ZERO)
    paid = Allocation.objects.filter(
        credit_item=asked.payment.open_item_id, debit_item=invoice.open_item_id, kind=Allocation.Kind.PAYMENT,
        reverses__isnull=True, reversed_by__isnull=True,
    )  # fmt: skip
    return GrantFacts(
        invoice.number, invoice.currency, asked.amount, invoice.open_item.balance, given,
        invoice.voided_at is not None, paid.exists(), authority_of(actor, kind, invoice.currency, ref(asked.reason)),
        number_format(actor),
    )  # fmt: skip


def lock_waiting(actor: Any, payment: Payment, **of: Any) -> list[ApprovalRequest]:
    """What was asked for with a payment and waits, locked: before the account, as every decision does."""
    subjects = list(waiting_asked(actor, payment=payment, **of).values_list("pk", flat=True))
    if not subjects:
        return []
    return list(
        ApprovalRequest.objects.of(actor)
        .filter(
            subject_type=ContentType.objects.get_for_model(PayOffRequest), subject_id__in=subjects,
            state=ApprovalRequest.State.WAITING,
        )
        .select_for_update(no_key=True)
        .order_by("pk")
    )  # fmt: skip


def drop_waiting(actor: Any, requests: Sequence[ApprovalRequest]) -> None:
    """Drop these requests, locked: the money that they were asked for with is not on the invoice any more."""
    for request in requests:
        supersede_request(actor, request)


def drop_asked(*, actor: Any, event: Any, subject: Payment) -> None:
    """Reaction to a payment that is taken back: what waits with it is nobody's to decide."""
    drop_waiting(actor, lock_waiting(actor, subject))

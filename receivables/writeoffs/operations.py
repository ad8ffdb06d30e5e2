"""Writing off debt, and asking for it. What was written off is taken back in `reversing.py`."""

from dataclasses import replace
from typing import Any

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import authority_of
from receivables.billing.models import Invoice
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.customers.models import Agreement, Customer
from receivables.writeoffs.drafting import Draft, Wanted, drafted, read_debts
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.own_money import apply_first
from receivables.writeoffs.planning import chosen, plan
from receivables.writeoffs.posting import Ready, post_write_offs, sync_current
from receivables.writeoffs.reading import out_of_step
from receivables.writeoffs.requests import ask_for, held
from receivables.writeoffs.rules import facts_moved_blocker, request_write_off_blocker


def exceeds_authority(actor: Any, draft: Draft) -> bool:
    """Whether this is more than the actor may write off alone."""
    return not authority_of(actor, AuthorityKind.WRITE_OFF, draft.currency).covers(draft.amount)


@operation
def write_off_debt(*, actor: Any, wanted: Wanted) -> WriteOff | ApprovalRequest:
    """Transfer debt of an account to its write-off agreements. Money that the customer has with us is applied first.

    Beyond the actor's authority nothing is posted: the request that waits for approval is returned instead. Raises
    `Refused` for more than is owed, debt in two currencies, an account without a write-off target, a closed day.
    """
    draft = drafted(actor, wanted)
    if exceeds_authority(actor, draft):
        return ask_for(actor, draft)
    return carry_out(actor, draft, author=actor.user)


@operation
def request_write_off(*, actor: Any, wanted: Wanted) -> ApprovalRequest:
    """Ask for a write-off, for those who may decide none of any amount. Refused as writing off itself would be."""
    draft = drafted(actor, wanted)
    refuse(request_write_off_blocker(draft.facts))
    return ask_for(actor, draft)


def release_write_off(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision: an approved write-off is posted as it was asked for, if the facts still allow it.
    `Refused` refuses the decision as a whole."""
    if subject.verb != "write_off_debt" or subject.state != ApprovalRequest.State.APPROVED:
        return
    draft = held(actor, subject)
    refuse(facts_moved_blocker(same=draft.digest == subject.facts["digest"]))
    carry_out(actor, draft, author=subject.requested_by, approved_by=actor.user)


def carry_out(actor: Any, draft: Draft, *, author: Any, approved_by: Any = None) -> WriteOff:
    """Do what was drafted, in its transaction and under its locks: the customer's money, the sync, the transfer."""
    if draft.used:
        draft = _with_money_applied(actor, draft)
    sources = list({debt.agreement_id: None for debt, _amount in draft.left})
    sync_current(actor, out_of_step(actor, sources), draft.posting_date)
    ready = Ready(
        draft.account, draft.plan, draft.currency, draft.wanted.reason, draft.date, draft.posting_date, draft.method,
        draft.onto, author, approved_by,
    )  # fmt: skip
    write_off = post_write_offs(actor, [ready])[0]
    record(
        actor, "write_off_debt", write_off, about=concerned(actor, draft, write_off), reason=write_off.reason,
        amount=write_off.amount, currency=write_off.currency,
        split={debt.number: amount for debt, amount in draft.left},
    )  # fmt: skip
    return write_off


def _with_money_applied(actor: Any, draft: Draft) -> Draft:
    """Apply the money, read what is owed then, and work the rest out anew: booked values have moved with it."""
    apply_first(
        actor, draft.money, draft.picked, draft.used, posting_date=draft.posting_date, reason=draft.wanted.reason
    )
    debts, _held = read_debts(actor, draft.account.pk, draft.accounts)
    left = chosen(debts, {debt.key: amount for debt, amount in draft.left})
    return replace(draft, left=tuple(left), plan=plan(left, draft.routes, actor.organization.currency))


def concerned(actor: Any, draft: Draft, write_off: WriteOff) -> list[Any]:
    """In whose history a write-off shows: the account and customer, the invoices and loads, the agreements of both
    sides."""
    items = [debt.item_id for debt, _amount in draft.left if debt.item_id]
    invoices = list(Invoice.objects.of(actor).filter(open_item__in=items).prefetch_related("loads").order_by("pk"))
    sources = Agreement.objects.of(actor).filter(pk__in={debt.agreement_id for debt, _amount in draft.left})
    targets = Agreement.objects.of(actor).filter(write_off_items__write_off=write_off).distinct()
    loads = [load for invoice in invoices for load in invoice.loads.all()]
    customer = Customer.objects.of(actor).get(pk=draft.account.customer_id)
    others = [draft.onto] if draft.onto else []
    return [draft.account, customer, *others, *invoices, *loads, *sources.order_by("pk"), *targets.order_by("pk")]

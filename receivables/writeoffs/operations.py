"""Writing off debt, and asking for it. What was written off is taken back in `reversing.py`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import authority_of
from receivables.billing.models import Invoice, Load
from receivables.billing.queries import invoices_about
from receivables.billing.summary.parts import share_out
from receivables.core.errors import refuse
from receivables.core.events import build, named, record_all, ref
from receivables.core.operations import operation
from receivables.customers.models import Agreement, Customer
from receivables.ledger.models import Allocation
from receivables.writeoffs.drafting import Draft, Wanted, drafted, read_debts
from receivables.writeoffs.models import WriteOff, WriteOffItem
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
    return carry_out_each(actor, [draft], author=author, approved_by=approved_by)[0]


def carry_out_each(actor: Any, drafts: Sequence[Draft], *, author: Any, approved_by: Any = None) -> list[WriteOff]:
    """The same for drafts of different accounts at once: as many queries for a thousand as for one, but where the
    customer's own money is applied first."""
    drafts = [_with_money_applied(actor, draft) if draft.used else draft for draft in drafts]
    _sync(actor, drafts)
    readies = [
        Ready(
            draft.account, draft.plan, draft.currency, draft.wanted.reason, draft.date, draft.posting_date,
            draft.method, draft.onto, author, approved_by,
        )
        for draft in drafts
    ]  # fmt: skip
    write_offs = post_write_offs(actor, readies)
    _say_for_which_load(actor, drafts, write_offs)
    about = concerned(actor, drafts, write_offs)
    record_all(
        actor,
        (
            (
                build(
                    actor, "write_off_debt", made, about=about[made.pk], reason=made.reason, amount=made.amount,
                    currency=made.currency, split={debt.number: amount for debt, amount in draft.left},
                ),
                made,
            )
            for draft, made in zip(drafts, write_offs, strict=True)
        ),
    )  # fmt: skip
    return write_offs


def _say_for_which_load(actor: Any, drafts: Sequence[Draft], write_offs: Sequence[WriteOff]) -> None:
    """What was written off of one load's part of a summary invoice is said of that load."""
    for draft, made in zip(drafts, write_offs, strict=True):
        if draft.wanted.load is not None:
            rows = Allocation.objects.of(actor).filter(
                entry__source_type=WriteOff._meta.label_lower, entry__source_id=made.pk, kind=Allocation.Kind.TRANSFER
            )
            for allocation in rows:
                share_out(actor, allocation, {draft.wanted.load: allocation.amount})


def _sync(actor: Any, drafts: Sequence[Draft]) -> None:
    """Current follows payoff on every source before it is moved, on the day of its posting."""
    days = {debt.agreement_id: draft.posting_date for draft in drafts for debt, _amount in draft.left}
    behind: dict[date, list[Agreement]] = {}
    for agreement in out_of_step(actor, days):
        behind.setdefault(days[agreement.pk], []).append(agreement)
    for day, agreements in behind.items():
        sync_current(actor, agreements, day)


def _with_money_applied(actor: Any, draft: Draft) -> Draft:
    """Apply the money, read what is owed then, and work the rest out anew: booked values have moved with it."""
    apply_first(
        actor, draft.money, draft.picked, draft.used, posting_date=draft.posting_date, reason=draft.wanted.reason
    )
    debts, _held = read_debts(actor, draft.account.pk, draft.accounts)
    left = chosen(debts, {debt.key: amount for debt, amount in draft.left})
    return replace(draft, left=tuple(left), plan=plan(left, draft.routes, actor.organization.currency))


def concerned(actor: Any, drafts: Sequence[Draft], write_offs: Sequence[WriteOff]) -> dict[int, list[str]]:
    """In whose history each write-off shows, by name: the account and customer, the invoices and loads, the agreements
    of both sides."""
    items = [debt.item_id for draft in drafts for debt, _amount in draft.left if debt.item_id]
    invoices = invoices_about(actor, items)
    loads: dict[int, list[int]] = defaultdict(list)
    for invoice, load in (
        Load.objects.of(actor).filter(invoice_id__any=list(invoices.values())).values_list("invoice_id", "pk")
    ):
        loads[invoice].append(load)
    targets: dict[int, list[int]] = defaultdict(list)
    onto = WriteOffItem.objects.of(actor).filter(write_off_id__any=[made.pk for made in write_offs])
    for write_off, agreement in onto.order_by("pk").values_list("write_off_id", "agreement_id"):
        targets[write_off].append(agreement)
    found = {}
    for draft, made in zip(drafts, write_offs, strict=True):
        own = sorted(invoices[debt.item_id] for debt, _amount in draft.left if debt.item_id in invoices)
        found[made.pk] = [
            ref(draft.account), named(Customer, draft.account.customer_id), *([ref(draft.onto)] if draft.onto else []),
            *(named(Invoice, pk) for pk in own),
            *(named(Load, pk) for invoice in own for pk in loads[invoice]),
            *(named(Agreement, pk) for pk in sorted({debt.agreement_id for debt, _amount in draft.left})),
            *(named(Agreement, pk) for pk in targets[made.pk]),
        ]  # fmt: skip
    return found

"""Reductions that were given with a payment, taken back with it: an invoice was reduced to what had come in, and when
that money turns out not to have come, the customer owes the whole again."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from receivables.approvals.operations import waiting_request
from receivables.billing.models import Accessorial
from receivables.billing.operations import remove_accessorial
from receivables.collections.applying import live_allocations
from receivables.collections.asking import lock_waiting
from receivables.collections.models import Payment, PayOff, Resolution
from receivables.collections.recoveries.falling import accounts_of, falling_with
from receivables.collections.resolution import judge_undoing
from receivables.collections.resolving import Desk, regenerate_each
from receivables.collections.rules import take_back_blocker
from receivables.collections.unapplied.queries import REFUND
from receivables.core.access import lock_rows
from receivables.core.errors import Refused
from receivables.core.operations import SystemActor
from receivables.customers.models import Account
from receivables.ledger.models import Allocation, OpenItem

# Who records a bounce need not hold the permissions of the one who resolved the short payment.
TAKING_BACK = frozenset({"remove_accessorial", "regenerate_invoice"})
LIVE = (Accessorial.State.ACTIVE, Accessorial.State.WAITING)


def reductions_with(actor: Any, payment: Payment) -> QuerySet[Accessorial]:
    """What was taken off in one step because this payment was short, or waits to be; newest first."""
    given = Accessorial.objects.of(actor).filter(payment_id=payment.pk, state__in=LIVE)
    return given.select_related("load__invoice__open_item", "type").order_by("-pk")


def lock_with_invoices(
    actor: Any, payment: Payment, *, with_reductions: bool
) -> tuple[list[Allocation], list[Accessorial]]:
    """Lock the payer's account and those of the invoices it is applied to; with the reductions, also those of everybody
    whose payment must go off and on again. Returns what is applied, and the reductions.

    All of it changes only under the payer's lock, so reading it before may miss something: then lock again.
    """
    waiting_request(payment, REFUND)
    lock_waiting(actor, payment)
    if with_reductions:
        for each in reductions_with(actor, payment).filter(state=Accessorial.State.WAITING):
            waiting_request(each, "add_accessorial")
    locked: set[int] = {payment.account_id}
    while True:
        lock_rows(Account.objects.of(actor), locked)
        live = live_allocations(credit_item=payment.open_item_id)
        given = list(reductions_with(actor, payment)) if with_reductions else []
        lost = PayOff.objects.filter(payment=payment).values_list("invoice__account_id", flat=True)
        recovered = accounts_of(falling_with(payment, granted=True))
        needed = locked | {each.debit_item.account_id for each in live} | _accounts_of(given) | set(lost) | recovered
        if needed == locked:
            return live, given
        locked = needed


def _accounts_of(given: Sequence[Accessorial]) -> set[int]:
    items = [each.load.invoice.open_item_id for each in given if each.load.invoice]
    paid_by = OpenItem.objects.filter(
        pk__in=[each.credit_item_id for each in live_allocations(debit_item__in=items)] if items else []
    )
    return {each.load.account_id for each in given} | set(paid_by.values_list("account_id", flat=True))


def take_back(
    actor: Any, payment: Payment, given: Sequence[Accessorial], *, reason: str, chosen: date | None
) -> list[Resolution]:
    """Take these reductions off again and regenerate their invoices, other payments put back as they were.

    In the transaction that undoes the payment, which is off already. Raises `Refused` if an invoice can't be
    regenerated then.
    """
    worker = SystemActor(actor.organization, actor.name, TAKING_BACK, actor.user)
    undone = []
    for each in given:
        try:
            resolution = _take_back_one(worker, payment, each, reason, chosen)
        except Refused as refused:
            said = take_back_blocker(load=each.load.number, type=each.type.name, why=str(refused.blocker.message))
            raise Refused(said) from refused
        undone += [resolution] if resolution else []
    return undone


def _take_back_one(
    worker: Any, payment: Payment, given: Accessorial, reason: str, chosen: date | None
) -> Resolution | None:
    desk = Desk(worker, [given.load])
    state = desk.states[0]
    resolution = Resolution.objects.of(worker).select_related("accessorial__type").filter(accessorial=given).first()
    billed = state.invoice is not None and state.invoice.voided_at is None
    if resolution is None or not billed or given.state == Accessorial.State.WAITING:
        # Asked for and not granted yet, or on no invoice any more: there is nothing to regenerate.
        remove_accessorial(actor=worker, accessorial=given)
        return None
    return regenerate_each(desk, [judge_undoing(desk, resolution, state, reason, chosen, about=[payment])])[0]

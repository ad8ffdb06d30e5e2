"""The short payment in one step: payment off, accessorial on, invoice regenerated, payment back on.

One transaction; the payment keeps its id, date and reference. The rule of Regenerate holds at every moment inside, and
each part leaves the event that it leaves by hand. Many are resolved together (resolving.py); a refusal is one load's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.models import Accessorial, AccessorialType, Entity, Load
from receivables.billing.operations.accessorials import (
    Added,
    Judged,
    Wanted,
    add_each,
    judged,
    removed_blocker,
    without_charge,
)
from receivables.billing.operations.locking import number_format, touch
from receivables.billing.queries import LoadState
from receivables.billing.summary.parts import shares_of
from receivables.collections.models import Resolution
from receivables.collections.resolution_rules import (
    resolve_short_payment_blocker,
    stale_amount_blocker,
    undo_resolution_blocker,
)
from receivables.collections.resolving import Desk, Step, judge_regeneration, regenerate_each, resolution_facts
from receivables.core.errors import Blocker, Refused, refuse, stale_blocker
from receivables.core.events import record_all
from receivables.core.operations import SystemActor, authorize, operation
from receivables.ledger.models import Allocation

Result = TypeVar("Result")


@dataclass(frozen=True)
class Wish:
    """What is wanted of one short payment. `seen` is the version of the load that a person saw, `exactly` what they
    were told would be taken off."""

    load: Load
    type: AccessorialType | None = None
    amount: Decimal | None = None
    note: str = ""
    reason: str = ""
    posting_date: date | None = None
    seen: int | None = None
    exactly: Decimal | None = None


@operation
def resolve_short_payment(
    *, actor: Any, load: Load, type: AccessorialType | None = None, amount: Decimal | None = None, note: str = "",
    reason: str = "", posting_date: date | None = None, seen: int | None = None,
) -> Resolution | Accessorial:  # fmt: skip
    """Reduce a load's invoice by what was not paid, with its payments put back as they were.

    Without a type, charges that wait to be regenerated are what changes the total. Beyond the actor's authority the
    reduction waits for approval (the accessorial is returned) and everything else happens when it is granted.
    """
    return only(resolve_each(actor, [Wish(load, type, amount, note, reason, posting_date, seen)]))


def resolve_each(actor: Any, wishes: Sequence[Wish]) -> list[Resolution | Accessorial | Refused]:
    """Resolve short payments on different invoices in the running transaction: for each what it came to, or why it was
    refused, which leaves the others as they are. The caller has asked whether the actor may."""
    desk = Desk(actor, [wish.load for wish in wishes])
    judgements = [attempt(partial(_judge, desk, wish, state)) for wish, state in zip(wishes, desk.states, strict=True)]
    charges = [each.charge for each in judgements if isinstance(each, _Judgement) and each.charge is not None]
    added = iter(add_each(actor, charges, resolving=True))
    prepared = [each if isinstance(each, Refused) else _prepared(actor, each, added) for each in judgements]
    done = iter(regenerate_each(desk, [each for each in prepared if isinstance(each, Step)]))
    return [next(done) if isinstance(each, Step) else each for each in prepared]


def _prepared(actor: Any, judgement: "_Judgement", added: Iterator[Added]) -> Step | Accessorial:
    """The step with its charge, which is the next that was added; or that charge alone, if it waits."""
    if judgement.charge is None:
        return judgement.step
    charge = next(added)
    if charge.waits:
        touch(charge.state, charge.state.own)
        record_all(actor, [charge.said])
        return charge.row
    charge.state.load.version += 1  # of having been added, before it is billed
    return replace(judgement.step, state=charge.state, accessorial=charge.row, said=[charge.said])


def attempt(judge: Callable[[], Result]) -> Result | Refused:
    """What a judgement comes to, or the refusal: it writes nothing, so a refusal leaves nothing behind."""
    try:
        return judge()
    except Refused as refused:
        return refused


def only(outcomes: Sequence[Any]) -> Any:
    """The outcome of a set of one. Raises `Refused`."""
    (outcome,) = outcomes
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


@dataclass(frozen=True)
class _Judgement:
    """A short payment that may be resolved; the charge is not added yet."""

    step: Step
    charge: Judged | None = None


def _judge(desk: Desk, wish: Wish, state: LoadState) -> _Judgement:
    """May it be resolved? Writes nothing. Raises `Refused`."""
    actor = desk.actor
    refuse(stale_blocker(state.load.version, wish.seen))
    facts = resolution_facts(actor, state, wish.amount if wish.type is not None else Decimal(0))
    refuse(resolve_short_payment_blocker(facts, has_type=wish.type is not None))
    step = Step(state, facts, wish.reason, desk.posting_date(state, wish.posting_date))
    if wish.type is None:
        judge_regeneration(desk, step, state)
        return _Judgement(step)
    authorize(actor, "add_accessorial")
    wanted = Wanted(wish.type, Entity.CUSTOMER, -facts.amount, note=wish.note)
    money = _money_of(state, desk.payments_on(state))
    charge = judged(actor, desk.authorities, state, wanted, payment_id=money)
    if not charge.waits:
        own, document = charge.changed
        judge_regeneration(desk, step, replace(state, own=own, priced=document))
    refuse(stale_amount_blocker(wish.exactly, facts.amount if charge.waits else facts.reduction))
    return _Judgement(step, charge)


def _money_of(state: LoadState, payments: list[Allocation]) -> int | None:
    """The payment whose bounce takes the reduction back: the last one that was short, on a summary invoice the last
    that may be for this load."""
    load, for_load = state.load, payments
    if state.on_summary:
        said = shares_of(payments)
        for_load = [each for each in payments if load.pk in said[each.pk] or sum(said[each.pk].values()) != each.amount]
    last = (for_load or payments)[-1:]
    return last[0].credit_item.payment.pk if last and last[0].credit_item else None


def undo_blocker(actor: Any, resolution: Resolution, state: LoadState, *, undone: bool) -> Blocker | None:
    """Why a resolution can't be undone as its load stands now; after a void the load has another invoice."""
    newest = state.revision
    return undo_resolution_blocker(
        undone=undone or resolution.undoes_id is not None,
        newest=newest is not None
        and (newest.invoice_id, newest.number) == (resolution.invoice_id, resolution.revision_number),
        has_accessorial=resolution.accessorial_id is not None,
        changed=state.facts(number_format(actor)).total_changed,
    )


@operation
def undo_resolution(*, actor: Any, resolution: Resolution, reason: str, posting_date: date | None = None) -> Resolution:
    """Take a resolution back: its reduction off, the invoice regenerated, the payments put back; balances as before."""
    return only(undo_each(actor, [resolution], reason=reason, posting_date=posting_date))


def undo_each(
    actor: Any, resolutions: Sequence[Resolution], *, reason: str, posting_date: date | None = None
) -> list[Resolution | Refused]:
    """Undo resolutions of different invoices in the running transaction: for each what undid it, or why it was refused.
    The caller has asked whether the actor may."""
    desk = Desk(actor, [each.load for each in resolutions])
    keys = [each.pk for each in resolutions]
    current = Resolution.objects.of(actor).select_related("accessorial__type").in_bulk(keys)
    undone = set(Resolution.objects.of(actor).filter(undoes__in=keys).values_list("undoes", flat=True))

    def judge(resolution: Resolution, state: LoadState) -> Step:
        refuse(undo_blocker(actor, resolution, state, undone=resolution.pk in undone) or no_reason_blocker(reason))
        return judge_undoing(desk, resolution, state, reason, posting_date)

    judgements = [attempt(partial(judge, current[key], state)) for key, state in zip(keys, desk.states, strict=True)]
    done = iter(regenerate_each(desk, [each for each in judgements if isinstance(each, Step)]))
    return [next(done) if isinstance(each, Step) else each for each in judgements]


def judge_undoing(
    desk: Desk, resolution: Resolution, state: LoadState, reason: str, chosen: date | None, about: Sequence[Any] = ()
) -> Step:
    """The step that takes a resolution back, with its reduction off the load's state. Writes nothing. Raises
    `Refused`."""
    facts = resolution_facts(desk.actor, state, -resolution.amount)
    posted_on = desk.posting_date(state, chosen)
    authorize(desk.actor, "remove_accessorial")
    on_load = [each for each in state.accessorials if each.pk == resolution.accessorial_id]
    if not on_load:
        raise Refused(removed_blocker())
    left = without_charge(state, on_load[0])
    resolution.accessorial = on_load[0]
    step = Step(left, facts, reason, posted_on, undoes=resolution, about=about)
    judge_regeneration(desk, step, left)
    return step


def finish_resolution(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a granted reduction that was asked for in one step: the rest of the step, in the same transaction."""
    if not subject.facts.get("resolving"):
        return
    accessorial = Accessorial.objects.of(actor).select_related("load").get(pk=subject.subject_id)
    worker = SystemActor(actor.organization, actor.name, FINISHING, actor.user)
    desk = Desk(worker, [accessorial.load])
    state = desk.states[0]
    facts = resolution_facts(worker, state, Decimal(0))
    refuse(resolve_short_payment_blocker(facts, has_type=False))
    step = Step(state, facts, subject.reason, desk.posting_date(state, None), accessorial)
    judge_regeneration(desk, step, state)
    regenerate_each(desk, [step])


# The person who grants a request need not hold the permissions of the one who asked.
FINISHING = frozenset({"regenerate_invoice"})

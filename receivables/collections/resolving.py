"""Short payments resolved together: payments off, accessorial on, invoice regenerated, payments back on, for as many
loads at once as are given. One lock, one reading and one statement a table for all; a single step is a set of one.

First everything is judged under the lock, and what a rule refuses is left out; then what remains is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.billing.models import Accessorial, Entity, Load, Revision
from receivables.billing.operations.accessorials import REMOVING, Authorities, removed
from receivables.billing.operations.invoices import revised
from receivables.billing.operations.locking import lock_accounts, number_format, read_loads
from receivables.billing.operations.revisions import Next, bill_loads, next_revisions, revision_day
from receivables.billing.queries import LoadState
from receivables.billing.rules import PartBelow, regenerate_invoice_blocker
from receivables.billing.summary.parts import parts_of, settled_by_load, shares_of
from receivables.collections.applying import (
    Off,
    Posted,
    off,
    payments_of,
    posted_by,
    put_back_all,
    take_off_all,
)
from receivables.collections.models import Resolution
from receivables.collections.resolution_rules import ResolutionFacts, part_below_blocker, posting_day_blocker
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import build, record_all
from receivables.core.models import Event
from receivables.core.operations import authorize
from receivables.core.rows import insert, update
from receivables.customers.models import Account
from receivables.ledger.models import Allocation
from receivables.ledger.queries import PostingDays

Recorded = tuple[Event, Any]


def lock_with_payers(actor: Any, loads: Sequence[Load]) -> tuple[list[Account], list[Allocation]]:
    """Lock the accounts of loads and those of everybody who paid their invoices; with the payments that stand on them.

    Payments come and go only under the lock of the invoice's account, so what is read under it is all there is.
    """
    locked = {load.account_id for load in loads}
    while True:
        accounts = lock_accounts(actor, locked)
        live = payments_of(actor, loads)
        needed = locked | {each.credit_item.account_id for each in live if each.credit_item}
        if needed == locked:
            return accounts, live
        locked = needed


class Desk:
    """Loads of different invoices, locked and read with all that resolving a short payment looks at."""

    def __init__(self, actor: Any, loads: Sequence[Load]) -> None:
        self.actor = actor
        accounts, self.payments = lock_with_payers(actor, loads)
        self.states = read_loads(actor, loads, accounts, self.payments)
        self.posted = posted_by(actor, self.payments)
        self._payments: dict[int, list[Allocation]] = {}
        for each in self.payments:
            self._payments.setdefault(each.debit_item_id, []).append(each)
        self.days = PostingDays(actor.organization_id)
        self.authorities = Authorities(actor)

    def payments_on(self, state: LoadState) -> list[Allocation]:
        return self._payments.get(state.item.pk, []) if state.item is not None else []

    def posted_on(self, state: LoadState) -> list[Posted]:
        """The entries of the payments that stand on an invoice, the newest first."""
        keys = {key for each in self.payments_on(state) for key in (each.entry_id, each.taken_entry_id) if key}
        return [self.posted[key] for key in sorted(keys, reverse=True)]

    def posting_date(self, state: LoadState, chosen: date | None) -> date:
        """The act's own day, in an open period, and never before the money that it moves. `Refused` if chosen so."""
        applied = [self.posted[each.entry_id].entry for each in self.payments_on(state) if each.entry_id]
        posted = max((entry.posting_date for entry in applied), default=None)
        refuse(posting_day_blocker(posted=posted, chosen=chosen))
        day = today(self.actor.organization)
        return self.days.chosen(max(day, posted or day), chosen)


def resolution_facts(actor: Any, state: LoadState, amount: Decimal | None) -> ResolutionFacts:
    """What the rule looks at; without an amount all that is open is taken off."""
    asked = any(each.entity == Entity.CUSTOMER and each.amount < 0 for each in state.waiting)
    balance = state.item.balance if state.item else Decimal(0)
    facts = ResolutionFacts(
        state.facts(number_format(actor)), balance, asked=asked, load_open=_load_open(state), below=_below(state)
    )
    return replace(facts, amount=facts.most if amount is None else amount)


def _load_open(state: LoadState) -> Decimal | None:
    """What is open of a load on a summary invoice once its waiting charges are billed; None elsewhere."""
    if not state.on_summary or state.invoice is None or state.revision is None:
        return None
    part = parts_of(state.invoice, state.revision).get(state.load.pk)
    if part is None:
        return Decimal(0)
    waiting = part.billed - state.priced.of_load(state.load.pk).total
    return part.balance - waiting


def _below(state: LoadState) -> PartBelow | None:
    """A load of a summary invoice of which less would be billed than is said to be settled of it."""
    if not state.others or state.item is None:
        return None
    return state.below(state.priced, settled_by_load(state.item.pk))


@dataclass(frozen=True)
class Step:
    """A short payment that is resolved, or a resolution that is undone (`undoes`, whose reduction is off `state`
    already), judged and ready to be written.

    `said` are events that come before its own, `about` more objects in whose history it belongs.
    """

    state: LoadState
    facts: ResolutionFacts
    reason: str
    posted_on: date
    accessorial: Accessorial | None = None
    undoes: Resolution | None = None
    said: Sequence[Recorded] = ()
    about: Sequence[Any] = ()

    @property
    def removed(self) -> Accessorial | None:
        return self.undoes.accessorial if self.undoes is not None else None


def judge_regeneration(desk: Desk, step: Step, state: LoadState) -> None:
    """Whether the invoice may be regenerated once its payments are off. `state` has the charges that it will have.
    Raises `Refused`."""
    refuse(part_below_blocker(step.facts))
    authorize(desk.actor, "regenerate_invoice")
    bare = replace(state, payments=[])
    refuse(regenerate_invoice_blocker(bare.facts(number_format(desk.actor))))
    revision_day(desk.actor, state, desk.days, step.posted_on)


def regenerate_each(desk: Desk, steps: Sequence[Step]) -> list[Resolution]:
    """Payments off, invoices regenerated, payments back on, each table in one statement for all of these."""
    actor = desk.actor
    if not steps:
        return []
    resolutions = insert(_resolution(actor, step) for step in steps)
    made = list(zip(steps, resolutions, strict=True))
    offs = [
        off(
            desk.payments_on(step.state), desk.posted_on(step.state), source=resolution,
            kind=lambda entry: f"off {entry.pk}", posting_date=step.posted_on,
        )
        for step, resolution in made
    ]  # fmt: skip
    take_off_all(actor, offs)
    removals = _remove(actor, steps)
    cause = Revision.Cause.REGENERATED
    wanted = [Next(each.state, each.state.priced, cause, each.reason, each.posted_on) for each in steps]
    revisions, entries = next_revisions(actor, wanted)
    split = shares_of([each for step, taken in zip(steps, offs, strict=True) for each in _on_summary(step, taken)])
    put_back_all(actor, list(zip(offs, entries, strict=True)), split)
    bill_loads([loads for each in wanted for loads in each.billed])
    record_all(
        actor,
        [
            event
            for (step, resolution), taken, revision in zip(made, offs, revisions, strict=True)
            for event in _events(actor, step, resolution, taken, revision, removals)
        ],
    )
    return resolutions


def _on_summary(step: Step, taken: Off) -> Sequence[Allocation]:
    """Only what is settled of a summary invoice is split by load."""
    return taken.allocations if step.state.on_summary else []


def _resolution(actor: Any, step: Step) -> Resolution:
    invoice = step.state.invoice
    if invoice is None:
        raise TypeError("the rule lets no load without an invoice through")
    return Resolution(
        organization=actor.organization, invoice=invoice, load=step.state.load, accessorial=step.accessorial,
        revision_number=invoice.current_revision + 1, currency=invoice.currency, amount=step.facts.reduction,
        reason=step.reason, posting_date=step.posted_on, created_by=actor.user, undoes=step.undoes,
    )  # fmt: skip


def _remove(actor: Any, steps: Sequence[Step]) -> dict[int, Recorded]:
    """Take the reductions of what is undone off their loads: the events of it, by reduction."""
    found = {}
    for step in steps:
        if step.removed is not None:
            found[step.removed.pk] = removed(actor, step.state, step.removed)
            step.state.load.version += 1
    update([row for _event, row in found.values()], REMOVING)
    return found


def _events(
    actor: Any, step: Step, resolution: Resolution, taken: Off, revision: Revision, removals: dict[int, Recorded]
) -> list[Recorded]:
    """What happened in one step, in its order."""
    state, payments = step.state, taken.allocations
    removal = [removals[step.removed.pk]] if step.removed is not None else []
    moneys = [each.credit_item.payment for each in payments if each.credit_item]
    before = state.revision.total if state.revision else None
    done = build(
        actor, "undo_resolution" if step.undoes else "resolve_short_payment", resolution,
        about=[*state.loads, state.invoice, state.load.account, *moneys, *step.about], reason=step.reason,
        revision=revision.number, currency=revision.currency, before={"total": before},
        after={"total": revision.total},
    )  # fmt: skip
    return [
        *step.said,
        *_moved(actor, "take_payment_off", payments, state, resolution),
        *removal,
        revised(actor, "regenerate_invoice", state, revision, step.reason),
        *_moved(actor, "put_payment_back", payments, state, resolution),
        (done, resolution),
    ]


def _moved(
    actor: Any, name: str, payments: Sequence[Allocation], state: LoadState, resolution: Resolution
) -> list[Recorded]:
    """An event for each payment that went off the invoice, or back onto it."""
    about = [*state.loads, state.invoice, state.load.account, resolution]
    moneys = [(each, each.credit_item.payment) for each in payments if each.credit_item]
    return [
        (build(actor, name, money, about=about, amount=each.amount, currency=each.currency), money)
        for each, money in moneys
    ]

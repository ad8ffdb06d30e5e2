"""The short payment in one step: payment off, accessorial on, invoice regenerated, payment back on.

One transaction; the payment keeps its id, date and reference. Every part is the operation that does it by hand, so the
rule of Regenerate holds at every moment inside, and each leaves its own event.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.models import Accessorial, AccessorialType, Entity, Load
from receivables.billing.operations import remove_accessorial
from receivables.billing.operations.accessorials import Wanted, add_to
from receivables.billing.operations.invoices import regenerate
from receivables.billing.operations.locking import locked_load, number_format
from receivables.billing.queries import LoadState, live_payments
from receivables.billing.rules import PartBelow
from receivables.billing.summary.parts import parts_of, settled_by_load, shares_of
from receivables.collections.applying import ROLES, live_allocations, put_back, take_off
from receivables.collections.models import Resolution
from receivables.collections.resolution_rules import (
    ResolutionFacts,
    part_below_blocker,
    posting_day_blocker,
    resolve_short_payment_blocker,
    undo_resolution_blocker,
)
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.operations import SystemActor, authorize, operation
from receivables.customers.models import Account
from receivables.ledger.models import Allocation, JournalEntry
from receivables.ledger.queries import posting_date_blocker, posting_date_for, role_accounts


def lock_with_payers(actor: Any, load: Load) -> list[Allocation]:
    """Lock the load's account and those of everybody who paid its invoice; returns the payments that stand on it.

    Payments come and go only under the lock of the invoice's account, so what is read under it is all there is.
    """
    locked = {load.account_id}
    while True:
        lock_rows(Account.objects.of(actor), locked)
        item = Load.objects.of(actor).filter(pk=load.pk).values_list("invoice__open_item", flat=True).get()
        live = live_allocations(debit_item=item) if item else []
        needed = locked | {each.credit_item.account_id for each in live if each.credit_item}
        if needed == locked:
            return live
        locked = needed


def resolution_facts(actor: Any, state: LoadState, amount: Decimal | None) -> ResolutionFacts:
    """What the rule looks at; without an amount all that is open is taken off."""
    asked = Accessorial.objects.filter(
        load_id=state.load.pk, state=Accessorial.State.WAITING, entity=Entity.CUSTOMER, amount__lt=0
    ).exists()
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


@operation
def resolve_short_payment(
    *, actor: Any, load: Load, type: AccessorialType | None = None, amount: Decimal | None = None, note: str = "",
    reason: str = "", posting_date: date | None = None, seen: int | None = None,
) -> Resolution | Accessorial:  # fmt: skip
    """Reduce a load's invoice by what was not paid, with its payments put back as they were.

    Without a type, charges that wait to be regenerated are what changes the total. Beyond the actor's authority the
    reduction waits for approval (the accessorial is returned) and everything else happens when it is granted.
    """
    payments = lock_with_payers(actor, load)
    state = locked_load(actor, load, seen)
    facts = resolution_facts(actor, state, amount if type is not None else Decimal(0))
    refuse(resolve_short_payment_blocker(facts, has_type=type is not None))
    posted_on = resolution_posting_date(actor, payments, posting_date)
    accessorial = None
    if type is not None:
        authorize(actor, "add_accessorial")
        wanted = Wanted(type, Entity.CUSTOMER, -facts.amount, note=note)
        accessorial, state = add_to(actor, state, wanted, payment_id=_money_of(load, payments), resolving=True)
        if accessorial.state == Accessorial.State.WAITING:
            return accessorial
    return regenerate_under(actor, state, payments, accessorial, facts, reason, posted_on)


def _money_of(load: Load, payments: list[Allocation]) -> int | None:
    """The payment whose bounce takes the reduction back: the last one that was short, on a summary invoice the last
    that may be for this load."""
    said = shares_of(payments)
    for_load = [each for each in payments if load.pk in said[each.pk] or sum(said[each.pk].values()) != each.amount]
    last = (for_load or payments)[-1:]
    return last[0].credit_item.payment.pk if last and last[0].credit_item else None


def resolution_posting_date(actor: Any, payments: list[Allocation], chosen: date | None) -> date:
    """The act's own day, in an open period, and never before the money that it moves."""
    posted = JournalEntry.objects.filter(pk__in=[each.entry_id for each in payments if each.entry_id]).aggregate(
        last=Max("posting_date")
    )["last"]
    if chosen is not None:
        refuse(posting_day_blocker(posted=posted, chosen=chosen) or posting_date_blocker(actor.organization_id, chosen))
        return chosen
    day = today(actor.organization)
    return posting_date_for(actor.organization_id, max(day, posted or day))


def regenerate_under(
    actor: Any, state: LoadState, payments: list[Allocation], accessorial: Accessorial | None,
    facts: ResolutionFacts, reason: str, posted_on: date, undoes: Resolution | None = None, about: Sequence[Any] = (),
) -> Resolution:  # fmt: skip
    """Payments off, the reduction of `undoes` removed, the invoice regenerated, payments back on; locked by the caller.

    `about` are more objects in whose history it belongs.
    """
    invoice = state.invoice
    if invoice is None:
        raise TypeError("the rule lets no load without an invoice through")
    refuse(part_below_blocker(facts))
    resolution = Resolution.objects.create(
        organization=actor.organization, invoice=invoice, load=state.load, accessorial=accessorial,
        revision_number=invoice.current_revision + 1, currency=invoice.currency, amount=facts.reduction, reason=reason,
        posting_date=posted_on, created_by=actor.user, undoes=undoes,
    )  # fmt: skip
    take_off(actor, payments, source=resolution, kind=lambda entry: f"off {entry.pk}", posting_date=posted_on)
    _record_payments(actor, "take_payment_off", payments, state, resolution)
    before = state.revision
    if undoes is not None and undoes.accessorial is not None:
        remove_accessorial(actor=actor, accessorial=undoes.accessorial)
        state = locked_load(actor, state.load)
    authorize(actor, "regenerate_invoice")
    state = replace(state, payments=live_payments(invoice.open_item_id))
    revision = regenerate(actor, state, reason=reason, posting_date=posted_on)
    accounts = role_accounts(actor.organization_id, *ROLES)
    put_back(actor, payments, source=resolution, kind="on", posting_date=posted_on, accounts=accounts)
    _record_payments(actor, "put_payment_back", payments, state, resolution)
    moneys = [each.credit_item.payment for each in payments if each.credit_item]
    record(
        actor, "undo_resolution" if undoes else "resolve_short_payment", resolution,
        about=[*state.loads, invoice, state.load.account, *moneys, *about], reason=reason, revision=revision.number,
        currency=invoice.currency, before={"total": before.total if before else None},
        after={"total": revision.total},
    )  # fmt: skip
    return resolution


def _record_payments(
    actor: Any, name: str, payments: Sequence[Allocation], state: LoadState, resolution: Resolution
) -> None:
    """An event for each payment that went off the invoice, or back onto it."""
    for each in payments:
        if each.credit_item:
            about = [*state.loads, state.invoice, state.load.account, resolution]
            record(actor, name, each.credit_item.payment, about=about, amount=each.amount, currency=each.currency)


def undo_blocker(actor: Any, resolution: Resolution, state: LoadState) -> Blocker | None:
    """Why a resolution can't be undone as its load stands now."""
    undone = resolution.undoes_id is not None or Resolution.objects.filter(undoes=resolution).exists()
    return undo_resolution_blocker(
        undone=undone,
        newest=state.revision is not None and state.revision.number == resolution.revision_number,
        has_accessorial=resolution.accessorial_id is not None,
        changed=state.facts(number_format(actor)).total_changed,
    )


@operation
def undo_resolution(*, actor: Any, resolution: Resolution, reason: str, posting_date: date | None = None) -> Resolution:
    """Take a resolution back: its reduction off, the invoice regenerated, the payments put back; balances as before."""
    payments = lock_with_payers(actor, resolution.load)
    state = locked_load(actor, resolution.load)
    current = Resolution.objects.of(actor).select_related("accessorial__load").get(pk=resolution.pk)
    refuse(undo_blocker(actor, current, state) or no_reason_blocker(reason))
    facts = resolution_facts(actor, state, -current.amount)
    posted_on = resolution_posting_date(actor, payments, posting_date)
    return regenerate_under(actor, state, payments, None, facts, reason, posted_on, undoes=current)


def finish_resolution(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a granted reduction that was asked for in one step: the rest of the step, in the same transaction."""
    if not subject.facts.get("resolving"):
        return
    accessorial = Accessorial.objects.of(actor).select_related("load").get(pk=subject.subject_id)
    worker = SystemActor(actor.organization, actor.name, FINISHING, actor.user)
    payments = lock_with_payers(worker, accessorial.load)
    state = locked_load(worker, accessorial.load)
    facts = resolution_facts(worker, state, Decimal(0))
    refuse(resolve_short_payment_blocker(facts, has_type=False))
    posted_on = resolution_posting_date(worker, payments, None)
    regenerate_under(worker, state, payments, accessorial, facts, subject.reason, posted_on)


# The person who grants a request need not hold the permissions of the one who asked.
FINISHING = frozenset({"regenerate_invoice"})

"""Adding, changing and removing accessorials; what exceeds one's authority waits for somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.moved import Fact, facts_moved_blocker
from receivables.approvals.operations import ask, authority_of, supersede_request, waiting_request
from receivables.approvals.rules import Authority
from receivables.billing.charges import Priced, amount_of
from receivables.billing.credit_notes.queries import given_by_settlement
from receivables.billing.models import Accessorial, AccessorialType, Load
from receivables.billing.operations.locking import locked_load, number_format, touch
from receivables.billing.queries import ON_THE_LOAD, LoadState
from receivables.billing.rules import (
    AccessorialFacts,
    add_accessorial_blocker,
    change_accessorial_blocker,
    needs_authority,
)
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import build, record_all, ref
from receivables.core.models import Event
from receivables.core.money import format_money
from receivables.core.operations import operation
from receivables.core.rows import insert

# What a load alone and its whole document add up to.
Changed = tuple[Priced, Priced]


@dataclass(frozen=True)
class Wanted:
    """What a person typed: either an amount, or a quantity and a rate."""

    type: AccessorialType
    entity: str
    amount: Decimal | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    note: str = ""

    def signed(self, currency: str) -> Decimal:
        """The amount that counts. An adjustment's sign is fixed: typing 50 or −50 both take 50 off."""
        amount = self.amount
        if amount is None:
            if self.quantity is None or self.rate is None:
                raise Refused(Blocker("no_amount", _("Enter an amount, or a quantity and a rate."), field="amount"))
            amount = amount_of(self.quantity, self.rate, currency)
        return -abs(amount) if self.type.is_adjustment else amount


def _without(state: LoadState, row: Accessorial) -> list[Accessorial]:
    return [each for each in state.accessorials if each.pk != row.pk]


def _check(actor: Any, state: LoadState, row: Accessorial, rule: Any = add_accessorial_blocker) -> Changed:
    """What the load, and its document, add up to with this row. `Refused` as the rule says."""
    changed = state.priced_with([*_without(state, row), row])
    invoice = state.facts(number_format(actor), changed)
    refuse(rule(AccessorialFacts(row.type, row.entity, row.amount, invoice)))
    return changed


class Authorities:
    """What the actor may give away alone, asked for once for each kind, currency and reason."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self._known: dict[tuple[str, str, str], Authority] = {}

    def of(self, row: Accessorial) -> Authority:
        key = (row.type.kind, row.currency, ref(row.type))
        if key not in self._known:
            self._known[key] = authority_of(self.actor, *key)
        return self._known[key]


def _exceeds_authority(authorities: Authorities, state: LoadState, row: Accessorial) -> bool:
    """Whether what is given on the load in all, of this kind, is more than the actor may give alone. What credit notes
    and settlements gave on its invoice counts as well."""
    if not needs_authority(row.type.kind, row.entity, row.amount):
        return False
    given = sum(
        (
            each.amount
            for each in (*state.accessorials, *state.waiting)
            if each.pk != row.pk and each.amount < 0
            and (each.type.kind, each.entity) == (row.type.kind, row.entity)
        ),
        Decimal(0),
    )  # fmt: skip
    settled = Decimal(0)
    if state.invoice is not None and state.credited_otherwise:
        settled = given_by_settlement([state.invoice.pk], row.type.kind)
    return not authorities.of(row).covers(settled - row.amount - given)


def _ask(
    actor: Any, row: Accessorial, load: Load, own: Priced, without: Priced, *, resolving: bool = False
) -> None:  # fmt: skip
    """`own` is what the load adds up to with what is asked for, `without` what it does as long as that waits."""
    fmt = number_format(actor)
    amount = format_money(-row.amount, row.currency, fmt, with_code=True)
    title = _("%(type)s of %(amount)s on load %(load)s")
    new_total = format_money(own.total, row.currency, fmt, with_code=True)
    ask(
        actor, verb="add_accessorial", kind=row.type.kind, subject=row,
        title=title % {"type": row.type.name, "amount": amount, "load": load.number}, currency=row.currency,
        amount=-row.amount, reason=row.note, facts={"load_version": load.version, "resolving": resolving},
        preview=[_("The charges of the load will add up to %(total)s.") % {"total": new_total}],
        about=[load, load.account], reason_key=ref(row.type), shown=_shown(load, without.total),
    )  # fmt: skip


def _shown(load: Load, charges: Decimal) -> list[Fact]:
    """What the charges of the load add up to without what is asked for."""
    return [Fact("charges", _("The charges of load %(load)s") % {"load": load.number}, charges, load.currency)]


def shown_now(actor: Any, request: ApprovalRequest) -> list[Fact]:
    """What an accessorial that waits was shown with, as it is now."""
    load = Load.objects.of(actor).get(accessorials=request.subject_id)
    return _shown(load, load.charges_total)


@operation
def add_accessorial(
    *, actor: Any, load: Load, type: AccessorialType, entity: str, amount: Decimal | None = None,
    quantity: Decimal | None = None, rate: Decimal | None = None, note: str = "", seen: int | None = None,
    payment_id: int | None = None, resolving: bool = False,
) -> Accessorial:  # fmt: skip
    """Add a charge or a reduction to a load. Beyond the actor's authority it is saved as Waiting for approval and is
    no charge until granted. Only Customer accessorials reach the customer's invoice. `resolving` notes in the request
    that it is part of a bigger step, which goes on when it is granted."""
    state = locked_load(actor, load, seen)
    wanted = Wanted(type, entity, amount, quantity, rate, note)
    asked = judged(actor, Authorities(actor), state, wanted, payment_id=payment_id)
    (added,) = add_each(actor, [asked], resolving=resolving)
    touch(added.state, added.state.own)
    record_all(actor, [added.said])
    return added.row


@dataclass(frozen=True)
class Judged:
    """A charge that may be added to its load, or must be asked for (`waits`); not saved yet. `changed` is what the
    load and its document add up to with it, `state` the load without it."""

    row: Accessorial
    changed: Changed
    state: LoadState

    @property
    def waits(self) -> bool:
        return bool(self.row.state == Accessorial.State.WAITING)


@dataclass(frozen=True)
class Added:
    """A charge that was added, and its load's state: with it, unless it waits. `said` is its event, with its subject,
    which the caller records; the caller saves the load, too."""

    row: Accessorial
    state: LoadState
    said: tuple[Event, Accessorial]

    @property
    def waits(self) -> bool:
        return bool(self.row.state == Accessorial.State.WAITING)


def judged(
    actor: Any, authorities: Authorities, state: LoadState, wanted: Wanted, *, payment_id: int | None = None
) -> Judged:
    """Whether a charge may be added to a load that is locked, and alone. Writes nothing. Raises `Refused`."""
    row = Accessorial(
        organization=actor.organization, load=state.load, type=wanted.type, entity=wanted.entity,
        currency=state.load.currency, quantity=wanted.quantity, rate=wanted.rate,
        amount=wanted.signed(state.load.currency), note=wanted.note, created_by=actor.user, payment_id=payment_id,
    )  # fmt: skip
    changed = _check(actor, state, row)
    if _exceeds_authority(authorities, state, row):
        row.state = Accessorial.State.WAITING
    return Judged(row, changed, state)


def add_each(actor: Any, wanted: Sequence[Judged], *, resolving: bool = False) -> list[Added]:
    """Add charges to their loads, and ask for those that wait."""
    insert(each.row for each in wanted)
    added = []
    for each in wanted:
        row, state = each.row, each.state
        if each.waits:
            _ask(actor, row, state.load, each.changed[0], state.own, resolving=resolving)
        else:
            own, document = state.priced_with([*state.accessorials, row])  # again, since now the charge has its key
            state = replace(state, accessorials=[*state.accessorials, row], own=own, priced=document)
        said = _event(actor, "add_accessorial", row, state, amount=row.amount, state=row.state)
        added.append(Added(row, state, said))
    return added


@operation
def change_accessorial(
    *, actor: Any, accessorial: Accessorial, amount: Decimal | None = None, quantity: Decimal | None = None,
    rate: Decimal | None = None, note: str = "", seen: int | None = None,
) -> Accessorial:  # fmt: skip
    """Change what an accessorial amounts to. A request that waits with it is withdrawn and asked anew if needed."""
    request = waiting_request(accessorial, "add_accessorial")
    state = locked_load(actor, accessorial.load)
    row = _current(actor, accessorial, seen)
    before = row.amount
    wanted = Wanted(row.type, row.entity, amount, quantity, rate, note)
    row.quantity, row.rate, row.note = quantity, rate, note
    row.amount = wanted.signed(row.currency)
    own, _document = _check(actor, state, row, change_accessorial_blocker)
    supersede_request(actor, request)
    exceeds = _exceeds_authority(Authorities(actor), state, row)
    row.state = Accessorial.State.WAITING if exceeds else Accessorial.State.ACTIVE
    row.version += 1
    row.save(update_fields=["quantity", "rate", "note", "amount", "state", "version"])
    if row.state == Accessorial.State.WAITING:
        without, _document = state.priced_with(_without(state, row))
        _ask(actor, row, state.load, own, without)
        own = without
    touch(state, own)
    _record(actor, "change_accessorial", row, state, before={"amount": before}, after={"amount": row.amount})
    return row


@operation
def remove_accessorial(*, actor: Any, accessorial: Accessorial, seen: int | None = None) -> Accessorial:
    """Take an accessorial off its load; what was billed of it stands in the revisions until regenerated."""
    request = waiting_request(accessorial, "add_accessorial")
    state = locked_load(actor, accessorial.load)
    row = _current(actor, accessorial, seen)
    left = without_charge(state, row)
    supersede_request(actor, request)
    event = removed(actor, state, row)
    row.save(update_fields=REMOVING)
    touch(left, left.own)
    record_all(actor, [event])
    return row


REMOVING = ("state", "version")


def without_charge(state: LoadState, row: Accessorial) -> LoadState:
    """The state of a load, locked, once a charge is off it. Writes nothing. Raises `Refused`."""
    rest = _without(state, row)
    own, document = state.priced_with(rest)
    refuse(remove_accessorial_blocker(own.total))
    return replace(state, accessorials=rest, own=own, priced=document)


def removed(actor: Any, state: LoadState, row: Accessorial) -> tuple[Event, Accessorial]:
    """Mark a charge as removed, and the event of it. The caller saves the charge and its load, and records the
    event."""
    row.state, row.version = Accessorial.State.REMOVED, row.version + 1
    return _event(actor, "remove_accessorial", row, state, amount=row.amount)


def remove_accessorial_blocker(new_total: Decimal) -> Blocker | None:
    """A charge may go unless reductions would be left over."""
    if new_total < 0:
        return Blocker("negative_total", _("Remove the reductions first: the charges would add up to less than zero."))
    return None


def _current(actor: Any, accessorial: Accessorial, seen: int | None) -> Accessorial:
    """The accessorial as it is under the lock. `Refused` if it is gone or was changed since it was shown."""
    row = Accessorial.objects.of(actor).select_related("type__tax_code").get(pk=accessorial.pk)
    if row.state not in ON_THE_LOAD:
        raise Refused(removed_blocker())
    if seen is not None and row.version != seen:
        raise Refused(Blocker("stale", _("Somebody changed this accessorial while you were working. Check it again.")))
    return row


def removed_blocker() -> Blocker:
    """Why nothing can be done any more with a charge that was taken off."""
    return Blocker("removed", _("This accessorial is not on the load any more."))


def release_accessorial(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision: an approved accessorial becomes a charge if the invoice still allows it, a rejected or
    withdrawn one is kept as such. `Refused` refuses the decision as a whole."""
    if subject.verb != "add_accessorial" or subject.state == ApprovalRequest.State.WAITING:
        return
    accessorial = Accessorial.objects.of(actor).select_related("load").get(pk=subject.subject_id)
    state = locked_load(actor, accessorial.load)
    row = Accessorial.objects.of(actor).select_related("type__tax_code").get(pk=accessorial.pk)
    if row.state != Accessorial.State.WAITING:
        return
    own, before = state.own, state.own.total
    if subject.state == ApprovalRequest.State.APPROVED:
        own, _document = _check(actor, state, row)
        fmt = number_format(actor)
        refuse(_moved_blocker(state) or facts_moved_blocker(subject, _shown(state.load, before), fmt))
        refuse(_slices_blocker(actor, state, row))
        row.state = Accessorial.State.ACTIVE
    else:
        row.state = Accessorial.State.REJECTED
    row.version += 1
    row.save(update_fields=["state", "version"])
    touch(state, own)


def _moved_blocker(state: LoadState) -> Blocker | None:
    """What was asked about an invoice is not granted once that invoice is void."""
    if state.invoice is None or state.invoice.voided_at is None:
        return None
    message = _("Invoice %(number)s was voided meanwhile; reject the request.")
    return Blocker("void", message % {"number": state.invoice.number})


def _slices_blocker(actor: Any, state: LoadState, row: Accessorial) -> Blocker | None:
    """Who decides is bound by what is given on the load in all, too: several grants must not add up past it."""
    if not _exceeds_authority(Authorities(actor), state, row):
        return None
    message = _("With what is already given on this load it is above your own limit; somebody with more must decide.")
    return Blocker("above_limit", message)


def _record(actor: Any, name: str, row: Accessorial, load_state: LoadState, /, **data: Any) -> None:
    record_all(actor, [_event(actor, name, row, load_state, **data)])


def _event(
    actor: Any, name: str, row: Accessorial, load_state: LoadState, /, **data: Any
) -> tuple[Event, Accessorial]:  # fmt: skip
    about = [load_state.load, load_state.invoice, load_state.load.account]
    facts = {"type": row.type.name, "entity": row.entity, "currency": row.currency, **data}
    return build(actor, name, row, about=about, **facts), row

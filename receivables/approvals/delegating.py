"""Letting somebody else decide with one's limits for some days, and ending that early."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from receivables.approvals.models import Delegation
from receivables.approvals.standing_in import APPROVE
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.operations import operation

MOST_DAYS = 366
SET_FOR_OTHERS = "manage_authority"


@dataclass(frozen=True)
class DelegationFacts:
    """What the rule looks at. `own` whether it is the actor's own deciding, `to_actor` whether it comes to them."""

    own: bool
    may_set_for_others: bool
    to_actor: bool
    same_person: bool
    giver: str
    giver_may: bool
    taker: str
    taker_may: bool
    starts: date
    ends: date
    today: date
    overlaps: bool = False


def delegate_approvals_blocker(facts: DelegationFacts) -> Blocker | None:
    """To somebody else who may approve, from today on at the earliest; nobody takes others' limits for themselves."""
    return _people_blocker(facts) or _days_blocker(facts)


def _people_blocker(facts: DelegationFacts) -> Blocker | None:
    if not facts.own and not facts.may_set_for_others:
        return Blocker("not_yours", _("Only an Admin can set this for somebody else."), field="of")
    if not facts.own and facts.to_actor:
        message = _("Nobody widens their own authority: ask another Admin to let you decide for %(name)s.")
        return Blocker("own_authority", message % {"name": facts.giver}, field="to")
    if facts.same_person:
        return Blocker("same_person", _("Choose somebody else."), field="to")
    for name, may, field in ((facts.giver, facts.giver_may, "of"), (facts.taker, facts.taker_may, "to")):
        if not may:
            return Blocker("may_not_approve", _("%(name)s may not approve requests.") % {"name": name}, field=field)
    return None


def _days_blocker(facts: DelegationFacts) -> Blocker | None:
    if facts.starts < facts.today:
        return Blocker("in_the_past", _("Choose today or a later day."), field="starts")
    if facts.ends < facts.starts:
        return Blocker("ends_before_it_starts", _("The last day is not before the first."), field="ends")
    if (facts.ends - facts.starts).days > MOST_DAYS:
        return Blocker("too_long", _("Choose at most %(n)s days.") % {"n": MOST_DAYS}, field="ends")
    if facts.overlaps:
        message = _("%(name)s decides for %(giver)s on some of these days already.")
        return Blocker("overlaps", message % {"name": facts.taker, "giver": facts.giver}, field="starts")
    return None


def end_delegation_blocker(*, over: bool, own: bool, may_set_for_others: bool) -> Blocker | None:
    """Ended once, before it is over, by whose deciding it is or by an Admin."""
    if over:
        return Blocker("over", _("This delegation is over already."))
    if not own and not may_set_for_others:
        return Blocker("not_yours", _("Only an Admin can end this for somebody else."))
    return None


@operation
def delegate_approvals(
    *, actor: Any, to: Membership, starts: date, ends: date, of: Membership | None = None, reason: str = ""
) -> Delegation:
    """Let `to` decide with the limits of `of` (the actor if not given) on these days, both included.

    Raises `Refused` for somebody who may not approve, for days in the past, for limits that would come to the actor.
    """
    wanted = [pk for pk in ((of or actor).pk, to.pk) if pk is not None]
    members = {
        row.pk: row for row in lock_rows(Membership.objects.filter(organization_id=actor.organization_id), wanted)
    }
    giver, taker = members.get((of or actor).pk), members.get(to.pk)
    if giver is None or taker is None:
        refuse(Blocker("not_found", _("This person is not a member of the organization."), field="to"))
        raise TypeError("refused above")
    overlapping = Delegation.objects.of(actor).filter(
        of=giver, to=taker, starts__lte=ends, ends__gte=starts, ended_at__isnull=True
    )
    facts = DelegationFacts(
        own=giver.pk == actor.pk, may_set_for_others=actor.can(SET_FOR_OTHERS), to_actor=taker.pk == actor.pk,
        same_person=giver.pk == taker.pk, giver=giver.name, giver_may=giver.can(APPROVE), taker=taker.name,
        taker_may=taker.can(APPROVE), starts=starts, ends=ends, today=today(actor.organization),
        overlaps=overlapping.exists(),
    )  # fmt: skip
    refuse(delegate_approvals_blocker(facts))
    made = Delegation.objects.create(
        organization=actor.organization, of=giver, to=taker, starts=starts, ends=ends, reason=reason.strip(),
        created_by=actor.user,
    )  # fmt: skip
    record(
        actor, "delegate_approvals", made, about=[giver, taker], reason=made.reason, starts=starts, ends=ends,
        whose=giver.name, to=taker.name,
    )  # fmt: skip
    return made


def ending_blocker(delegation: Delegation, actor: Any) -> Blocker | None:
    """Why the actor can't end a delegation now."""
    return end_delegation_blocker(
        over=delegation.ended_at is not None or delegation.ends < today(actor.organization),
        own=delegation.of_id == actor.pk,
        may_set_for_others=actor.can(SET_FOR_OTHERS),
    )


@operation
def end_delegation(*, actor: Any, delegation: Delegation, reason: str = "") -> Delegation:
    """End a delegation at once; what was decided under it stands. Raises `Refused` if it is over."""
    found = lock_rows(Delegation.objects.of(actor), [delegation.pk])
    if not found:
        refuse(Blocker("not_found", _("This delegation was not found.")))
    current = found[0]
    refuse(ending_blocker(current, actor))
    current.ended_by, current.ended_at = actor.user, timezone.now()
    current.save(update_fields=["ended_by", "ended_at"])
    record(actor, "end_delegation", current, about=[current.of, current.to], reason=reason)
    return current

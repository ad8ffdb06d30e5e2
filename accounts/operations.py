"""Adding people to an organization, changing what they may do there, letting them go."""

import copy
from collections.abc import Sequence
from typing import Any

from accounts.models import Membership, Organization
from accounts.organizations import person
from accounts.roles import Role
from accounts.rules import change_member_blocker, deactivate_member_blocker, invite_member_blocker
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation


@operation
def invite_member(
    *, actor: Any, email: str, full_name: str, role: str, granted: Sequence[str] = (), denied: Sequence[str] = ()
) -> Membership:
    """Make the person with this email a member; somebody new gets a user without a password, to be set by mail.

    The name is used for somebody new only. Raises `Refused` for oneself, a member, or more than one's own rights.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=actor.organization_id)
    user = person(email, full_name)
    wanted = Membership(
        organization=actor.organization, user=user, role=role, granted=list(granted), denied=list(denied)
    )
    is_member = Membership.objects.filter(organization_id=actor.organization_id, user=user).exists()
    refuse(invite_member_blocker(actor, wanted, is_member=is_member))
    wanted.save(force_insert=True)
    record(actor, "invite_member", wanted, after=_facts(wanted), email=wanted.user.email)
    return wanted


@operation
def change_member(
    *, actor: Any, membership: Membership, role: str, granted: Sequence[str], denied: Sequence[str], active: bool
) -> Membership:
    """Give a member another role or other permissions, or let them in again."""
    before, others = _locked(actor, membership)
    after = copy.copy(before)
    after.role, after.granted, after.denied, after.active = role, list(granted), list(denied), active
    refuse(change_member_blocker(actor, before, after, other_admins=others))
    after.save(update_fields=["role", "granted", "denied", "active"])
    record(actor, "change_member", after, before=_facts(before), after=_facts(after))
    return after


@operation
def deactivate_member(*, actor: Any, membership: Membership) -> Membership:
    """Let a member go: from the next request on they see nothing of the organization."""
    before, others = _locked(actor, membership)
    after = copy.copy(before)
    after.active = False
    refuse(deactivate_member_blocker(actor, before, after, other_admins=others))
    after.save(update_fields=["active"])
    record(actor, "deactivate_member", after, before=_facts(before), after=_facts(after))
    return after


def _locked(actor: Any, membership: Membership) -> tuple[Membership, int]:
    """The member as they are now, and how many other active Admins there are, all locked in order of key."""
    members = Membership.objects.filter(organization_id=actor.organization_id)
    admins = members.filter(role=Role.ADMIN).values_list("pk", flat=True)
    lock_rows(members, [membership.pk, *admins])
    current = members.select_related("organization", "user").get(pk=membership.pk)
    others = members.filter(role=Role.ADMIN, active=True, user__is_active=True).exclude(pk=current.pk)
    return current, others.count()


def _facts(membership: Membership) -> dict[str, Any]:
    return {name: getattr(membership, name) for name in ("role", "granted", "denied", "active")}

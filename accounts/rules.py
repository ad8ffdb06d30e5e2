"""May the people of an organization change like this?"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.apps import LAST_ADMIN
from accounts.models import Membership, PlatformActor
from accounts.roles import Role
from accounts.verbs import VERB_LABELS
from receivables.core.errors import Blocker


def invite_member_blocker(actor: Any, wanted: Membership, *, is_member: bool) -> Blocker | None:
    """A person is added once, and with no more than the one who adds them may do."""
    if wanted.user == actor.user:
        return _own_blocker()
    if is_member:
        return Blocker("already_member", _("This person is a member already."), field="email")
    return _beyond_blocker(actor, wanted.verbs)


def change_member_blocker(actor: Any, before: Membership, after: Membership, *, other_admins: int) -> Blocker | None:
    """Nobody changes their own membership or somebody's above them, gives what they lack, or leaves no Admin."""
    if before.user == actor.user:
        return _own_blocker()
    beyond = _beyond_blocker(actor, before.verbs) or _beyond_blocker(actor, after.verbs)
    if beyond is not None:
        return beyond
    was_admin = before.role == Role.ADMIN and before.active
    if was_admin and not (after.role == Role.ADMIN and after.active) and other_admins == 0:
        return Blocker("last_admin", LAST_ADMIN)
    return None


def deactivate_member_blocker(
    actor: Any, before: Membership, after: Membership, *, other_admins: int
) -> Blocker | None:
    """As for any change; somebody who is out already stays out."""
    if not before.active:
        return Blocker("inactive", _("This person is not active any more."))
    return change_member_blocker(actor, before, after, other_admins=other_admins)


def _own_blocker() -> Blocker:
    return Blocker("own_membership", _("Nobody changes their own role or permissions. Ask another Admin."))


def _beyond_blocker(actor: Any, verbs: Iterable[str]) -> Blocker | None:
    """Platform staff set up an organization's people; everybody else hands on only what they hold."""
    if isinstance(actor, PlatformActor):
        return None
    lacking = sorted(verb for verb in verbs if not _holds(actor, verb))
    if not lacking:
        return None
    names = ", ".join(str(VERB_LABELS[verb]) for verb in lacking[:3])
    return Blocker("beyond_own", _("You don't have these permissions yourself: %(names)s.") % {"names": names})


def _holds(actor: Any, verb: str) -> bool:
    # Whoever may write off directly may also let others ask for it.
    return bool(actor.can(verb) or (verb == "request_write_off" and actor.can("write_off_debt")))

"""May a delivery be tried again, or left to others? May a connection be paused? Pure functions."""

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker
from receivables.integrations.models import Connection, Delivery

State = Delivery.State
RETRIED = frozenset({State.ERROR, State.UNCERTAIN, State.HELD, State.IGNORED})
LEFT = frozenset({State.ERROR, State.HELD, State.UNCERTAIN})


def retry_delivery_blocker(*, state: str) -> Blocker | None:
    """Whatever rests without being synced may be tried again."""
    if state in RETRIED:
        return None
    if state == State.SYNCED:
        return Blocker("synced", _("This was delivered; what changes is delivered by itself."))
    return Blocker("under_way", _("This is waiting or being sent already."))


def retry_deliveries_blocker(*, chosen: int) -> Blocker | None:
    """Several at once need at least one that can be tried again."""
    if chosen:
        return None
    return Blocker("none_chosen", _("Choose transactions that failed, are held or uncertain."))


def ignore_delivery_blocker(*, state: str) -> Blocker | None:
    """What failed may be handled outside, by hand over there."""
    if state in LEFT:
        return None
    return Blocker("not_failed", _("Only what failed, is held or uncertain can be marked as handled outside."))


def pause_connection_blocker(*, state: str) -> Blocker | None:
    """A connection that runs may be paused; what changes meanwhile waits."""
    if state == Connection.State.PAUSED:
        return Blocker("paused", _("This connection is paused already."))
    return None


def resume_connection_blocker(*, state: str, signed_in: bool) -> Blocker | None:
    """A connection runs once somebody has signed in to the other system."""
    if state == Connection.State.LIVE:
        return Blocker("live", _("This connection is live already."))
    if not signed_in:
        return Blocker("no_credentials", _("Enter the credentials first, or connect it again."))
    return None


def map_accounts_blocker(*, unknown: list[str], too_long: list[str]) -> Blocker | None:
    """Only what can be delivered is mapped, to keys of at most 100 characters."""
    if unknown:
        return Blocker("unknown", _("This is not one of your charges, taxes or accounts."), field=unknown[0])
    if too_long:
        return Blocker("too_long", _("At most 100 characters."), field=too_long[0])
    return None

"""May a change seen over there be accepted or dismissed? Pure functions over facts."""

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker
from receivables.integrations.incoming.models import IncomingChange

What, State = IncomingChange.What, IncomingChange.State


def accept_incoming_blocker(*, what: str, state: str) -> Blocker | None:
    """Only a payment that is still there, and that nobody decided about, is recorded here."""
    if state != State.OPEN:
        return Blocker("decided", _("This was decided already, or is gone over there."))
    if what != What.PAYMENT:
        return Blocker(
            "conflict", _("Only a payment that is not here yet can be recorded. Look at both and correct one.")
        )
    return None


def dismiss_incoming_blocker(*, state: str) -> Blocker | None:
    """What is open may be put aside; it comes back if it changes again over there."""
    return None if state == State.OPEN else Blocker("decided", _("This was decided already, or is gone over there."))

"""How a delivery comes to rest: what its columns say once it was sent, refused, held or left unanswered. Nothing is
read or saved here; whoever calls has locked the row."""

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import UNREACHABLE, Fault

State, Trouble = Delivery.State, Delivery.Trouble
MAX_TRIES = 8


def later(seconds: float) -> Any:
    """A moment about so many seconds from now; spread, so that many do not come back at once."""
    return timezone.now() + timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def rest(delivery: Delivery, state: str, *, message: str = "", **values: Any) -> None:
    """Leave it in a state of rest; queued again at once if it changed meanwhile."""
    delivery.state, delivery.message, delivery.trouble, delivery.system_text = state, message, Trouble.NONE, ""
    delivery.fix, delivery.pending, delivery.tries, delivery.next_attempt_at = "", None, 0, None
    for name, value in values.items():
        setattr(delivery, name, value)
    delivery.changed_at = timezone.now()
    if state == State.SYNCED:
        delivery.synced_at = delivery.changed_at
    if delivery.again:
        delivery.again, delivery.state = False, State.QUEUED


def fail(delivery: Delivery, trouble: str, message: str, *, fix: str = "", system_text: str = "") -> None:
    """It waits for a person, unless what it was about changed meanwhile: then it is looked at anew."""
    if delivery.again:
        return rest(delivery, State.QUEUED)
    delivery.state, delivery.trouble, delivery.message = State.ERROR, trouble, message
    delivery.fix, delivery.system_text = fix, system_text
    delivery.pending, delivery.next_attempt_at, delivery.changed_at = None, None, timezone.now()
    return None


def refuse(delivery: Delivery, fault: Fault) -> None:
    """What the system said. What may pass by itself is tried again later, the rest waits for a person; that nobody is
    to be reached is no document's fault, however long it takes."""
    delivery.tries += fault.code != UNREACHABLE
    passes = fault.trouble == Trouble.RETRYABLE and delivery.tries < MAX_TRIES
    if not passes and fault.trouble != Trouble.CREDENTIALS:
        return fail(delivery, fault.trouble, fault.message, fix=fault.fix, system_text=fault.system_text)
    delivery.state, delivery.trouble, delivery.message = State.QUEUED, fault.trouble, fault.message
    delivery.fix, delivery.system_text = fault.fix, fault.system_text
    delivery.pending, delivery.again, delivery.changed_at = None, False, timezone.now()
    delivery.next_attempt_at = later(fault.wait or min(3600, 15 * 2**delivery.tries)) if passes else None
    return None


def doubt(delivery: Delivery, connection: Connection) -> None:
    """Nobody knows whether it was done: that is asked, ever more rarely, before it is sent again."""
    words = {"system": connection.get_system_display()}
    delivery.message = _("%(system)s did not answer. It is asked whether it was done before it is sent again.") % words
    delivery.state, delivery.tries = State.UNCERTAIN, delivery.tries + 1
    delivery.next_attempt_at, delivery.changed_at = later(min(3600, 5 * 2**delivery.tries)), timezone.now()


def put_back(delivery: Delivery, *, asked: bool) -> None:
    """Its turn did not come. What another worker may have sent (`asked`) is still to be asked after."""
    delivery.next_attempt_at = None
    if not asked:
        delivery.state, delivery.pending, delivery.again = State.QUEUED, None, False

"""The record of every call: what was sent, what came back, how long it took."""

from time import monotonic

from receivables.integrations.models import Attempt, Delivery
from receivables.integrations.systems.base import Answer, Step
from receivables.integrations.systems.texts import storable

KEPT_TEXT = 20_000


def kept_call(delivery: Delivery, step: Step, operation: str, told: Answer, outcome: str, started: float) -> Attempt:
    """The record of a call that began at `started` (of `time.monotonic`), each text up to 20,000 characters; saved with
    what came of it."""
    return Attempt(
        organization_id=delivery.organization_id, delivery=delivery, operation=operation, key=step.key[:80],
        request=storable(told.request[:KEPT_TEXT]), response=storable(told.response[:KEPT_TEXT]),
        status=storable(told.status[:20]),
        outcome=outcome, milliseconds=int((monotonic() - started) * 1000),
    )  # fmt: skip

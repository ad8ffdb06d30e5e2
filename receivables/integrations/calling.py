"""Making the calls of one delivery that were written down, outside of any transaction."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.utils import timezone

from receivables.integrations.attempts import kept_call
from receivables.integrations.due import LEASE
from receivables.integrations.models import Attempt, Connection, Delivery
from receivables.integrations.noting import Lost, Notes
from receivables.integrations.resting import later
from receivables.integrations.systems.base import Adapter, Answer, Fault, Handed, Silence, Step

logger = logging.getLogger(__name__)
Trouble = Delivery.Trouble


class Caller:
    """Talks to one system over a link that is opened at the first call and used for all."""

    def __init__(self, adapter: Adapter, link: Callable[[], Any], notes: Notes) -> None:
        self.adapter, self.notes, self._make_link = adapter, notes, link
        self._link: Any = None

    @property
    def link(self) -> Any:
        if self._link is None:
            self._link = self._make_link()
        return self._link

    def make(self, delivery: Delivery, *, asks: bool, began: float | None = None) -> None:
        """Make the calls that were not made yet; `asks`: the first of them may have been, which is asked first.

        `began` is when the first one left, if its answer is here already. Raises `Handed`.
        """
        try:
            self._make(delivery, asks, began)
        except Fault as fault:
            self.notes.came(delivery, fault=fault)
        except Silence:
            self.notes.came(delivery, silent=True)
        except Lost:
            logger.warning("delivery %s was taken over by another worker", delivery.pk)

    def _make(self, delivery: Delivery, asks: bool, began: float | None) -> None:
        pending: dict[str, Any] = delivery.pending or {}
        while pending["done"] < len(pending["steps"]):
            step = Step(**pending["steps"][pending["done"]])
            answer = self._done(delivery, step, began) if asks else None
            if answer is None:
                answer = self._sent(delivery, step, None if asks else began)
            asks, began = False, None
            delivery.remote = {**delivery.remote, **answer.remote}
            pending = delivery.pending = {**pending, "done": pending["done"] + 1}
            if pending["done"] < len(pending["steps"]):
                delivery.next_attempt_at = timezone.now() + LEASE if delivery.next_attempt_at else None
                self.notes.went_on(delivery, step)
        self.notes.came(delivery)

    def _sent(self, delivery: Delivery, step: Step, began: float | None) -> Answer:
        answer = self._noted(
            delivery, step, step.operation, began, lambda: self.adapter.send(self.link, step, delivery.remote)
        )
        assert answer is not None
        return answer

    def _done(self, delivery: Delivery, step: Step, began: float | None) -> Answer | None:
        """Whether a call was done. While that cannot be asked nobody knows: it is never sent again on a guess."""
        try:
            return self._noted(
                delivery, step, "find", began, lambda: self.adapter.find(self.link, step, delivery.remote)
            )
        except Fault as fault:
            if fault.trouble == Trouble.CREDENTIALS:
                self.notes.stop(state=Connection.State.BROKEN, problem=fault.message)
            elif fault.trouble != Trouble.RETRYABLE:
                raise
            elif fault.wait:
                self.notes.stop(paused_until=later(fault.wait))
            raise Silence(fault.message) from fault

    def _noted(
        self, delivery: Delivery, step: Step, operation: str, began: float | None, call: Callable[[], Answer | None]
    ) -> Answer | None:  # fmt: skip
        """Make a call and remember what was said, whatever comes of it."""
        started = began or monotonic()
        outcome, told = str(Attempt.Outcome.SILENT), Answer()
        try:
            answer = call()
            outcome = Attempt.Outcome.FOUND if operation == "find" and answer else Attempt.Outcome.DONE
            told = answer or Answer()
        except Fault as fault:
            outcome = Attempt.Outcome.REFUSED
            told = Answer({}, fault.request, fault.response or fault.system_text, fault.status)
            raise
        except Silence as silence:
            told = Answer({}, silence.request, silence.response or silence.message, silence.status)
            raise
        except Handed as handed:
            handed.delivery, handed.asks, outcome = delivery.pk, operation == "find", ""
            raise
        finally:
            if outcome:
                self.notes.attempts.append(kept_call(delivery, step, operation, told, outcome, started))
        return answer

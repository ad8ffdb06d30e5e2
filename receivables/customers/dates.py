"""Agreements whose day has come: started and stopped every day, or when somebody asks.

Each is moved in a transaction of its own; one that is refused is listed and stops no other.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import record
from receivables.core.jobs import LIVE, Progress, start_job
from receivables.core.models import Job
from receivables.core.operations import SystemActor, operation
from receivables.customers.models import Agreement
from receivables.customers.operations import start_agreement, stop_agreement
from receivables.customers.rules import run_agreement_dates_blocker

KIND = "run_agreement_dates"
STEPS = frozenset({"start_agreement", "stop_agreement"})
State = Agreement.State
KEPT = 200  # lines of a job's log


@dataclass(frozen=True)
class DueAgreements:
    """Keys of the agreements whose day has come."""

    starting: list[int]
    stopping: list[int]


def due_agreements(actor: Any) -> DueAgreements:
    """What is to be started and stopped by today, oldest agreement first."""
    day, rows = today(actor.organization), Agreement.objects.of(actor).order_by("pk")
    starting = rows.filter(state=State.PENDING_START, start_date__lte=day)
    stopping = rows.filter(state=State.PENDING_STOP, stop_date__lte=day)
    return DueAgreements(list(starting.values_list("pk", flat=True)), list(stopping.values_list("pk", flat=True)))


def agreement_dates_blocker(actor: Any) -> Blocker | None:
    """What stands in the way of starting and stopping now."""
    due = due_agreements(actor)
    running = Job.objects.of(actor).filter(kind=KIND, state__in=LIVE).exists()
    return run_agreement_dates_blocker(running=running, due=len(due.starting) + len(due.stopping))


@operation
def run_agreement_dates(*, actor: Any) -> Job:
    """Begin the job that starts and stops the agreements whose day has come. Raises `Refused` if there are none."""
    refuse(agreement_dates_blocker(actor))
    job = start_job(actor, KIND, _("Start and stop agreements"), {})
    record(actor, "run_agreement_dates", job)
    return job


def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The work of the job. What was moved already waits no more, so a job that is run again goes on."""
    return move_due(SystemActor(actor.organization, actor.name, STEPS, actor.user), progress)


def move_due(actor: Any, progress: Any = None) -> dict[str, Any]:
    """Start and stop everything that is due; how many, and the first of those that were refused with the reason."""
    due = due_agreements(actor)
    total, refused = len(due.starting) + len(due.stopping), []
    for done, key in enumerate([*due.starting, *due.stopping]):
        if progress is not None:
            progress(done, total)
        agreement = Agreement.objects.of(actor).get(pk=key)
        try:
            _move(actor, agreement)
        except Refused as error:
            refused.append([agreement.pk, agreement.number, str(error.blocker.message)])
    if progress is not None:
        progress(total, total)
    return {"started": len(due.starting), "stopped": len(due.stopping), "refused": refused[:KEPT]}


def _move(actor: Any, agreement: Agreement) -> None:
    if agreement.state == State.PENDING_START:
        start_agreement(actor=actor, agreement=agreement)
    elif agreement.state == State.PENDING_STOP:
        stop_agreement(actor=actor, agreement=agreement, stop_date=agreement.stop_date)

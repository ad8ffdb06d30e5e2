"""Long work in the background: a row that people watch, and a task that a worker runs, made in one transaction.

A job acts as the member who started it, read anew when it runs. It survives the death of its worker: it is run again,
and a job that ended is never run twice, because a job's last transaction is also the one that ends it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager

from receivables.core.access import lock_rows
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.models import Job
from receivables.core.operations import SystemActor, authorize, operation

LIVE = (Job.State.WAITING, Job.State.RUNNING)
TASK = "core.run_job"
# Progress is written at most this often: fine enough for the eye, cheap enough for a million rows.
SECONDS_BETWEEN = 0.4


class Stopped(Exception):
    """Somebody asked the job to stop; what its open transaction did is rolled back. Work may say what that means."""


class Progress:
    """How far a job is, written on a connection of its own so that it is seen while the work's transaction is open.

    Call it between batches: `progress(done, total)`. Raises `Stopped` when somebody asked for it.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.ended = False
        self._at = 0.0
        self._connection: Any = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.ended or (now - self._at < SECONDS_BETWEEN and done < total):
            return
        self._at = now
        if self._write(done, total):
            raise Stopped

    def _write(self, done: int, total: int) -> bool:
        if self._connection is None:
            self._connection = connections.create_connection("default")
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE core_job SET done = %s, total = %s WHERE id = %s RETURNING stop_requested",
                [done, total, self.job.pk],
            )
            row = cursor.fetchone()
        return bool(row and row[0])

    def keep(self, result: dict[str, Any]) -> None:
        """Remember in the running transaction what its batch did. A job that is run again finds it in `job.result`."""
        self.job.result = result
        self.job.save(update_fields=["result"])

    def complete(self, actor: Any, result: dict[str, Any]) -> None:
        """End the job in the running transaction: its effect and its end are kept together or not at all."""
        self.ended = True
        end(actor, self.job, Job.State.DONE, result=result)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _no_context(actor: Any, job: Job) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Kind:
    """Something that can run in the background.

    `verb` is the permission to start it, asked for again when it runs. `run(actor, job, progress)` does the work and
    returns the result, plain data for `job.result`. `template` shows that on the job's page with what `context` adds.
    """

    name: str
    verb: str
    run: Callable[[Any, Job, Progress], dict[str, Any]]
    template: str = ""
    context: Callable[[Any, Job], dict[str, Any]] = _no_context


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind of job known. For `AppConfig.ready`."""
    if kind.name in KINDS:
        raise ValueError(f"job {kind.name} is registered twice")
    KINDS[kind.name] = kind


def start_job(actor: Any, kind: str, title: str, parameters: dict[str, Any]) -> Job:
    """Start a job in the running transaction; it exists, and will run, exactly if that commits.

    Jobs of one kind run one after the other within an organization. Raises `NotPermitted`.
    """
    authorize(actor, KINDS[kind].verb)
    job = Job.objects.create(
        organization_id=actor.organization_id,
        kind=kind,
        title=title[:200],
        created_by=actor.user,
        parameters=parameters,
    )
    record(actor, "start_job", job, title=job.title)
    defer_task(TASK, queue="jobs", lock=f"{kind} {actor.organization_id}", job_id=job.pk)
    return job


def defer_task(task: str, *, queue: str, lock: str, **arguments: Any) -> None:
    """Queue a task in the running transaction; those of one `lock` run one after the other."""
    deferrer = app.configure_task(task, queue=queue, lock=lock)
    # Inside a worker the task's own connector would insert on another connection, before we commit.
    deferrer.job_manager = JobManager(DjangoConnector())
    deferrer.defer(**arguments)


def actor_of(job: Job) -> Any:
    """Who the job acts as, with the permissions they have now; None if they are no member any more."""
    if job.created_by_id is None:
        return SystemActor(job.organization, _("Background"), frozenset({KINDS[job.kind].verb}))
    members = apps.get_model("accounts", "Membership").objects.select_related("organization", "user")
    return members.filter(organization_id=job.organization_id, user_id=job.created_by_id).first()


def end(actor: Any, job: Job, state: str, *, message: str = "", result: dict[str, Any] | None = None) -> None:
    """Write how a job ended, with its event, in the running transaction. Does nothing to one that has ended."""
    facts: dict[str, Any] = {"state": state, "message": message, "finished_at": timezone.now()}
    if result is not None:
        facts["result"] = result
    if Job.objects.filter(pk=job.pk, state__in=LIVE).update(**facts):
        for name, value in facts.items():
            setattr(job, name, value)
        record(
            actor or SystemActor(job.organization, _("Background"), frozenset()), f"job_{state}", job, reason=message
        )


def visible(actor: Any) -> QuerySet[Job]:
    """Jobs that the actor may look at: their own, and those they might have started."""
    allowed = [kind.name for kind in KINDS.values() if actor.can(kind.verb)]
    return Job.objects.of(actor).filter(Q(created_by=actor.user) | Q(kind__in=allowed))


def stop_job_blocker(job: Job) -> Blocker | None:
    """Only what has not ended can be stopped, and once is enough."""
    if job.state not in LIVE:
        return Blocker("job_over", gettext_lazy("This job has ended."))
    if job.stop_requested:
        return Blocker("job_stopping", gettext_lazy("This job is being stopped; it ends after the current batch."))
    return None


@operation
def stop_job(*, actor: Any, job: Job) -> Job:
    """Ask a running job to stop after its batch; one that waits ends at once. Raises `Refused` if it has ended."""
    found = lock_rows(visible(actor), [job.pk])
    refuse(None if found else Blocker("not_yours", _("You can't stop somebody else's job.")))
    current = found[0]
    refuse(stop_job_blocker(current))
    current.stop_requested = True
    current.save(update_fields=["stop_requested"])
    record(actor, "stop_job", current)
    if current.state == Job.State.WAITING:
        end(actor, current, Job.State.STOPPED, message=_("It was stopped before it began."))
    return current


def sentence(job: Job) -> str:
    """What a person reads about a job's state."""
    counts = {"done": f"{job.done:,}", "total": f"{job.total:,}", "reason": job.message}
    if job.state == Job.State.WAITING:
        return _("Waiting for its turn. You can leave this page.")
    if job.state == Job.State.RUNNING and job.stop_requested:
        return _("Stopping after the current batch.")
    if job.state == Job.State.RUNNING and not job.total:
        return _("Beginning. You can leave this page.")
    if job.state == Job.State.RUNNING:
        return _("Working: %(done)s of %(total)s. You can leave this page.") % counts
    if job.state == Job.State.DONE:
        return _("Done in %(time)s.") % {"time": duration(job)}
    if job.state == Job.State.STOPPED:
        return _("Stopped after %(done)s of %(total)s. %(reason)s") % counts
    return job.message


def duration(job: Job) -> str:
    """How long the job took, in seconds up to two minutes, then in minutes."""
    took: timedelta = (job.finished_at or timezone.now()) - (job.started_at or job.created_at)
    seconds = took.total_seconds()
    if seconds < 120:
        return _("%(n)s s") % {"n": f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"}
    return _("%(n)s min") % {"n": f"{seconds / 60:.0f}"}

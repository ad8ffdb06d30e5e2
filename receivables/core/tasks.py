"""What the worker runs for core: a person's job, and the watch over jobs whose worker died."""

import logging
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from receivables.core.errors import NotPermitted, Refused
from receivables.core.jobs import KINDS, LIVE, TASK, Kind, Progress, Stopped, actor_of, end
from receivables.core.logs import request_id
from receivables.core.models import Job
from receivables.core.operations import authorize

# A job whose worker died is run again this often; one that kills each worker must not do so for ever.
MAX_ATTEMPTS = 5
# A worker that was silent for longer is taken for dead (workers report every 10 seconds).
SILENT_SECONDS = 30

logger = logging.getLogger("receivables.jobs")


class Busy(Exception):
    """The rows that the job needs are held by others; it is tried again later."""


# A lost connection or a locked row is no reason to fail: the job is run again after 3, 9, 27 … seconds.
RETRIED = (OperationalError, InterfaceError, Busy)


@app.task(
    name=TASK,
    queue="jobs",
    pass_context=True,
    retry=RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=3, retry_exceptions=RETRIED),
)
def run_job(context: JobContext, *, job_id: int) -> None:
    """Run one job of `core_job` to its end. One that has ended already is left alone."""
    job = Job.objects.select_related("organization", "created_by").get(pk=job_id)
    if job.state not in LIVE:
        return
    token = request_id.set(f"job-{job.key.hex}")
    language = getattr(job.created_by, "language", "") or job.organization.language or settings.LANGUAGE_CODE
    try:
        with translation.override(language):
            _run(job, attempt=context.job.attempts)
    finally:
        request_id.reset(token)


def _run(job: Job, *, attempt: int) -> None:
    if attempt > MAX_ATTEMPTS:
        _end(None, job, Job.State.FAILED, _("It was tried %(n)s times and never came to an end.") % {"n": attempt})
        return
    kind, actor = KINDS.get(job.kind), actor_of(job)
    if kind is None or actor is None:
        _end(actor, job, Job.State.FAILED, _("Nobody may do this any more; nothing was changed."))
        return
    job.state, job.started_at = Job.State.RUNNING, job.started_at or timezone.now()
    job.save(update_fields=["state", "started_at"])
    progress = Progress(job)
    try:
        _work(kind, actor, job, progress)
    except Stopped as stopped:
        _end(actor, job, Job.State.STOPPED, str(stopped) or _("Nothing after that was changed."))
    except NotPermitted:
        _end(actor, job, Job.State.FAILED, _("You no longer have the permission for this; nothing was changed."))
    except Refused as refused:
        if refused.code == "busy" and attempt < MAX_ATTEMPTS:
            raise Busy from refused
        _end(actor, job, Job.State.FAILED, str(refused.blocker.message))
    except Exception as error:
        if isinstance(error, RETRIED) and attempt < MAX_ATTEMPTS:
            raise
        logger.exception("job %s failed", job.pk)
        message = _("Something failed on our side. Nothing more was saved. Reference %(id)s.")
        _end(actor, job, Job.State.FAILED, message % {"id": request_id.get()})
    finally:
        progress.close()


def _work(kind: Kind, actor: Any, job: Job, progress: Progress) -> None:
    authorize(actor, kind.verb)
    result = kind.run(actor, job, progress)
    if not progress.ended:
        with transaction.atomic():
            progress.complete(actor, result)


def _end(actor: Any, job: Job, state: str, message: str) -> None:
    job.refresh_from_db(fields=["done", "total"])
    with transaction.atomic():
        end(actor, job, state, message=message)


@app.periodic(cron="* * * * *", periodic_id="watch")
@app.task(name="core.retry_stalled", queue="watch", queueing_lock="core.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give what dead workers were doing to the living: jobs, mail, everything."""
    manager: Any = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
        logger.warning("the worker of %s is gone; it is run again", stalled.call_string)
        await manager.retry_job(stalled)

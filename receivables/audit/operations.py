"""Beginning an audit, and keeping what it found."""

import time
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from receivables.audit.checks import Check, all_checks
from receivables.audit.models import AuditRun
from receivables.audit.rules import audit_ledger_blocker
from receivables.audit.running import Finding, instant, run_checks
from receivables.audit.sealing import head
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.jobs import LIVE, Kind, Progress, start_job
from receivables.core.models import Event, Job
from receivables.core.operations import operation
from receivables.ledger.models import JournalEntry

KIND = "audit_ledger"


def audit_under_way(actor: Any) -> Job | None:
    """The job of the audit that is at work, if one is."""
    return Job.objects.of(actor).filter(kind=KIND, state__in=LIVE).order_by("-pk").first()


@operation
def audit_ledger(*, actor: Any, daily: bool = False) -> Job:
    """Begin an audit of the organization's books in the background. Raises `Refused` while one is at work."""
    refuse(audit_ledger_blocker(running=audit_under_way(actor) is not None))
    job = start_job(actor, KIND, _("Audit of the books"), {"daily": daily})
    record(actor, "audit_ledger", job)
    return job


def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The work of an audit: every check at one instant, and the run that is kept with the end of the job."""
    run = look(actor.organization_id, all_checks(), progress)
    run.job, run.created_by, run.daily = job, actor.user, bool(job.parameters.get("daily"))
    with transaction.atomic():
        run.save(force_insert=True)
        record(actor, "audit_finished", run, about=[job], failed=run.failed)
        result = {"run": run.pk}
        progress.complete(actor, result)
    return result


def look(organization: int, checks: Iterable[Check], progress: Any = None) -> AuditRun:
    """Run checks for one organization: a run that is not saved yet."""
    wanted, began, results = list(checks), time.monotonic(), []
    with instant() as cursor:
        facts = _state(cursor, organization)
        for done, (check, found) in enumerate(run_checks(cursor, wanted, organization), start=1):
            finding = found.get(None if check.whole_database else organization, Finding(0))
            results.append({"name": check.name, "count": finding.count, "ids": finding.ids})
            if progress is not None:
                progress(done, len(wanted))
    return AuditRun(
        organization_id=organization,
        milliseconds=round((time.monotonic() - began) * 1000),
        checks=len(wanted),
        failed=sum(1 for result in results if result["count"]),
        results=results,
        **facts,
    )


def _state(cursor: Any, organization: int) -> dict[str, Any]:
    """Of which state of the data a run speaks."""
    number, newest = head(organization)
    cursor.execute("SELECT transaction_timestamp()")
    return {
        "as_of": cursor.fetchone()[0],
        "entries_through": _newest(JournalEntry, organization),
        "events_through": _newest(Event, organization),
        "seal_number": number,
        "seal_hash": newest.hex(),
    }


def _newest(model: Any, organization: int) -> int:
    return model.objects.filter(organization_id=organization).order_by("-pk").values_list("pk", flat=True).first() or 0


def context(actor: Any, job: Job) -> dict[str, Any]:
    """The run that was kept, for the job's page."""
    return {"run": AuditRun.objects.of(actor).filter(pk=job.result.get("run")).first()}


JOB = Kind(KIND, "audit_ledger", run_job, "audit/job_result.html", context)

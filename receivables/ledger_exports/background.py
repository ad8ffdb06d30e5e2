"""A large batch is made in the background, in one transaction with the end of its job."""

from datetime import date
from typing import Any

from django.db import transaction

from receivables.core.jobs import Kind, Progress
from receivables.core.models import Job
from receivables.ledger_exports.models import LedgerExport
from receivables.ledger_exports.operations import export_ledger

KIND = "export_ledger"
LARGE = 2_000  # entries


@transaction.atomic
def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """Make the batch that the job's parameters ask for."""
    wanted = job.parameters
    made = export_ledger(
        actor=actor, format=wanted["format"], through=date.fromisoformat(wanted["through"]), progress=progress
    )
    result = {"export": made.pk}
    progress.complete(actor, result)
    return result


def context(actor: Any, job: Job) -> dict[str, Any]:
    """The batch that was made, for the job's page."""
    return {"export": LedgerExport.objects.of(actor).filter(pk=job.result.get("export")).first()}


JOB = Kind(KIND, "export_ledger", run_job, "ledger_exports/job_result.html", context)

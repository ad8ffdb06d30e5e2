"""What the package makes known at start: its jobs, its buttons, what follows a decision, the words of its events."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from receivables.core import history, jobs
from receivables.core.models import Job
from receivables.core.registry import reactions
from receivables.writeoffs.bulk import actions
from receivables.writeoffs.bulk.models import WriteOffBatch
from receivables.writeoffs.bulk.operations import PLAN, RUN, UNDO, release_batch
from receivables.writeoffs.bulk.planning import run_plan
from receivables.writeoffs.bulk.running import run_undo, run_write_offs


def _context(actor: Any, job: Job) -> dict[str, Any]:
    return {"batch": WriteOffBatch.objects.of(actor).filter(pk=job.parameters["batch"]).first()}


def register() -> None:
    """Called once, when the application is ready."""
    for kind, run in ((PLAN, run_plan), (RUN, run_write_offs), (UNDO, run_undo)):
        jobs.register(jobs.Kind(kind, kind, run, "writeoffs/bulk/job.html", _context))
    reactions.on("approve_request", release_batch)
    actions.register()
    history.WORDS.update(
        {
            "plan_write_offs": _("Batch asked for"),
            "write_off_debts": _("Batch confirmed and begun"),
            "retry_write_offs": _("Batch taken up again"),
            "undo_write_offs": _("Taking the batch back begun"),
        }
    )

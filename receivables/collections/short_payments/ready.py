"""What the package makes known at start: its jobs, its buttons, its number in the menu, the words of its events."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from receivables.collections.short_payments import actions
from receivables.collections.short_payments.models import BatchResolution
from receivables.collections.short_payments.operations import RESOLVE, UNDO
from receivables.collections.short_payments.running import follow_decision, run_batch, run_undo
from receivables.collections.short_payments.worklist import short_count
from receivables.core import history, jobs, navigation
from receivables.core.models import Job
from receivables.core.registry import reactions

DECISIONS = ("approve_request", "reject_request", "withdraw_request", "supersede_request")


def _context(actor: Any, job: Job) -> dict[str, Any]:
    return {"batch": BatchResolution.objects.of(actor).filter(pk=job.parameters["batch"]).first()}


def register() -> None:
    """Called once, when the application is ready, after the reaction that finishes a granted resolution."""
    template = "collections/batch_job.html"
    jobs.register(jobs.Kind(RESOLVE, RESOLVE, run_batch, template, _context))
    jobs.register(jobs.Kind(UNDO, UNDO, run_undo, template, _context))
    navigation.register_count("short_payments", short_count)
    for decision in DECISIONS:
        reactions.on(decision, follow_decision)
    actions.register()
    history.WORDS.update(
        {
            "resolve_short_payments": _("Batch begun"),
            "retry_batch": _("Batch taken up again"),
            "undo_batch": _("Undoing of the batch begun"),
        }
    )

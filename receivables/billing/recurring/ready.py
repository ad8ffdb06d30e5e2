"""What the package makes known at start: its buttons, its section on agreements, its job, the words of its events."""

from django.utils.translation import gettext_lazy as _

from receivables.billing.recurring import actions, panels
from receivables.billing.recurring.operations import KIND
from receivables.billing.recurring.running import run_job
from receivables.core import history, jobs


def register() -> None:
    """Called once, when the application is ready."""
    actions.register()
    panels.register()
    jobs.register(jobs.Kind(KIND, KIND, run_job, "billing/billing_job.html"))
    history.WORDS.update(
        {
            "add_agreement_charge": _("Charge added"),
            "end_agreement_charge": _("Charge ended"),
            "run_billing": _("Billing run begun"),
            "retry_billing_run": _("Billing run taken up again"),
        }
    )

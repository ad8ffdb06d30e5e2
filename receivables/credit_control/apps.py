from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# How the events of collection read in a history.
WORDS = {
    "open_dispute": _("Dispute opened"),
    "resolve_dispute": _("Dispute closed"),
    "run_debt_monitor": _("Review of overdue debt begun"),
    "collection_started": _("Collection started"),
    "collection_raised": _("Collection raised"),
    "collection_ended": _("Collection ended"),
    "send_reminder": _("Reminder written"),
    "retry_reminder": _("Reminder tried again"),
    "reminder_sent": _("Reminder handed over"),
    "reminder_failed": _("Reminder not sent"),
    "reminder_uncertain": _("Uncertain whether the reminder went out"),
}


class CreditControlConfig(AppConfig):
    name = "receivables.credit_control"
    label = "credit_control"

    def ready(self) -> None:
        from receivables.billing.filters import add_invoice_status
        from receivables.core import history, jobs
        from receivables.core.registry import reactions
        from receivables.credit_control import actions, panels
        from receivables.credit_control.monitor import operations
        from receivables.credit_control.monitor import panels as monitor_panels
        from receivables.credit_control.monitor.setup import set_up_criteria
        from receivables.credit_control.queries import DISPUTED
        from receivables.credit_control.reminders import actions as reminder_actions

        actions.register()
        panels.register()
        monitor_panels.register()
        reminder_actions.register()
        add_invoice_status("disputed", _("Disputed"), DISPUTED)
        jobs.register(
            jobs.Kind(operations.KIND, operations.KIND, operations.run_job, "credit_control/monitor_job.html")
        )
        reactions.on("create_organization", set_up_criteria)
        history.WORDS.update(WORDS)
        history.LABELS.update({"step": _("Step")})

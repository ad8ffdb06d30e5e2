from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# How the events of the automated write-off read in a history.
WORDS = {
    "run_write_off_monitor": _("Review of debt to be written off begun"),
    "run_write_off_activator": _("Events of write-off processes begun"),
    "create_write_off_process": _("Write-off process begun"),
    "write_off_process_ended": _("Write-off process ended"),
    "cancel_write_off_process": _("Write-off process cancelled"),
    "write_off_event_done": _("Event of a write-off process done"),
    "add_process_event": _("Event added to a write-off process"),
    "change_process_event": _("Event of a write-off process changed"),
    "cancel_process_event": _("Event of a write-off process cancelled"),
    "complete_to_do": _("To-do ticked off"),
    "letter_sent": _("Letter of a write-off process sent by e-mail"),
    "letter_failed": _("Letter of a write-off process could not be sent by e-mail"),
    "letter_uncertain": _("Nobody knows whether a letter of a write-off process was sent"),
    "retry_letter": _("Letter of a write-off process handed over again"),
    "write_down": _("Closed as a small difference"),
    "reverse_write_down": _("Small difference taken back"),
}
JOB = "automated/run_job.html"


class AutomatedConfig(AppConfig):
    name = "receivables.writeoffs.automated"
    label = "automated"

    def ready(self) -> None:
        from receivables.core import history, jobs
        from receivables.core.registry import reactions
        from receivables.ledger import words
        from receivables.writeoffs.automated import actions, activating, monitoring, operations, panels, undoing
        from receivables.writeoffs.automated.setup import set_up_automated

        actions.register()
        panels.register()
        undoing.register()
        jobs.register(jobs.Kind(operations.MONITOR, operations.MONITOR, monitoring.run_monitor, JOB))
        jobs.register(jobs.Kind(operations.ACTIVATOR, operations.ACTIVATOR, activating.run_activator, JOB))
        reactions.on("create_organization", set_up_automated)
        reactions.on("start_bankruptcy", operations.end_at_bankruptcy)
        for decision in ("approve_request", "reject_request", "withdraw_request"):
            reactions.on(decision, operations.decided)
        history.WORDS.update(WORDS)
        words.KINDS.update(
            {
                "write_down": _("Closed as a small difference"),
                "reverse_write_down": _("Small difference taken back"),
            }
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "receivables.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from receivables.audit import operations, tasks  # noqa: F401  the worker's tasks
        from receivables.audit.queries import finding_notices
        from receivables.core import history, jobs
        from receivables.core.navigation import register_notice

        jobs.register(operations.JOB)
        register_notice("audit", "view_audit", finding_notices)
        history.WORDS.update({"audit_ledger": _("Audit begun"), "audit_finished": _("Audit ended")})

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "receivables.integrations"
    label = "integrations"
    verbose_name = _("Accounting systems")

    def ready(self) -> None:
        from receivables.core import history
        from receivables.core.navigation import register_count, register_notice
        from receivables.integrations import actions, panels, tasks  # noqa: F401  the worker's tasks
        from receivables.integrations.granting import actions as granting
        from receivables.integrations.granting import tasks as revoking  # noqa: F401
        from receivables.integrations.queries import failed_count

        actions.register()
        granting.register()
        register_notice("connections", "manage_connections", granting.broken_notices)
        panels.register()
        register_count("error_transactions", failed_count)
        history.WORDS.update(
            {
                "retry_delivery": _("Accounting transaction tried again"),
                "retry_deliveries": _("Accounting transaction tried again with others"),
                "ignore_delivery": _("Accounting transaction handled outside"),
                "pause_connection": _("Accounting connection paused"),
                "resume_connection": _("Accounting connection resumed"),
                "connect_system": _("Accounting system connected"),
                "disconnect_system": _("Accounting system disconnected"),
                "map_accounts": _("Mappings changed"),
            }
        )

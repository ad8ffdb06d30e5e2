from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "receivables.integrations"
    label = "integrations"
    verbose_name = _("Accounting systems")

    def ready(self) -> None:
        from receivables.core import history
        from receivables.core.navigation import register_count
        from receivables.integrations import actions, panels, tasks  # noqa: F401  the worker's tasks
        from receivables.integrations.queries import failed_count

        actions.register()
        panels.register()
        register_count("error_transactions", failed_count)
        history.WORDS.update(
            {
                "retry_delivery": _("Accounting transaction tried again"),
                "retry_deliveries": _("Accounting transaction tried again with others"),
                "ignore_delivery": _("Accounting transaction handled outside"),
                "pause_connection": _("Accounting connection paused"),
                "resume_connection": _("Accounting connection resumed"),
                "map_accounts": _("Mappings changed"),
            }
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "receivables.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from receivables.reports import panels

        panels.register_panels()

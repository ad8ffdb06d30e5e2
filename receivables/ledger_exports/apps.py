from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerExportsConfig(AppConfig):
    name = "receivables.ledger_exports"
    label = "ledger_exports"
    verbose_name = _("Ledger exports")

    def ready(self) -> None:
        from receivables.core import history, jobs
        from receivables.ledger_exports import actions, background

        actions.register()
        jobs.register(background.JOB)
        history.WORDS.update(
            {
                "export_ledger": _("Ledger exported"),
                "download_export": _("Ledger export downloaded"),
                "withdraw_export": _("Ledger export withdrawn"),
            }
        )

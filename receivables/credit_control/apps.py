from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditControlConfig(AppConfig):
    name = "receivables.credit_control"
    label = "credit_control"

    def ready(self) -> None:
        from receivables.billing.filters import add_invoice_status
        from receivables.core import history
        from receivables.credit_control import actions, panels
        from receivables.credit_control.queries import DISPUTED

        actions.register()
        panels.register()
        add_invoice_status("disputed", _("Disputed"), DISPUTED)
        history.WORDS.update({"open_dispute": _("Dispute opened"), "resolve_dispute": _("Dispute closed")})

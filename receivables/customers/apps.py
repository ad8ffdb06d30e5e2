from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# How the events of master data read in a history.
WORDS = {
    "create_customer": _("Customer created"),
    "edit_customer": _("Customer changed"),
    "create_account": _("Account opened"),
    "edit_account": _("Account changed"),
    "create_agreement": _("Agreement started"),
    "stop_agreement": _("Agreement stopped"),
    "cancel_agreement": _("Agreement cancelled"),
}


class CustomersConfig(AppConfig):
    name = "receivables.customers"
    label = "customers"

    def ready(self) -> None:
        from receivables.core import history
        from receivables.customers.actions import register

        register()
        history.WORDS.update(WORDS)

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# How the events of master data read in a history.
WORDS = {
    "create_customer": _("Customer created"),
    "edit_customer": _("Customer changed"),
    "create_account": _("Account opened"),
    "edit_account": _("Account changed"),
    "create_agreement": _("Agreement started"),
    "start_agreement": _("Service began"),
    "stop_agreement": _("Agreement stopped"),
    "service_resumed": _("Service goes on: its stop was taken back"),
    "run_agreement_dates": _("Agreements whose day has come are started and stopped"),
    "cancel_agreement": _("Agreement cancelled"),
}


class CustomersConfig(AppConfig):
    name = "receivables.customers"
    label = "customers"

    def ready(self) -> None:
        from receivables.core import history, jobs
        from receivables.customers import dates
        from receivables.customers.actions import register

        register()
        jobs.register(jobs.Kind(dates.KIND, dates.KIND, dates.run_job, "customers/agreement_dates_job.html"))
        history.WORDS.update(WORDS)

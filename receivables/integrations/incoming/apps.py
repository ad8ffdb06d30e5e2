from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncomingConfig(AppConfig):
    name = "receivables.integrations.incoming"
    label = "incoming"
    verbose_name = _("Changes over there")

    def ready(self) -> None:
        from receivables.core import history
        from receivables.integrations.incoming import actions, tasks  # noqa: F401  the worker's tasks

        actions.register()
        history.WORDS.update(
            {
                "accept_incoming": _("Payment recorded as it was over there"),
                "dismiss_incoming": _("Change over there dismissed"),
                "changes_passed_over": _("Changes over there passed over"),
            }
        )

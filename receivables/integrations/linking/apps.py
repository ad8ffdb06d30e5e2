from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinkingConfig(AppConfig):
    name = "receivables.integrations.linking"
    label = "linking"
    verbose_name = _("What is over there already")

    def ready(self) -> None:
        from receivables.core import history
        from receivables.integrations.linking import actions, tasks  # noqa: F401  the worker's tasks

        actions.register()
        history.WORDS.update(
            {
                "look_through_system": _("Customers, products and accounts over there looked through"),
                "link_customers": _("Customer linked with one over there"),
            }
        )

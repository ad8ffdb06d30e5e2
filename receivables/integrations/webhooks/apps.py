from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "receivables.integrations.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from receivables.core import history
        from receivables.core.navigation import register_notice
        from receivables.integrations.webhooks import actions, tasks  # noqa: F401  the worker's tasks
        from receivables.integrations.webhooks.queries import disabled_notices

        actions.register()
        register_notice("webhooks", "manage_webhooks", disabled_notices)
        history.WORDS.update(
            {
                "pause_webhook": _("Webhook paused"),
                "resume_webhook": _("Webhook resumed"),
                "ping_webhook": _("Test message sent"),
                "rotate_webhook_secret": _("Secret replaced"),
                "show_webhook_secret": _("Secret shown"),
                "resend_webhook": _("Message sent again"),
                "webhook_disabled": _("Webhook disabled"),
            }
        )

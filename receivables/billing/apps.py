from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "receivables.billing"
    label = "billing"

    def ready(self) -> None:
        from receivables.billing.operations.accessorials import release_accessorial
        from receivables.core.registry import reactions

        for decision in ("approve_request", "reject_request", "withdraw_request"):
            reactions.on(decision, release_accessorial)

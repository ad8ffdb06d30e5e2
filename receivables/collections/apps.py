from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    name = "receivables.collections"
    label = "collections"

    def ready(self) -> None:
        from receivables.collections.setup import set_up_bank
        from receivables.core.registry import reactions

        reactions.on("create_organization", set_up_bank)

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "receivables.ledger"
    label = "ledger"

    def ready(self) -> None:
        from receivables.core.registry import reactions
        from receivables.ledger.setup import set_up_books

        reactions.on("create_organization", set_up_books)

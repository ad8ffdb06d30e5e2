from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "receivables.ledger"
    label = "ledger"

    def ready(self) -> None:
        from receivables.core import history
        from receivables.core.registry import reactions
        from receivables.core.search import register_search
        from receivables.ledger import actions
        from receivables.ledger.rates import actions as rate_actions
        from receivables.ledger.searching import search_customers
        from receivables.ledger.setup import set_up_books

        reactions.on("create_organization", set_up_books)
        actions.register()
        rate_actions.register()
        register_search("customers", _("Customers"), search_customers)
        history.WORDS.update(
            {
                "close_period": _("Month closed"),
                "reopen_period": _("Month reopened"),
                "add_exchange_rate": _("Exchange rate added"),
                "correct_exchange_rate": _("Exchange rate corrected"),
                "import_exchange_rates": _("Exchange rates imported"),
            }
        )
        history.LABELS.update({"rate": _("Exchange rate"), "rate_reason": _("Reason of the own rate")})

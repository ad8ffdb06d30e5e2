from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WriteoffsConfig(AppConfig):
    name = "receivables.writeoffs"
    label = "writeoffs"

    def ready(self) -> None:
        from receivables.core import history
        from receivables.core.registry import reactions
        from receivables.customers import holds
        from receivables.ledger import words
        from receivables.writeoffs import actions, outcome, panels, writing
        from receivables.writeoffs.bankruptcy import addition_pages, pages, withdrawal_pages
        from receivables.writeoffs.bankruptcy.coming_back import release_addition
        from receivables.writeoffs.bankruptcy.drafting import bankrupt_accounts
        from receivables.writeoffs.bankruptcy.operations import release_bankruptcy
        from receivables.writeoffs.bulk.ready import register as register_bulk
        from receivables.writeoffs.operations import release_write_off
        from receivables.writeoffs.setup import set_up_write_offs
        from receivables.writeoffs.transfers import pages as transfer_pages
        from receivables.writeoffs.transfers import panels as transfer_panels

        reactions.on("create_organization", set_up_write_offs)
        reactions.on("approve_request", release_write_off)
        reactions.on("approve_request", release_bankruptcy)
        reactions.on("approve_request", release_addition)
        holds.register_stay(bankrupt_accounts)
        actions.register()
        writing.register()
        pages.register()
        withdrawal_pages.register()
        addition_pages.register()
        register_bulk()
        panels.register()
        transfer_pages.register()
        transfer_panels.register()
        outcome.register()
        history.WORDS.update(
            {
                "write_off_debt": _("Debt written off"),
                "reverse_write_off": _("Write-off reversed"),
                "start_bankruptcy": _("Bankruptcy started"),
                "add_to_bankruptcy": _("Debt moved to its bankruptcy"),
                "record_dividend": _("Dividend of a bankruptcy recorded"),
                "withdraw_bankruptcy": _("Bankruptcy withdrawn"),
                "transfer_debt": _("Debt moved to another agreement"),
                "reverse_transfer": _("Debt transfer reversed"),
            }
        )
        words.KINDS.update(
            {
                "write_off": _("Written off"),
                "reverse_write_off": _("Write-off reversed"),
                "transfer_debt": _("Moved between agreements"),
                "reverse_transfer": _("Transfer between agreements reversed"),
            }
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WriteoffsConfig(AppConfig):
    name = "receivables.writeoffs"
    label = "writeoffs"

    def ready(self) -> None:
        from receivables.core import history
        from receivables.core.registry import reactions
        from receivables.ledger import words
        from receivables.writeoffs import actions, outcome, panels, writing
        from receivables.writeoffs.operations import release_write_off
        from receivables.writeoffs.setup import set_up_write_offs

        reactions.on("create_organization", set_up_write_offs)
        reactions.on("approve_request", release_write_off)
        actions.register()
        writing.register()
        panels.register()
        outcome.register()
        history.WORDS.update({"write_off_debt": _("Debt written off"), "reverse_write_off": _("Write-off reversed")})
        words.KINDS.update({"write_off": _("Written off"), "reverse_write_off": _("Write-off reversed")})

"""What the package makes known at start: its verbs, its panels, its words, and what it does when others act."""

from django.utils.translation import gettext_lazy as _

from receivables.collections.recoveries import actions, panels
from receivables.collections.recoveries.falling import fall_with_credit_note, fall_with_revisions
from receivables.core.history import WORDS
from receivables.core.registry import reactions

# Events that leave an invoice with a new revision.
REVISED = ("regenerate_invoice", "reissue_invoice", "void_invoice", "change_summary_loads")


def register() -> None:
    actions.register()
    panels.register()
    reactions.on("reverse_credit_note", fall_with_credit_note)
    for name in REVISED:
        reactions.on(name, to_all=fall_with_revisions)
    WORDS.update({"recover_bad_debt": _("Bad debt recovered"), "reverse_recovery": _("Recovery reversed")})

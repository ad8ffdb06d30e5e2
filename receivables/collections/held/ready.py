"""What the package makes known at start: its verbs, its section, its words."""

from django.utils.translation import gettext_lazy as _

from receivables.collections.held import actions, panels
from receivables.core.history import WORDS


def register() -> None:
    actions.register()
    panels.register()
    WORDS.update(
        {
            "record_deposit": _("Deposit recorded"),
            "apply_deposit": _("Deposit applied"),
            "hold_overpayment": _("Held as an overpayment"),
            "release_held_money": _("Put back on account"),
        }
    )

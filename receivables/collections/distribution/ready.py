"""What the package makes known at start: its verb, its section, its ways of distributing, its words."""

from django.utils.translation import gettext_lazy as _

from receivables.collections.distribution import actions, panels, strategies
from receivables.core.history import WORDS


def register() -> None:
    strategies.register()
    actions.register()
    panels.register()
    WORDS.update({"distribute_payment": _("Payment distributed")})

"""What the package makes known at start: its verbs and its words."""

from django.utils.translation import gettext_lazy as _

from receivables.collections.tax_relief import actions
from receivables.core.history import WORDS


def register() -> None:
    actions.register()
    WORDS.update({"claim_tax_relief": _("Tax relief claimed"), "reverse_tax_relief": _("Tax relief taken back")})

"""May a system be looked through, and may customers be linked? Pure functions over facts."""

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker


def look_through_system_blocker(*, signed_in: bool, under_way: bool) -> Blocker | None:
    """It takes credentials, and one look at a time."""
    if not signed_in:
        return Blocker("no_credentials", _("Enter the credentials first, or connect it again."))
    if under_way:
        return Blocker("under_way", _("It is being looked through already."))
    return None


def link_customers_blocker(
    *, unknown: list[str], twice: list[str], taken: list[str], delivered: list[str], currency: list[str]
) -> Blocker | None:
    """One of ours and one of theirs belong together once, in one currency, and before anything was delivered.

    Each list has the names of those that break one rule.
    """
    for code, names, words in (
        ("unknown", unknown, _("Not found over there: %(names)s. Look through it again, or choose another.")),
        ("twice", twice, _("Chosen for more than one customer: %(names)s.")),
        ("taken", taken, _("Linked with another customer already: %(names)s.")),
        ("delivered", delivered, _("Delivered already, so that it stays as it is: %(names)s.")),
        ("currency", currency, _("In another currency over there: %(names)s.")),
    ):
        if names:
            return Blocker(code, words % {"names": ", ".join(names[:5])})
    return None

"""May a connection be connected or disconnected? Pure functions over facts."""

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker


def connect_system_blocker(*, offered: bool, entered: bool, company: str, answered: str = "") -> Blocker | None:
    """The system has such a page, it knows our client, and whoever answers is the company of this connection.

    `answered` is the company that the answer names, empty before there is one.
    """
    if not offered:
        return Blocker("not_offered", _("This system is not connected by a page of its own."))
    if not entered:
        return Blocker("no_client", _("Enter the client id and the client secret in the settings first."))
    if answered and company and answered != company:
        message = _("You granted access to company %(theirs)s; this connection is for company %(ours)s.")
        return Blocker("other_company", message % {"theirs": answered, "ours": company})
    return None


def disconnect_system_blocker(*, connected: bool) -> Blocker | None:
    """Only access that was given can be given back."""
    return None if connected else Blocker("not_connected", _("This connection has no access to give back."))

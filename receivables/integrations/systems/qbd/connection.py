"""What a Web Connector needs to visit us: a name, a password, and the file that introduces us to it."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext_lazy

from receivables.integrations.models import Connection, System
from receivables.integrations.systems import money
from receivables.integrations.systems.base import Setting
from receivables.integrations.vault import Unreadable, opened

NAMES = UUID("0e7b4c5e-5d9c-4a3f-8a5c-9a1f6a3b7c21")  # the name space of our keys there, never to be changed
USER = "receivables-"
EVERY_MINUTES = 5

SETTINGS = (
    Setting(
        "receivables_account", gettext_lazy("Accounts receivable"),
        gettext_lazy("The name of the receivables account in QuickBooks Desktop, such as Accounts Receivable."),
        longest=159,
    ),
    money.setting(
        gettext_lazy(
            "One a line, with its name and the name of its receivables account in QuickBooks Desktop, such as "
            "EUR=Euro=Accounts Receivable - EUR. Empty: nothing but the organization's own currency is sent, which has "
            "to be the home currency over there."
        )
    ),
    Setting(
        "password", gettext_lazy("Password of the Web Connector"),
        gettext_lazy(
            "Choose one, and enter it in the Web Connector too. Only a digest of it is kept; leave it empty to keep "
            "the present one."
        ),
        secret=True, hashed=True, shortest=12,
    ),
)  # fmt: skip


def user_name(connection: Connection) -> str:
    """What the Web Connector signs in as; it says which connection is meant."""
    return f"{USER}{connection.pk}"


def signed_in(name: str, password: str) -> Connection | None:
    """The connection whose Web Connector this is. Takes as long for a name that does not exist."""
    digits = name.removeprefix(USER)
    known = None
    if name.startswith(USER) and digits.isascii() and digits.isdigit() and len(digits) < 19:
        rows = Connection.objects.filter(system=System.QUICKBOOKS_DESKTOP, pk=int(digits))
        known = rows.select_related("organization").first()
    kept = ""
    if known is not None:
        try:
            kept = opened(known.secrets).get("password", "")
        except Unreadable:
            kept = ""
    if not kept:
        make_password(password)
        return None
    return known if check_password(password, kept) else None


def introduction(connection: Connection, address: str, support: str) -> dict[str, Any]:
    """The values of the .qwc file. The two keys stay as they are, or QuickBooks asks for permission anew."""
    return {
        "name": "Receivables", "key": f"RECEIVABLES{connection.pk}", "address": address, "support": support,
        "user": user_name(connection), "owner": uuid5(NAMES, "owner"), "minutes": EVERY_MINUTES,
        "file": uuid5(NAMES, f"{connection.organization.slug}:{connection.pk}"), "connection": connection,
    }  # fmt: skip

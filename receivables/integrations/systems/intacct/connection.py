"""What is entered for a connection to Sage Intacct, and where it is called."""

from django.utils.translation import gettext_lazy

from receivables.integrations.models import Connection
from receivables.integrations.systems import money
from receivables.integrations.systems.base import Setting

HOSTS = (".intacct.com",)
GATEWAY = "https://api.intacct.com/ia/xml/xmlgw.phtml"

SETTINGS = (
    Setting("company", gettext_lazy("Company"), gettext_lazy("Its company id."), longest=60),
    Setting(
        "entity", gettext_lazy("Entity"),
        gettext_lazy("The location id of the entity to work in; empty for a company without entities."),
        required=False, longest=20,
    ),
    Setting(
        "location", gettext_lazy("Location of lines"),
        gettext_lazy("The location id that every line gets, where the company asks for one."), required=False,
        longest=20,
    ),
    Setting(
        "financial_entity", gettext_lazy("Checking account"),
        gettext_lazy("The id of a checking account. Credits are applied to invoices through it; no money moves."),
        longest=40,
    ),
    Setting(
        "journal", gettext_lazy("Journal"),
        gettext_lazy("The symbol of the journal for entries that no customer is part of; GJ if it is empty."),
        required=False, longest=4,
    ),
    money.setting(
        gettext_lazy(
            "One a line, such as EUR, where the company keeps several. Empty: nothing but the organization's own "
            "currency is sent, which has to be the base currency over there."
        )
    ),
    Setting("sender_id", gettext_lazy("Sender id"), secret=True),
    Setting("sender_password", gettext_lazy("Sender password"), secret=True),
    Setting("user_id", gettext_lazy("User id"), secret=True),
    Setting("user_password", gettext_lazy("User password"), secret=True),
)  # fmt: skip


def gateway(connection: Connection) -> str:
    """Where a session is asked for; a stand-in of the tests names its own address."""
    return str(connection.options.get("base_url") or GATEWAY)

"""What is entered for a connection to Sage Intacct, and where it is called."""

from typing import Any

from django.utils.translation import gettext_lazy

from receivables.integrations.models import Connection
from receivables.integrations.systems import money
from receivables.integrations.systems.base import Setting

HOSTS = (".intacct.com",)
GATEWAY = "https://api.intacct.com/ia/xml/xmlgw.phtml"
REST = "https://api.intacct.com/ia/api/v1"
INTERFACE, XML_INTERFACE, REST_INTERFACE = "interface", "xml", "rest"
BY_XML, BY_REST = (INTERFACE, XML_INTERFACE), (INTERFACE, REST_INTERFACE)

SETTINGS = (
    Setting(
        INTERFACE, gettext_lazy("Interface"),
        gettext_lazy(
            "The XML gateway takes each request once, whatever happens on the way. REST has no such id: what got no "
            "answer is looked for by its number. REST takes no payments in another currency than the organization's, "
            "since it takes no rate for them."
        ),
        choices=((XML_INTERFACE, gettext_lazy("XML gateway")), (REST_INTERFACE, gettext_lazy("REST"))),
    ),
    Setting("company", gettext_lazy("Company"), gettext_lazy("Its company id."), longest=60, lasting=True),
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
    Setting("user_id", gettext_lazy("User id"), secret=True),
    Setting("user_password", gettext_lazy("User password (XML)"), secret=True, only=BY_XML),
    Setting("sender_id", gettext_lazy("Sender id (XML)"), secret=True, only=BY_XML),
    Setting("sender_password", gettext_lazy("Sender password (XML)"), secret=True, only=BY_XML),
    Setting("client_id", gettext_lazy("Client id (REST)"), secret=True, only=BY_REST),
    Setting("client_secret", gettext_lazy("Client secret (REST)"), secret=True, only=BY_REST),
)  # fmt: skip


def gateway(connection: Connection) -> str:
    """Where a session is asked for; a stand-in of the tests names its own address."""
    return str(connection.options.get("base_url") or GATEWAY)


def speaks_rest(options: dict[str, Any]) -> bool:
    """Whether a connection was set to the REST interface."""
    return bool(options.get(INTERFACE) == REST_INTERFACE)


def rest_base(connection: Connection) -> str:
    """Where the REST interface is; a stand-in of the tests names its own address."""
    return str(connection.options.get("base_url") or REST)

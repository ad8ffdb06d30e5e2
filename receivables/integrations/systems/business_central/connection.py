"""How a connection to Business Central signs in: an application of the customer's own tenant, without a person."""

from urllib.parse import quote

from django.utils.translation import gettext_lazy

from receivables.integrations.models import Connection
from receivables.integrations.systems import money
from receivables.integrations.systems.base import Setting

LOGIN, API = "login.microsoftonline.com", "api.businesscentral.dynamics.com"
HOSTS = (LOGIN, API)
SCOPE = f"https://{API}/.default"
SETTINGS = (
    Setting("tenant", gettext_lazy("Tenant"), gettext_lazy("The directory (tenant) id."), longest=80, lasting=True),
    Setting(
        "environment",
        gettext_lazy("Environment"),
        gettext_lazy("Its name, such as Production."),
        longest=60,
        lasting=True,
    ),
    Setting(
        "company",
        gettext_lazy("Company"),
        gettext_lazy("The id of the company, as its API says it."),
        longest=40,
        lasting=True,
    ),
    money.setting(
        gettext_lazy(
            "One a line, as its code there, such as EUR. Empty: nothing but the organization's own currency is sent, "
            "which has to be the local currency over there. Exchange rates are those of the table over there."
        )
    ),
    Setting("client_id", gettext_lazy("Client id"), secret=True),
    Setting("client_secret", gettext_lazy("Client secret"), secret=True),
)


def base_url(connection: Connection) -> str:
    """The address of the company; a stand-in of the tests names its own host."""
    options = connection.options
    host = str(options.get("base_url") or f"https://{API}")
    tenant, environment, company = (quote(options[name], safe="") for name in ("tenant", "environment", "company"))
    return f"{host}/v2.0/{tenant}/{environment}/api/v2.0/companies({company})"


def token_url(connection: Connection) -> str:
    """Where the application asks for a token."""
    tenant = quote(connection.options["tenant"], safe="")
    return str(connection.options.get("token_url") or f"https://{LOGIN}/{tenant}/oauth2/v2.0/token")

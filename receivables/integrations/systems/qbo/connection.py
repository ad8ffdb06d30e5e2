"""Signing in to QuickBooks Online: OAuth 2 with a refresh token that changes with every use.

The newest refresh token is kept under a lock on the connection's row: two workers never use the same one twice, and
none is lost when a worker dies, since it is saved before the access token is used.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.integrations import egress
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems import money
from receivables.integrations.systems.base import UNREACHABLE, Fault, Grant, Setting
from receivables.integrations.vault import Unreadable, opened, sealed

AUTHORIZE_URL = "https://appcenter.intuit.com/connect/oauth2"
TOKEN_URL = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105  an address
SCOPE = "com.intuit.quickbooks.accounting"
REVOKE_URL = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
HOSTS = (
    "oauth.platform.intuit.com",
    "developer.api.intuit.com",
    "quickbooks.api.intuit.com",
    "sandbox-quickbooks.api.intuit.com",
)
BASES = {
    "production": "https://quickbooks.api.intuit.com",
    "sandbox": "https://sandbox-quickbooks.api.intuit.com",
}
SETTINGS = (
    Setting("company", gettext_lazy("Company"), gettext_lazy("Its realm id."), longest=40, lasting=True),
    Setting(
        "environment", gettext_lazy("Environment"), lasting=True,
        choices=(("production", gettext_lazy("Production")), ("sandbox", gettext_lazy("Sandbox"))),
    ),
    Setting(
        "receivables_account", gettext_lazy("Accounts receivable"),
        gettext_lazy("The key of the receivables account over there, for journal entries."), longest=40,
    ),
    money.setting(
        gettext_lazy(
            "One a line, with the key of its receivables account, such as EUR=91. Empty: nothing but the "
            "organization's own currency is sent, which has to be the home currency over there."
        )
    ),
    Setting("client_id", gettext_lazy("Client id"), secret=True),
    Setting("client_secret", gettext_lazy("Client secret"), secret=True),
    Setting("refresh_token", gettext_lazy("Refresh token"), secret=True, longest=2000),
    Setting(
        "verifier_token", gettext_lazy("Verifier token of notices"),
        gettext_lazy(
            "QuickBooks Online can tell us when something changes. Enter the address of this site with "
            "/quickbooks-online/changes/ behind it as the webhook of the application there, and the verifier token "
            "that it shows here; kept encrypted and never shown again. Empty: it is asked every five minutes only."
        ),
        secret=True, required=False,
    ),
)  # fmt: skip
MARGIN = timedelta(minutes=5)  # a token that ends sooner is renewed before the call


def base_url(connection: Connection) -> str:
    """Where the company's books are; a stand-in of the tests names its own address."""
    options = connection.options
    return str(options.get("base_url") or BASES[options.get("environment", "production")])


def authorize_url(connection: Connection, redirect: str, state: str) -> str:
    """Where an administrator grants us access; QuickBooks Online sends the company and a code back."""
    client_id = opened(connection.secrets)["client_id"]
    query = {"client_id": client_id, "scope": SCOPE, "redirect_uri": redirect, "response_type": "code", "state": state}
    return f"{AUTHORIZE_URL}?{urlencode(query)}"


def _lapsed() -> Fault:
    words = _("QuickBooks Online no longer accepts our access. An administrator has to connect it again.")
    return Fault(Delivery.Trouble.CREDENTIALS, words, fix="connection")


def _no_sign_in() -> Fault:
    words = _("QuickBooks Online's sign-in does not answer.")
    return Fault(Delivery.Trouble.RETRYABLE, words, wait=60, code=UNREACHABLE)


def _ask(connection: Connection, secrets: dict[str, str], form: dict[str, str]) -> dict[str, Any]:
    url = str(connection.options.get("token_url") or TOKEN_URL)
    try:
        with egress.client(HOSTS) as http:
            answer = egress.fetch(
                http, "POST", url, data=form, auth=(secrets["client_id"], secrets["client_secret"]),
                headers={"Accept": "application/json"},
            )  # fmt: skip
        found = answer.json() if answer.status_code == 200 else {}
    except (httpx.HTTPError, ValueError, KeyError):
        raise _no_sign_in() from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise _no_sign_in()
    if "access_token" not in found or "refresh_token" not in found:
        raise _lapsed()
    return found


def access_token(connection: Connection, *, refused: str = "") -> str:
    """A token for calls, renewed where it ends soon or is the one that was `refused`: of several workers whose token
    lapses at once, the first renews it, and the others find the new one.

    Raises `Fault` where the grant has lapsed or the sign-in does not answer.
    """
    with transaction.atomic():
        row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        try:
            secrets = opened(row.secrets)
        except Unreadable:
            raise _lapsed() from None
        if "refresh_token" not in secrets:
            raise _lapsed()
        known, ends = secrets.get("access_token", ""), secrets.get("access_ends", "")
        if known and known != refused and datetime.fromisoformat(ends) > timezone.now() + MARGIN:
            return known
        found = _ask(row, secrets, {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]})
        _keep(row, secrets, found)
        return str(found["access_token"])


def _keep(row: Connection, secrets: dict[str, str], found: dict[str, Any]) -> None:
    ends = timezone.now() + timedelta(seconds=int(found.get("expires_in", 3600)))
    row.secrets = sealed(
        {
            **secrets, "access_token": str(found["access_token"]), "refresh_token": str(found["refresh_token"]),
            "access_ends": ends.isoformat(),
        }
    )  # fmt: skip
    row.save(update_fields=["secrets"])


def exchange_code(connection: Connection, code: str, redirect: str) -> None:
    """Turn the code of a fresh grant into tokens and keep them. Raises `Fault`."""
    with transaction.atomic():
        row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        secrets = opened(row.secrets)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        _keep(row, secrets, _ask(row, secrets, form))


def revoke(connection: Connection, token: str) -> None:
    """Give a refresh token back; it and what it was good for end over there. Raises `Fault`."""
    secrets = opened(connection.secrets)
    url = str(connection.options.get("revoke_url") or REVOKE_URL)
    try:
        with egress.client(HOSTS) as http:
            answer = egress.fetch(
                http, "POST", url, json={"token": token}, auth=(secrets["client_id"], secrets["client_secret"])
            )
    except (httpx.HTTPError, KeyError):
        answer = None
    if answer is None or answer.status_code >= 500:
        raise _no_sign_in()


GRANT = Grant(
    authorize_url, exchange_code, revoke, company=("realmId", "company"), needs=("client_id", "client_secret"),
    tokens=("refresh_token", "access_token", "access_ends"),
)  # fmt: skip

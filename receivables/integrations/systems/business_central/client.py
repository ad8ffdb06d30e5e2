"""Calls to Business Central's API v2.0, and what its refusals mean in plain words."""

from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import Fault
from receivables.integrations.systems.business_central import connection as signing
from receivables.integrations.systems.rest import Rest, Said

Trouble = Delivery.Trouble
GONE = "gone"  # our code for an entity that is not there (any more)


def plain(code: str, said: str) -> tuple[str, str, str]:
    """(trouble, plain words, what to do) for one of their errors."""
    low = said.lower()
    if code == "Request_EntityChanged":
        return Trouble.RETRYABLE, _("It was changed in Business Central at the same moment. It is tried again."), ""
    if code == "Internal_EntityWithSameKeyExists":
        return (
            Trouble.CONFLICT,
            _("Business Central has another record with this number already. Renumber one of them."),
            "number",
        )
    if "earlier posting date" in low:
        return (
            Trouble.NEEDS_PERSON,
            _("The payment is dated before the invoice that it pays. Post it there by hand, on the invoice's date."),
            "remote",
        )
    if "posting date" in low and ("allowed" in low or "closed" in low):
        return (
            Trouble.PERIOD_CLOSED,
            _("Business Central takes no postings on this date. Allow them there, or enter it by hand."),
            "period",
        )
    return _plain_setup(low)


def _plain_setup(low: str) -> tuple[str, str, str]:
    """What people there have to set up or take back."""
    if "direct posting" in low:
        return (
            Trouble.NEEDS_MAPPING,
            _("The account takes no direct postings there. Map another, or allow direct posting."),
            "mapping",
        )
    if "cannot be found" in low or "does not exist" in low:
        message = _("Something that this document refers to is not there. Map another, or enter it there.")
        return Trouble.NEEDS_MAPPING, message, "mapping"
    if "posting group" in low or "posting setup" in low:
        return (
            Trouble.NEEDS_PERSON,
            _("A posting group is missing there, at the customer or the account. Set it up, then retry."),
            "remote",
        )
    if "blocked" in low:
        return Trouble.NEEDS_PERSON, _("The customer or account is blocked there. Unblock it, then retry."), "remote"
    if "must be open" in low or "out of balance" in low or "negative" in low:
        message = _("What is open there is not what is open here. Compare both, correct one, then retry.")
        return Trouble.NEEDS_PERSON, message, "remote"
    if ("length" in low and "too long" in low) or "maximum length" in low:
        return Trouble.NEEDS_PERSON, _("A text is too long for Business Central. Shorten it here, then retry."), ""
    message = _("Business Central refused it. What it said stands beside; retry once it is solved.")
    return Trouble.NEEDS_PERSON, message, ""


class Client(Rest):
    """One company in Business Central."""

    name = "Business Central"
    hosts = signing.HOSTS
    numbers = frozenset({"amount", "quantity", "unitPrice"})

    def base_of(self, connection: Connection) -> str:
        return signing.base_url(connection)

    def token_form(self, secrets: dict[str, str]) -> tuple[str, dict[str, str]]:
        form = {
            "grant_type": "client_credentials", "scope": signing.SCOPE, "client_id": secrets["client_id"],
            "client_secret": secrets["client_secret"],
        }  # fmt: skip
        return signing.token_url(self.connection), form

    def refusal(self, found: dict[str, Any], status: int, told: dict[str, Any]) -> Fault | None:
        error = found.get("error")
        if not isinstance(error, dict):
            return None
        code, said = str(error.get("code", "")), str(error.get("message", "")).split("CorrelationId:")[0].strip()
        if status == 404 or code in ("BadRequest_NotFound", "BadRequest_ResourceNotFound"):
            message = _("Something that this document refers to is not there. Map another, or enter it there.")
            return Fault(Trouble.NEEDS_MAPPING, message, system_text=said, fix="mapping", code=GONE, **told)
        if code.startswith("Internal_") and code != "Internal_EntityWithSameKeyExists":
            return None  # it broke: neither yes nor no
        trouble, message, fix = plain(code, said)
        return Fault(trouble, message, system_text=said, fix=fix, code=code, **told)

    # The shapes of its calls -------------------------------------------------------------------------------------

    def get(self, entity: str, key: str) -> Said:
        return self.call("GET", f"{entity}({key})")

    def find(self, path: str, field: str, value: str) -> list[dict[str, Any]]:
        """The rows whose field has this value."""
        quoted = value.replace("'", "''")
        rows: list[dict[str, Any]] = self.call("GET", path, query={"$filter": f"{field} eq '{quoted}'"}).found["value"]
        return rows

    def act(self, entity: str, key: str, action: str) -> Said:
        """A bound action, such as posting."""
        return self.call("POST", f"{entity}({key})/Microsoft.NAV.{action}")

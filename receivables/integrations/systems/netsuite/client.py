"""Calls to NetSuite's REST services, and what its refusals mean in plain words."""

from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import Fault
from receivables.integrations.systems.netsuite import connection as signing
from receivables.integrations.systems.rest import Rest

Trouble = Delivery.Trouble
GONE = "gone"  # our code for a record that is not there (any more)
BUSY = ("CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED")
MISSING = ("NONEXISTENT_ID", "INVALID_KEY_OR_REF", "RCRD_DSNT_EXIST", "INVALID_ID")


def plain(code: str, said: str, path: str) -> tuple[str, str, str]:
    """(trouble, plain words, what to do) for one of their errors."""
    low = said.lower()
    if code == "RCRD_HAS_BEEN_CHANGED":
        return Trouble.RETRYABLE, _("It was changed in NetSuite at the same moment. It is tried again."), ""
    if "period" in low and ("closed" in low or "locked" in low):
        return (
            Trouble.PERIOD_CLOSED,
            _("The accounting period is closed in NetSuite for this date. Open it, or enter it by hand."),
            "period",
        )
    if code in ("DUP_RCRD", "UNIQUE_CUST_ID_REQD") or "already exists" in low or "duplicate" in low:
        return (
            Trouble.CONFLICT,
            _("NetSuite has another record with this number or name already. Rename one of them."),
            "number",
        )
    if code in MISSING or "invalid reference key" in low:
        message = _("Something that this document refers to is not there. Map another, or enter it there.")
        return Trouble.NEEDS_MAPPING, message, "mapping"
    if code == "INSUFFICIENT_PERMISSION" or "permission" in low:
        return (
            Trouble.NEEDS_PERSON,
            _("The role of our access may not do this there. Give it the permission."),
            "remote",
        )
    if "please enter value" in low or "mandatory" in low:
        words = {"field": path or said}
        return (
            Trouble.NEEDS_PERSON,
            _("Their form asks for a field that we do not send: %(field)s. Make it optional there.") % words,
            "remote",
        )
    if "apply" in low or "applied" in low:
        return Trouble.NEEDS_PERSON, _("It is applied there to something else. Take that off, then retry."), "remote"
    if code == "INVALID_CONTENT":
        message = _("NetSuite does not know a field that was sent. Check the form of this record there.")
        return Trouble.NEEDS_PERSON, message, "remote"
    message = _("NetSuite refused it. What it said stands beside; retry once it is solved.")
    return Trouble.NEEDS_PERSON, message, ""


class Client(Rest):
    """One account. A property that it does not know is an error: by default NetSuite only warns and drops it."""

    name = "NetSuite"
    hosts = signing.HOSTS
    numbers = frozenset({"quantity", "rate", "amount", "payment", "debit", "credit", "exchangeRate"})
    headers = {"X-NetSuite-PropertyNameValidation": "Error"}

    def base_of(self, connection: Connection) -> str:
        return signing.base_url(connection)

    def token_form(self, secrets: dict[str, str]) -> tuple[str, dict[str, str]]:
        url = f"{self.base}/{signing.TOKEN_PATH}"
        form = {
            "grant_type": "client_credentials", "client_assertion_type": signing.ASSERTION,
            "client_assertion": signing.assertion(secrets, url),
        }  # fmt: skip
        return url, form

    def refusal(self, found: dict[str, Any], status: int, told: dict[str, Any]) -> Fault | None:
        details = found.get("o:errorDetails")
        if status == 404:
            message = _("Something that this document refers to is not there. Map another, or enter it there.")
            return Fault(Trouble.NEEDS_MAPPING, message, fix="mapping", code=GONE, **told)
        if not details or status >= 500:
            return None
        first = details[0]
        code, path = str(first.get("o:errorCode", "")), str(first.get("o:errorPath", ""))
        said = str(first.get("detail", ""))
        if code in BUSY:
            return Fault(Trouble.RETRYABLE, _("NetSuite takes no more calls for a while."), wait=30, code=code, **told)
        trouble, message, fix = plain(code, said, path)
        shown = f"{said} ({path})" if path else said
        return Fault(trouble, message, system_text=shown, fix=fix, code=code, **told)

    def rows(self, query: str, limit: int = 1000, offset: int = 0) -> list[dict[str, Any]]:
        """A page of the rows of a SuiteQL query."""
        headers, page = {"Prefer": "transient"}, {"limit": str(limit), "offset": str(offset)}
        found = self.call("POST", "query/v1/suiteql", {"q": query}, headers=headers, read=True, query=page).found
        rows: list[dict[str, Any]] = found.get("items") or []
        return rows

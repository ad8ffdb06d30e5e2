"""Steps as calls to Sage Intacct's REST interface, signed in by client credentials.

It has no id that is taken once: what got no answer is looked for by its number before it is sent again.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import Fault, Step, pages
from receivables.integrations.systems.intacct import rest_mapping
from receivables.integrations.systems.intacct.adapter import KEYS, Record, reversal_day
from receivables.integrations.systems.intacct.connection import HOSTS, rest_base
from receivables.integrations.systems.intacct.texts import plain
from receivables.integrations.systems.rest import Rest

PAGE = 1000
# What is made of each kind: its object, and the fields with its number and, of an invoice, its total.
RECEIVABLE = "accounts-receivable"
OBJECTS = {
    "customer": (f"{RECEIVABLE}/customer", "id"), "invoice": (f"{RECEIVABLE}/invoice", "invoiceNumber"),
    "adjustment": (f"{RECEIVABLE}/adjustment", "adjustmentNumber"),
    "payment": (f"{RECEIVABLE}/payment", "documentNumber"),
    "application": (f"{RECEIVABLE}/payment", "documentNumber"),
    "entry": ("general-ledger/journal-entry", "referenceNumber"),
}  # fmt: skip
TOTAL = "totalTxnAmount"
NUMBERS = {"invoice": frozenset({"rate"})}  # an adjustment's rate is a text


class RestLink(Rest):
    """One company's books over REST."""

    name = "Sage Intacct"
    hosts = HOSTS
    waits = ("X-IA-Throttle-Limit-Retry-After", "Retry-After")
    writes = rest_mapping.WRITES

    def base_of(self, connection: Connection) -> str:
        return rest_base(connection)

    def token_form(self, secrets: dict[str, str]) -> tuple[str, dict[str, str]]:
        options = self.connection.options
        user = f"{secrets['user_id']}@{options['company']}"
        if options.get("entity"):
            user = f"{user}|{options['entity']}"
        form = {
            "grant_type": "client_credentials", "client_id": secrets["client_id"],
            "client_secret": secrets["client_secret"], "username": user,
        }  # fmt: skip
        return f"{self.base}/oauth2/token", form

    def refusal(self, found: dict[str, Any], status: int, told: dict[str, Any]) -> Fault | None:
        error = _error(found)
        if error is None or status >= 500:
            return None
        details = [each for each in error.get("details") or [] if isinstance(each, dict)]
        texts = [f"{each.get('code', '')} {each.get('message', '')}".strip() for each in (error, *details)]
        said = " ".join(dict.fromkeys(text for text in texts if text))
        trouble, message, fix = plain(said)
        return Fault(trouble, message, system_text=said, fix=fix, code=str(error.get("code", "")), **told)

    def change(self, verb: str, name: str, step: Step, remote: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        method, path, body = self._call_of(verb, name, step, remote)
        said = self.call(method, path, body, numbers=NUMBERS.get(name))
        result = said.found.get("ia::result")
        key = str(result.get("key") or "") if isinstance(result, dict) else ""
        return key, {"request": said.request, "response": said.response, "status": said.status}

    def _call_of(self, verb: str, name: str, step: Step, remote: dict[str, Any]) -> tuple[str, str, Any]:
        record, _number = OBJECTS[name]
        if verb == "update":
            fields = {field: value for field, value in step.body["fields"].items() if field != "id"}
            return "PATCH", f"objects/{record}/{self._customer_key(remote['Key'])}", fields
        if verb == "create":
            fields = step.body["fields"]
            return "POST", f"objects/{record}", _with_memo(fields, remote["Key"]) if name == "application" else fields
        if name == "entry":
            return "DELETE", f"objects/{record}/{remote['Key']}", None
        # An adjustment too: deleting one is documented only for what was never applied.
        body = {"key": remote[KEYS[name]], "reversedDate": reversal_day(remote)}
        return "POST", f"workflows/{record}/reverse", body

    def _customer_key(self, number: str) -> str:
        """A customer's system key, which paths are made of; everything else names it by its number."""
        rows = list(self.rows(f"{RECEIVABLE}/customer", ["key"], [{"$eq": {"id": number}}]))
        if not rows:
            message = _("What this refers to is not there. Enter it there again, then retry.")
            raise Fault(Delivery.Trouble.NEEDS_PERSON, message, fix="remote", system_text=number)
        return str(rows[0]["key"])

    def records(self, name: str, field: str, value: str, step: Step) -> tuple[list[Record], dict[str, Any]]:
        record, number = OBJECTS[name]
        asked = {"key": "key", "number": number, "name": "name", "tax_id": "taxId"}[field]
        more = {"customer": ["name"], "invoice": ["state", TOTAL]}.get(name, ["state"])
        said = self._page(record, ["key", number, *more], [{"$eq": {asked: value}}], 1)
        told = {"request": said.request, "response": said.response, "status": said.status}
        return [_record(name, row, number) for row in said.found.get("ia::result") or []], told

    def rows(self, record: str, fields: list[str], filters: list[Any]) -> Iterator[dict[str, Any]]:
        """All records that the filters find, page by page. Raises `Fault` or `Silence`."""
        start = 1
        for _page in pages(self.name):
            found = self._page(record, fields, filters, start).found
            yield from found.get("ia::result") or []
            following = (found.get("ia::meta") or {}).get("next")
            if not isinstance(following, int) or following <= start:  # never in a circle
                return
            start = following

    def _page(self, record: str, fields: list[str], filters: list[Any], start: int) -> Any:
        query = {
            "object": record, "fields": fields, "filters": filters, "orderBy": [{"key": "asc"}], "start": start,
            "size": PAGE,
        }  # fmt: skip
        return self.call("POST", "services/core/query", query, read=True)


def _record(name: str, row: dict[str, Any], number: str) -> Record:
    told = str(row.get(number) or "")
    key = told if name == "customer" else str(row.get("key") or "")
    return Record(key, told, str(row.get("name") or ""), str(row.get("state") or ""), str(row.get(TOTAL) or "0"))


def _with_memo(fields: dict[str, Any], memo: str) -> dict[str, Any]:
    """An application with the key of its credit memo in each detail."""
    details = [{**each, "arAdjustment": {"id": memo}} for each in fields["paymentDetails"]]
    return {**fields, "paymentDetails": details}


def _error(found: dict[str, Any]) -> dict[str, Any] | None:
    """The error in an answer: at the top, within the result, or by its bare name."""
    result = found.get("ia::result")
    inner = result.get("ia::error") if isinstance(result, dict) else None
    for each in (found.get("ia::error"), inner, found.get("error")):
        if isinstance(each, dict):
            return each
    return None

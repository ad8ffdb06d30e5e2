"""Sage Intacct as the deliverer sees it, the same over both of its interfaces: what is posted is reversed and entered
anew. A link makes a change and finds a record; which of the two it is decides how that is said.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery, System
from receivables.integrations.systems.base import Answer, Book, Fault, Snapshot, Step, changed_there, lookalike
from receivables.integrations.systems.intacct import planner
from receivables.integrations.systems.intacct.mapping import SYSTEM
from receivables.integrations.systems.intacct.texts import RECORDED

# What our memory calls the key of each kind. Customers are known by their numbers, over both interfaces.
KEYS = {
    "customer": "Key", "invoice": "Key", "adjustment": "Key", "payment": "Key", "entry": "Key",
    "application": "Application",
}  # fmt: skip


@dataclass(frozen=True)
class Record:
    """A record over there. `total` is only known of invoices."""

    key: str
    number: str
    name: str = ""
    state: str = ""
    total: str = "0"

    @property
    def is_reversed(self) -> bool:
        return "revers" in self.state.lower()


class Link(Protocol):
    """One company's books over one interface; `writes` is how its steps are written."""

    writes: str

    def change(self, verb: str, name: str, step: Step, remote: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Make a change; the key of what was made, and the texts of it. Raises `Fault` or `Silence`."""

    def records(self, name: str, field: str, value: str, step: Step) -> tuple[list[Record], dict[str, Any]]:
        """The records of a kind whose `field` ("key", "number", "name" or "tax_id") has this value."""


class SageIntacct:
    """Plans are pure; `send` and `find` make one call each, `find` only asks."""

    system: str = System.SAGE_INTACCT

    def plan(
        self, kind: str, last: Snapshot | None, wanted: Snapshot, remote: dict[str, Any], book: Book
    ) -> list[Step]:
        return planner.plan(kind, wanted, remote, book)

    def send(self, link: Link, step: Step, remote: dict[str, Any]) -> Answer:
        verb, _underscore, name = step.operation.partition("_")
        if verb == "read":
            return self._read(link, step, remote)
        if verb in ("create", "update") and link.writes not in step.body:
            message = _("The interface of the connection was changed meanwhile. It is planned anew.")
            raise Fault(Delivery.Trouble.RETRYABLE, message)
        if step.operation == "create_customer" and not remote.get("Apart"):
            self._refuse_lookalikes(link, step)
        try:
            key, told = link.change(verb, name, step, remote)
        except Fault as fault:
            if RECORDED not in fault.system_text.lower():
                raise
            return self.find(link, step, remote) or Answer({}, fault.request, fault.response, fault.status)
        return Answer(_remembered(verb, name, step, remote, key), **told)

    def find(self, link: Link, step: Step, remote: dict[str, Any]) -> Answer | None:
        verb, _underscore, name = step.operation.partition("_")
        if verb in ("read", "update"):
            return None
        if verb == "create":
            row, told = self._newest(link, step, name, "number", step.body["number"])
            if row is None or row.is_reversed or not _is_ours(name, step, row):
                return None
            return Answer(_made(name, step, row.key), **told)
        row, told = self._newest(link, step, name, "key", remote[KEYS[name]])
        done = row is None or row.is_reversed
        return Answer(_remembered(verb, name, step, remote, ""), **told) if done else None

    def takes_over(self, kind: str, wanted: Snapshot, remote: dict[str, Any]) -> bool:
        """Never: whatever is undone here is reversed or deleted there."""
        return False

    def _refuse_lookalikes(self, link: Link, step: Step) -> None:
        """Raise `Fault` where a customer of this number, name or tax id is there from before."""
        for field in ("number", "name", "tax_id"):
            value = step.body.get(field)
            row = self._newest(link, step, "customer", field, value)[0] if value else None
            if row is not None:
                raise lookalike("Sage Intacct", f"{row.name} ({row.number})")

    def _read(self, link: Link, step: Step, remote: dict[str, Any]) -> Answer:
        """An invoice as it is there. Raises `Fault` where somebody changed it."""
        row, told = self._newest(link, step, "invoice", "key", remote["Key"])
        theirs = _("nothing") if row is None or row.is_reversed else row.total
        if row is None or row.is_reversed or Decimal(theirs) != Decimal(remote["Total"]):
            raise changed_there(SYSTEM, theirs, remote["Total"], **told)
        return Answer({}, **told)

    def _newest(
        self, link: Link, step: Step, name: str, field: str, value: str
    ) -> tuple[Record | None, dict[str, Any]]:
        """The newest record with a value that is not reversed, else the newest."""
        rows, told = link.records(name, field, value, step)
        rows.sort(key=lambda row: (not row.is_reversed, int(row.key) if row.key.isdigit() else 0))
        return (rows[-1] if rows else None), told


def reversal_day(remote: dict[str, Any]) -> str:
    """Today, and never before what is reversed."""
    return max(timezone.localdate().isoformat(), remote.get("Date") or "")


def _remembered(verb: str, name: str, step: Step, remote: dict[str, Any], key: str) -> dict[str, Any]:
    """What is known after a step that was done."""
    if verb == "update":
        return {}
    if verb == "create":
        return _made(name, step, step.body["number"] if name == "customer" else key)
    if name == "application":
        return {"Application": None}
    return {"Key": None, "Total": None, "Times": int(remote.get("Times") or 0) + 1}


def _made(name: str, step: Step, key: str) -> dict[str, Any]:
    if name == "application":
        return {"Application": key}
    found: dict[str, Any] = {"Key": key}
    found |= {"Total": step.body["total"]} if "total" in step.body else {}
    found |= {"Date": step.body["date"]} if "date" in step.body else {}
    return found


def _is_ours(name: str, step: Step, row: Record) -> bool:
    """A customer's number may have been given over there too; documents have numbers of ours alone."""
    return name != "customer" or row.name == step.body["name"]

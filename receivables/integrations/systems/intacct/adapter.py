"""Sage Intacct as the deliverer sees it: each step is one function under a control id of its own.

A control id is taken once: a repetition of what was done is refused, and what was made is found by its number.
"""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree

from receivables.integrations.models import Delivery, System
from receivables.integrations.systems.base import Answer, Book, Fault, Snapshot, Step, lookalike
from receivables.integrations.systems.intacct import mapping, planner
from receivables.integrations.systems.intacct.client import Client
from receivables.integrations.systems.intacct.texts import RECORDED
from receivables.integrations.systems.qbd.client import element

# What is made of each kind: its object, the field with its number, and what our memory calls its key.
OBJECTS = {
    "customer": ("CUSTOMER", "CUSTOMERID", "Key"), "invoice": ("ARINVOICE", "RECORDID", "Key"),
    "adjustment": ("ARADJUSTMENT", "RECORDID", "Key"), "payment": ("ARPYMT", "DOCNUMBER", "Key"),
    "application": ("ARPYMT", "DOCNUMBER", "Application"), "entry": ("GLBATCH", "REFERENCENO", "Key"),
}  # fmt: skip
OLDER = {"invoice": "create_invoice", "adjustment": "create_aradjustment", "payment": "create_arpayment"}
REVERSALS = {"invoice": "reverse_invoice", "payment": "reverse_arpayment", "application": "reverse_arpayment"}
FIELDS = {
    "CUSTOMER": "CUSTOMERID,NAME", "ARINVOICE": "RECORDNO,RECORDID,STATE,TRX_TOTALENTERED",
    "ARADJUSTMENT": "RECORDNO,RECORDID,STATE", "ARPYMT": "RECORDNO,DOCNUMBER,STATE",
    "GLBATCH": "RECORDNO,REFERENCENO,STATE",
}  # fmt: skip


class SageIntacct:
    """Plans are pure; `send` and `find` make one call each, `find` only asks."""

    system: str = System.SAGE_INTACCT

    def plan(
        self, kind: str, last: Snapshot | None, wanted: Snapshot, remote: dict[str, Any], book: Book
    ) -> list[Step]:
        return planner.plan(kind, wanted, remote, book)

    def send(self, link: Client, step: Step, remote: dict[str, Any]) -> Answer:
        verb, _underscore, name = step.operation.partition("_")
        if verb == "read":
            return self._read(link, step, remote)
        if step.operation == "create_customer" and not remote.get("Apart"):
            self._refuse_lookalikes(link, step)
        try:
            result, told = link.call(function_of(verb, name, step.body, remote), step.key, once=True)
        except Fault as fault:
            if RECORDED not in fault.system_text.lower():
                raise
            return self.find(link, step, remote) or Answer({}, fault.request, fault.response, fault.status)
        return Answer(_remembered(verb, name, step, remote, result), **told)

    def find(self, link: Client, step: Step, remote: dict[str, Any]) -> Answer | None:
        verb, _underscore, name = step.operation.partition("_")
        if verb in ("read", "update"):
            return None
        record, number_field, key = OBJECTS[name]
        if verb == "create":
            row, told = self._row(link, step, record, number_field, step.body["number"])
            if row is None or _is_reversed(row) or not _is_ours(name, step, row):
                return None
            return Answer(_made(name, step, row.findtext("RECORDNO") or row.findtext("CUSTOMERID") or ""), **told)
        row, told = self._row(link, step, record, "RECORDNO", remote[key])
        done = row is None if verb == "delete" else row is not None and _is_reversed(row)
        return Answer(_remembered(verb, name, step, remote, None), **told) if done else None

    def takes_over(self, kind: str, wanted: Snapshot, remote: dict[str, Any]) -> bool:
        """Never: whatever is undone here is reversed or deleted there."""
        return False

    def _refuse_lookalikes(self, link: Client, step: Step) -> None:
        """Raise `Fault` where a customer of this number, name or tax id is there from before."""
        told = dict(pair for pair in step.body["pairs"] if isinstance(pair[1], str))
        for field in ("CUSTOMERID", "NAME", "TAXID"):
            row = self._row(link, step, "CUSTOMER", field, told[field])[0] if told.get(field) else None
            if row is not None:
                raise lookalike("Sage Intacct", f"{row.findtext('NAME')} ({row.findtext('CUSTOMERID')})")

    def _read(self, link: Client, step: Step, remote: dict[str, Any]) -> Answer:
        """An invoice as it is there. Raises `Fault` where somebody changed it."""
        row, told = self._row(link, step, "ARINVOICE", "RECORDNO", remote["Key"])
        theirs = _("nothing") if row is None or _is_reversed(row) else row.findtext("TRX_TOTALENTERED") or "0"
        if row is None or _is_reversed(row) or Decimal(theirs) != Decimal(remote["Total"]):
            words = _("It was changed in Sage Intacct: it says %(theirs)s there, we sent %(ours)s.")
            message = words % {"theirs": theirs, "ours": remote["Total"]}
            raise Fault(Delivery.Trouble.CONFLICT, message, fix="remote", **told)
        return Answer({}, **told)

    def _row(self, link: Client, step: Step, record: str, field: str, value: str) -> tuple[Any, dict[str, Any]]:
        """The newest record with a value that is not reversed, else the newest."""
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        query = [
            ["object", record], ["query", f"{field} = '{escaped}'"], ["fields", FIELDS[record]], ["pagesize", "100"],
            ["returnFormat", "xml"],
        ]  # fmt: skip
        result, told = link.call(element("readByQuery", query), f"read-{step.key}", once=False)
        rows = [each for each in result.findall("data/*") if isinstance(each.tag, str)]
        rows.sort(key=lambda each: (not _is_reversed(each), int(each.findtext("RECORDNO") or 0)))
        return (rows[-1] if rows else None), told


def function_of(verb: str, name: str, body: dict[str, Any], remote: dict[str, Any]) -> Any:
    """The function of a step."""
    record, _field, key = OBJECTS[name]
    if verb in ("create", "update"):
        if verb == "create" and name in OLDER:
            return element(OLDER[name], body["pairs"])
        pairs = body["pairs"] if name != "application" else _with_memo(body["pairs"], remote["Key"])
        if verb == "update":  # a linked customer has a number of theirs
            pairs = [[field, remote["Key"] if field == "CUSTOMERID" else value] for field, value in pairs]
        return element(verb, [[record, pairs]])
    if verb == "delete" and name == "entry":
        return element("delete", [["object", record], ["keys", remote[key]]])
    if verb == "delete":
        return etree.Element("delete_aradjustment", key=remote[key])
    today = max(timezone.localdate().isoformat(), remote.get("Date") or "")
    made = element(REVERSALS[name], mapping.day("datereversed", today))
    made.set("key", remote[key])
    return made


def _with_memo(pairs: list[Any], memo: str) -> list[Any]:
    """An application with the key of its credit memo in each detail, behind that of the invoice."""
    *head, (_name, details) = pairs
    full = [[name, [detail[0], ["ADJUSTMENTKEY", memo], *detail[1:]]] for name, detail in details]
    return [*head, ["ARPYMTDETAILS", full]]


def _remembered(verb: str, name: str, step: Step, remote: dict[str, Any], result: Any) -> dict[str, Any]:
    """What is known after a step that was done."""
    if verb == "update":
        return {}
    if verb == "create":
        key = result.findtext("key") or result.findtext("data/*/RECORDNO") or ""
        return _made(name, step, step.body["number"] if name == "customer" else key)
    if name == "application":
        return {"Application": None}
    return {"Key": None, "Total": None, "Times": int(remote.get("Times") or 0) + 1}


def _made(name: str, step: Step, key: str) -> dict[str, Any]:
    if name == "application":
        return {"Application": key}
    found: dict[str, Any] = {"Key": key}
    if "total" in step.body:
        found["Total"] = step.body["total"]
    for element_name, value in step.body["pairs"]:
        if element_name in ("dateposted", "datereceived"):
            found["Date"] = "-".join(text for _part, text in value)
    return found


def _is_ours(name: str, step: Step, row: Any) -> bool:
    """A customer's number may have been given over there too; documents have numbers of ours alone."""
    return name != "customer" or row.findtext("NAME") == dict(step.body["pairs"])["NAME"]


def _is_reversed(row: Any) -> bool:
    return "revers" in (row.findtext("STATE") or "").lower()

"""Steps as functions of Sage Intacct's XML gateway, each under a control id of its own.

A control id is taken once: a repetition of what was done is refused, and what was made is found by its number.
"""

from typing import Any

from lxml import etree

from receivables.integrations.systems.base import Step
from receivables.integrations.systems.intacct import mapping
from receivables.integrations.systems.intacct.adapter import KEYS, Record, reversal_day
from receivables.integrations.systems.intacct.client import Client
from receivables.integrations.systems.qbd.client import element

# What is made of each kind: its object, and the field with its number.
OBJECTS = {
    "customer": ("CUSTOMER", "CUSTOMERID"), "invoice": ("ARINVOICE", "RECORDID"),
    "adjustment": ("ARADJUSTMENT", "RECORDID"), "payment": ("ARPYMT", "DOCNUMBER"),
    "application": ("ARPYMT", "DOCNUMBER"), "entry": ("GLBATCH", "REFERENCENO"),
}  # fmt: skip
OLDER = {"invoice": "create_invoice", "adjustment": "create_aradjustment", "payment": "create_arpayment"}
REVERSALS = {"invoice": "reverse_invoice", "payment": "reverse_arpayment", "application": "reverse_arpayment"}
FIELDS = {
    "CUSTOMER": "CUSTOMERID,NAME", "ARINVOICE": "RECORDNO,RECORDID,STATE,TRX_TOTALENTERED",
    "ARADJUSTMENT": "RECORDNO,RECORDID,STATE", "ARPYMT": "RECORDNO,DOCNUMBER,STATE",
    "GLBATCH": "RECORDNO,REFERENCENO,STATE",
}  # fmt: skip


class Gateway(Client):
    """One company's books over the XML gateway."""

    writes = mapping.WRITES

    def change(self, verb: str, name: str, step: Step, remote: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        result, told = self.call(function_of(verb, name, step.body, remote), step.key, once=True)
        return result.findtext("key") or result.findtext("data/*/RECORDNO") or "", told

    def records(self, name: str, field: str, value: str, step: Step) -> tuple[list[Record], dict[str, Any]]:
        record, number = OBJECTS[name]
        asked = {"key": "RECORDNO", "number": number, "name": "NAME", "tax_id": "TAXID"}[field]
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        query = [
            ["object", record], ["query", f"{asked} = '{escaped}'"], ["fields", FIELDS[record]], ["pagesize", "100"],
            ["returnFormat", "xml"],
        ]  # fmt: skip
        result, told = self.call(element("readByQuery", query), f"read-{step.key}", once=False)
        rows = [each for each in result.findall("data/*") if isinstance(each.tag, str)]
        return [_record(row, number) for row in rows], told


def _record(row: Any, number: str) -> Record:
    told = row.findtext(number) or ""
    return Record(
        row.findtext("RECORDNO") or told, told, row.findtext("NAME") or "", row.findtext("STATE") or "",
        row.findtext("TRX_TOTALENTERED") or "0",
    )  # fmt: skip


def function_of(verb: str, name: str, body: dict[str, Any], remote: dict[str, Any]) -> Any:
    """The function of a step."""
    record, _number = OBJECTS[name]
    key = KEYS[name]
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
    made = element(REVERSALS[name], mapping.day("datereversed", reversal_day(remote)))
    made.set("key", remote[key])
    return made


def _with_memo(pairs: list[Any], memo: str) -> list[Any]:
    """An application with the key of its credit memo in each detail, behind that of the invoice."""
    *head, (_name, details) = pairs
    full = [[name, [detail[0], ["ADJUSTMENTKEY", memo], *detail[1:]]] for name, detail in details]
    return [*head, ["ARPYMTDETAILS", full]]

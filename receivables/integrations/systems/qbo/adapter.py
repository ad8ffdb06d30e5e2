"""QuickBooks Online as the deliverer sees it."""

import json
from decimal import Decimal
from typing import Any

import httpx

from receivables.integrations.models import System
from receivables.integrations.systems.base import (
    Answer,
    Book,
    Fault,
    Snapshot,
    Step,
    changed_there,
    deleted_there,
)
from receivables.integrations.systems.qbo import planner
from receivables.integrations.systems.qbo.client import Client
from receivables.integrations.systems.qbo.mapping import SYSTEM, linked
from receivables.integrations.systems.qbo.texts import written

# Of each entity: the field that finds it again, and where the body says it.
FOUND_BY = {"Customer": "DisplayName", "Invoice": "DocNumber", "CreditMemo": "DocNumber", "JournalEntry": "DocNumber",
            "Payment": "PaymentRefNum"}  # fmt: skip
GONE, STALE = "610", "5010"  # their codes for an object that is not there (any more), and for an older version of one
CHANGED = "changed"  # ours for one that people there changed
BY_NAME = {entity.lower(): entity for entity in FOUND_BY}


class QuickBooksOnline:
    """Plans are pure; a call carries a request id, by which QuickBooks Online answers a repetition with its first
    answer instead of doing it twice."""

    system: str = System.QUICKBOOKS_ONLINE

    def plan(
        self, kind: str, last: Snapshot | None, wanted: Snapshot, remote: dict[str, Any], book: Book
    ) -> list[Step]:
        return planner.plan(kind, last, wanted, remote, book)

    def send(self, link: Client, step: Step, remote: dict[str, Any]) -> Answer:
        verb, _underscore, name = step.operation.partition("_")
        if step.operation == "apply_creditmemo":
            return self._apply(link, step, remote)
        if step.operation == "delete_application":
            return self._delete(link, step, "Payment", remote["ApplicationId"], {"ApplicationId": None})
        entity = BY_NAME[name]
        if verb == "create":
            return _answer(entity, *link.call("POST", entity.lower(), step.body, requestid=step.key), step.body)
        if verb in ("update", "void"):
            return self._change(link, step, entity, self._current(link, entity, remote))
        return self._delete(link, step, entity, remote["Id"], {"Id": None, "SyncToken": None})

    def find(self, link: Client, step: Step, remote: dict[str, Any]) -> Answer | None:
        """A repetition with the same request id is answered with the first answer, so asking is sending again.

        Where the object is not as we know it, our own call may have changed it, or somebody there. So it is repeated
        under the version that we know: answered if it was ours, refused as too old if it was not.
        """
        try:
            return self.send(link, step, remote)
        except Fault as changed:
            if changed.code != CHANGED:
                raise
            try:
                return self._change(link, step, BY_NAME[step.operation.partition("_")[2]], remote)
            except Fault as fault:
                raise changed if fault.code == STALE else fault from None

    def takes_over(self, kind: str, wanted: Snapshot, remote: dict[str, Any]) -> bool:
        """What is undone here is undone there."""
        return False

    def _current(self, link: Client, entity: str, remote: dict[str, Any]) -> dict[str, Any]:
        """The object as it is over there: payments change an invoice's version, so it is always read first.

        Raises `Fault` where somebody there changed it or took it away.
        """
        try:
            found, _response = link.call("GET", f"{entity.lower()}/{remote['Id']}")
        except Fault as fault:
            if fault.code != GONE:
                raise
            raise deleted_there(SYSTEM, status=fault.status, response=fault.response) from None
        now: dict[str, Any] = found[entity]
        known = remote.get("TotalAmt")
        if known is not None and "TotalAmt" in now and Decimal(str(now["TotalAmt"])) != Decimal(known):
            raise changed_there(SYSTEM, now["TotalAmt"], known, code=CHANGED)
        return now

    def _change(self, link: Client, step: Step, entity: str, known: dict[str, Any]) -> Answer:
        """Change or void what is there in the version of `known`."""
        body = {"Id": known["Id"], "SyncToken": known["SyncToken"]}
        query = {"operation": "void"}
        if step.operation.startswith("update_"):
            body, query = {**step.body, **body, "sparse": True}, {}
        return _answer(entity, *link.call("POST", entity.lower(), body, requestid=step.key, **query), body)

    def _apply(self, link: Client, step: Step, remote: dict[str, Any]) -> Answer:
        used = sum((Decimal(line["Amount"]) for line in step.body["Line"]), Decimal(0))
        lines = [*step.body["Line"], linked(f"{used:f}", remote["Id"], "CreditMemo")]
        body = {**step.body, "Line": lines}
        found, response = link.call("POST", "payment", body, requestid=step.key)
        return Answer(
            {"ApplicationId": found["Payment"]["Id"]}, written(body), response.text, str(response.status_code)
        )

    def _delete(self, link: Client, step: Step, entity: str, key: str, gone: dict[str, Any]) -> Answer:
        try:
            found, _response = link.call("GET", f"{entity.lower()}/{key}")
        except Fault as fault:
            if fault.code != GONE:
                raise
            return Answer(gone, "", fault.response, fault.status)
        body = {"Id": key, "SyncToken": found[entity]["SyncToken"]}
        _found, response = link.call("POST", entity.lower(), body, operation="delete", requestid=step.key)
        return Answer(gone, json.dumps(body), response.text, str(response.status_code))


def _answer(entity: str, found: dict[str, Any], response: httpx.Response, body: Any) -> Answer:
    made = found[entity]
    remote = {"Id": made["Id"], "SyncToken": made["SyncToken"]}
    if "TotalAmt" in made:
        remote["TotalAmt"] = str(made["TotalAmt"])
    return Answer(remote, written(body), response.text, str(response.status_code))

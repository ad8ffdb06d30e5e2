"""QuickBooks Desktop as the deliverer sees it: every step is one message.

What is entered carries the step's key as its external GUID, by which it is found again where no answer came.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from lxml import etree

from receivables.integrations.models import System
from receivables.integrations.systems.base import Answer, Book, Snapshot, Step, changed_there, deleted_there
from receivables.integrations.systems.qbd import planner
from receivables.integrations.systems.qbd.client import Messages
from receivables.integrations.systems.qbd.mapping import SYSTEM

ENTITIES = {
    "customer": "Customer", "invoice": "Invoice", "creditmemo": "CreditMemo", "payment": "ReceivePayment",
    "journal": "JournalEntry",
}  # fmt: skip
# The elements of an added object that stand behind its external GUID.
AFTER_GUID = frozenset({
    "InvoiceLineAdd", "CreditMemoLineAdd", "AppliedToTxnAdd", "IsAutoApply", "JournalDebitLine", "JournalCreditLine",
})  # fmt: skip


def guid(key: str) -> str:
    return f"{{{UUID(key)}}}"


def with_guid(pairs: list[Any], key: str, entity: str) -> list[Any]:
    """The elements of an object with the external GUID in its place, which a customer's currency follows."""
    after = AFTER_GUID | ({"CurrencyRef"} if entity == "Customer" else set())
    before = [each for each in pairs if each[0] not in after]
    return [*before, ["ExternalGUID", guid(key)], *(each for each in pairs if each[0] in after)]


class QuickBooksDesktop:
    """Plans are pure; `send` and `find` hand one message each to the Web Connector and read its answer."""

    system: str = System.QUICKBOOKS_DESKTOP

    def plan(
        self, kind: str, last: Snapshot | None, wanted: Snapshot, remote: dict[str, Any], book: Book
    ) -> list[Step]:
        return planner.plan(kind, last, wanted, remote, book)

    def send(self, link: Messages, step: Step, remote: dict[str, Any]) -> Answer:
        verb, _underscore, name = step.operation.partition("_")
        entity = ENTITIES[name]
        if verb == "create":
            return self._create(link, step, entity)
        if verb == "read":
            return self._read(link, step, entity, remote)
        if verb == "update":
            return self._update(link, step, entity, remote)
        if verb == "apply":
            return self._apply(link, step, remote)
        return self._take_back(link, step, entity, remote, verb)

    def find(self, link: Messages, step: Step, remote: dict[str, Any]) -> Answer | None:
        verb, _underscore, name = step.operation.partition("_")
        entity = ENTITIES[name]
        if verb == "read":
            return None
        if verb == "create":
            return self._find_created(link, step, entity)
        row, request = self._query(link, entity, remote, step.key)
        if verb == "delete":
            return Answer(_gone(), request, "") if row is None else None
        if row is None:
            raise deleted_there(SYSTEM, request=request)
        return _known(row, request) if _is_done(verb, step, row, remote) else None

    def takes_over(self, kind: str, wanted: Snapshot, remote: dict[str, Any]) -> bool:
        """Never: whatever is undone here is deleted or made void there."""
        return False

    # One message each ------------------------------------------------------------------------------------------

    def _create(self, link: Messages, step: Step, entity: str) -> Answer:
        pairs = [[f"{entity}Add", with_guid(step.body["pairs"], step.key, entity)]]
        found, request = link.call(f"{entity}AddRq", pairs, step.key)
        return _known(_row(found), request)

    def _read(self, link: Messages, step: Step, entity: str, remote: dict[str, Any]) -> Answer:
        """The newest version, which every change has to name. Raises `Fault` where somebody changed it there."""
        row, request = self._query(link, entity, remote, step.key)
        if row is None:
            raise deleted_there(SYSTEM, request=request)
        answer = _known(row, request)
        ours, theirs = remote.get("Total"), answer.remote.get("Total")
        if ours is not None and theirs is not None and Decimal(ours) != Decimal(theirs):
            raise changed_there(SYSTEM, theirs, ours, request=request, response=answer.response)
        return answer

    def _update(self, link: Messages, step: Step, entity: str, remote: dict[str, Any]) -> Answer:
        name = "ListID" if entity == "Customer" else "TxnID"
        head = [[name, remote[name]], ["EditSequence", remote["EditSequence"]]]
        found, request = link.call(f"{entity}ModRq", [[f"{entity}Mod", [*head, *step.body["pairs"]]]], step.key)
        return _known(_row(found), request)

    def _apply(self, link: Messages, step: Step, remote: dict[str, Any]) -> Answer:
        body = step.body
        credit = remote["TxnID"]
        applied = [
            [
                "AppliedToTxnAdd",
                [["TxnID", invoice], ["SetCredit", [["CreditTxnID", credit], ["AppliedAmount", amount]]]],
            ]
            for invoice, amount in body["applied"]
        ]
        pairs = [
            ["CustomerRef", [["ListID", body["customer"]]]], ["ARAccountRef", [["FullName", body["receivables"]]]],
            ["TxnDate", body["date"]], ["TotalAmount", "0.00"], *applied,
        ]  # fmt: skip
        found, request = link.call("ReceivePaymentAddRq", [["ReceivePaymentAdd", pairs]], step.key)
        return Answer({}, request, _text(found), "0")

    def _take_back(self, link: Messages, step: Step, entity: str, remote: dict[str, Any], verb: str) -> Answer:
        word = "Void" if verb == "void" else "Del"
        pairs = [[f"Txn{word}Type", entity], ["TxnID", remote["TxnID"]]]
        found, request = link.call(f"Txn{word}Rq", pairs, step.key)
        return Answer({"Total": "0.00"} if verb == "void" else _gone(), request, _text(found), "0")

    def _query(self, link: Messages, entity: str, remote: dict[str, Any], key: str) -> tuple[Any, str]:
        name = "ListID" if entity == "Customer" else "TxnID"
        found, request = link.call(f"{entity}QueryRq", [[name, remote[name]]], key)
        return _row(found), request

    def _find_created(self, link: Messages, step: Step, entity: str) -> Answer | None:
        name = "FullName" if entity == "Customer" else "RefNumber"
        found, request = link.call(f"{entity}QueryRq", [[name, step.body["find"]]], step.key)
        wanted = guid(step.key).lower()
        for row in found if found is not None else ():
            if (row.findtext("ExternalGUID") or "").lower() == wanted:
                return _known(row, request)
        return None


def _is_done(verb: str, step: Step, row: Any, remote: dict[str, Any]) -> bool:
    """Whether a change, whose answer is not known, was made: what it would have left is there."""
    if verb == "apply":
        return Decimal(row.findtext("CreditRemaining") or "0") == Decimal(step.body["left"])
    if verb == "void":
        return _total(row) == 0
    changed = row.findtext("EditSequence") != remote.get("EditSequence")
    return changed and ("total" not in step.body or _total(row) == Decimal(step.body["total"]))


def _gone() -> dict[str, Any]:
    return {"TxnID": None, "EditSequence": None, "Total": None}


def _row(found: Any) -> Any:
    """The object in a response."""
    rows = [each for each in found if str(each.tag).endswith("Ret")] if found is not None else []
    return rows[0] if rows else None


def _total(row: Any) -> Decimal:
    return sum((Decimal(row.findtext(name) or "0") for name in ("Subtotal", "SalesTaxTotal")), Decimal(0))


def _known(row: Any, request: str) -> Answer:
    """What is remembered of an object: its key, its version, and what an invoice comes to."""
    remote = {
        name: row.findtext(name) for name in ("ListID", "TxnID", "EditSequence") if row.findtext(name)
    }  # fmt: skip
    if row.tag == "InvoiceRet":
        remote["Total"] = f"{_total(row):.2f}"
    return Answer(remote, request, _text(row), "0")


def _text(found: Any) -> str:
    return etree.tostring(found, encoding="unicode").strip() if found is not None else ""

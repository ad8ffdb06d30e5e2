"""What NetSuite has and what it should have, as calls. Pure.

A record is put under our own id, whether it is there or not, with its lists replaced as a whole; what is undone is
deleted. So every plan is one call, and making it twice is making it once.
"""

from decimal import Decimal
from typing import Any

from receivables.integrations.models import Kind
from receivables.integrations.systems.base import Book, Snapshot, Step
from receivables.integrations.systems.netsuite import mapping

RECORDS = {
    Kind.CUSTOMER: "customer", Kind.INVOICE: "invoice", Kind.CREDIT_MEMO: "creditMemo",
    Kind.PAYMENT: "customerPayment", Kind.JOURNAL: "journalEntry",
}  # fmt: skip
BODIES = {
    Kind.CUSTOMER: mapping.customer, Kind.INVOICE: mapping.invoice, Kind.CREDIT_MEMO: mapping.credit_memo,
    Kind.PAYMENT: mapping.payment, Kind.JOURNAL: mapping.journal,
}  # fmt: skip
REPLACED = {"invoice": "item", "creditMemo": "item,apply", "customerPayment": "apply", "journalEntry": "line"}


def plan(kind: str, wanted: Snapshot, remote: dict[str, Any], book: Book) -> list[Step]:
    """The call to what is wanted, if any."""
    record = RECORDS[Kind(kind)]
    if wanted.get("void"):
        return [Step(f"delete_{record}", {"record": record})] if remote.get("Id") else []
    if kind == Kind.PAYMENT and not Decimal(wanted["amount"]):
        return []  # they have no payments of nothing
    body = {
        "record": record, "external": mapping.external_id(book.document), "body": BODIES[Kind(kind)](wanted, book),
        "total": wanted.get("total", ""), "taxed": bool(Decimal(wanted.get("tax", "0"))),
    }  # fmt: skip
    return [Step(f"put_{record}", body)]

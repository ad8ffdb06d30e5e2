"""What QuickBooks Online has and what it should have, as calls. Pure.

An invoice is edited in place, also under a payment; a payment is edited while it lives and deleted when it is undone;
a credit memo is made and applied to its invoices by a payment of 0, and both are deleted when it is reversed.
"""

from typing import Any

from receivables.integrations.models import Kind
from receivables.integrations.systems.base import Book, Snapshot, Step
from receivables.integrations.systems.qbo import mapping

ENTITIES = {
    Kind.CUSTOMER: "Customer", Kind.INVOICE: "Invoice", Kind.CREDIT_MEMO: "CreditMemo", Kind.PAYMENT: "Payment",
    Kind.JOURNAL: "JournalEntry",
}  # fmt: skip
BODIES = {
    Kind.INVOICE: mapping.invoice, Kind.CREDIT_MEMO: mapping.credit_memo, Kind.PAYMENT: mapping.payment,
    Kind.JOURNAL: mapping.journal,
}  # fmt: skip


def plan(kind: str, last: Snapshot | None, wanted: Snapshot, remote: dict[str, Any], book: Book) -> list[Step]:
    """The calls from `last` to `wanted`; each body names its entity."""
    if kind == Kind.CUSTOMER:
        return [_save("Customer", remote, mapping.customer(wanted, book))]
    entity = ENTITIES[Kind(kind)]
    if wanted["void"]:
        return _undo(kind, entity, remote)
    body = BODIES[Kind(kind)](wanted, book)
    if kind != Kind.CREDIT_MEMO:
        return [_save(entity, remote, body)]
    taken_off = [Step("delete_application", {})] if remote.get("ApplicationId") else []
    applied = [Step("apply_creditmemo", mapping.application(wanted, book))] if wanted["applied"] else []
    return [*taken_off, _save(entity, remote, body), *applied]


def _save(entity: str, remote: dict[str, Any], body: dict[str, Any]) -> Step:
    verb = "update" if remote.get("Id") else "create"
    return Step(f"{verb}_{entity.lower()}", body)


def _undo(kind: str, entity: str, remote: dict[str, Any]) -> list[Step]:
    if not remote.get("Id"):
        return []
    if kind == Kind.INVOICE:
        return [Step("void_invoice", {})]
    steps = [Step("delete_application", {})] if remote.get("ApplicationId") else []
    return [*steps, Step(f"delete_{entity.lower()}", {})]

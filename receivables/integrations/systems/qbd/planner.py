"""What QuickBooks Desktop has and what it should have, as messages. Pure.

An invoice is read and edited in place; a payment, a credit memo or a journal entry that changes is deleted and entered
anew: payments cannot be voided there, and neither kind is ever more than one message to enter.
"""

from decimal import Decimal
from typing import Any

from receivables.integrations.models import Kind
from receivables.integrations.systems.base import Book, Snapshot, Step
from receivables.integrations.systems.qbd import mapping
from receivables.integrations.systems.qbd.mapping import money, payment_ref, ref_number

NAMES = {Kind.INVOICE: "invoice", Kind.CREDIT_MEMO: "creditmemo", Kind.PAYMENT: "payment", Kind.JOURNAL: "journal"}


def plan(kind: str, last: Snapshot | None, wanted: Snapshot, remote: dict[str, Any], book: Book) -> list[Step]:
    """The messages from `last` to `wanted`, each of one request."""
    if kind == Kind.CUSTOMER:
        return _customer(wanted, remote, book)
    if kind == Kind.INVOICE:
        return _invoice(wanted, remote, book)
    name = NAMES[Kind(kind)]
    gone = [Step(f"delete_{name}", {})] if remote.get("TxnID") else []
    if wanted["void"] or not _moves(kind, wanted):
        return gone
    return [*gone, *_entered(kind, wanted, book)]


def _moves(kind: str, wanted: Snapshot) -> bool:
    """A payment of 0 is nothing there."""
    return kind != Kind.PAYMENT or bool(Decimal(wanted["amount"]))


def _customer(wanted: Snapshot, remote: dict[str, Any], book: Book) -> list[Step]:
    body = {"pairs": mapping.customer(wanted, book), "find": mapping.customer_name(wanted["name"])}
    if remote.get("ListID"):
        return [Step("read_customer", {}), Step("update_customer", body)]
    return [Step("create_customer", body)]


def _invoice(wanted: Snapshot, remote: dict[str, Any], book: Book) -> list[Step]:
    if wanted["void"]:
        return [Step("read_invoice", {}), Step("void_invoice", {})] if remote.get("TxnID") else []
    head, lines = mapping.invoice(wanted, book)
    body = {"find": ref_number(wanted["number"]), "total": money(wanted["total"])}
    if remote.get("TxnID"):
        changed = {**body, "pairs": [*head, *mapping.replaced_lines("InvoiceLineMod", lines)]}
        return [Step("read_invoice", {}), Step("update_invoice", changed)]
    return [Step("create_invoice", {**body, "pairs": [*head, *mapping.added_lines("InvoiceLineAdd", lines)]})]


def _entered(kind: str, wanted: Snapshot, book: Book) -> list[Step]:
    if kind == Kind.PAYMENT:
        return [Step("create_payment", {"pairs": mapping.payment(wanted, book), "find": payment_ref(wanted)})]
    find = ref_number(wanted["number"])
    if kind == Kind.JOURNAL:
        return [Step("create_journal", {"pairs": mapping.journal(wanted, book), "find": find})]
    steps = [Step("create_creditmemo", {"pairs": mapping.credit_memo(wanted, book), "find": find})]
    if wanted["applied"]:
        used = sum((Decimal(each["amount"]) for each in wanted["applied"]), Decimal(0))
        body = {
            "applied": mapping.application(wanted, book), "customer": book.known(wanted["customer"])["ListID"],
            "receivables": mapping.receivables(wanted, book), "date": wanted["date"],
            "left": money(Decimal(wanted["total"]) - used),
        }  # fmt: skip
        steps.append(Step("apply_creditmemo", body))
    return steps

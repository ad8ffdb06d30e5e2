"""What Sage Intacct has and what it should have, as functions. Pure.

What is posted there is never edited: an invoice or a payment that changed is reversed and entered anew under the next
number. Adjustments have no reversal; they are taken off their invoices and deleted.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery, Kind
from receivables.integrations.systems.base import Book, Fault, Snapshot, Step
from receivables.integrations.systems.intacct import mapping
from receivables.integrations.systems.intacct.mapping import money, numbered

REFUNDS = "collections.refund:"


def plan(kind: str, wanted: Snapshot, remote: dict[str, Any], book: Book) -> list[Step]:
    """The functions to what is wanted, each one call."""
    if kind == Kind.CUSTOMER:
        verb = "update" if remote.get("Key") else "create"
        return [Step(f"{verb}_customer", {"pairs": mapping.customer(wanted, book), "number": wanted["number"][:20]})]
    times = int(remote.get("Times") or 0) + (1 if remote.get("Key") else 0)
    number = numbered(wanted["number"], times)
    if kind == Kind.INVOICE:
        return _invoice(wanted, number, remote, book)
    if kind == Kind.PAYMENT:
        return _payment(wanted, times, remote, book)
    if book.document.startswith(REFUNDS):
        words = _("Sage Intacct takes no refunds from outside. Enter it there, then mark it as handled outside.")
        raise Fault(Delivery.Trouble.NEEDS_PERSON, words)
    if kind == Kind.JOURNAL and not any(line["customer"] for line in wanted["lines"]):
        return _entry(wanted, number, remote, book)
    return _adjustment(kind, wanted, number, remote, book)


def _entry(wanted: Snapshot, number: str, remote: dict[str, Any], book: Book) -> list[Step]:
    """An entry between accounts, no customer's: it stands in the general ledger alone."""
    gone = [Step("delete_entry", {})] if remote.get("Key") else []
    if wanted["void"]:
        return gone
    return [*gone, Step("create_entry", {"pairs": mapping.entry(wanted, number, book), "number": number})]


def _invoice(wanted: Snapshot, number: str, remote: dict[str, Any], book: Book) -> list[Step]:
    gone = [Step("read_invoice", {}), Step("reverse_invoice", {})] if remote.get("Key") else []
    if wanted["void"]:
        return gone
    body = {"pairs": mapping.invoice(wanted, number, book), "number": number, "total": money(wanted["total"])}
    return [*gone, Step("create_invoice", body)]


def _payment(wanted: Snapshot, times: int, remote: dict[str, Any], book: Book) -> list[Step]:
    gone = [Step("reverse_payment", {})] if remote.get("Key") else []
    if wanted["void"] or not Decimal(wanted["amount"]):
        return gone
    number = f"{numbered(wanted['number'], times)} {wanted['reference']}".strip()[: mapping.NUMBER]
    return [*gone, Step("create_payment", {"pairs": mapping.payment(wanted, number, book), "number": number})]


def _adjustment(kind: str, wanted: Snapshot, number: str, remote: dict[str, Any], book: Book) -> list[Step]:
    gone = [Step("reverse_application", {})] if remote.get("Application") else []
    gone += [Step("delete_adjustment", {})] if remote.get("Key") else []
    if wanted["void"]:
        return gone
    write = mapping.debit_memo if kind == Kind.JOURNAL else mapping.credit_memo
    made = [Step("create_adjustment", {"pairs": write(wanted, number, book), "number": number})]
    if kind == Kind.CREDIT_MEMO and wanted["applied"]:
        made.append(Step("create_application", {"pairs": mapping.application(wanted, number, book), "number": number}))
    return [*gone, *made]

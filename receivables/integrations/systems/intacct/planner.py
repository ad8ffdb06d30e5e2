"""What Sage Intacct has and what it should have, as functions. Pure.

What is posted there is never edited: an invoice or a payment that changed is reversed and entered anew under the next
number. Adjustments are taken off their invoices and undone. Each function is written as the connection's interface
wants it.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery, Kind
from receivables.integrations.systems.base import Book, Fault, Snapshot, Step
from receivables.integrations.systems.intacct import mapping, rest_mapping
from receivables.integrations.systems.intacct.connection import speaks_rest
from receivables.integrations.systems.intacct.mapping import NAME, NUMBER, money, numbered

REFUNDS = "collections.refund:"


def plan(kind: str, wanted: Snapshot, remote: dict[str, Any], book: Book) -> list[Step]:
    """The functions to what is wanted, each one call."""
    writer: Any = rest_mapping if speaks_rest(book.options) else mapping
    if kind == Kind.CUSTOMER:
        return [_customer(writer, wanted, remote, book)]
    times = int(remote.get("Times") or 0) + (1 if remote.get("Key") else 0)
    number = numbered(wanted["number"], times)
    if kind == Kind.INVOICE:
        return _invoice(writer, wanted, number, remote, book)
    if kind == Kind.PAYMENT:
        return _payment(writer, wanted, times, remote, book)
    if book.document.startswith(REFUNDS):
        words = _("Sage Intacct takes no refunds from outside. Enter it there, then mark it as handled outside.")
        raise Fault(Delivery.Trouble.NEEDS_PERSON, words)
    if kind == Kind.JOURNAL and not any(line["customer"] for line in wanted["lines"]):
        return _entry(writer, wanted, number, remote, book)
    return _adjustment(writer, kind, wanted, number, remote, book)


def _step(operation: str, writer: Any, written: Any, number: str, **more: str) -> Step:
    return Step(operation, {writer.WRITES: written, "number": number, **more})


def _customer(writer: Any, wanted: Snapshot, remote: dict[str, Any], book: Book) -> Step:
    known = {"name": wanted["name"][:NAME], "tax_id": wanted["tax_id"][:20]}
    verb = "update" if remote.get("Key") else "create"
    return _step(f"{verb}_customer", writer, writer.customer(wanted, book), wanted["number"][:20], **known)


def _entry(writer: Any, wanted: Snapshot, number: str, remote: dict[str, Any], book: Book) -> list[Step]:
    """An entry between accounts, no customer's: it stands in the general ledger alone."""
    gone = [Step("delete_entry", {})] if remote.get("Key") else []
    if wanted["void"]:
        return gone
    return [*gone, _step("create_entry", writer, writer.entry(wanted, number, book), number)]


def _invoice(writer: Any, wanted: Snapshot, number: str, remote: dict[str, Any], book: Book) -> list[Step]:
    gone = [Step("read_invoice", {}), Step("reverse_invoice", {})] if remote.get("Key") else []
    if wanted["void"]:
        return gone
    known = {"total": money(wanted["total"]), "date": wanted["posting_date"]}
    return [*gone, _step("create_invoice", writer, writer.invoice(wanted, number, book), number, **known)]


def _payment(writer: Any, wanted: Snapshot, times: int, remote: dict[str, Any], book: Book) -> list[Step]:
    gone = [Step("reverse_payment", {})] if remote.get("Key") else []
    if wanted["void"] or not Decimal(wanted["amount"]):
        return gone
    number = f"{numbered(wanted['number'], times)} {wanted['reference']}".strip()[:NUMBER]
    made = writer.payment(wanted, number, book)
    return [*gone, _step("create_payment", writer, made, number, date=wanted["posting_date"])]


def _adjustment(
    writer: Any, kind: str, wanted: Snapshot, number: str, remote: dict[str, Any], book: Book
) -> list[Step]:
    gone = [Step("reverse_application", {})] if remote.get("Application") else []
    gone += [Step("delete_adjustment", {})] if remote.get("Key") else []
    if wanted["void"]:
        return gone
    write = writer.debit_memo if kind == Kind.JOURNAL else writer.credit_memo
    day = wanted["posting_date"]
    made = [_step("create_adjustment", writer, write(wanted, number, book), number, date=day)]
    if kind == Kind.CREDIT_MEMO and wanted["applied"]:
        made.append(_step("create_application", writer, writer.application(wanted, number, book), number))
    return [*gone, *made]

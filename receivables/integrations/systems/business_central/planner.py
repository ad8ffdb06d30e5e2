"""What Business Central has and what it should have, as calls. Pure.

Nothing posted can be changed there. So the difference between what is posted and what is wanted is posted: an invoice
that became smaller gets a credit memo that is applied to it, a larger one another invoice; a credit that falls away an
invoice. Its API cannot take a payment off an invoice: one that was deleted here waits for the one that is recorded in
its place, and what bounced is booked back.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery, Kind
from receivables.integrations.systems.base import Book, Fault, Held, Snapshot, Step
from receivables.integrations.systems.business_central import differences, mapping

PAYMENTS, JOURNALS = "customerPaymentJournals", "journals"
Remote = dict[str, Any]


def plan(kind: str, wanted: Snapshot, remote: Remote, book: Book) -> list[Step]:
    """The calls to what is wanted; `remote` says all that is posted."""
    if kind == Kind.CUSTOMER:
        verb = "update" if remote.get("Id") else "create"
        return [Step(f"{verb}_customer", mapping.customer(wanted, book))]
    if kind in (Kind.INVOICE, Kind.CREDIT_MEMO):
        return sales(kind, wanted, remote, book)
    if not wanted["void"]:
        mapping.refuse_foreign(wanted, book)
    left = [Step("close_journal", {})] if remote.get("Batch") else []
    return [*left, *(payment(wanted, remote, book) if kind == Kind.PAYMENT else entry(wanted, remote, book))]


# Invoices and credit memos -----------------------------------------------------------------------------------------


def sales(kind: str, wanted: Snapshot, remote: Remote, book: Book) -> list[Step]:
    posted = remote.get("Documents", [])
    steps = [Step("drop_draft", {})] if remote.get("Draft") else []
    invoice = kind == Kind.INVOICE
    lines = differences.missing(differences.wanted_lines(wanted, 1 if invoice else -1), posted, wanted["number"])
    if not lines:
        return steps
    parts = [("", lines)]
    if not invoice and differences.total(lines) < 0:
        shares = {key: left for key, left in differences.still_applied(wanted, posted).items() if left > 0}
        parts = differences.split(lines, shares)
    for place, (applied, part) in enumerate(parts, start=len(posted)):
        name = wanted["number"][:30] + (f"/{place + 1}" if place else "")
        on = posted if invoice else book.known(applied).get("Documents", [])
        steps += _document(name, wanted, part, applied, [each["Id"] for each in on if each["Set"] == "salesInvoices"],
                           book)  # fmt: skip
    return steps


def _document(
    name: str, wanted: Snapshot, lines: list[differences.Line], applied: str, on: list[str], book: Book
) -> list[Step]:
    """One more invoice, or credit memo on one of the invoices `on`, made as a draft and posted."""
    amount = differences.total(lines)
    if amount < 0:
        entity, kind = "salesCreditMemos", "credit_memo"
        turned = [{**line, "net": f"{-Decimal(line['net']):f}"} for line in lines]
        document = mapping.sales_credit_memo(name, wanted, turned, book)
    else:
        entity, kind, on, applied = "salesInvoices", "invoice", [], ""
        document = mapping.sales_invoice(name, wanted, lines, book)
    record = {"Set": entity, "Name": name, "Total": f"{amount:f}", "Lines": lines, "Invoice": applied}
    return [
        Step(f"create_{kind}", {"set": entity, "document": document, "on": on}),
        Step(f"post_{kind}", {"record": record}),
    ]


# Payments and entries ------------------------------------------------------------------------------------------------


def money(value: str) -> str:
    return f"{Decimal(value).normalize():f}"


def paid(wanted: Snapshot) -> dict[str, Any]:
    """What of a payment Business Central is told: two payments that agree in this are one and the same there."""
    applied = {each["invoice"]: money(each["amount"]) for each in wanted["applied"] if Decimal(each["amount"])}
    return {"amount": money(wanted["amount"]), "bank": wanted["bank"], "applied": applied}


def payment(wanted: Snapshot, remote: Remote, book: Book) -> list[Step]:
    posted = remote.get("Posted")
    if wanted["void"]:
        return _undone({**wanted, "number": remote["Number"]}, posted, book) if posted else []
    if posted:
        if posted == paid(wanted):
            return []
        raise _applied_otherwise(wanted)
    if not Decimal(wanted["amount"]):
        return []
    lines = [
        {"on": [row["Id"] for row in book.known(each["invoice"]).get("Documents", []) if row["Set"] == "salesInvoices"],
         "amount": each["amount"]}
        for each in wanted["applied"]
    ]  # fmt: skip
    number = wanted["number"]
    add = {"line": mapping.payment_line(wanted, book), "amount": wanted["amount"], "applied": lines}
    opened = {"set": PAYMENTS, "name": number, "account": book.mapped(wanted["bank"])}
    return [
        Step("open_journal", opened), Step("add_payment", add),
        Step("post_journal", {"total": f"{-Decimal(wanted['amount']):f}", "posted": paid(wanted), "number": number}),
        Step("close_journal", {}),
    ]  # fmt: skip


def _undone(wanted: Snapshot, posted: dict[str, Any], book: Book) -> list[Step]:
    if posted["applied"] and not wanted.get("bounced"):
        words = {"number": wanted["number"]}
        raise Held(
            _(
                "Business Central cannot take the posted payment %(number)s back by itself. When the payment is "
                "recorded again in the same amount for the same invoices, it simply stays. Otherwise unapply and "
                "reverse it there, in the customer's ledger entries, and mark it here as handled outside."
            )
            % words
        )
    back = mapping.money_back(wanted)
    return _journal(back["number"], mapping.journal_lines(back, book), None)


def _applied_otherwise(wanted: Snapshot) -> Fault:
    message = _(
        "Business Central cannot change by itself what a posted payment pays. Apply it there as it is applied here, in "
        "the customer's ledger entries, and mark it here as handled outside."
    )  # fmt: skip
    return Fault(Delivery.Trouble.NEEDS_PERSON, message, fix="remote")


def entry(wanted: Snapshot, remote: Remote, book: Book) -> list[Step]:
    posted, lines = remote.get("Posted"), None if wanted["void"] else wanted["lines"]
    if posted == lines:
        return []
    steps = []
    if posted:
        steps += _journal(wanted["number"], mapping.journal_lines({**wanted, "lines": posted}, book, -1), None)
    if lines:
        steps += _journal(wanted["number"], mapping.journal_lines(wanted, book), lines)
    return steps


def _journal(number: str, lines: list[dict[str, Any]], posted: Any) -> list[Step]:
    return [
        Step("open_journal", {"set": JOURNALS, "name": number}), Step("add_lines", {"lines": lines}),
        Step("post_journal", {"total": "0", "posted": posted, "number": number}), Step("close_journal", {}),
    ]  # fmt: skip

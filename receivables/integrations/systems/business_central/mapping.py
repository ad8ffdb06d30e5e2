"""Our snapshots as Business Central's entities (API v2.0). Pure; held to the fields and flags of its API pages.

What is sold, credited or booked stands on a G/L account there: charges, credit memo accounts and bank accounts are all
mapped to account numbers. Amounts are texts here and become numbers when the call is written.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery
from receivables.integrations.systems.base import Book, Fault, Snapshot
from receivables.integrations.systems.money import foreign

NUMBER, EXTERNAL, TEXT = 20, 35, 100  # the longest numbers and descriptions there
SYSTEM = "Business Central"
Line = dict[str, Any]


def customer(wanted: Snapshot, book: Book) -> dict[str, Any]:
    foreign(wanted, book.options, SYSTEM)
    lines = [line.strip() for line in wanted["address"].splitlines() if line.strip()]
    body = {
        "number": wanted["number"][:NUMBER], "displayName": wanted["name"][:TEXT], "type": "Company",
        "addressLine1": ", ".join(lines[:1])[:TEXT], "addressLine2": ", ".join(lines[1:])[:50],
        "city": wanted["city"][:30], "state": wanted["region"][:30], "country": wanted["country"][:10],
        "postalCode": wanted["postal_code"][:20], "phoneNumber": wanted["phone"][:30], "email": wanted["email"][:80],
        "taxRegistrationNumber": wanted["tax_id"][:20], "currencyCode": wanted["currency"],
    }  # fmt: skip
    return {name: value for name, value in body.items() if value}


def account_number(key: str, book: Book) -> str:
    """The number of the G/L account that something stands on. An account is one there, whether it is credited or
    booked to: mapping it once is enough. Raises `Unmapped`."""
    account = key.removeprefix("item:") if key.startswith("item:account:") else key
    return book.mappings.get(f"item:{account}") or book.mapped(account)


def in_currency(wanted: Snapshot, book: Book) -> dict[str, str]:
    """What names the currency of an invoice or credit memo; the rate is that of their own table."""
    money = foreign(wanted, book.options, SYSTEM)
    return {"currencyCode": money.code} if money else {}


def refuse_foreign(wanted: Snapshot, book: Book) -> None:
    """Payments and entries have no currency in its API. Raises `Fault`."""
    money = foreign(wanted, book.options, SYSTEM)
    if money is not None and money.code != money.home:
        message = _(
            "Business Central takes payments and entries from outside in its own currency alone. Enter this one there "
            "in %(currency)s and mark it here as handled outside."
        ) % {"currency": money.code}  # fmt: skip
        raise Fault(Delivery.Trouble.NEEDS_PERSON, message)


def document_line(line: Line, book: Book) -> dict[str, Any]:
    """A line of an invoice or credit memo. What is taken off is a negative quantity: a price is never below zero."""
    net, quantity, rate = Decimal(line["net"]), Decimal(line.get("quantity", "1")), Decimal(line.get("rate", "0"))
    if quantity * rate != net or rate < 0:
        quantity, rate = Decimal(1 if net >= 0 else -1), abs(net)
    body = {
        "lineType": "Account", "lineObjectNumber": account_number(line["key"], book),
        "description": line["text"][:TEXT], "quantity": f"{quantity:f}", "unitPrice": f"{rate:f}",
    }  # fmt: skip
    if line["tax_code"]:
        body["taxCode"] = book.mapped(line["tax_code"])
    return body


def sales_invoice(name: str, wanted: Snapshot, lines: list[Line], book: Book) -> dict[str, Any]:
    body = {
        "externalDocumentNumber": name, "invoiceDate": wanted["date"], "postingDate": wanted["posting_date"],
        "customerId": book.known(wanted["customer"])["Id"], **in_currency(wanted, book),
        "salesInvoiceLines": [document_line(line, book) for line in lines],
    }  # fmt: skip
    if wanted.get("due"):
        body["dueDate"] = wanted["due"]
    if wanted.get("reference"):
        body["customerPurchaseOrderReference"] = wanted["reference"][:EXTERNAL]
    return body


def sales_credit_memo(name: str, wanted: Snapshot, lines: list[Line], book: Book) -> dict[str, Any]:
    """The invoice that it is applied to is added when it is sent: the one of several with the most left open."""
    return {
        "externalDocumentNumber": name, "creditMemoDate": wanted["posting_date"], "postingDate": wanted["posting_date"],
        "customerId": book.known(wanted["customer"])["Id"], **in_currency(wanted, book),
        "salesCreditMemoLines": [document_line(line, book) for line in lines],
    }  # fmt: skip


def payment_line(wanted: Snapshot, book: Book) -> dict[str, Any]:
    """What every line of a payment says; amount, place and invoice are added when it is sent."""
    return {
        "customerId": book.known(wanted["customer"])["Id"], "postingDate": wanted["posting_date"],
        "documentNumber": wanted["number"][:NUMBER],
        "externalDocumentNumber": (wanted["reference"] or wanted["number"])[:EXTERNAL],
        "description": wanted["number"][:TEXT],
    }  # fmt: skip


def journal_lines(wanted: Snapshot, book: Book, sign: int = 1) -> list[dict[str, Any]]:
    """An entry, or what takes it back; G/L account is what a line is of unless it says otherwise."""
    lines = []
    for place, line in enumerate(wanted["lines"], start=1):
        body = {
            "lineNumber": place * 10000, "postingDate": wanted["posting_date"],
            "documentNumber": wanted["number"][:NUMBER], "externalDocumentNumber": wanted["number"][:EXTERNAL],
            "amount": f"{sign * Decimal(line['amount']):f}", "description": wanted["text"][:TEXT],
        }  # fmt: skip
        if line["customer"]:
            body.update(accountType="Customer", accountId=book.known(wanted["customer"])["Id"])
        else:
            body["accountNumber"] = account_number(line["account"], book)
        lines.append(body)
    return lines


def money_back(wanted: Snapshot) -> Snapshot:
    """A payment that came and went, as an entry: Dr the customer, Cr bank."""
    amount = Decimal(wanted["amount"])
    lines = [
        {"account": "", "customer": True, "amount": f"{amount:f}"},
        {"account": wanted["bank"], "customer": False, "amount": f"{-amount:f}"},
    ]
    return {**wanted, "lines": lines, "text": wanted["number"]}

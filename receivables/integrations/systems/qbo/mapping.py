"""Our snapshots as QuickBooks Online's objects (v3, minor version 75). Pure; held to Intuit's schema by golden files.

Amounts are texts here and become numbers when the text of the call is written, digit for digit: never through a float.
"""

from decimal import Decimal
from typing import Any

from receivables.integrations.systems.base import Book, Snapshot
from receivables.integrations.systems.money import Foreign, foreign

DOC_NUMBER = 21  # the longest number of a document there
REFERENCE = 21
SYSTEM = "QuickBooks Online"
METHODS = {"check": "Check", "ach": "ACH", "wire": "Wire transfer", "card": "Card", "cash": "Cash", "other": "Other"}


def value(key: str) -> dict[str, str]:
    """A reference to one of their objects."""
    return {"value": key}


def currency_of(wanted: Snapshot, book: Book) -> Foreign | None:
    """The currency that has to be named; a customer has one there. Raises `Fault`."""
    return foreign(wanted, book.options, SYSTEM, one_each=True)


def in_currency(wanted: Snapshot, book: Book) -> dict[str, Any]:
    """What names the currency, and the rate that it was booked at."""
    money = currency_of(wanted, book)
    return {"CurrencyRef": value(money.code), "ExchangeRate": money.rate} if money else {}


def customer(wanted: Snapshot, book: Book) -> dict[str, Any]:
    foreign(wanted, book.options, SYSTEM)
    body: dict[str, Any] = {
        "DisplayName": wanted["name"][:500], "CompanyName": wanted["name"][:100], "Notes": wanted["number"],
        "CurrencyRef": value(wanted["currency"]),
    }  # fmt: skip
    if wanted["email"]:
        body["PrimaryEmailAddr"] = {"Address": wanted["email"]}
    if wanted["phone"]:
        body["PrimaryPhone"] = {"FreeFormNumber": wanted["phone"][:30]}
    lines = [line for line in wanted["address"].splitlines() if line.strip()][:5]
    address = {f"Line{index}": line[:500] for index, line in enumerate(lines, start=1)}
    for ours, theirs in (("city", "City"), ("region", "CountrySubDivisionCode"), ("postal_code", "PostalCode"),
                         ("country", "Country")):  # fmt: skip
        if wanted[ours]:
            address[theirs] = wanted[ours]
    if address:
        body["BillAddr"] = address
    return body


def sales_line(line: Snapshot, item: str, book: Book) -> dict[str, Any]:
    net = line["net"]
    detail: dict[str, Any] = {"ItemRef": value(item)}
    quantity, rate = str(line.get("quantity", "1")), str(line.get("rate", net))
    if Decimal(quantity) * Decimal(rate) != Decimal(net):
        quantity, rate = "1", net
    detail["UnitPrice"], detail["Qty"] = rate, quantity
    if line["tax_code"]:
        detail["TaxCodeRef"] = value(book.mapped(line["tax_code"]))
    return {
        "Amount": net, "DetailType": "SalesItemLineDetail", "Description": line["text"][:4000],
        "SalesItemLineDetail": detail,
    }  # fmt: skip


def _sale(wanted: Snapshot, book: Book, lines: list[dict[str, Any]]) -> dict[str, Any]:
    body = {
        "DocNumber": wanted["number"][:DOC_NUMBER], "TxnDate": wanted["date"],
        "CustomerRef": value(book.known(wanted["customer"])["Id"]), "Line": lines, **in_currency(wanted, book),
    }  # fmt: skip
    if Decimal(wanted["tax"]):
        body["TxnTaxDetail"] = {"TotalTax": wanted["tax"]}
    return body


def invoice(wanted: Snapshot, book: Book) -> dict[str, Any]:
    lines = [sales_line(line, book.mapped(line["item"]), book) for line in wanted["lines"]]
    body = _sale(wanted, book, lines)
    body["DueDate"] = wanted["due"]
    loads = ", ".join(wanted["loads"])
    body["PrivateNote"] = f"Loads {loads}"[:4000] if loads else wanted["number"]
    return body


def credit_memo(wanted: Snapshot, book: Book) -> dict[str, Any]:
    lines = [
        sales_line(line, book.mapped(f"item:{line['account']}"), book)
        for line in wanted["lines"]
    ]  # fmt: skip
    body = _sale(wanted, book, lines)
    body["PrivateNote"] = wanted["text"][:4000]
    return body


def application(wanted: Snapshot, book: Book) -> dict[str, Any]:
    """A payment of 0 that applies a credit memo to its invoices; the memo's own line is added when its Id is known."""
    return {
        "CustomerRef": value(book.known(wanted["customer"])["Id"]), "TotalAmt": "0", "TxnDate": wanted["date"],
        **in_currency(wanted, book),
        "PaymentRefNum": wanted["number"][:REFERENCE],
        "Line": [linked(each["amount"], book.known(each["invoice"])["Id"], "Invoice") for each in wanted["applied"]],
    }  # fmt: skip


def linked(amount: str, key: str, kind: str) -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}


def payment(wanted: Snapshot, book: Book) -> dict[str, Any]:
    return {
        "CustomerRef": value(book.known(wanted["customer"])["Id"]), "TotalAmt": wanted["amount"],
        "TxnDate": wanted["date"], "PaymentRefNum": (wanted["reference"] or wanted["number"])[:REFERENCE],
        "DepositToAccountRef": value(book.mapped(wanted["bank"])), "PrivateNote": wanted["number"],
        **in_currency(wanted, book),
        "Line": [linked(each["amount"], book.known(each["invoice"])["Id"], "Invoice") for each in wanted["applied"]],
    }  # fmt: skip


def journal(wanted: Snapshot, book: Book) -> dict[str, Any]:
    lines = []
    money = currency_of(wanted, book)
    receivables = money.named(0, SYSTEM) if money else book.options["receivables_account"]
    for line in wanted["lines"]:
        amount = Decimal(line["amount"])
        account = receivables if line["customer"] else book.mapped(line["account"])
        detail: dict[str, Any] = {
            "PostingType": "Debit" if amount > 0 else "Credit", "AccountRef": value(account),
        }  # fmt: skip
        if line["customer"]:
            detail["Entity"] = {"Type": "Customer", "EntityRef": value(book.known(wanted["customer"])["Id"])}
        lines.append(
            {"Amount": f"{abs(amount):f}", "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}
        )
    return {
        "DocNumber": wanted["number"][:DOC_NUMBER], "TxnDate": wanted["date"], "PrivateNote": wanted["text"][:4000],
        "Line": lines, **in_currency(wanted, book),
    }  # fmt: skip

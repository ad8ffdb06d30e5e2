"""Our snapshots as NetSuite's records (REST, 2026.1). Pure; held to the fields of its published record lists.

Amounts are texts here and become numbers when the call is written.
"""

import re
from decimal import Decimal
from typing import Any

from receivables.integrations.systems.base import Book, Snapshot
from receivables.integrations.systems.money import foreign

SYSTEM = "NetSuite"
TEXT, NUMBER = 999, 45  # the longest memo and number there


def external_id(document: str) -> str:
    """Our key of a document as an id of theirs, which has letters, digits, "_" and "-"."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", document)


def ref(key: str) -> dict[str, str]:
    return {"id": key}


def _party(wanted: Snapshot, book: Book) -> dict[str, str]:
    return ref(book.known(wanted["customer"])["Id"])


def _receivables(book: Book) -> dict[str, str]:
    return ref(book.options["receivables_account"])


def in_currency(wanted: Snapshot, book: Book) -> dict[str, Any]:
    """What names the currency by its id, and the rate that it was booked at."""
    money = foreign(wanted, book.options, SYSTEM)
    return {"currency": ref(money.named(0, SYSTEM)), "exchangeRate": money.rate} if money else {}


def customer(wanted: Snapshot, book: Book) -> dict[str, Any]:
    body: dict[str, Any] = {
        "entityId": f"{wanted['number']} {wanted['name']}"[:80], "companyName": wanted["name"][:83], "isPerson": False,
    }  # fmt: skip
    if wanted["email"]:
        body["email"] = wanted["email"][:254]
    if wanted["phone"]:
        body["phone"] = wanted["phone"][:32]
    if book.options.get("subsidiary"):
        body["subsidiary"] = ref(book.options["subsidiary"])
    money = foreign(wanted, book.options, SYSTEM)
    if money is not None:
        body["currency"] = ref(money.named(0, SYSTEM))
    return body


def _line(line: Snapshot, item: str, book: Book) -> dict[str, Any]:
    quantity, rate = str(line.get("quantity", "1")), str(line.get("rate", line["net"]))
    if Decimal(quantity) * Decimal(rate) != Decimal(line["net"]):
        quantity, rate = "1", line["net"]
    body = {"item": ref(item), "quantity": quantity, "rate": rate, "description": line["text"][:TEXT]}
    if line["tax_code"]:
        body["taxCode"] = ref(book.mapped(line["tax_code"]))
    return body


def invoice(wanted: Snapshot, book: Book) -> dict[str, Any]:
    loads = ", ".join(wanted["loads"])
    lines = [_line(line, book.mapped(line["item"]), book) for line in wanted["lines"]]
    body = {
        "tranId": wanted["number"][:NUMBER], "entity": _party(wanted, book), "tranDate": wanted["date"],
        "dueDate": wanted["due"], "account": _receivables(book), **in_currency(wanted, book),
        "memo": (f"Loads {loads}" if loads else wanted["number"])[:TEXT], "item": {"items": lines},
    }  # fmt: skip
    if wanted["reference"]:
        body["otherRefNum"] = wanted["reference"][:NUMBER]
    return body


def _applied(wanted: Snapshot, book: Book) -> dict[str, Any]:
    """All that is applied, in one list; what is not in it is applied no more."""
    return {
        "items": [
            {"doc": ref(book.known(each["invoice"])["Id"]), "apply": True, "amount": each["amount"]}
            for each in wanted["applied"] if Decimal(each["amount"])
        ]
    }  # fmt: skip


def credit_memo(wanted: Snapshot, book: Book) -> dict[str, Any]:
    lines = [_line(line, book.mapped(f"item:{line['account']}"), book) for line in wanted["lines"]]
    return {
        "tranId": wanted["number"][:NUMBER], "entity": _party(wanted, book), "tranDate": wanted["posting_date"],
        "account": _receivables(book), "memo": wanted["text"][:TEXT], "autoApply": False, "item": {"items": lines},
        **in_currency(wanted, book),
        "apply": _applied(wanted, book),
    }  # fmt: skip


def payment(wanted: Snapshot, book: Book) -> dict[str, Any]:
    return {
        "tranId": wanted["number"][:NUMBER], "customer": _party(wanted, book), "tranDate": wanted["posting_date"],
        "payment": wanted["amount"], "account": ref(book.mapped(wanted["bank"])), "arAcct": _receivables(book),
        "checkNumber": (wanted["reference"] or wanted["number"])[:NUMBER], "memo": wanted["number"][:TEXT],
        "autoApply": False, "apply": _applied(wanted, book), **in_currency(wanted, book),
    }  # fmt: skip


def journal(wanted: Snapshot, book: Book) -> dict[str, Any]:
    lines = []
    for line in wanted["lines"]:
        amount = Decimal(line["amount"])
        body: dict[str, Any] = {
            "account": _receivables(book) if line["customer"] else ref(book.mapped(line["account"])),
            "debit" if amount > 0 else "credit": f"{abs(amount):f}", "memo": wanted["text"][:TEXT],
        }  # fmt: skip
        if line["customer"]:
            body["entity"] = _party(wanted, book)
        lines.append(body)
    body = {
        "tranId": wanted["number"][:NUMBER], "tranDate": wanted["posting_date"], "memo": wanted["text"][:TEXT],
        "approved": True, "line": {"items": lines}, **in_currency(wanted, book),
    }  # fmt: skip
    if book.options.get("subsidiary"):
        body["subsidiary"] = ref(book.options["subsidiary"])
    return body

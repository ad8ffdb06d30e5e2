"""Our snapshots as qbXML, in the order that its schema wants. Pure; held to the published message tables by tests.

A message is a list of [name, text or list] pairs: the database's JSON keeps the order of lists alone. Our charges,
accounts, taxes and terms are named there by their full names, customers and documents by their keys.
"""

import re
from decimal import Decimal
from typing import Any

from receivables.integrations.systems.base import Book, Snapshot
from receivables.integrations.systems.money import Foreign, foreign, two_decimals

Pairs = list[Any]
SYSTEM = "QuickBooks Desktop"
REF_NUMBER = 11  # the longest number of an invoice, a credit memo or a journal entry
PAYMENT_REF = 20
NAME = 41
ADDRESS_LINE, CITY, STATE, POSTAL_CODE, COUNTRY = 41, 31, 21, 13, 31
TEXT = 4095


def money(amount: str | Decimal) -> str:
    """With two decimals, always: it takes two or none. Raises `Fault`."""
    return two_decimals(amount, SYSTEM)


def pair(name: str, value: Any) -> Pairs:
    """One element, or none where there is nothing to say."""
    return [[name, value]] if value not in ("", None, []) else []


def named(name: str, full_name: str) -> Pairs:
    return [[name, [["FullName", full_name]]]]


def keyed(name: str, key: str) -> Pairs:
    return [[name, [["ListID", key]]]]


def ref_number(number: str, longest: int = REF_NUMBER) -> str:
    """A number of ours as it fits there: its end says which one it is. In full it stands in the memo."""
    return number if len(number) <= longest else number[-longest:].lstrip("-/ .")


def customer_name(name: str) -> str:
    """A colon would make it a job of another customer."""
    return re.sub(r"\s+", " ", name.replace(":", " ")).strip()[:NAME].strip()


def currency_of(wanted: Snapshot, book: Book) -> Foreign | None:
    """The currency of a document, where it is not home's; a customer has one there. Raises `Fault`."""
    return foreign(wanted, book.options, SYSTEM, one_each=True)


def exchange_rate(wanted: Snapshot, book: Book) -> Pairs:
    """The rate that a document was booked at; its currency is the customer's."""
    kept = currency_of(wanted, book)
    return [["ExchangeRate", kept.rate]] if kept else []


def receivables(wanted: Snapshot, book: Book) -> str:
    """The receivables account of a document: each currency has its own there."""
    kept = currency_of(wanted, book)
    return kept.named(1, SYSTEM) if kept else str(book.options["receivables_account"])


def customer(wanted: Snapshot, book: Book) -> Pairs:
    kept = foreign(wanted, book.options, SYSTEM)
    name = customer_name(wanted["name"])
    lines = [line.strip() for line in wanted["address"].splitlines() if line.strip()][:5]
    address = [
        *([f"Addr{index}", line[:ADDRESS_LINE]] for index, line in enumerate(lines, start=1)),
        *pair("City", wanted["city"][:CITY]), *pair("State", wanted["region"][:STATE]),
        *pair("PostalCode", wanted["postal_code"][:POSTAL_CODE]), *pair("Country", wanted["country"][:COUNTRY]),
    ]  # fmt: skip
    return [
        ["Name", name], ["CompanyName", wanted["name"][:NAME].strip()], *pair("BillAddress", address),
        *pair("Phone", wanted["phone"][:21]), *pair("Email", wanted["email"][:1023]),
        ["AccountNumber", wanted["number"][:99]],
        *(named("CurrencyRef", kept.named(0, SYSTEM)) if kept else []),
    ]  # fmt: skip


def _tax_lines(lines: list[Snapshot], book: Book) -> list[tuple[str, str, str]]:
    """Taxes as lines of their own (item, text, amount), so that they are ours to the cent."""
    taxes: dict[str, Decimal] = {}
    for line in lines:
        if Decimal(line["tax"]):
            taxes[line["tax_code"]] = taxes.get(line["tax_code"], Decimal(0)) + Decimal(line["tax"])
    return [(book.mapped(code), "", money(amount)) for code, amount in taxes.items()]


def _sale_lines(wanted: Snapshot, book: Book, key_of: Any) -> list[tuple[str, str, str]]:
    lines = [(book.mapped(key_of(line)), line["text"][:TEXT], money(line["net"])) for line in wanted["lines"]]
    return [*lines, *_tax_lines(wanted["lines"], book)]


def invoice(wanted: Snapshot, book: Book) -> tuple[Pairs, list[tuple[str, str, str]]]:
    """The head of an invoice, and its lines as (item, text, amount)."""
    loads = ", ".join(wanted["loads"])
    head = [
        *keyed("CustomerRef", book.known(wanted["customer"])["ListID"]), *_receivables(wanted, book),
        ["TxnDate", wanted["date"]], ["RefNumber", ref_number(wanted["number"])],
        *pair("PONumber", wanted["reference"][:25]), ["DueDate", wanted["due"]],
        ["Memo", f"{wanted['number']} {loads}".strip()[:TEXT]], *exchange_rate(wanted, book),
    ]  # fmt: skip
    return head, _sale_lines(wanted, book, lambda line: line["item"])


def _receivables(wanted: Snapshot, book: Book) -> Pairs:
    return named("ARAccountRef", receivables(wanted, book))


def added_lines(name: str, lines: list[tuple[str, str, str]]) -> Pairs:
    return [
        [name, [*named("ItemRef", item), *pair("Desc", text), ["Amount", amount]]] for item, text, amount in lines
    ]  # fmt: skip


def replaced_lines(name: str, lines: list[tuple[str, str, str]]) -> Pairs:
    """New lines in the place of all that are there: what a change does not name is removed."""
    return [
        [name, [["TxnLineID", "-1"], *named("ItemRef", item), *pair("Desc", text), ["Amount", amount]]]
        for item, text, amount in lines
    ]


def credit_memo(wanted: Snapshot, book: Book) -> Pairs:
    head = [
        *keyed("CustomerRef", book.known(wanted["customer"])["ListID"]), *_receivables(wanted, book),
        ["TxnDate", wanted["date"]], ["RefNumber", ref_number(wanted["number"])],
        ["Memo", f"{wanted['number']} {wanted['text']}".strip()[:TEXT]], *exchange_rate(wanted, book),
    ]  # fmt: skip
    return [*head, *added_lines("CreditMemoLineAdd", _sale_lines(wanted, book, lambda line: f"item:{line['account']}"))]


def application(wanted: Snapshot, book: Book) -> Pairs:
    """A payment of 0 that sets a credit memo, named when it is known, against its invoices: (invoice, amount)."""
    return [[book.known(each["invoice"])["TxnID"], money(each["amount"])] for each in wanted["applied"]]


def payment(wanted: Snapshot, book: Book) -> Pairs:
    applied = [
        ["AppliedToTxnAdd", [["TxnID", book.known(each["invoice"])["TxnID"]], ["PaymentAmount", money(each["amount"])]]]
        for each in wanted["applied"]
    ]
    return [
        *keyed("CustomerRef", book.known(wanted["customer"])["ListID"]), *_receivables(wanted, book),
        ["TxnDate", wanted["date"]], ["RefNumber", payment_ref(wanted)], ["TotalAmount", money(wanted["amount"])],
        *exchange_rate(wanted, book),
        ["Memo", wanted["number"]], *named("DepositToAccountRef", book.mapped(wanted["bank"])),
        *(applied or [["IsAutoApply", "false"]]),
    ]  # fmt: skip


def payment_ref(wanted: Snapshot) -> str:
    return str(wanted["reference"] or ref_number(wanted["number"], PAYMENT_REF))[:PAYMENT_REF]


def journal(wanted: Snapshot, book: Book) -> Pairs:
    kept, lines = currency_of(wanted, book), []
    named_currency = [*named("CurrencyRef", kept.named(0, SYSTEM)), ["ExchangeRate", kept.rate]] if kept else []
    for line in wanted["lines"]:
        amount = Decimal(line["amount"])
        side = "JournalDebitLine" if amount > 0 else "JournalCreditLine"
        account = receivables(wanted, book) if line["customer"] else book.mapped(line["account"])
        of_whom = keyed("EntityRef", book.known(wanted["customer"])["ListID"]) if line["customer"] else []
        memo = f"{wanted['number']} {wanted['text']}".strip()[:TEXT]
        lines.append([side, [*named("AccountRef", account), ["Amount", money(abs(amount))], ["Memo", memo], *of_whom]])
    return [["TxnDate", wanted["date"]], ["RefNumber", ref_number(wanted["number"])], *named_currency, *lines]

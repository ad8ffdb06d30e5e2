"""Our snapshots as functions of Sage Intacct's XML gateway. Pure; held to the vendor's own examples by tests.

A function is a list of [name, text or list] pairs, since the order of the elements counts and the database's JSON keeps
the order of lists alone. Charges, taxes and accounts are named there by their G/L account numbers, bank accounts by the
ids of checking accounts.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery
from receivables.integrations.systems.base import Book, Fault, Snapshot
from receivables.integrations.systems.money import foreign, two_decimals

Pairs = list[Any]
METHODS = {"check": "Printed Check", "cash": "Cash", "ach": "EFT", "wire": "EFT", "card": "Credit Card", "other": "EFT"}
SYSTEM, JOURNAL = "Sage Intacct", "GJ"
WRITES = "pairs"  # under which a step has them
NUMBER, NAME, TEXT = 45, 100, 1000


def money(amount: str | Decimal) -> str:
    """With two decimals: more would be rounded there without a word. Raises `Fault`."""
    return two_decimals(amount, SYSTEM)


def pair(name: str, value: Any) -> Pairs:
    return [[name, value]] if value not in ("", None, []) else []


def day(name: str, iso: str) -> Pairs:
    """A date in three parts, as the older functions have it."""
    year, month, number = iso.split("-")
    return [[name, [["year", year], ["month", month], ["day", number]]]]


def american(iso: str) -> str:
    """A date as the newer objects have it."""
    return f"{date.fromisoformat(iso):%m/%d/%Y}"


def numbered(number: str, times: int) -> str:
    """A number of ours; once it was reversed there, the next document has one of its own."""
    return f"{number}-{times + 1}"[:NUMBER] if times else number[:NUMBER]


def in_currency(wanted: Snapshot, book: Book, dated: str) -> Pairs:
    """What names the currency, and the rate that it was booked at, as of a day."""
    kept = foreign(wanted, book.options, SYSTEM)
    if kept is None:
        return []
    return [
        ["basecurr", kept.home], ["currency", kept.code], *day("exchratedate", dated), ["exchrate", kept.rate],
    ]  # fmt: skip


def customer(wanted: Snapshot, book: Book) -> Pairs:
    kept = foreign(wanted, book.options, SYSTEM)
    lines = [line.strip() for line in wanted["address"].splitlines() if line.strip()][:2]
    address = [
        *([f"ADDRESS{index}", line[:80]] for index, line in enumerate(lines, start=1)),
        *pair("CITY", wanted["city"][:80]), *pair("STATE", wanted["region"][:40]),
        *pair("ZIP", wanted["postal_code"][:30]), *pair("COUNTRYCODE", wanted["country"][:2]),
    ]  # fmt: skip
    contact = [
        ["PRINTAS", wanted["name"][:200]], *pair("PHONE1", wanted["phone"][:30]),
        *pair("EMAIL1", wanted["email"][:200]), *pair("MAILADDRESS", address),
    ]  # fmt: skip
    return [
        ["CUSTOMERID", wanted["number"][:20]], ["NAME", wanted["name"][:NAME]], ["DISPLAYCONTACT", contact],
        *pair("TAXID", wanted["tax_id"][:20]), *pair("CURRENCY", kept.code if kept else ""),
    ]  # fmt: skip


def _items(rows: list[tuple[str, str, Decimal]], book: Book) -> Pairs:
    location = book.options.get("location", "")
    return [
        ["lineitem", [["glaccountno", account], ["amount", money(amount)], *pair("memo", text[:TEXT]),
                      *pair("locationid", location)]]
        for account, text, amount in rows
    ]  # fmt: skip


def rows_of(wanted: Snapshot, book: Book, key_of: Any, sign: int) -> list[tuple[str, str, Decimal]]:
    """The lines as (account, text, amount), the taxes as lines of their own."""
    rows: list[tuple[str, str, Decimal]] = []
    taxes: dict[str, Decimal] = {}
    for line in wanted["lines"]:
        rows.append((book.mapped(key_of(line)), line["text"], sign * Decimal(line["net"])))
        if Decimal(line["tax"]):
            taxes[line["tax_code"]] = taxes.get(line["tax_code"], Decimal(0)) + sign * Decimal(line["tax"])
    return [*rows, *((book.mapped(code), "", amount) for code, amount in taxes.items())]


def invoice(wanted: Snapshot, number: str, book: Book) -> Pairs:
    loads = ", ".join(wanted["loads"])
    return [
        ["customerid", book.known(wanted["customer"])["Key"]], *day("datecreated", wanted["date"]),
        *day("dateposted", wanted["posting_date"]), *day("datedue", wanted["due"]), ["action", "Submit"],
        ["invoiceno", number], *pair("ponumber", wanted["reference"][:NUMBER]), *pair("description", loads[:TEXT]),
        *in_currency(wanted, book, wanted["posting_date"]),
        ["invoiceitems", _items(rows_of(wanted, book, lambda line: line["item"], 1), book)],
    ]  # fmt: skip


def _adjustment(wanted: Snapshot, number: str, rows: list[tuple[str, str, Decimal]], book: Book) -> Pairs:
    return [
        ["customerid", book.known(wanted["customer"])["Key"]], *day("datecreated", wanted["date"]),
        *day("dateposted", wanted["posting_date"]), ["adjustmentno", number], ["action", "Submit"],
        *pair("description", wanted["text"][:TEXT]), *in_currency(wanted, book, wanted["posting_date"]),
        ["aradjustmentitems", _items(rows, book)],
    ]  # fmt: skip


def credit_memo(wanted: Snapshot, number: str, book: Book) -> Pairs:
    """An adjustment below zero is a credit memo."""
    return _adjustment(wanted, number, rows_of(wanted, book, lambda line: f"item:{line['account']}", -1), book)


def debit_memo(wanted: Snapshot, number: str, book: Book) -> Pairs:
    """Dr the customer's receivables as an adjustment above zero, so that the subledger has it too."""
    return _adjustment(wanted, number, debits_of(wanted, book), book)


def debits_of(wanted: Snapshot, book: Book) -> list[tuple[str, str, Decimal]]:
    """The lines of a debit memo: what stands against the customer's receivables."""
    return [
        (book.mapped(line["account"]), wanted["text"], -Decimal(line["amount"]))
        for line in wanted["lines"]
        if not line["customer"]
    ]


def entry(wanted: Snapshot, number: str, book: Book) -> Pairs:
    """An entry of the general ledger, in home's currency: its lines have no rate of ours. Raises `Fault`."""
    if in_currency(wanted, book, wanted["posting_date"]):
        message = _("Sage Intacct takes no such entries in another currency from outside. Enter it there by hand.")
        raise Fault(Delivery.Trouble.NEEDS_PERSON, message)
    lines = []
    for line in wanted["lines"]:
        amount = Decimal(line["amount"])
        lines.append([
            "GLENTRY",
            [["ACCOUNTNO", book.mapped(line["account"])], ["TR_TYPE", "1" if amount > 0 else "-1"],
             ["TRX_AMOUNT", money(abs(amount))], *pair("LOCATION", book.options.get("location", "")),
             ["DESCRIPTION", wanted["text"][:TEXT]]],
        ])  # fmt: skip
    return [
        ["JOURNAL", book.options.get("journal") or JOURNAL], ["BATCH_DATE", american(wanted["posting_date"])],
        ["BATCH_TITLE", wanted["text"][:80]], ["REFERENCENO", number], ["ENTRIES", lines],
    ]  # fmt: skip


def payment(wanted: Snapshot, number: str, book: Book) -> Pairs:
    """Money received; what is applied to no invoice stays there as the customer's."""
    applied = [
        ["arpaymentitem", [["invoicekey", book.known(each["invoice"])["Key"]], ["amount", money(each["amount"])]]]
        for each in wanted["applied"]
    ]
    return [
        ["customerid", book.known(wanted["customer"])["Key"]], ["paymentamount", money(wanted["amount"])],
        ["bankaccountid", book.mapped(wanted["bank"])], ["refid", number],
        *pair("overpaylocid", book.options.get("location", "")), *day("datereceived", wanted["posting_date"]),
        ["paymentmethod", METHODS.get(wanted["method"], "EFT")],
        *in_currency(wanted, book, wanted["posting_date"]), *applied,
    ]  # fmt: skip


def application(wanted: Snapshot, number: str, book: Book) -> Pairs:
    """A payment without money that sets a credit memo against its invoices; the memo's key is added later."""
    kept = foreign(wanted, book.options, SYSTEM)
    named = [["BASECURR", kept.home], ["CURRENCY", kept.code]] if kept else []
    details = [
        [
            "ARPYMTDETAIL",
            [["RECORDKEY", book.known(each["invoice"])["Key"]], ["TRX_ADJUSTMENTAMOUNT", money(each["amount"])]],
        ]
        for each in wanted["applied"]
    ]
    return [
        ["FINANCIALENTITY", book.options["financial_entity"]], ["PAYMENTMETHOD", "EFT"],
        ["CUSTOMERID", book.known(wanted["customer"])["Key"]], ["DOCNUMBER", number],
        ["RECEIPTDATE", american(wanted["posting_date"])], *named, ["ARPYMTDETAILS", details],
    ]  # fmt: skip

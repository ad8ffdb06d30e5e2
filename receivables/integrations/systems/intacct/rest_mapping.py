"""Our snapshots as bodies of Sage Intacct's REST interface. Pure; held to the published fields by tests.

What differs from the XML gateway: a payment takes no rate, so one in another currency is refused; what is not applied
is an overpayment and said so; an adjustment always names its currency.

Not proved on a real company: that a payment may be an overpayment alone, that the date of a summary is taken without
its name, and that numbers of records are the same as over the XML gateway.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery
from receivables.integrations.systems.base import Book, Fault, Snapshot
from receivables.integrations.systems.intacct.mapping import (
    JOURNAL,
    NAME,
    NUMBER,
    SYSTEM,
    TEXT,
    debits_of,
    money,
    rows_of,
)
from receivables.integrations.systems.money import foreign

Body = dict[str, Any]
WRITES = "fields"  # under which a step has them
METHODS = {"check": "printedCheck", "cash": "cash", "card": "creditCard"}
ELSE = "eft"
LINE = 80


def some(**values: Any) -> Body:
    """What is said at all: empty fields are left out."""
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}


def _named(key: str) -> Body:
    return {"id": key} if key else {}


def _dimensions(book: Book) -> Body:
    return some(location=_named(book.options.get("location", "")))


def _rate(wanted: Snapshot, rate: str) -> Body:
    return {"date": wanted["posting_date"], "rate": rate}


def customer(wanted: Snapshot, book: Book) -> Body:
    kept = foreign(wanted, book.options, SYSTEM)
    lines = [line.strip() for line in wanted["address"].splitlines() if line.strip()]
    first, second = [*lines, "", ""][:2]
    address = some(
        addressLine1=first[:LINE], addressLine2=second[:LINE], city=wanted["city"][:LINE], state=wanted["region"][:40],
        postCode=wanted["postal_code"][:30], isoCountryCode=wanted["country"][:2],
    )  # fmt: skip
    contact = some(
        printAs=wanted["name"][:200], phone1=wanted["phone"][:30], email1=wanted["email"][:200], mailingAddress=address
    )
    return some(
        id=wanted["number"][:20], name=wanted["name"][:NAME], taxId=wanted["tax_id"][:20],
        currency=kept.code if kept else "", contacts={"default": contact},
    )  # fmt: skip


def invoice(wanted: Snapshot, number: str, book: Book) -> Body:
    kept = foreign(wanted, book.options, SYSTEM)
    lines = [
        some(glAccount=_named(account), txnAmount=money(amount), memo=text[:TEXT], dimensions=_dimensions(book))
        for account, text, amount in rows_of(wanted, book, lambda line: line["item"], 1)
    ]
    posted = wanted["posting_date"] if wanted["posting_date"] != wanted["date"] else ""
    currency = {}
    if kept:
        rate = _rate(wanted, kept.rate)
        currency = {"baseCurrency": kept.home, "txnCurrency": kept.code, "exchangeRate": rate}
    return some(
        invoiceNumber=number, customer=_named(book.known(wanted["customer"])["Key"]), invoiceDate=wanted["date"],
        dueDate=wanted["due"], referenceNumber=wanted["reference"][:NUMBER],
        description=", ".join(wanted["loads"])[:TEXT], invoiceSummary=some(glPostingDate=posted), currency=currency,
        lines=lines,
    )  # fmt: skip


def credit_memo(wanted: Snapshot, number: str, book: Book) -> Body:
    """An adjustment below zero is a credit memo."""
    rows = rows_of(wanted, book, lambda line: f"item:{line['account']}", -1)
    return _adjustment(wanted, number, rows, book)


def debit_memo(wanted: Snapshot, number: str, book: Book) -> Body:
    """Dr the customer's receivables as an adjustment above zero, so that the subledger has it too."""
    return _adjustment(wanted, number, debits_of(wanted, book), book)


def _adjustment(wanted: Snapshot, number: str, rows: list[tuple[str, str, Decimal]], book: Book) -> Body:
    kept = foreign(wanted, book.options, SYSTEM)
    lines = [
        some(glAccount=_named(account), txnCurrency={"amount": money(amount)}, memo=text[:TEXT],
             dimensions=_dimensions(book))
        for account, text, amount in rows
    ]  # fmt: skip
    return some(
        adjustmentNumber=number, customer=_named(book.known(wanted["customer"])["Key"]), createdDate=wanted["date"],
        glPostingDate=wanted["posting_date"], description=wanted["text"][:TEXT],
        txnCurrency={"currency": kept.code if kept else book.home},
        baseCurrency=some(currency=kept.home if kept else ""),
        exchangeRate=_rate(wanted, kept.rate) if kept else {}, lines=lines,
    )  # fmt: skip


def entry(wanted: Snapshot, number: str, book: Book) -> Body:
    """An entry of the general ledger, in home's currency. Raises `Fault`."""
    if foreign(wanted, book.options, SYSTEM):
        message = _("Sage Intacct takes no such entries in another currency from outside. Enter it there by hand.")
        raise Fault(Delivery.Trouble.NEEDS_PERSON, message)
    lines = [
        some(
            glAccount=_named(book.mapped(line["account"])), txnAmount=money(abs(Decimal(line["amount"]))),
            txnType="debit" if Decimal(line["amount"]) > 0 else "credit", description=wanted["text"][:TEXT],
            dimensions=_dimensions(book),
        )
        for line in wanted["lines"]
    ]  # fmt: skip
    return some(
        glJournal=_named(book.options.get("journal") or JOURNAL), postingDate=wanted["posting_date"],
        description=wanted["text"][:LINE], referenceNumber=number, lines=lines,
    )  # fmt: skip


def payment(wanted: Snapshot, number: str, book: Book) -> Body:
    """Money received; what is applied to no invoice is an overpayment. Raises `Fault`."""
    kept = foreign(wanted, book.options, SYSTEM)
    if kept is not None and kept.code != kept.home:
        message = _(
            "Sage Intacct takes no rate for a payment over REST, so %(number)s in %(currency)s would be booked at its "
            "own. Enter it there by hand and mark it here as handled outside, or set the connection to the XML gateway."
        )
        words = {"number": wanted["number"], "currency": kept.code}
        raise Fault(Delivery.Trouble.NEEDS_PERSON, message % words)
    details = [
        {
            "arInvoice": _named(book.known(each["invoice"])["Key"]),
            "txnCurrency": {"paymentAmount": money(each["amount"])},
        }
        for each in wanted["applied"]
    ]
    rest = Decimal(wanted["amount"]) - sum((Decimal(each["amount"]) for each in wanted["applied"]), Decimal(0))
    made = _received(wanted, number, book.mapped(wanted["bank"]), book.home, book)
    made |= {"paymentMethod": METHODS.get(wanted["method"], ELSE), "paymentDetails": details}
    if rest:
        location = book.options.get("location", "")
        made |= {"overPaymentAmount": money(rest)} | some(overPaymentDimensions=some(locationId=location))
    return made


def application(wanted: Snapshot, number: str, book: Book) -> Body:
    """A payment without money that sets a credit memo against its invoices; the memo's key is added later."""
    kept = foreign(wanted, book.options, SYSTEM)
    details = [
        {
            "arInvoice": _named(book.known(each["invoice"])["Key"]),
            "txnCurrency": {"adjustmentAmount": money(each["amount"])},
        }
        for each in wanted["applied"]
    ]
    made = _received(wanted, number, book.options["financial_entity"], kept.code if kept else book.home, book)
    return {**made, "paymentMethod": ELSE, "paymentDetails": details}


def _received(wanted: Snapshot, number: str, bank: str, currency: str, book: Book) -> Body:
    return {
        "financialEntity": {"entityId": bank}, "customer": _named(book.known(wanted["customer"])["Key"]),
        "documentNumber": number, "paymentSummary": {"receiptDate": wanted["posting_date"]},
        "txnCurrency": {"currency": currency}, "baseCurrency": {"currency": book.home},
    }  # fmt: skip

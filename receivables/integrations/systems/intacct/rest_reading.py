"""What a company in Sage Intacct has and what changed there, asked over REST by the query service.

Not proved on a real company: that fields of related objects come under the names they were asked by.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from receivables.integrations.incoming.reading import Changes, Seen
from receivables.integrations.linking.reading import ACCOUNT, CUSTOMER, Theirs
from receivables.integrations.systems.intacct.changes import LATE, MOST
from receivables.integrations.systems.intacct.rest_client import RECEIVABLE, TOTAL, RestLink

CHANGED = "audit.modifiedDateTime"
INVOICE = {"number": "invoiceNumber", "total": TOTAL, "currency": "currency.txnCurrency"}
PAYMENT = {
    "number": "documentNumber", "total": "txnCurrency.totalAmount", "currency": "txnCurrency.currency",
    "day": "paymentSummary.receiptDate",
}  # fmt: skip
COMMON = ["key", "state", "customer.id", CHANGED]
EMAIL = "contacts.default.email1"


def read(link: RestLink, kind: str) -> Iterator[Theirs]:
    """The customers or the accounts; what is sold stands on accounts, so there are no items."""
    if kind == CUSTOMER:
        for row in link.rows(f"{RECEIVABLE}/customer", ["id", "name", "taxId", "currency", EMAIL], []):
            number, email, tax = str(row["id"]), str(row.get(EMAIL) or ""), str(row.get("taxId") or "")
            yield Theirs(kind, number, str(row["name"]), number, email, tax, str(row.get("currency") or ""))
    elif kind == ACCOUNT:
        for row in link.rows("general-ledger/account", ["id", "name"], []):
            yield Theirs(kind, str(row["id"]), str(row["name"]), str(row["id"]))


def changes(link: RestLink, since: datetime) -> Changes:
    """Payments and invoices that changed, reversed ones included. Raises `Fault` or `Silence`."""
    until = datetime.now(UTC) - LATE
    asked = [{"$gte": {CHANGED: f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}}]
    invoices = list(islice(link.rows(f"{RECEIVABLE}/invoice", [*COMMON, *INVOICE.values()], asked), MOST))
    payments = list(islice(link.rows(f"{RECEIVABLE}/payment", [*COMMON, *PAYMENT.values()], asked), MOST))
    seen = [_seen("invoice", row, INVOICE, []) for row in invoices]
    seen += [_seen("payment", row, PAYMENT, _applied(link, row)) for row in payments]
    return Changes(seen, max(until, since), more=MOST in (len(invoices), len(payments)))


def _applied(link: RestLink, row: dict[str, Any]) -> list[tuple[str, Decimal]]:
    if _is_reversed(row) or not _total(row, PAYMENT):
        return []
    fields = ["arInvoice.id", "txnCurrency.paymentAmount"]
    rows = link.rows(f"{RECEIVABLE}/payment-detail", fields, [{"$eq": {"arPayment.key": str(row["key"])}}])
    return [
        (str(each["arInvoice.id"]), Decimal(each.get("txnCurrency.paymentAmount") or "0"))
        for each in rows
        if each.get("arInvoice.id")
    ]


def _seen(entity: str, row: dict[str, Any], names: dict[str, str], applied: list[tuple[str, Decimal]]) -> Seen:
    told, day = str(row.get(names["number"]) or ""), row.get(names.get("day", ""))
    return Seen(
        entity, str(row["key"]), version=f"{row.get('state')} {row.get(CHANGED)}", deleted=_is_reversed(row),
        amount=_total(row, names), currency=str(row.get(names["currency"]) or ""),
        day=date.fromisoformat(day) if day else None, reference=told, note=told.partition(" ")[0],
        customer=str(row.get("customer.id") or ""), applied=applied,
    )  # fmt: skip


def _total(row: dict[str, Any], names: dict[str, str]) -> Decimal:
    return Decimal(row.get(names["total"]) or "0")


def _is_reversed(row: dict[str, Any]) -> bool:
    return "revers" in str(row.get("state")).lower()

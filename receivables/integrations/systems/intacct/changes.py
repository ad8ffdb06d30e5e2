"""What changed in a company's books since a moment: queries by the time of the last change.

Not proved on a real company: the names of totals and of details of a payment, which no example of the vendor has, and
that the time of the last change is in UTC.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from receivables.integrations.incoming.reading import Changes, Seen
from receivables.integrations.systems.intacct.client import Client
from receivables.integrations.systems.intacct.directory import rows_of

COMMON = "RECORDNO,CUSTOMERID,CURRENCY,STATE,TRX_TOTALENTERED,WHENMODIFIED"
MOST = 5000  # of a kind that one look reads
LATE = timedelta(minutes=1)  # their clock may be behind ours


def changes(link: Client, since: datetime) -> Changes:
    """Payments and invoices that changed, reversed ones included. Raises `Fault` or `Silence`."""
    until = datetime.now(UTC) - LATE
    asked = f"WHENMODIFIED >= '{since.astimezone(UTC):%m/%d/%Y %H:%M:%S}'"
    found = islice(rows_of(link, "ARINVOICE", f"{COMMON},RECORDID", asked), MOST)
    invoices = [_seen("invoice", row, "RECORDID") for row in found]
    payments = list(islice(rows_of(link, "ARPYMT", f"{COMMON},DOCNUMBER,RECEIPTDATE", asked), MOST))
    applied: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in payments:
        key = row.findtext("RECORDNO") or ""
        if not _reversed(row) and _total(row):
            details = rows_of(link, "ARPYMTDETAIL", "RECORDKEY,TRX_PAYMENTAMOUNT", f"PAYMENTKEY = '{key}'")
            applied[key] = [(each.findtext("RECORDKEY"), _decimal(each, "TRX_PAYMENTAMOUNT")) for each in details]
    paid = [_seen("payment", row, "DOCNUMBER", applied[row.findtext("RECORDNO") or ""]) for row in payments]
    return Changes([*invoices, *paid], max(until, since), more=MOST in (len(invoices), len(payments)))


def _seen(entity: str, row: Any, number: str, applied: list[tuple[str, Decimal]] | None = None) -> Seen:
    told = row.findtext(number) or ""
    day = row.findtext("RECEIPTDATE")
    return Seen(
        entity, row.findtext("RECORDNO") or "", version=f"{row.findtext('STATE')} {row.findtext('WHENMODIFIED')}",
        deleted=_reversed(row), amount=_total(row), currency=row.findtext("CURRENCY") or "",
        day=_day(day) if day else None, reference=told, note=told.partition(" ")[0],
        customer=row.findtext("CUSTOMERID") or "", applied=applied or [],
    )  # fmt: skip


def _day(text: str) -> date:
    if "/" not in text:
        return date.fromisoformat(text)
    month, day, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def _reversed(row: Any) -> bool:
    return "revers" in (row.findtext("STATE") or "").lower()


def _decimal(row: Any, field: str) -> Decimal:
    return Decimal(row.findtext(field) or "0")


def _total(row: Any) -> Decimal:
    return _decimal(row, "TRX_TOTALENTERED")

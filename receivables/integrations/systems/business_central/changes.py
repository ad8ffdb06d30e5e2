"""What changed in a company since a moment: its invoices by the time of their last change.

Posted payments are not in its API, but what is still open of an invoice is: where that is less than it is here,
somebody settled it over there. Which day and which reference is to be looked up there.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from receivables.integrations.incoming.reading import Changes, Seen, Watching
from receivables.integrations.systems.business_central import planner
from receivables.integrations.systems.business_central.client import Client

PAGE, MOST = 500, 10_000  # invoices of a page, and that one look reads
LATE = timedelta(minutes=1)  # their clock may be behind ours


def changes(link: Client, since: datetime) -> Changes:
    """Invoices that changed. Raises `Fault` or `Silence`."""
    until, seen = datetime.now(UTC) - LATE, []
    asked = f"lastModifiedDateTime ge {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for start in range(0, MOST, PAGE):
        query = {"$filter": asked, "$top": str(PAGE), "$skip": str(start), "$orderby": "number"}
        rows = link.call("GET", "salesInvoices", query=query).found["value"]
        seen += [_seen(row) for row in rows if row.get("status") not in ("Draft", "In Review", " ")]
        if len(rows) < PAGE:
            return Changes(seen, max(until, since))
    return Changes(seen, max(until, since), more=True)


def _seen(row: dict[str, Any]) -> Seen:
    changed = str(row.get("lastModifiedDateTime") or "")
    return Seen(
        "settled", str(row["id"]), version=f"{row['status']} {row['remainingAmount']}",
        deleted=row["status"] in ("Canceled", "Corrective"), amount=Decimal(str(row["remainingAmount"])),
        day=date.fromisoformat(changed[:10]) if changed else None, reference=str(row.get("number") or ""),
        currency=str(row.get("currencyCode") or ""),
    )  # fmt: skip


WATCHING = Watching(changes, lambda change, wanted: {"Posted": planner.paid(wanted), "Number": wanted["number"]})

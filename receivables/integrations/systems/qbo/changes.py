"""What changed in a company's books since a moment: QuickBooks Online's change data capture (CDC)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from receivables.integrations.incoming.reading import Changes, Seen, Watching
from receivables.integrations.systems.qbo.client import Client

MOST = 1000  # objects of one kind that they tell at once
ENTITIES = {"Payment": "payment", "Invoice": "invoice"}


def changes(link: Client, since: datetime) -> Changes:
    """Payments and invoices that changed, deleted ones included. Raises `Fault` or `Silence`."""
    found, _response = link.call("GET", "cdc", entities="Invoice,Payment", changedSince=since.isoformat())
    seen: list[Seen] = []
    more = False
    for answer in found.get("CDCResponse") or []:
        for group in answer.get("QueryResponse") or []:
            for entity, ours in ENTITIES.items():
                rows = group.get(entity) or []
                more = more or len(rows) >= MOST
                seen += [_seen(ours, row) for row in rows]
    return Changes(seen, datetime.fromisoformat(found["time"]) if found.get("time") else since, more)


def _seen(entity: str, row: dict[str, Any]) -> Seen:
    if row.get("status") == "Deleted":
        return Seen(entity, str(row["Id"]), deleted=True)
    day = row.get("TxnDate")
    return Seen(
        entity, str(row["Id"]), version=str(row.get("SyncToken", "")), amount=Decimal(str(row.get("TotalAmt", 0))),
        currency=str((row.get("CurrencyRef") or {}).get("value", "")), day=date.fromisoformat(day) if day else None,
        reference=str(row.get("PaymentRefNum") or row.get("DocNumber") or ""), note=str(row.get("PrivateNote") or ""),
        customer=str((row.get("CustomerRef") or {}).get("value", "")), applied=_applied(row),
    )  # fmt: skip


def _applied(row: dict[str, Any]) -> list[tuple[str, Decimal]]:
    return [
        (str(link["TxnId"]), Decimal(str(line.get("Amount", 0))))
        for line in row.get("Line") or []
        for link in line.get("LinkedTxn") or []
        if link.get("TxnType") == "Invoice"
    ]  # fmt: skip


def _adopted(change: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    return {"Id": change.remote_id, "SyncToken": change.remote_version, "TotalAmt": f"{change.amount:f}"}


WATCHING = Watching(changes, _adopted)

"""What changed in an account since a moment: SuiteQL finds keys by the time of the last change, each record is read.

Not proved on a real account: the table of deleted records.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from receivables.integrations.incoming.reading import Changes, Seen, Watching
from receivables.integrations.systems.base import Fault
from receivables.integrations.systems.money import kept
from receivables.integrations.systems.netsuite.client import GONE, Client

RECORDS = {"CustInvc": ("invoice", "invoice"), "CustPymt": ("customerPayment", "payment")}
MOST = 300  # records that one look reads
LATE = timedelta(minutes=1)  # their clock may be behind ours


def changes(link: Client, since: datetime) -> Changes:
    """Payments and invoices that changed, deleted ones included. Raises `Fault` or `Silence`."""
    until = datetime.now(UTC) - LATE
    moment = f"TO_TIMESTAMP_TZ('{since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC', 'YYYY-MM-DD HH24:MI:SS TZR')"
    rows = link.rows(
        "SELECT id, type FROM transaction WHERE type IN ('CustInvc', 'CustPymt') "  # noqa: S608  no text from outside
        f"AND lastmodifieddate >= {moment} ORDER BY id",
        MOST,
    )
    seen = [each for row in rows if (each := _read(link, str(row["id"]), *RECORDS[row["type"]])) is not None]
    gone = link.rows(
        "SELECT recordid, recordtype FROM deletedrecord WHERE recordtype IN ('invoice', 'customerPayment') "  # noqa: S608
        f"AND deleteddate >= {moment}"
    )
    entities = dict(RECORDS.values())
    seen += [Seen(entities[row["recordtype"]], str(row["recordid"]), deleted=True) for row in gone]
    return Changes(seen, max(until, since), more=len(rows) >= MOST)


def _read(link: Client, key: str, record: str, entity: str) -> Seen | None:
    """A record as it is now; none that went away meanwhile, which is told as deleted, nor one in a currency that the
    settings don't name: its amount would be read in another."""
    try:
        found = link.call("GET", f"record/v1/{record}/{key}", query={"expandSubResources": "true"}).found
    except Fault as fault:
        if fault.code != GONE:
            raise
        return None
    party = found.get("customer") or found.get("entity") or {}
    day = str(found.get("tranDate") or "")
    applied = (found.get("apply") or {}).get("items") or []
    currency = _currency(link, found)
    if not currency:
        return None
    return Seen(
        entity, key, version=str(found.get("lastModifiedDate") or ""),
        currency=currency,
        amount=Decimal(str(found.get("payment") if entity == "payment" else found.get("total") or 0)),
        day=date.fromisoformat(day[:10]) if day else None, customer=str(party.get("id", "")),
        reference=str(found.get("checkNumber") or found.get("tranId") or ""), note=str(found.get("memo") or ""),
        applied=[
            (str(each["doc"]["id"]), Decimal(str(each["amount"]))) for each in applied if each.get("apply")
        ],
    )  # fmt: skip


def _currency(link: Client, found: dict[str, Any]) -> str:
    """The code of a record's currency: one that the settings name, else home's; empty where neither is."""
    key = str((found.get("currency") or {}).get("id", ""))
    for code, names in kept(link.connection.options).items():
        if names and names[0] == key:
            return code
    return str(link.connection.organization.currency) if Decimal(str(found.get("exchangeRate") or 1)) == 1 else ""


WATCHING = Watching(changes, lambda change, wanted: {"Id": change.remote_id, "Linked": True})

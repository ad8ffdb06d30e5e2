"""The customers, products and accounts of a company in QuickBooks Online, read page by page by its query language."""

from collections.abc import Iterator
from typing import Any

from receivables.integrations.linking.reading import ACCOUNT, CUSTOMER, ITEM, Listing, Theirs
from receivables.integrations.systems.base import pages
from receivables.integrations.systems.qbo.client import Client

PAGE = 1000
ENTITIES = {CUSTOMER: "Customer", ITEM: "Item", ACCOUNT: "Account"}


def read(link: Client, kind: str) -> Iterator[Theirs]:
    entity = ENTITIES[kind]
    for page in pages("QuickBooks Online"):
        query = f"select * from {entity} startposition {page * PAGE + 1} maxresults {PAGE}"  # noqa: S608  no database of ours
        found, _response = link.call("GET", "query", query=query)
        rows = (found.get("QueryResponse") or {}).get(entity) or []
        yield from (_theirs(kind, row) for row in rows)
        if len(rows) < PAGE:
            return


def _theirs(kind: str, row: dict[str, Any]) -> Theirs:
    if kind != CUSTOMER:
        number = str(row.get("AcctNum") or row.get("Sku") or "")
        return Theirs(kind, str(row["Id"]), str(row.get("FullyQualifiedName") or row["Name"]), number)
    return Theirs(
        kind, str(row["Id"]), str(row["DisplayName"]), str(row.get("AcctNum") or ""),
        str((row.get("PrimaryEmailAddr") or {}).get("Address", "")), str(row.get("PrimaryTaxIdentifier") or ""),
        str((row.get("CurrencyRef") or {}).get("value", "")),
    )  # fmt: skip


LISTING = Listing(read, lambda key: {"Id": key})

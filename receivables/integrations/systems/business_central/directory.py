"""The customers and accounts of a company in Business Central. What is sold stands on accounts: no items."""

from collections.abc import Iterator
from typing import Any

from receivables.integrations.linking.reading import ACCOUNT, CUSTOMER, Listing, Theirs
from receivables.integrations.systems.base import pages
from receivables.integrations.systems.business_central.client import Client

PAGE = 500
SETS = {CUSTOMER: "customers", ACCOUNT: "accounts"}


def read(link: Client, kind: str) -> Iterator[Theirs]:
    if kind not in SETS:
        return
    for page in pages(link.name):
        query = {"$top": str(PAGE), "$skip": str(page * PAGE), "$orderby": "number"}
        rows = link.call("GET", SETS[kind], query=query).found["value"]
        yield from (_theirs(kind, row) for row in rows)
        if len(rows) < PAGE:
            return


def _theirs(kind: str, row: dict[str, Any]) -> Theirs:
    number, name = str(row["number"]), str(row.get("displayName") or row["number"])
    if kind == ACCOUNT:
        return Theirs(kind, number, name, number)
    return Theirs(
        kind, str(row["id"]), name, number, str(row.get("email") or ""), str(row.get("taxRegistrationNumber") or ""),
        str(row.get("currencyCode") or ""),
    )  # fmt: skip


LISTING = Listing(read, lambda key: {"Id": key, "Linked": True})

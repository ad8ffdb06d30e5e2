"""The customers, items and accounts of a NetSuite account, read page by page by SuiteQL."""

from collections.abc import Iterator
from typing import Any

from receivables.integrations.linking.reading import ACCOUNT, CUSTOMER, ITEM, Listing, Theirs
from receivables.integrations.systems.base import pages
from receivables.integrations.systems.netsuite.client import Client

PAGE = 1000
QUERIES = {
    CUSTOMER: "SELECT id, entityid, companyname, email FROM customer ORDER BY id",
    ITEM: "SELECT id, itemid, displayname FROM item ORDER BY id",
    ACCOUNT: "SELECT id, acctnumber, fullname FROM account ORDER BY id",
}


def read(link: Client, kind: str) -> Iterator[Theirs]:
    for page in pages(link.name):
        rows = link.rows(QUERIES[kind], PAGE, page * PAGE)
        yield from (_theirs(kind, row) for row in rows)
        if len(rows) < PAGE:
            return


def _theirs(kind: str, row: dict[str, Any]) -> Theirs:
    names = {
        CUSTOMER: ("companyname", "entityid"),
        ITEM: ("displayname", "itemid"),
        ACCOUNT: ("fullname", "acctnumber"),
    }
    name, number = (str(row.get(each) or "") for each in names[kind])
    return Theirs(kind, str(row["id"]), name or number, number, str(row.get("email") or ""))


LISTING = Listing(read, lambda key: {"Id": key, "Linked": True})

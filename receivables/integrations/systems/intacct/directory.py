"""The customers and accounts of a company in Sage Intacct. What is sold stands on accounts, so there are no items."""

from collections.abc import Iterator
from typing import Any

from receivables.integrations.linking.reading import ACCOUNT, CUSTOMER, Theirs
from receivables.integrations.systems.base import pages
from receivables.integrations.systems.intacct.client import Client
from receivables.integrations.systems.intacct.mapping import SYSTEM
from receivables.integrations.systems.qbd.client import element

PAGE = "1000"
OBJECTS = {
    CUSTOMER: ("CUSTOMER", "CUSTOMERID,NAME,DISPLAYCONTACT.EMAIL1,TAXID,CURRENCY"),
    ACCOUNT: ("GLACCOUNT", "ACCOUNTNO,TITLE"),
}


def read(link: Client, kind: str) -> Iterator[Theirs]:
    if kind in OBJECTS:
        record, fields = OBJECTS[kind]
        yield from (_theirs(kind, row) for row in rows_of(link, record, fields, ""))


def rows_of(link: Client, record: str, fields: str, query: str) -> Iterator[Any]:
    """All records that a query finds, page by page. Raises `Fault` or `Silence`."""
    asked = [
        ["object", record], ["query", query], ["fields", fields], ["pagesize", PAGE], ["returnFormat", "xml"],
    ]  # fmt: skip
    function = element("readByQuery", asked)
    for _page in pages(SYSTEM):
        result, _told = link.call(function, f"read-{record}", once=False)
        yield from (each for each in result.findall("data/*") if isinstance(each.tag, str))
        data = result.find("data")
        if data is None or int(data.get("numremaining") or 0) == 0:
            return
        function = element("readMore", [["resultId", data.get("resultId") or ""]])


def _theirs(kind: str, row: Any) -> Theirs:
    if kind == ACCOUNT:
        number = row.findtext("ACCOUNTNO") or ""
        return Theirs(kind, number, row.findtext("TITLE") or number, number)
    number = row.findtext("CUSTOMERID") or ""
    email = row.findtext("DISPLAYCONTACT.EMAIL1") or row.findtext("DISPLAYCONTACT/EMAIL1") or ""
    return Theirs(
        kind, number, row.findtext("NAME") or number, number, email, row.findtext("TAXID") or "",
        row.findtext("CURRENCY") or "",
    )  # fmt: skip

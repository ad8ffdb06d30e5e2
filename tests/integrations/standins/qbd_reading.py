"""How the stand-in of QuickBooks Desktop is read: lists, and what changed since a moment, page by page."""

from datetime import UTC, datetime

from lxml import etree

from tests.integrations.standins.qbxml import faults_of

LISTS = {"Customer": "CustomerRet", "Item": "ItemServiceRet", "Account": "AccountRet"}


class Refusal(Exception):
    def __init__(self, code, words):
        self.code, self.words = code, words


def now():
    return datetime.now(UTC)


def put(parent, name, value):
    """An element with a text, or with [name, value] pairs."""
    made = etree.SubElement(parent, name)
    if isinstance(value, str):
        made.text = value
    else:
        for inner, each in value:
            put(made, inner, each)
    return made


class Reading:
    """The questions; the books are those of the stand-in that is one of these."""

    def _listed(self, kind, message, response):
        """A page of a list; accounts come all at once."""
        rows = {
            "Customer": [(row["key"], row["name"], row.get("number", "")) for row in self.objects["Customer"].values()],
            "Item": [(name, name, "") for name in self.items],
            "Account": [(name, name, "") for name in sorted(self.accounts)],
        }[kind]
        start = int(message.get("iteratorID", "{0}")[1:-1])
        page = rows[start:][: int(message.findtext("MaxReturned") or len(rows))]
        if message.get("iterator"):
            response.set("iteratorRemainingCount", str(len(rows) - start - len(page)))
            response.set("iteratorID", f"{{{start + len(page)}}}")
        for key, name, number in page:
            shown = etree.SubElement(response, LISTS[kind])
            for field, text in (("ListID", key), ("Name", name), ("FullName", name), ("AccountNumber", number)):
                etree.SubElement(shown, field).text = text

    def _modified(self, kind, message, response):
        """A page of the documents of a kind that changed since a moment, as the message tables have them."""
        since = datetime.fromisoformat(message.findtext("ModifiedDateRangeFilter/FromModifiedDate"))
        rows = [row for row in self.objects[kind].values() if row["modified"] >= since]
        if not rows:
            raise Refusal("1", "The query request found nothing.")
        start = int(message.get("iteratorID", "{0}")[1:-1])
        page = rows[start:][: int(message.findtext("MaxReturned"))]
        response.set("iteratorRemainingCount", str(len(rows) - start - len(page)))
        response.set("iteratorID", f"{{{start + len(page)}}}")
        with_lines = message.findtext("IncludeLineItems") == "true"
        for row in page:
            put(response, f"{kind}Ret", list(self._told(kind, row, with_lines)))
        assert faults_of(response) == []

    def _told(self, kind, row, with_lines):
        yield from (("TxnID", row["key"]), ("TimeModified", row["modified"].isoformat(timespec="seconds")))
        yield from (("EditSequence", str(row["version"])), ("CustomerRef", [("ListID", row["customer"])]))
        yield from (("TxnDate", row["day"]), ("RefNumber", row["number"]))
        if kind == "Invoice":
            yield from (("Subtotal", f"{self.sum_of(row):.2f}"), ("SalesTaxTotal", "0.00"), ("Memo", row["memo"] or ""))
            return
        yield from (("TotalAmount", f"{row['total']:.2f}"), ("Memo", row["memo"] or ""))
        for key, used in row["applied"] if with_lines else ():
            yield "AppliedToTxnRet", [("TxnID", key), ("TxnType", "Invoice"), ("Amount", f"{used:.2f}")]

    def _told_deleted(self, message, response):
        since = datetime.fromisoformat(message.findtext("DeletedDateRangeFilter/FromDeletedDate"))
        kinds = {each.text for each in message.findall("TxnDelType")}
        rows = [(kind, key) for kind, key, when in self.deleted if kind in kinds and when >= since]
        if not rows:
            raise Refusal("1", "The query request found nothing.")
        for kind, key in rows:
            put(response, "TxnDeletedRet", [("TxnDelType", kind), ("TxnID", key)])
        assert faults_of(response) == []

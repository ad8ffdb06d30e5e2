"""How the stand-in of Sage Intacct is read: queries over one kind of record, page by page."""

import re
from datetime import UTC, datetime

from lxml import etree

CONDITION = re.compile(r"(\w+) (=|>=) '((?:[^'\\]|\\.)*)'")


def now():
    return datetime.now(UTC).strftime("%m/%d/%Y %H:%M:%S")


def instant(text):
    """A moment as REST has it."""
    return datetime.fromisoformat(text)


def moment(text):
    return datetime.strptime(text, "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)


def matches(row, query):
    """Whether a record fulfils all conditions, which are joined by AND."""
    found = [CONDITION.fullmatch(part) for part in query.split(" AND ")] if query else []
    for field, sign, text in (each.groups() for each in found):
        value, wanted = row.get(field) or "", re.sub(r"\\(.)", r"\1", text)
        if sign == "=" and value != wanted:
            return False
        if sign == ">=" and moment(value) < moment(wanted):
            return False
    return True


class Reading:
    """The functions that read; the books are those of the stand-in that is one of these."""

    def records(self, name):
        """All records of a kind as fields."""
        return {
            "CUSTOMER": lambda: list(self.customers.values()),
            "GLACCOUNT": lambda: [{"ACCOUNTNO": key, "TITLE": name.title()} for key, name in self.accounts.items()],
            "ARINVOICE": lambda: [self.shown(key, row, "RECORDID") for key, row in self.invoices.items()],
            "ARADJUSTMENT": lambda: [self.shown(key, row, "RECORDID") for key, row in self.adjustments.items()],
            "ARPYMT": lambda: [self.shown(key, row, "DOCNUMBER") for key, row in self.payments.items()],
            "GLBATCH": lambda: [
                {"RECORDNO": key, "REFERENCENO": row["number"], "STATE": "Posted"} for key, row in self.entries.items()
            ],
            "ARPYMTDETAIL": lambda: [
                {"PAYMENTKEY": key, "RECORDKEY": each[0], "TRX_PAYMENTAMOUNT": str(each[2])}
                for key, row in self.payments.items() for each in row["applied"] if not each[1]
            ],
        }[name]()  # fmt: skip

    def shown(self, key, row, number):
        shown = {"RECORDNO": key, number: row["number"], "STATE": row["state"], "CUSTOMERID": row["customer"],
                 "CURRENCY": row["currency"], "WHENMODIFIED": row["modified"]}  # fmt: skip
        if "lines" not in row:
            return {**shown, "TRX_TOTALENTERED": str(row["total"]), "RECEIPTDATE": row["day"]}
        total = self.sum_of(row)
        return {**shown, "TRX_TOTALENTERED": str(total), "TOTALENTERED": str(total * row["rate"])}

    def _do_readbyquery(self, function):
        assert [each.tag for each in function] == ["object", "query", "fields", "pagesize", "returnFormat"]
        query = function.findtext("query")
        rows = [each for each in self.records(function.findtext("object")) if matches(each, query)]
        if not self.replay and query.startswith(("RECORDID =", "DOCNUMBER =", "REFERENCENO =")):
            rows = []
        self.results = [function.findtext("object").lower(), rows, int(function.findtext("pagesize"))]
        return self._page()

    def _do_readmore(self, function):
        assert function.findtext("resultId") == "result-1"
        return self._page()

    def _page(self):
        name, rows, size = self.results
        page, self.results[1] = rows[:size], rows[size:]
        data = etree.Element("data", listtype=name, numremaining=str(len(self.results[1])), resultId="result-1")
        for row in page:
            shown = etree.SubElement(data, name)
            for field, text in row.items():
                etree.SubElement(shown, field).text = text
        return data

"""One line of the journal a row, in columns that do not change, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterator

from receivables.core.exports import safe_text
from receivables.ledger_exports.formats.base import Entry, Writer, figure, plain

COLUMNS = [
    "batch", "entry", "line", "posting_date", "document_date", "kind", "source", "document", "reverses", "account_code",
    "account_name", "customer_number", "customer", "currency", "amount", "home_currency", "home_amount", "memo",
]  # fmt: skip


class LedgerCSV(Writer):
    """A debit is positive. Amounts have a decimal point and no grouping, dates are ISO; free text that a spreadsheet
    would calculate begins with an apostrophe."""

    encoding = "utf-8-sig"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def begin(self) -> Iterator[str]:
        yield _row(COLUMNS)

    def entry(self, entry: Entry) -> Iterator[str]:
        for line in entry.lines:
            account = self.facts.accounts[line.account]
            yield _row(
                [
                    safe_text(self.facts.number), str(entry.pk), str(line.number), entry.posting_date.isoformat(),
                    entry.document_date.isoformat(), entry.kind, entry.source, _text(entry.document),
                    str(entry.reverses or ""), _text(account.code), _text(account.name), _text(line.customer_number),
                    _text(line.customer), entry.currency, figure(line.amount, entry.currency), self.facts.home,
                    figure(line.home, self.facts.home), _text(line.memo or entry.memo),
                ]
            )  # fmt: skip


def _text(value: str) -> str:
    return safe_text(plain(value))


def _row(values: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()

"""Any uploaded file as rows of cells: its kind sniffed, not trusted; its size, width and encoding bounded."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker, Refused

UPLOAD_BYTES = 10 * 1024 * 1024
COMMAND_BYTES = 50 * 1024 * 1024  # a file that an administrator names on the command line
ROW_LIMIT = 200_000
COLUMN_LIMIT = 200
CELL_LIMIT = 32_767  # what a spreadsheet's own cell may hold

# A cell is text as it stands in the file; a workbook has dates and exact numbers besides.
Cell = str | date | Decimal


@dataclass(frozen=True)
class Table:
    """A file's headings and a way to go through its rows, as often as wanted: (row number in the file, cells)."""

    headings: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[int, Sequence[Cell]]]]

    @property
    def fingerprint(self) -> str:
        """Equal for files with the same headings, whatever their order, case and spaces."""
        names = sorted(" ".join(heading.lower().split()) for heading in self.headings)
        return hashlib.sha256(repr(names).encode()).hexdigest()

    def sample(self, count: int) -> list[tuple[int, Sequence[Cell]]]:
        """The first rows."""
        return [row for row, _number in zip(self.rows(), range(count), strict=False)]


def refused(message: Any) -> Refused:
    """A file that cannot be read as a whole, with the sentence that says why."""
    return Refused(Blocker("unreadable_file", message, field="file"))


def csv_table(content: bytes) -> Table:
    """A CSV file of any usual encoding and delimiter. Raises `Refused`, naming the row at fault."""
    text = _decoded(content)
    if "\x00" in text:
        raise refused(_("The file holds a NUL character: it is no text, or it is damaged."))
    if text.lstrip()[:1] == "<":
        raise refused(_("This is a web page or XML, not a table. Save it as CSV or as an Excel workbook (.xlsx)."))
    delimiter, skip = _delimiter(text)

    def records() -> Iterator[tuple[int, Sequence[str]]]:
        return _records(text, delimiter, skip)

    return table_of(records)


def table_of(records: Callable[[], Iterator[tuple[int, Sequence[Cell]]]]) -> Table:
    """A table from numbered records, the first of which holds the headings. Raises `Refused` if there are none."""
    first = next(records(), None)
    if first is None:
        raise refused(_("The file is empty."))
    heading_row, cells = first
    headings = _headings(cells)

    def rows() -> Iterator[tuple[int, Sequence[Cell]]]:
        count = 0
        for number, row in records():
            if number == heading_row:
                continue
            count += 1
            if count > ROW_LIMIT:
                raise refused(_("The file has more than %(n)s rows. Split it.") % {"n": f"{ROW_LIMIT:,}"})
            yield number, row

    return Table(headings, rows)


def _headings(cells: Sequence[Cell]) -> tuple[str, ...]:
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = " ".join(str(cell).split())[:80] or _("Column %(n)s") % {"n": position}
        twin, number = name, 2
        while twin in names:
            twin, number = f"{name} ({number})", number + 1
        names.append(twin)
    if len(names) < 2:
        raise refused(_("The file has only one column; its columns need a comma, semicolon or tab between them."))
    return tuple(names)


def _decoded(content: bytes) -> str:
    """The text of the file: by its byte order mark, else UTF-8, else the Western encodings of older programs."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    for mark, encoding in marks:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                raise refused(_("The file says it is %(encoding)s, but it is not.") % {"encoding": encoding}) from None
    for encoding in ("utf-8", _utf16_without_mark(content), "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _utf16_without_mark(content: bytes) -> str:
    """The byte order in which every second byte of the beginning is zero, as in Latin text; else UTF-8 once more."""
    head = content[:200]
    if len(head) > 3 and not any(head[1::2]):
        return "utf-16-le"
    return "utf-16-be" if len(head) > 3 and not any(head[0::2]) else "utf-8"


def _delimiter(text: str) -> tuple[str, int]:
    """The mark between cells, and how many records to skip: Excel's own `sep=;` line names it."""
    first = text.split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], 1
    best, most = ",", 1
    for candidate in (",", ";", "\t", "|"):
        widths = []
        for _number, record in zip(range(20), _records(text[:100_000], candidate, 0, lenient=True), strict=False):
            widths.append(len(record[1]))
        # The true delimiter splits every record; one that is only part of the text splits some.
        common = max(set(widths), key=widths.count) if widths else 1
        score = common if widths and widths[0] == common else 1
        if score > most:
            best, most = candidate, score
    return best, 0


def _records(text: str, delimiter: str, skip: int, lenient: bool = False) -> Iterator[tuple[int, Sequence[str]]]:
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=not lenient)
    number = 0
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            if lenient:
                return
            message = _("Row %(row)s cannot be read: a quotation mark is out of place, or a cell is far too long.")
            raise refused(message % {"row": number + 1}) from error
        if record is None:
            return
        number += 1
        if number <= skip or not any(cell.strip() for cell in record):
            continue
        if len(record) > COLUMN_LIMIT and not lenient:
            raise too_wide(number)
        yield number, record


def too_wide(number: int) -> Refused:
    """A row with more columns than any table here has."""
    return refused(_("Row %(row)s has more than %(n)s columns.") % {"row": number, "n": COLUMN_LIMIT})

"""Excel workbooks as rows of cells, without trusting them: bounded when unpacked, no DTD, no deep nesting."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.parsers import expat

import openpyxl
from django.utils.translation import gettext as _

from receivables.core.money import LIMIT
from receivables.core.uploads import (
    CELL_LIMIT,
    COLUMN_LIMIT,
    ROW_LIMIT,
    Cell,
    Table,
    csv_table,
    refused,
    table_of,
    too_wide,
)

UNPACKED_BYTES = 300 * 1024 * 1024
PART_LIMIT = 500
DEPTH_LIMIT = 64
ELEMENT_LIMIT = 20_000_000
BLANK_ROW_LIMIT = 10_000  # a sheet formatted down to its last row goes on for a million blank ones
CHUNK = 1 << 16


def open_table(content: bytes, limit: int) -> Table:
    """The table in an uploaded file, whatever its name says it is. Raises `Refused` for anything that is none."""
    if len(content) > limit:
        raise refused(_("The file is larger than %(n)s MB.") % {"n": limit // (1024 * 1024)})
    if not content.strip():
        raise refused(_("The file is empty."))
    if content.startswith(b"PK"):
        return workbook_table(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused(_("This is an old Excel file (.xls) or a protected one. Save it as .xlsx or CSV."))
    if content.startswith((b"%PDF", b"\x1f\x8b", b"{\\rtf")):
        raise refused(_("This is no table. Save it as CSV or as an Excel workbook (.xlsx)."))
    return csv_table(content)


def workbook_table(content: bytes) -> Table:
    """The first sheet of a workbook. Formulas count as the values that the file shows."""
    _inspect(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
    except Exception as error:  # the library raises whatever a broken file makes it stumble over
        raise _broken() from error

    def records() -> Iterator[tuple[int, Sequence[Cell]]]:
        # The size that a sheet says it has may be wrong either way; what its rows hold is what counts.
        sheet.reset_dimensions()
        try:
            yield from _rows(sheet)
        except (
            KeyError,
            ValueError,
            TypeError,
            AttributeError,
            IndexError,
            OverflowError,
            zipfile.BadZipFile,
        ) as error:
            raise _broken() from error

    return table_of(records)


def _broken() -> Any:
    return refused(_("The workbook is damaged. Open it in your spreadsheet program and save it again."))


def _inspect(content: bytes) -> None:
    """Unpack every part once, counting, before any library builds something from it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise refused(_("This is no Excel workbook (.xlsx)."))
        if len(parts) > PART_LIMIT or sum(part.file_size for part in parts) > UNPACKED_BYTES:
            raise refused(_("The workbook is far larger when unpacked than any table here can be."))
        counter = _Counter()
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                counter.read(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, expat.ExpatError) as error:
        raise _broken() from error


class _Counter:
    """Goes through XML by events alone, in any encoding: refuses a DTD, deep nesting and endless elements."""

    def __init__(self) -> None:
        self.elements = self.depth = 0

    def read(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        self.depth = 0
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        with archive.open(part) as source:
            while chunk := source.read(CHUNK):
                parser.Parse(chunk)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > DEPTH_LIMIT or self.elements > ELEMENT_LIMIT:
            raise refused(_("The workbook is built like an attack: nested or repeated beyond any table."))

    def _end(self, name: str) -> None:
        self.depth -= 1

    def _doctype(self, *_declaration: Any) -> None:
        raise refused(_("The workbook holds a document type declaration, which no spreadsheet program writes."))


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    blank = 0
    # One column more than allowed, to notice a wider sheet without building its width.
    for number, values in enumerate(sheet.iter_rows(max_col=COLUMN_LIMIT + 1, values_only=True), start=1):
        cells = [_cell(value, number) for value in values]
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            blank += 1
            if blank > BLANK_ROW_LIMIT:
                return
            continue
        blank = 0
        if len(cells) > COLUMN_LIMIT:
            raise too_wide(number)
        if number > ROW_LIMIT + BLANK_ROW_LIMIT:
            raise refused(_("The file has more than %(n)s rows. Split it.") % {"n": f"{ROW_LIMIT:,}"})
        yield number, cells


def _cell(value: Any, number: int) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        if len(value) > CELL_LIMIT or "\x00" in value:
            raise refused(_("A cell of row %(row)s cannot be read.") % {"row": number})
        return value
    if isinstance(value, datetime):
        return value.date() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    # A workbook keeps numbers in binary; the shortest text that means the same is what the person typed.
    exact = Decimal(repr(value))
    return exact if exact.is_finite() and exact.copy_abs() < LIMIT else str(value)

"""Exports of lists: what is shown, whole, safe for spreadsheets, and without loading all rows."""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import django_tables2 as tables
import xlsxwriter
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from receivables.core.errors import Blocker, Refused

ROW_LIMIT, CHUNK = 200_000, 2_000
# A cell that begins like this is a formula to a spreadsheet (full-width forms included).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")  # of a workbook's sheets

Tabled = Callable[[Sequence[Any]], tables.Table]


def safe_text(value: Any) -> str:
    """A text cell that no spreadsheet takes for a formula."""
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | Decimal | date):
        return value
    return safe_text(value)


def _rows(table: Tabled, rows: Iterable[Any]) -> Iterator[list[Any]]:
    """The head and the rows, a few thousand at a time: a table keeps all that it was given."""
    source = rows.iterator(chunk_size=CHUNK) if isinstance(rows, QuerySet) else iter(rows)
    first = True
    while (chunk := list(islice(source, CHUNK))) or first:
        for number, row in enumerate(table(chunk).as_values()):
            if number or first:
                yield [_cell(value) for value in row]
        first = False


def export_response(
    request: HttpRequest, table_class: type[tables.Table], rows: QuerySet | Sequence[Any], title: str, kind: str
) -> HttpResponse | FileResponse:
    """All rows of a list as a file. `kind` is csv or xlsx; raises `BadRequest` for another, and `Refused` where they
    are too many for one file."""
    if isinstance(rows, QuerySet) and rows.order_by()[ROW_LIMIT : ROW_LIMIT + 1].exists():
        message = _("These are more than %(n)s rows. Filter the list and export it in parts.")
        raise Refused(Blocker("too_many_rows", message % {"n": f"{ROW_LIMIT:,}"}))
    return rows_response(lambda some: table_class(some, request=request), rows, title, kind)


def rows_response(table: Tabled, rows: Iterable[Any], title: str, kind: str) -> HttpResponse | FileResponse:
    """What `table` makes of these rows, as a file. `kind` is csv or xlsx; raises `BadRequest` for another."""
    name, found = slugify(title) or "export", _rows(table, rows)
    if kind == "csv":
        buffer = io.StringIO()
        csv.writer(buffer).writerows(found)
        response = HttpResponse(buffer.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    if kind == "xlsx":
        return FileResponse(_workbook(found, title), as_attachment=True, filename=f"{name}.xlsx")
    raise BadRequest("export")


def _workbook(rows: Iterator[list[Any]], title: str) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it when it was sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(NOT_IN_NAMES.sub(" ", title)[:31].strip("' ") or None)
    if get_language_bidi():
        sheet.right_to_left()
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            else:
                sheet.write(number, column, value, bold if number == 0 else None)
    book.close()
    file.seek(0)
    return file

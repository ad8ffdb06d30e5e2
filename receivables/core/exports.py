"""Exports of lists: what is shown, safe for spreadsheets, within a transaction and without loading all rows."""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import django_tables2 as tables
import xlsxwriter
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import get_language_bidi

ROW_LIMIT = 200_000
# A cell that begins like this is a formula to a spreadsheet (full-width forms included).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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


def _rows(table: tables.Table) -> Iterator[list[Any]]:
    for row in table.as_values():
        yield [_cell(value) for value in row]


def export_response(
    request: HttpRequest, table_class: type[tables.Table], queryset: QuerySet, title: str, kind: str
) -> HttpResponse | FileResponse:
    """All rows of a list as a file. `kind` is csv or xlsx; raises `BadRequest` for another."""
    return rows_response(table_class(queryset[:ROW_LIMIT], request=request), title, kind)


def rows_response(table: tables.Table, title: str, kind: str) -> HttpResponse | FileResponse:
    """What a table shows as a file. `kind` is csv or xlsx; raises `BadRequest` for another."""
    name = slugify(title) or "export"
    rows = _rows(table)
    if kind == "csv":
        buffer = io.StringIO()
        csv.writer(buffer).writerows(rows)
        response = HttpResponse(buffer.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    if kind == "xlsx":
        return FileResponse(_workbook(rows, title), as_attachment=True, filename=f"{name}.xlsx")
    raise BadRequest("export")


def _workbook(rows: Iterator[list[Any]], title: str) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it when it was sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title[:31] or None)
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

"""What any file is taken for: kinds, encodings, delimiters, dates, amounts, and files that mean harm."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest

from receivables.billing.importing.fields import Choices, date_order, guess
from receivables.billing.importing.parsing import Reader, Row, Wrong, read_date
from receivables.core.errors import Refused
from receivables.core.uploads import UPLOAD_BYTES
from receivables.core.workbooks import open_table
from tests.importing.conftest import HEADINGS, csv_bytes, good, with_part, workbook

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def table(content):
    return open_table(content, UPLOAD_BYTES)


def cells(content):
    return [list(row) for _line, row in table(content).rows()]


def refusal(content):
    with pytest.raises(Refused) as caught:
        list(table(content).rows())
    return str(caught.value.blocker.message)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_every_usual_encoding_is_recognized(encoding):
    row = ["C-1", "Börse & Señor", "A-1", "2026-03-01", "", "12.50"]
    assert cells(csv_bytes(row, encoding=encoding)) == [row]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_recognized(delimiter):
    row = ["C-1", "Acme", "A-1", "2026-03-01", "", "1 250"]
    assert cells(csv_bytes(row, row, delimiter=delimiter)) == [row, row]


def test_row_numbers_are_those_of_the_spreadsheet():
    content = b'customer,invoice\r\n\r\nC-1,A-1\r\n"C\r\n2",A-2\r\n'
    assert [line for line, _row in table(content).rows()] == [3, 4]


def test_a_line_that_names_the_delimiter_is_no_heading():
    assert table(b"sep=;\r\na;b\r\n1;2\r\n").headings == ("a", "b")


def test_a_workbook_gives_dates_and_exact_numbers():
    row = ["C-1", "Acme", 7900770, datetime(2026, 3, 1), None, 55.94]
    assert cells(workbook(row)) == [["C-1", "Acme", Decimal(7900770), date(2026, 3, 1), "", Decimal("55.94")]]


def test_a_formula_counts_as_the_value_that_the_file_shows_or_as_empty():
    assert cells(workbook(["C-1", "Acme", "A-1", "2026-03-01", "", "=1+1"])) == [["C-1", "Acme", "A-1", "2026-03-01"]]


def test_the_kind_is_sniffed_not_trusted():
    assert "old Excel file" in refusal(b"\xd0\xcf\x11\xe0 whatever")
    assert "no table" in refusal(b"%PDF-1.7")
    assert "web page" in refusal(b"<html><table><tr><td>1</td></tr></table></html>")
    assert "no Excel workbook" in refusal(plain_zip({"a.txt": b"hello"}))
    assert "damaged" in refusal(b"PK\x03\x04 and nothing else")
    assert "empty" in refusal(b"  \r\n ")
    assert "only one column" in refusal(b"customer\r\nC-1\r\n")


def plain_zip(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in parts.items():
            target.writestr(name, body)
    return buffer.getvalue()


def test_a_nul_a_giant_cell_and_too_many_columns_are_refused():
    assert "NUL" in refusal(csv_bytes(good("A\x001")))
    assert "Row 2" in refusal(csv_bytes(["x" * 40_000, "", "", "", "", ""]))
    assert "200 columns" in refusal(csv_bytes(["1"] * 17_000))
    assert "200 columns" in refusal(workbook(good("A-1"), ["1"] * 300))
    assert "10 MB" in refusal(b"a,b\r\n" + b"x" * UPLOAD_BYTES)


def test_a_quotation_mark_that_is_never_closed_names_its_row():
    assert "Row 3" in refusal(csv_bytes(good("A-1"), ['"C-2', *good("A-2")[1:]]) + b"x" * 40_000)


def test_more_rows_than_the_limit_are_refused():
    assert "200,000 rows" in refusal(b"a,b\n" + b"1,2\n" * 200_001)


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = with_part(workbook(), "xl/media/zeros.bin", b"\0" * 301 * 1024 * 1024)
    assert len(bomb) < UPLOAD_BYTES
    assert "far larger" in refusal(bomb)


def test_xml_attacks_in_a_workbook_are_refused():
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    bomb = f'<?xml version="1.0"?>{doctype}<worksheet {NAMESPACE}><sheetData/></worksheet>'
    assert "declaration" in refusal(with_part(workbook(), SHEET, bomb))
    assert "declaration" in refusal(with_part(workbook(), SHEET, bomb.encode("utf-16")))
    deep = f"<worksheet {NAMESPACE}>" + "<a>" * 100_000 + "</a>" * 100_000 + "</worksheet>"
    assert "attack" in refusal(with_part(workbook(), SHEET, deep))
    assert "damaged" in refusal(with_part(workbook(), SHEET, "<worksheet><unclosed"))


def test_a_sheet_that_claims_endless_rows_ends():
    row = '<row r="999999999999"><c r="A999999999999" t="inlineStr"><is><t>x</t></is></c></row>'
    heads = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
    )
    sheet = f'<worksheet {NAMESPACE}><dimension ref="A1:XFD1048576"/><sheetData>{heads}{row}</sheetData></worksheet>'
    assert cells(with_part(workbook(), SHEET, sheet)) == []


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-03-01", "ymd", date(2026, 3, 1)),
        ("2026/3/1", "ymd", date(2026, 3, 1)),
        ("2026-03-01 00:00:00", "ymd", date(2026, 3, 1)),
        ("2026-03-01T08:15:00Z", "ymd", date(2026, 3, 1)),
        ("1/2/2013", "mdy", date(2013, 1, 2)),
        ("1/2/2013", "dmy", date(2013, 2, 1)),
        ("31.12.2026", "dmy", date(2026, 12, 31)),
        ("2/29/2024", "mdy", date(2024, 2, 29)),
    ],
)
def test_dates_are_read_in_the_chosen_order(text, order, expected):
    assert read_date(text, order) == expected


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("1/2/13", "mdy"), ("13/1/2013", "mdy"), ("31/02/2026", "dmy"), ("2026-13-01", "ymd"), ("2/29/2023", "mdy"),
        ("2026-03-01", "dmy"), ("1/2/2013", "ymd"),
        ("March 1, 2026", "mdy"), ("20260301", "ymd"), ("0000-01-01", "ymd"),
        ("2026-03-01; DROP", "ymd"), ("１/２/2013", "mdy"), ("-1/2/2013", "mdy"),
    ],
)  # fmt: skip
def test_dates_that_have_no_single_meaning_are_refused(text, order):
    with pytest.raises(Wrong):
        read_date(text, order)


def test_the_order_of_dates_is_guessed_only_where_it_is_certain():
    assert date_order(["1/13/2013", "2/2/2013"]) == "mdy"
    assert date_order(["13/1/2013"]) == "dmy"
    assert date_order(["2013-01-02"]) == "ymd"
    assert date_order(["1/2/2013", "3/4/2013"]) == ""
    assert date_order(["13/1/2013", "1/13/2013"]) == ""


def read(alice, *row, headings=HEADINGS, **choices):
    names = {**guess(table(csv_bytes(*[list(row)] * 2, headings=headings))).columns, **choices.pop("columns", {})}
    reader = Reader(
        alice.organization, headings, Choices(columns=names, date_order="ymd", **choices), date(2026, 11, 22)
    )
    return reader.read(2, row)


@pytest.mark.parametrize(
    ("amount", "numbers", "expected"),
    [
        ("1,250.00", "", "1250.00"), ("1250", "", "1250.00"), ("1.250,00", "comma", "1250.00"),
        ("USD 12.50", "", "12.50"),
        ("1 250.5", "", "1250.50"), ("١٢٣٫٥٠", "", "123.50"),
    ],
)  # fmt: skip
def test_amounts_that_are_read(alice, amount, numbers, expected):
    row = read(alice, *good("A-1", amount=amount), numbers=numbers)
    assert isinstance(row, Row)
    assert row.amount == Decimal(expected)


@pytest.mark.parametrize(
    "amount",
    [
        "NaN",
        "Infinity",
        "1e2",
        "1_000",
        "１２",
        "-0",
        "-5",
        "0",
        "1.2.3",
        "1,5",
        "1.005",
        "12abc",
        "=1+1",
        "9" * 20,
        "()",
    ],
)
def test_amounts_that_are_refused(alice, amount):
    problems = read(alice, *good("A-1", amount=amount))
    assert [problem.column for problem in problems] == ["Amount"]


def test_everything_that_is_wrong_with_a_row_is_listed(alice):
    problems = read(alice, "", "N" * 201, "A" * 41, "2026-02-31", "soon", "abc")
    assert [problem.column for problem in problems] == [
        "Invoice date", "Customer number", "Customer name", "Invoice number", "Due date", "Amount",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"due": "2026-02-01"}, "Due date", "before the invoice date"),
        ({"due": "2099-02-01"}, "Due date", "ten years"),
        ({"issued": "2099-03-01"}, "Invoice date", "too far"),
        ({"issued": "1912-03-01", "due": ""}, "Invoice date", "too far"),
        ({"issued": "", "due": ""}, "Invoice date", "is empty"),
    ],
)
def test_facts_that_cannot_be_are_refused(alice, change, column, reason):
    (problem,) = read(alice, *good("A-1", **change))
    assert problem.column == column
    assert reason in problem.reason


def test_unknown_currency_country_mail_and_surplus_cells_are_refused(alice):
    headings = [*HEADINGS, "Currency", "Country", "E-mail"]
    problems = read(
        alice, *good("A-1"), "XYZ", "USA", "nobody", "more", headings=headings, columns={"country": "Country"}
    )
    assert {problem.column for problem in problems} == {"", "Currency", "Country", "E-mail"}


def test_headings_are_guessed(real):
    choices = guess(table((real / "ibm_late_payments.csv").read_bytes()))
    assert choices.date_order == "mdy"
    assert choices.columns == {
        "customer": "customerID", "number": "invoiceNumber", "issued": "InvoiceDate", "due": "DueDate",
        "amount": "InvoiceAmount", "settled": "SettledDate",
    }  # fmt: skip

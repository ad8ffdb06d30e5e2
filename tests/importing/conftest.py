"""Small files made on the spot, and the real ones where they lie beside the checkout."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from accounts.roles import Role
from tests.builders import make_member, make_organization

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "receivables"
HEADINGS = ["Customer number", "Customer name", "Invoice number", "Invoice date", "Due date", "Amount"]


@pytest.fixture
def alice(db):
    return make_member(make_organization(), Role.BILLER, "Alice Biller")


@pytest.fixture
def clerk(committed_db):
    """The same on a database of the test's own: a large import meets tables as a fresh site has them."""
    return make_member(make_organization(), Role.BILLER, "Clara Clerk")


@pytest.fixture
def real():
    """The folder of public sample files; skips where it is not there."""
    if not REAL.exists():
        pytest.skip("the public sample files do not lie beside this checkout")
    return REAL


def csv_bytes(*rows, headings=HEADINGS, delimiter=",", encoding="utf-8"):
    lines = [delimiter.join(row) for row in [headings, *rows]]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def good(number, customer="C-1", amount="100.00", issued="2026-03-01", due="2026-03-31"):
    return [customer, f"Firm {customer}", number, issued, due, amount]


def workbook(*rows, headings=HEADINGS):
    book = openpyxl.Workbook()
    for row in [headings, *rows]:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_part(content, name, body):
    """The workbook with one of its parts replaced."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            if part.filename != name:
                target.writestr(part.filename, source.read(part))
        target.writestr(name, body)
    return buffer.getvalue()

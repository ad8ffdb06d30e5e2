"""Invoices on paper: made from the frozen revision alone, the same every time, without reaching for anything."""

import hashlib
import importlib
from pathlib import Path
from typing import Any

from django.template.loader import get_template, render_to_string
from django.utils import translation

from receivables.billing.models import Invoice, Revision
from receivables.core.context import DATE_FORMAT
from receivables.core.money import NumberFormat

MAX_LINES = 2_000  # some sixty pages; beyond that a list is exported, not printed
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-noto-core"


class EngineMissing(Exception):
    """WeasyPrint's system libraries are not installed; `packages` says which (Debian, Ubuntu)."""

    packages = PACKAGES


class TooLong(Exception):
    """The invoice has more lines than a printed document may have."""

    def __init__(self, lines: int) -> None:
        super().__init__(f"{lines} lines")
        self.lines = lines


def engine() -> Any:
    """WeasyPrint, loaded when the first document is made. Raises `EngineMissing`."""
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise EngineMissing from error


def refuse_address(url: str, *args: Any, **kwargs: Any) -> Any:
    """No document fetches anything, from the network or from the disk."""
    raise ValueError(f"documents fetch nothing: {url[:60]}")


def languages() -> dict[str, bool]:
    """The languages a document may be in, and whether they read right to left."""
    return {code: translation.get_language_info(code)["bidi"] for code in ("en", "es", "ar")}


def invoice_html(invoice: Invoice, revision: Revision) -> str:
    """The document in the customer's language, else the organization's, in the organization's formats."""
    organization = invoice.organization
    wanted = invoice.account.customer.language
    language = wanted if wanted in languages() else organization.language
    context = {
        "invoice": invoice,
        "revision": revision,
        "organization": organization,
        "bill_to": revision.bill_to,
        "lines": revision.lines.order_by("line_no"),
        "taxes": revision.taxes.order_by("pk"),
        "void": invoice.voided_at is not None,
        "language": language,
        "direction": "rtl" if languages().get(language) else "ltr",
        "number_format": NumberFormat.of(organization),
        "date_format": organization.date_format or DATE_FORMAT,
    }
    with translation.override(language):
        return render_to_string("billing/invoice_pdf.html", context)


def style_sheet() -> Path:
    """The style sheet beside the template."""
    template: Any = get_template("billing/invoice_pdf.html")
    return Path(template.origin.name).with_suffix(".css")


def invoice_pdf(invoice: Invoice, revision: Revision) -> bytes:
    """The PDF of a revision. Raises `EngineMissing` without the system libraries, `TooLong` beyond `MAX_LINES`."""
    if revision.line_count > MAX_LINES:
        raise TooLong(revision.line_count)
    weasyprint = engine()
    html = invoice_html(invoice, revision)
    sheet = weasyprint.CSS(string=style_sheet().read_text(), url_fetcher=refuse_address)
    document = weasyprint.HTML(string=html, url_fetcher=refuse_address)
    content: bytes = document.write_pdf(
        stylesheets=[sheet], pdf_identifier=hashlib.sha256(html.encode()).digest()[:16], uncompressed_pdf=False
    )
    return content


def file_name(invoice: Invoice, revision: Revision) -> str:
    """The name of the document as a file: number and revision, in letters that every system takes."""
    number = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in invoice.number)
    return f"{number}-r{revision.number}.pdf"

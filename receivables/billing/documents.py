"""Invoices on paper: made from the frozen revision alone, the same every time, without reaching for anything."""

import hashlib
import importlib
from pathlib import Path
from typing import Any

from django.template.loader import get_template, render_to_string
from django.utils import translation

from receivables.billing.models import Invoice, Revision, RevisionLine
from receivables.core.context import DATE_FORMAT
from receivables.core.money import NumberFormat

MAX_LINES = 2_000  # some sixty pages; beyond that a list is exported, not printed
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-noto-core"


class EngineMissing(Exception):
    """WeasyPrint's system libraries are not installed; `packages` says which (Debian, Ubuntu)."""

    packages = PACKAGES


class TooLong(Exception):
    """The document has more lines than a printed document may have."""

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


def lines_of(invoice: Invoice, revision: Revision) -> list[RevisionLine]:
    """The lines of a revision as they are printed, on a summary invoice load by load."""
    order = ("load_id", "line_no") if invoice.summary else ("line_no",)
    return list(revision.lines.select_related("tax_code", "load").order_by(*order))


def document_html(template: str, organization: Any, customer: Any, context: dict[str, Any]) -> str:
    """A document in the customer's language, else the organization's, in the organization's formats."""
    language = customer.language if customer.language in languages() else organization.language
    context = {
        "organization": organization,
        "language": language,
        "direction": "rtl" if languages().get(language) else "ltr",
        "number_format": NumberFormat.of(organization),
        "date_format": organization.date_format or DATE_FORMAT,
        **context,
    }
    with translation.override(language):
        return render_to_string(template, context)


def invoice_html(invoice: Invoice, revision: Revision) -> str:
    """The invoice as one of its revisions says it."""
    context = {
        "invoice": invoice,
        "revision": revision,
        "bill_to": revision.bill_to,
        "lines": lines_of(invoice, revision),
        "taxes": revision.taxes.order_by("pk"),
        "void": invoice.voided_at is not None,
    }
    return document_html("billing/invoice_pdf.html", invoice.organization, invoice.account.customer, context)


def style_sheet() -> Path:
    """The style sheet of all documents, beside the invoice's template."""
    template: Any = get_template("billing/invoice_pdf.html")
    return Path(template.origin.name).with_suffix(".css")


def invoice_pdf(invoice: Invoice, revision: Revision) -> bytes:
    """The PDF of a revision. Raises `EngineMissing` without the system libraries, `TooLong` beyond `MAX_LINES`."""
    if revision.line_count > MAX_LINES:
        raise TooLong(revision.line_count)
    return pdf_of(invoice_html(invoice, revision))


def pdf_of(html: str) -> bytes:
    """The PDF of a document. Equal documents make equal files. Raises `EngineMissing` without the system libraries."""
    weasyprint = engine()
    sheet = weasyprint.CSS(string=style_sheet().read_text(), url_fetcher=refuse_address)
    document = weasyprint.HTML(string=html, url_fetcher=refuse_address)
    content: bytes = document.write_pdf(
        stylesheets=[sheet], pdf_identifier=hashlib.sha256(html.encode()).digest()[:16], uncompressed_pdf=False
    )
    return content


def file_name(invoice: Invoice, revision: Revision) -> str:
    """The name of the document as a file: number and revision, in letters that every system takes."""
    return f"{plain_name(invoice.number)}-r{revision.number}.pdf"


def plain_name(number: str) -> str:
    """A number in letters that every disk takes."""
    return "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in number)

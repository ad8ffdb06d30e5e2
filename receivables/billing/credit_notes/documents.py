"""Credit notes on paper: their own number, the invoices they correct, their taxes; by the invoices' machinery."""

from decimal import Decimal

from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.credit_notes.queries import reversal_of
from receivables.billing.documents import MAX_LINES, TooLong, document_html, pdf_of


def taxes_of(note: CreditNote) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Name, rate, net and tax of each tax code, over the whole document."""
    sums: dict[int, tuple[str, Decimal, Decimal, Decimal]] = {}
    for line in note.lines.select_related("tax_code").order_by("line_no"):
        code = line.tax_code
        if code is None:
            continue
        _name, _rate, net, tax = sums.get(code.pk, ("", line.tax_rate, Decimal(0), Decimal(0)))
        sums[code.pk] = (code.name, line.tax_rate, net + line.net, tax + line.tax)
    return list(sums.values())


def credit_note_html(note: CreditNote) -> str:
    """The document in the customer's language."""
    context = {
        "note": note,
        "bill_to": note.bill_to,
        "lines": note.lines.select_related("invoice", "tax_code").order_by("line_no"),
        "taxes": taxes_of(note),
        "void": reversal_of(note) is not None,
    }
    return document_html("billing/credit_note_pdf.html", note.organization, note.account.customer, context)


def credit_note_pdf(note: CreditNote) -> bytes:
    """The PDF. Raises `EngineMissing` without the system libraries, `TooLong` beyond `MAX_LINES`."""
    if note.line_count > MAX_LINES:
        raise TooLong(note.line_count)
    return pdf_of(credit_note_html(note))

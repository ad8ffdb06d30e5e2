"""What a credit note would leave as: itself once, and if it is reversed afterwards, what takes it back.

An exported credit note has told the customer, and through them a tax office, that less is owed and less tax is due.
Its reversal must be told as well, or they would deduct what we book as owed. So it leaves as a debit note (383) over
exactly the same amounts with a number of its own, which refers to the credit note and its invoices; the credit note
itself stays as it was sent. One that was reversed before it left never leaves.

A reason that is booked by the journal only makes no credit note, so there is none to export. A credit note that was
issued leaves whatever its reason's settings say later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine, Reason
from receivables.billing.credit_notes.queries import entry_of, reversal_of
from receivables.billing.einvoice.billed import taxes_of
from receivables.billing.einvoice.building import buyer, completed, delivery, payee, says_books_tax, seller
from receivables.billing.einvoice.categories import TaxCategory
from receivables.billing.einvoice.document import CREDIT_NOTE, DEBIT_NOTE, Document, Earlier, Item, Tax, words
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.models import ChargeKind, Invoice, RevisionLine
from receivables.ledger.posting import convert

# What is taken off a taxed invoice by a reason that leaves its tax alone.
TAX_STAYS = Tax(TaxCategory.EXEMPT, reason="The tax of the invoice stays as it was")


@dataclass(frozen=True)
class NextOfCredit:
    """The document that a credit note would be exported as now; `type` is empty if there is nothing (more) to say."""

    note: CreditNote
    lines: list[CreditNoteLine]
    exported: list[EInvoice]

    @property
    def invoices(self) -> list[Invoice]:
        return list({line.invoice_id: line.invoice for line in self.lines}.values())

    @property
    def bad_debt(self) -> bool:
        return str(self.note.reason.kind) == Reason.Kind.BAD_DEBT

    @property
    def reversed(self) -> bool:
        return reversal_of(self.note) is not None

    @property
    def type(self) -> str:
        if self.bad_debt:
            return ""
        if not self.exported:
            return "" if self.reversed else CREDIT_NOTE
        return DEBIT_NOTE if self.reversed and len(self.exported) == 1 else ""


def next_of_credit(note: CreditNote) -> NextOfCredit:
    """Read what would be exported of a credit note."""
    lines = note.lines.select_related("invoice", "tax_code").order_by("line_no")
    exported = EInvoice.objects.filter(credit_note=note).defer("content").order_by("pk")
    return NextOfCredit(note, list(lines), list(exported))


def exported_invoices(invoices: Iterable[Invoice]) -> set[int]:
    """Which of these invoices the customer has as e-invoices."""
    first = EInvoice.objects.filter(invoice__in=list(invoices), kind=EInvoice.Kind.INVOICE)
    return set(first.values_list("invoice_id", flat=True))


def _billed_codes(invoices: list[Invoice]) -> dict[int, set[Any]]:
    """The tax codes on the newest revision of each invoice, None for lines without one; bad debt is on no document."""
    rows = (
        RevisionLine.objects.filter(revision__invoice__in=invoices)
        .filter(revision__number=F("revision__invoice__current_revision"))
        .exclude(kind=ChargeKind.BAD_DEBT)
        .order_by("revision__invoice_id", "tax_code_id")
        .distinct("revision__invoice_id", "tax_code_id")
        .select_related("revision", "tax_code")
    )
    found: dict[int, set[Any]] = {invoice.pk: set() for invoice in invoices}
    for row in rows:
        found[row.revision.invoice_id].add(row.tax_code)
    return found


def _taxes(coming: NextOfCredit, organization: Any) -> list[Tax]:
    """The tax of each line, in the category that its invoice was billed in.

    Where an invoice has a tax code on every line, a line without one leaves its tax alone; what nobody taxes has none.
    """
    codes = _billed_codes(coming.invoices)
    taxes = taxes_of(coming.lines, organization, {code for each in codes.values() for code in each})

    def stays(line: CreditNoteLine, tax: Tax) -> bool:
        coded = line.tax_code_id is None and None not in codes[line.invoice_id]
        return coded and tax.category != TaxCategory.OUTSIDE

    return [TAX_STAYS if stays(line, tax) else tax for line, tax in zip(coming.lines, taxes, strict=True)]


def _items(coming: NextOfCredit, organization: Any) -> list[Item]:
    """A line for each invoice and tax code; invoices are named where there is more than one."""
    many = len(coming.invoices) > 1
    return [
        Item(
            words(coming.note.reason_text), line.net, line.tax, tax, note=words(line.invoice.number) if many else ""
        )
        for line, tax in zip(coming.lines, _taxes(coming, organization), strict=True)
    ]  # fmt: skip


def build_credit(coming: NextOfCredit, organization: Any, *, number: str, day: date) -> Document:
    """The document as it would leave now; `number` and `day` are those of what takes it back."""
    note, invoices, back = coming.note, coming.invoices, coming.type == DEBIT_NOTE
    items = _items(coming, organization)
    outside = any(item.tax.category == TaxCategory.OUTSIDE for item in items)
    to = buyer(completed(note.bill_to, note.account.customer), outside=outside)
    own = organization.currency
    foreign = says_books_tax(note.tax, note.currency, own)
    orders = {invoice.reference for invoice in invoices}
    corrected = tuple(Earlier(invoice.number, invoice.issue_date) for invoice in invoices)
    with translation.override(organization.language):
        terms = _terms(note, invoices, back=back)
    return Document(
        type=coming.type,
        number=number if back else note.number,
        issued=day if back else note.date,
        due=max(day, *(invoice.due_date for invoice in invoices)) if back else None,
        currency=note.currency,
        seller=seller(organization, outside=outside),
        buyer=to,
        items=items,
        terms=terms,
        note="" if back else words(note.text),
        order=words(orders.pop()) if len(orders) == 1 else "",
        earlier=(Earlier(note.number, note.date), *corrected) if back else corrected,
        payee=payee(organization),
        books_currency=own if foreign else "",
        tax_in_books=_booked_tax(note, own) if foreign else None,
        **delivery(invoices, items, to.address.country),
    )


def _terms(note: CreditNote, invoices: list[Invoice], *, back: bool) -> str:
    numbers = ", ".join(invoice.number for invoice in invoices)
    if back:
        sentence = _("Credit note %(note)s is taken back: what it took off is owed again on %(numbers)s.")
        return sentence % {"note": note.number, "numbers": numbers}
    if len(invoices) > 1:
        return _("Credited to invoices %(numbers)s.") % {"numbers": numbers}
    return _("Credited to invoice %(number)s.") % {"number": numbers}


def _booked_tax(note: CreditNote, own: str) -> Decimal:
    """The tax in the organization's currency as it was booked, to the cent. Where the reason is booked to the account
    of a tax, one line of the entry holds both, and the tax is converted anew."""
    accounts = {line.tax_code.gl_account_id for line in note.lines.select_related("tax_code") if line.tax_code}
    if note.reason.gl_account_id in accounts:
        return convert(note.tax, note.rate, own)
    booked = entry_of(note).lines.filter(gl_account__in=accounts, open_item__isnull=True)
    return booked.aggregate(sum=Sum("organization_amount"))["sum"] or Decimal(0)

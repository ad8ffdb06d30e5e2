"""From an invoice and its revision to the document: who, to whom, when, how to pay."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.einvoicing import compact
from receivables.billing.einvoice.billed import Next, items_of
from receivables.billing.einvoice.categories import TaxCategory
from receivables.billing.einvoice.document import INVOICE, ZERO, Address, Document, Earlier, Item, Party, Payee, words
from receivables.billing.einvoice.ubl import MAX_DECIMALS
from receivables.billing.models import Invoice, Load
from receivables.core.countries import country_code
from receivables.core.money import decimals
from receivables.ledger.posting import convert

# Fields of a bill-to that may be missing from an old snapshot and are then taken from the customer of today.
COMPLETED = ("country", "tax_id", "email", "city", "postal_code", "address")


def vat_number(tax_id: str, country: str) -> str:
    """The number if it is a VAT number: the country's letters in front (EL for Greece). Empty otherwise."""
    number = compact(tax_id)
    own = {country, "EL"} if country == "GR" else {country}
    return number if country and number[:2] in own and len(number) > 2 else ""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(words(line) for line in text.splitlines() if line.strip())


def seller(organization: Any, *, outside: bool) -> Party:
    """The organization. Where nothing is subject to VAT no VAT number may stand (BR-O-02): then the number of the tax
    office serves as the company's registration, unless it has one."""
    own = organization
    number = vat_number(own.tax_id, own.country)
    name = words(own.legal_name or own.name)
    return Party(
        name=name,
        trading_name=words(own.name) if words(own.name) != name else "",
        address=Address(
            tuple(words(line) for line in (own.address_line_1, own.address_line_2) if line.strip()), words(own.city),
            words(own.postal_code), words(own.region), own.country,
        ),
        vat_number="" if outside else number,
        tax_number="" if number or outside else words(own.tax_id),
        registration=words(own.registration_number) or ("" if number and not outside else words(own.tax_id)),
        endpoint=words(own.electronic_address), endpoint_scheme=own.electronic_address_scheme,
        contact=words(own.contact_name), phone=words(own.contact_phone), email=own.contact_email,
    )  # fmt: skip


def buyer(bill_to: dict[str, str], *, outside: bool) -> Party:
    """The customer as the document was billed to."""
    country = country_code(bill_to.get("country", ""))
    tax_id = words(bill_to.get("tax_id", ""))
    number = vat_number(tax_id, country)
    email = bill_to.get("email", "")
    return Party(
        name=words(bill_to.get("name", "")),
        identifier=words(bill_to.get("number", "")),
        address=Address(
            _lines(bill_to.get("address", "")), words(bill_to.get("city", "")), words(bill_to.get("postal_code", "")),
            words(bill_to.get("region", "")), country,
        ),
        vat_number="" if outside else number,
        registration=tax_id if outside or not number else "",
        endpoint=email, endpoint_scheme="EM" if email else "", email=email,
    )  # fmt: skip


def completed(bill_to: dict[str, str], customer: Any) -> dict[str, str]:
    """A snapshot keeps what it has; what it never had comes from the customer's page."""
    return {**bill_to, **{name: bill_to.get(name) or getattr(customer, name) for name in COMPLETED}}


def payee(organization: Any) -> Payee | None:
    if not organization.bank_account:
        return None
    holder = words(organization.bank_account_name or organization.legal_name or organization.name)
    return Payee(compact(organization.bank_account), holder, compact(organization.bic))


def build(coming: Next, organization: Any, *, number: str, day: date) -> Document:
    """The document as it would leave now; `number` and `day` are those of a correction. Words are in the customer's
    or the organization's language, as on the PDF."""
    invoice, customer = coming.invoice, coming.invoice.account.customer
    items = items_of(coming, organization)
    outside = any(item.tax.category == TaxCategory.OUTSIDE for item in items)
    to = buyer(completed(coming.revision.bill_to, customer), outside=outside)
    first = coming.type == INVOICE
    own, tax = organization.currency, sum((item.amount for item in items), ZERO)
    foreign = says_books_tax(tax, invoice.currency, own)
    with translation.override(organization.language):
        terms = (
            _terms(invoice.terms_days)
            if coming.sign > 0
            else _("Credited to invoice %(number)s.") % {"number": invoice.number}
        )
    return Document(
        type=coming.type,
        number=invoice.number if first else number,
        issued=invoice.issue_date if first else day,
        due=invoice.due_date if first else day + timedelta(days=invoice.terms_days),
        currency=invoice.currency,
        seller=seller(organization, outside=outside),
        buyer=to,
        items=items,
        terms=terms,
        order=words(invoice.reference),
        earlier=() if first else (Earlier(invoice.number, invoice.issue_date),),
        payee=payee(organization),
        books_currency=own if foreign else "",
        tax_in_books=convert(tax, invoice.rate, own) if foreign else None,
        **delivery([invoice], items, to.address.country),
    )


def says_books_tax(tax: Decimal, currency: str, own: str) -> bool:
    """Whether the tax is said in the seller's own currency as well: BT-111 is optional, and no amount of EN 16931 has
    three decimals."""
    return bool(tax) and own != currency and decimals(own) <= MAX_DECIMALS


def _terms(days: int) -> str:
    return (
        ngettext("Due within %(n)s day.", "Due within %(n)s days.", days) % {"n": days} if days else _("Due at once.")
    )


def delivery(invoices: Sequence[Invoice], items: list[Item], country: str) -> dict[str, Any]:
    """When it was delivered; a delivery within the European Union also says to which country (BR-IC-11, BR-IC-12)."""
    delivered = Load.objects.filter(invoice__in=invoices).aggregate(day=Max("delivery_date"))["day"]
    if any(item.tax.category == TaxCategory.INTRA_COMMUNITY for item in items):
        return {"delivered": delivered or max(each.issue_date for each in invoices), "deliver_to": country}
    return {"delivered": delivered}

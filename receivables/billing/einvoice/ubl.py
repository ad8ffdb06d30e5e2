"""A document as UBL 2.1 in the syntax of EN 16931. The same document is always the same bytes.

Nothing is pasted together: every word is the text of an element, which the library escapes.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from receivables.billing.einvoice.document import Address, Document, Item, Party, Payee, Tax
from receivables.core.money import decimals

ROOT = "urn:oasis:names:specification:ubl:schema:xsd:"
CBC, CAC = f"{ROOT}CommonBasicComponents-2", f"{ROOT}CommonAggregateComponents-2"
STANDARD = "urn:cen.eu:en16931:2017"
CREDIT_TRANSFER = "30"
DISCOUNT = "95"  # UNCL 5189
REGISTERED_ELSEWHERE = "TAX"  # any tax scheme but VAT: a number that is no VAT number
MAX_DECIMALS = 2  # BR-DEC: EN 16931 writes amounts with two decimals at most

Element = Any


def written(amount: Decimal, currency: str) -> str:
    """An amount as XML has it: a point, no grouping, as many decimals as the currency has but never more than two."""
    return f"{amount:.{min(decimals(currency), MAX_DECIMALS)}f}"


def plain(number: Decimal) -> str:
    """A rate or quantity without superfluous zeros."""
    return format(number.normalize(), "f")


def basic(parent: Element, name: str, text: Any, **attributes: str) -> None:
    """Add a simple element; nothing for an empty text."""
    words = text.isoformat() if isinstance(text, date) else str(text)
    if words:
        etree.SubElement(parent, f"{{{CBC}}}{name}", attributes).text = words


def group(parent: Element, *names: str) -> Element:
    """Add an element that holds others, or a chain of them; the innermost is returned."""
    for name in names:
        parent = etree.SubElement(parent, f"{{{CAC}}}{name}")
    return parent


def ubl(document: Document) -> bytes:
    """The XML of a document. Raises `ValueError` for characters that XML can't hold."""
    name = "CreditNote" if document.is_credit else "Invoice"
    own = f"{ROOT}{name}-2"
    root = etree.Element(f"{{{own}}}{name}", nsmap={None: own, "cac": CAC, "cbc": CBC})
    _head(root, document)
    _party(group(root, "AccountingSupplierParty", "Party"), document.seller)
    _party(group(root, "AccountingCustomerParty", "Party"), document.buyer)
    _delivery(root, document)
    if document.payee is not None and not document.is_credit:
        _payment_means(group(root, "PaymentMeans"), document.payee, document.number)
    if document.terms:
        basic(group(root, "PaymentTerms"), "Note", document.terms)
    for item in document.allowances:
        _allowance(group(root, "AllowanceCharge"), item, document.currency)
    _taxes(root, document)
    _totals(group(root, "LegalMonetaryTotal"), document)
    for place, item in enumerate(document.lines, start=1):
        _line(group(root, f"{name}Line"), item, place, document)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _head(root: Element, document: Document) -> None:
    basic(root, "CustomizationID", STANDARD)
    basic(root, "ID", document.number)
    basic(root, "IssueDate", document.issued)
    if document.is_credit:
        basic(root, "CreditNoteTypeCode", document.type)
    else:
        basic(root, "DueDate", document.due or "")
        basic(root, "InvoiceTypeCode", document.type)
    basic(root, "Note", document.note)
    basic(root, "DocumentCurrencyCode", document.currency)
    basic(root, "TaxCurrencyCode", document.books_currency)
    if document.order:
        basic(group(root, "OrderReference"), "ID", document.order)
    for earlier in document.earlier:
        reference = group(root, "BillingReference", "InvoiceDocumentReference")
        basic(reference, "ID", earlier.number)
        basic(reference, "IssueDate", earlier.issued)


def _party(party: Element, of: Party) -> None:
    if of.endpoint:
        basic(party, "EndpointID", of.endpoint, schemeID=of.endpoint_scheme)
    if of.identifier:
        basic(group(party, "PartyIdentification"), "ID", of.identifier)
    if of.trading_name:
        basic(group(party, "PartyName"), "Name", of.trading_name)
    _address(group(party, "PostalAddress"), of.address)
    for number, scheme in ((of.vat_number, "VAT"), (of.tax_number, REGISTERED_ELSEWHERE)):
        if number:
            registered = group(party, "PartyTaxScheme")
            basic(registered, "CompanyID", number)
            basic(group(registered, "TaxScheme"), "ID", scheme)
    legal = group(party, "PartyLegalEntity")
    basic(legal, "RegistrationName", of.name)
    basic(legal, "CompanyID", of.registration)
    if of.contact or of.phone or of.email:
        contact = group(party, "Contact")
        basic(contact, "Name", of.contact)
        basic(contact, "Telephone", of.phone)
        basic(contact, "ElectronicMail", of.email)


def _address(address: Element, of: Address) -> None:
    """Three lines at most: what is more joins the third."""
    lines = [*of.lines[:2], ", ".join(of.lines[2:])] if len(of.lines) > 2 else [*of.lines]
    basic(address, "StreetName", lines[0] if lines else "")
    basic(address, "AdditionalStreetName", lines[1] if len(lines) > 1 else "")
    basic(address, "CityName", of.city)
    basic(address, "PostalZone", of.postal_code)
    basic(address, "CountrySubentity", of.region)
    if len(lines) > 2:
        basic(group(address, "AddressLine"), "Line", lines[2])
    basic(group(address, "Country"), "IdentificationCode", of.country)


def _delivery(root: Element, document: Document) -> None:
    if document.delivered is None and not document.deliver_to:
        return
    delivery = group(root, "Delivery")
    basic(delivery, "ActualDeliveryDate", document.delivered or "")
    if document.deliver_to:
        country = group(delivery, "DeliveryLocation", "Address", "Country")
        basic(country, "IdentificationCode", document.deliver_to)


def _payment_means(means: Element, payee: Payee, number: str) -> None:
    basic(means, "PaymentMeansCode", CREDIT_TRANSFER)
    basic(means, "PaymentID", number)
    account = group(means, "PayeeFinancialAccount")
    basic(account, "ID", payee.account)
    basic(account, "Name", payee.holder)
    if payee.bic:
        basic(group(account, "FinancialInstitutionBranch"), "ID", payee.bic)


def _category(category: Element, tax: Tax, *, with_reason: bool) -> None:
    basic(category, "ID", tax.category)
    if tax.category != "O":  # BR-O-05: what is outside the tax has no rate
        basic(category, "Percent", plain(tax.rate))
    if with_reason:
        basic(category, "TaxExemptionReasonCode", tax.reason_code)
        basic(category, "TaxExemptionReason", tax.reason)
    basic(group(category, "TaxScheme"), "ID", "VAT")


def _allowance(allowance: Element, item: Item, currency: str) -> None:
    basic(allowance, "ChargeIndicator", "false")
    basic(allowance, "AllowanceChargeReasonCode", DISCOUNT)
    reason = f"{item.description} ({item.note})" if item.note else item.description
    basic(allowance, "AllowanceChargeReason", reason)
    basic(allowance, "Amount", written(-item.net, currency), currencyID=currency)
    _category(group(allowance, "TaxCategory"), item.tax, with_reason=False)


def _taxes(root: Element, document: Document) -> None:
    currency = document.currency
    total = group(root, "TaxTotal")
    basic(total, "TaxAmount", written(document.tax, currency), currencyID=currency)
    for each in document.groups:
        subtotal = group(total, "TaxSubtotal")
        basic(subtotal, "TaxableAmount", written(each.net, currency), currencyID=currency)
        basic(subtotal, "TaxAmount", written(each.amount, currency), currencyID=currency)
        _category(group(subtotal, "TaxCategory"), each.tax, with_reason=True)
    if document.tax_in_books is not None:
        own = document.books_currency
        basic(group(root, "TaxTotal"), "TaxAmount", written(document.tax_in_books, own), currencyID=own)


def _totals(totals: Element, document: Document) -> None:
    currency = document.currency
    amounts = {
        "LineExtensionAmount": document.lines_net,
        "TaxExclusiveAmount": document.net,
        "TaxInclusiveAmount": document.total,
        "AllowanceTotalAmount": document.allowances_net if document.allowances else None,
        "PayableAmount": document.total,
    }
    for name, amount in amounts.items():
        if amount is not None:
            basic(totals, name, written(amount, currency), currencyID=currency)


def _line(line: Element, item: Item, place: int, document: Document) -> None:
    basic(line, "ID", place)
    basic(line, "Note", item.note)
    quantity = "CreditedQuantity" if document.is_credit else "InvoicedQuantity"
    basic(line, quantity, plain(item.quantity), unitCode=item.unit)
    basic(line, "LineExtensionAmount", written(item.net, document.currency), currencyID=document.currency)
    said = group(line, "Item")
    basic(said, "Name", item.description)
    _category(group(said, "ClassifiedTaxCategory"), item.tax, with_reason=False)
    price = item.net if item.price is None else item.price
    basic(group(line, "Price"), "PriceAmount", plain(price), currencyID=document.currency)

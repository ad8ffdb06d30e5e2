"""Exporting credit notes through the operation: what leaves, what takes it back, what is refused."""

import hashlib
from decimal import Decimal

import pytest

from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import issue_credit_note, reverse_credit_note
from receivables.billing.einvoice import validation
from receivables.billing.einvoice.credit_operations import export_credit_note
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_einvoice
from receivables.billing.einvoice.ubl import ubl
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event, Sequence
from receivables.ledger.models import ExchangeRate, JournalEntry
from tests.billing.credit_notes import credit, reason_of
from tests.builders import make_account, make_invoice
from tests.support.einvoices import Read, bill_in, tax_code

TOTALS = "cac:LegalMonetaryTotal/cbc:"
CATEGORY = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:"
REFERS = "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"


def exported(house, **details):
    """An invoice of 1,000.00 and its tax that the customer has as an e-invoice."""
    invoice = make_invoice(house.alice, details.pop("account", house.account), **details)
    export_einvoice(actor=house.alice, invoice=invoice)
    return invoice


def leave(house, note):
    """What the customer's machine reads of it."""
    return Read(export_credit_note(actor=house.alice, credit_note=note).content)


def refused(house, note):
    """The code and words of a refusal; nothing is kept and no number used."""

    def kept():
        return EInvoice.objects.count(), Sequence.objects.get(
            organization=house.organization, kind="einvoice_correction"
        ).last

    before = kept()
    with pytest.raises(Refused) as caught:
        export_credit_note(actor=house.alice, credit_note=note)
    assert kept() == before
    return caught.value.code, str(caught.value)


def prefix(house, kind):
    Sequence.objects.filter(organization=house.organization, kind=kind).update(prefix="INV-")


def test_a_credit_note_with_the_number_of_an_exported_invoice_is_refused_in_words(house):
    """Prefixes were equal once: two documents of one number can't both leave."""
    invoice = exported(house)
    prefix(house, "credit_note")
    note = credit(house.alice, invoice, "50", "price_concession")
    assert note.number == invoice.number
    code, words = refused(house, note)
    assert code == "number_left"
    assert "has left already as the e-invoice of another document" in words


def test_a_correction_with_the_number_of_an_exported_invoice_is_refused_in_words(house):
    note = credit(house.alice, exported(house), "50", "price_concession")
    export_credit_note(actor=house.alice, credit_note=note)
    reverse_credit_note(actor=house.alice, credit_note=note, reason="Not agreed")
    prefix(house, "einvoice_correction")
    assert refused(house, note)[0] == "number_left"


def test_export_credit_note_of_a_taxed_invoice(house):
    """50.00 off 1,080.00 at 8 %: 46.30 and 3.70."""
    invoice = exported(house, tax_code=tax_code(house.alice))
    note = credit(house.alice, invoice, "50", "price_concession", text="Agreed\nby phone")
    entries = JournalEntry.objects.count()
    made = export_credit_note(actor=house.bob, credit_note=note)
    read = Read(made.content)
    assert (read.name, read("cbc:CreditNoteTypeCode"), read("cbc:ID")) == ("CreditNote", "381", "CN-000001")
    assert read(REFERS) == "INV-000001"
    assert read("cbc:Note") == "Agreed by phone"
    assert read("cac:PaymentTerms/cbc:Note") == "Credited to invoice INV-000001."
    assert read("cac:CreditNoteLine/cac:Item/cbc:Name") == "Price concession"
    assert read(f"{TOTALS}TaxExclusiveAmount") == "46.30"
    assert read("cac:TaxTotal/cbc:TaxAmount") == "3.70"
    assert read(f"{TOTALS}PayableAmount") == "50.00"
    assert (read(f"{CATEGORY}ID"), read(f"{CATEGORY}Percent")) == ("S", "8")
    assert (made.kind, made.total, made.sequence_number) == ("credit_note", Decimal("-50.00"), None)
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert JournalEntry.objects.count() == entries
    assert Event.objects.get(name="export_credit_note").data["sha256"] == made.sha256
    assert validation.findings(bytes(made.content)) == []
    assert refused(house, note)[0] == "already_exported"


def test_export_credit_note_of_an_untaxed_invoice(house):
    read = leave(house, credit(house.alice, exported(house), "50", "discount"))
    assert (read(f"{CATEGORY}ID"), read(f"{CATEGORY}TaxExemptionReason")) == ("O", "Not subject to VAT")
    assert read.all("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID") == []
    assert (read("cac:TaxTotal/cbc:TaxAmount"), read(f"{TOTALS}PayableAmount")) == ("0.00", "50.00")


def test_export_credit_note_over_two_invoices_names_both(house):
    """Taxed and untaxed on one document: what is not subject to tax stands there as exempt."""
    taxed, plain = exported(house, tax_code=tax_code(house.alice)), exported(house)
    note = issue_credit_note(
        actor=house.alice, account=house.account, reason=reason_of(house.alice, "price_concession"),
        parts=[(taxed, Decimal(50)), (plain, Decimal(20))],
    )  # fmt: skip
    read = leave(house, note)
    assert read.all(REFERS) == ["INV-000001", "INV-000002"]
    assert read.all("cac:CreditNoteLine/cbc:LineExtensionAmount") == ["46.30", "20.00"]
    assert read.all("cac:CreditNoteLine/cbc:Note") == ["INV-000001", "INV-000002"]
    assert read.all(f"{CATEGORY}ID") == ["S", "E"]
    assert (read("cac:TaxTotal/cbc:TaxAmount"), read(f"{TOTALS}PayableAmount")) == ("3.70", "70.00")
    assert read("cac:PaymentTerms/cbc:Note") == "Credited to invoices INV-000001, INV-000002."


def test_export_credit_note_that_leaves_the_tax_alone_says_so(house):
    Reason.objects.of(house.alice).filter(kind="discount").update(tax_rule="none")
    read = leave(house, credit(house.alice, exported(house, tax_code=tax_code(house.alice)), "50", "discount"))
    assert read(f"{CATEGORY}ID") == "E"
    assert read(f"{CATEGORY}TaxExemptionReason") == "The tax of the invoice stays as it was"
    assert (read("cac:TaxTotal/cbc:TaxAmount"), read(f"{TOTALS}PayableAmount")) == ("0.00", "50.00")


def test_export_credit_note_in_another_currency_says_its_tax_as_booked(house):
    ExchangeRate.objects.create(organization=house.organization, currency="USD", date="2026-01-01", rate=Decimal("0.9"))
    account = bill_in(make_account(house.alice, "Dollar Inc", currency="USD"))
    invoice = exported(house, account=account, tax_code=tax_code(house.alice))
    read = leave(house, credit(house.alice, invoice, "50", "price_concession"))
    assert (read("cbc:DocumentCurrencyCode"), read("cbc:TaxCurrencyCode")) == ("USD", "EUR")
    assert read.all("cac:TaxTotal/cbc:TaxAmount") == ["3.70", "3.33"]


def test_a_reversed_credit_note_that_left_is_taken_back_by_a_debit_note(house):
    invoice = exported(house, tax_code=tax_code(house.alice))
    note = credit(house.alice, invoice, "50", "price_concession")
    export_credit_note(actor=house.alice, credit_note=note)
    reverse_credit_note(actor=house.alice, credit_note=note, reason="It was another customer")
    back = export_credit_note(actor=house.alice, credit_note=note)
    read = Read(back.content)
    assert (read.name, read("cbc:InvoiceTypeCode"), read("cbc:ID")) == ("Invoice", "383", "COR-000001")
    assert read.all(REFERS) == ["CN-000001", "INV-000001"]
    assert (read(f"{TOTALS}TaxExclusiveAmount"), read("cac:TaxTotal/cbc:TaxAmount")) == ("46.30", "3.70")
    assert "another customer" not in bytes(back.content).decode()
    assert sum(each.total for each in EInvoice.objects.all()) == Decimal("1080.00")
    assert refused(house, note)[0] == "already_exported"


def test_a_credit_note_reversed_before_it_left_never_leaves(house):
    note = credit(house.alice, exported(house), "50", "price_concession")
    reverse_credit_note(actor=house.alice, credit_note=note, reason="Wrong")
    assert refused(house, note)[0] == "reversed"


def test_bad_debt_makes_no_tax_document(house):
    code, words = refused(house, credit(house.alice, exported(house), "50", "bad_debt"))
    assert code == "bad_debt"
    assert "makes no tax document" in words


def test_export_credit_note_waits_for_its_invoices(house):
    known, unknown = exported(house), make_invoice(house.alice, house.account)
    note = issue_credit_note(
        actor=house.alice, account=house.account, reason=reason_of(house.alice, "price_concession"),
        parts=[(known, Decimal(1)), (unknown, Decimal(2))],
    )  # fmt: skip
    assert refused(house, note) == (
        "incomplete", "Invoice INV-000002 was never exported as an e-invoice: export it first, then what corrects it."
    )  # fmt: skip
    export_einvoice(actor=house.alice, invoice=unknown)
    assert leave(house, note)(f"{TOTALS}PayableAmount") == "3.00"


def test_only_billing_exports_a_credit_note(house):
    note = credit(house.alice, exported(house), "50", "price_concession")
    for member in (house.cora, house.audrey):
        with pytest.raises(NotPermitted):
            export_credit_note(actor=member, credit_note=note)
    with pytest.raises(CreditNote.DoesNotExist):
        export_credit_note(actor=house.ray, credit_note=note)


def test_a_planted_wrong_total_is_caught_and_nothing_leaves(house, monkeypatch):
    note = credit(house.alice, exported(house, tax_code=tax_code(house.alice)), "50", "price_concession")

    def wrong(document):
        return ubl(document).replace(b">50.00</cbc:PayableAmount>", b">49.00</cbc:PayableAmount>")

    monkeypatch.setattr("receivables.billing.einvoice.operations.ubl", wrong)
    code, words = refused(house, note)
    assert (code, "BR-CO-16" in words) == ("broken_rules", True)

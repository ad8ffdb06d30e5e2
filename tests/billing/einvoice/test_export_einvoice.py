"""Exporting through the operation: what leaves, what is refused, what is kept."""

import hashlib
from decimal import Decimal

import pytest
from django.db import connection

from receivables.billing.credit_notes.models import Reason
from receivables.billing.einvoice import validation
from receivables.billing.einvoice.credit_operations import export_credit_note
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_einvoice
from receivables.billing.models import Load
from receivables.billing.operations import add_accessorial, regenerate_invoice, reissue_invoice, void_invoice
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event, Sequence
from receivables.customers.models import Customer
from receivables.ledger.models import ExchangeRate, JournalEntry
from tests.billing.credit_notes import credit
from tests.builders import make_account, make_invoice, make_type
from tests.support.einvoices import Read, bill_in, make_house, reduce, tax_code

PAYABLE = "cac:LegalMonetaryTotal/cbc:PayableAmount"


def refused(house, invoice):
    """The code and words with which the export is refused; nothing is kept and no number used."""
    before = EInvoice.objects.count(), Sequence.objects.get(organization=house.organization, kind=KIND).last
    with pytest.raises(Refused) as caught:
        export_einvoice(actor=house.alice, invoice=invoice)
    after = EInvoice.objects.count(), Sequence.objects.get(organization=house.organization, kind=KIND).last
    assert after == before
    return caught.value.code, str(caught.value)


KIND = "einvoice_correction"


def test_export_einvoice_keeps_what_it_hands_out_and_posts_nothing(house):
    invoice = make_invoice(house.bob, house.account, tax_code=tax_code(house.alice))
    entries = JournalEntry.objects.count()
    made = export_einvoice(actor=house.bob, invoice=invoice)
    assert hashlib.sha256(made.content).hexdigest() == made.sha256
    assert (made.number, made.total, made.created_by) == (invoice.number, Decimal("1080.00"), house.bob.user)
    assert JournalEntry.objects.count() == entries
    event = Event.objects.get(name="export_einvoice")
    assert event.data["sha256"] == made.sha256
    assert invoice.sent_at is None


def test_only_billing_exports_and_a_collector_does_not(house):
    invoice = make_invoice(house.alice, house.account)
    for member in (house.cora, house.audrey):
        with pytest.raises(NotPermitted):
            export_einvoice(actor=member, invoice=invoice)


def test_exporting_again_is_refused_in_words(house):
    invoice = make_invoice(house.alice, house.account)
    export_einvoice(actor=house.alice, invoice=invoice)
    assert refused(house, invoice)[0] == "already_exported"


def test_a_customer_without_a_country_is_named_and_completed_on_their_page(house):
    account = bill_in(make_account(house.alice, "Nowhere Ltd"), country="")
    invoice = make_invoice(house.alice, account)
    assert refused(house, invoice) == ("incomplete", "The customer has no country: add it on the customer's page.")
    Customer.objects.filter(pk=account.customer_id).update(country="BE")
    made = export_einvoice(actor=house.alice, invoice=invoice)
    country = "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode"
    assert Read(made.content)(country) == "BE"


def test_a_snapshot_keeps_what_it_has_when_the_customer_moves(house):
    invoice = make_invoice(house.alice, house.account)
    Customer.objects.filter(pk=house.account.customer_id).update(country="BE", city="Gent", name="Other")
    read = Read(export_einvoice(actor=house.alice, invoice=invoice).content)
    assert read("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cbc:CityName") == "Lyon"
    assert read("cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName") == "Acme Foods"


def test_a_broken_rule_holds_the_document_back(house, monkeypatch):
    invoice = make_invoice(house.alice, house.account)
    found = [validation.Finding("BR-CO-16", "Amount due.")]
    monkeypatch.setattr(validation, "findings", lambda content: found)
    code, words = refused(house, invoice)
    assert code == "broken_rules"
    assert "BR-CO-16 of EN 16931: Amount due." in words


@pytest.mark.parametrize("failing", ["ready", "findings"])
def test_without_the_rules_nothing_leaves(house, monkeypatch, failing):
    invoice = make_invoice(house.alice, house.account)

    def fail(*args):
        raise validation.CheckFailed("gone")

    monkeypatch.setattr(validation.rules if failing == "ready" else validation, failing, fail)
    assert refused(house, invoice)[0] == "unchecked"


def test_a_void_invoice_never_exported_stays_here_and_an_exported_one_is_credited_whole(house):
    silent = make_invoice(house.alice, house.account)
    void_invoice(actor=house.alice, load=silent.loads.get(), reason="Twice")
    assert refused(house, silent)[0] == "void"
    known = make_invoice(house.alice, house.account, tax_code=tax_code(house.alice))
    export_einvoice(actor=house.alice, invoice=known)
    void_invoice(actor=house.alice, load=known.loads.get(), reason="Twice")
    credit = export_einvoice(actor=house.alice, invoice=known)
    assert (credit.document_type, credit.total, credit.tax) == ("381", Decimal("-1080.00"), Decimal("-80.00"))
    assert Read(credit.content)(PAYABLE) == "1080.00"


def test_an_addition_after_the_export_is_a_debit_note(house):
    invoice = make_invoice(house.alice, house.account, tax_code=tax_code(house.alice))
    export_einvoice(actor=house.alice, invoice=invoice)
    load = invoice.loads.get()
    extra = make_type(house.alice, "Detention", "charge", tax_treatment="added", tax_code=tax_code(house.alice, "19"))
    add_accessorial(actor=house.alice, load=load, type=extra, entity="customer", amount=Decimal(100))
    load.refresh_from_db()
    regenerate_invoice(actor=house.alice, load=load)
    debit = export_einvoice(actor=house.alice, invoice=invoice)
    assert (debit.document_type, debit.number, debit.total) == ("383", "COR-000001", Decimal("119.00"))
    assert Read(debit.content)("cbc:InvoiceTypeCode") == "383"


def test_corrections_are_numbered_without_gap_and_add_up(house):
    concession = make_type(house.alice, "Balance Adjustment", "price_concession", tax_treatment="included")
    invoice = make_invoice(house.alice, house.account, tax_code=tax_code(house.alice))
    export_einvoice(actor=house.alice, invoice=invoice)
    for amount in ("-10", "-20", "-0.01"):
        reduce(house.alice, invoice.loads.get(), concession, amount)
        export_einvoice(actor=house.alice, invoice=invoice)
    made = EInvoice.objects.order_by("pk")
    assert [each.number for each in made] == ["INV-000001", "COR-000001", "COR-000002", "COR-000003"]
    assert sum(each.total for each in made) == Decimal("1049.99")


def test_new_words_alone_are_no_correction(house):
    invoice = make_invoice(house.alice, house.account)
    export_einvoice(actor=house.alice, invoice=invoice)
    Load.objects.filter(invoice=invoice).update(origin="Bremen", destination="Lyon")
    reissue_invoice(actor=house.alice, load=invoice.loads.get(), reason="The route was missing")
    assert refused(house, invoice)[0] == "already_exported"


def test_a_tax_code_that_is_not_subject_to_tax_stands_alone_as_such(house):
    """It carries no tax, so nothing on the document is exempt from one; nor on what corrects it."""
    code = tax_code(house.alice, "0", category="O")
    invoice = make_invoice(house.alice, house.account, tax_code=code)
    category = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID"
    assert Read(export_einvoice(actor=house.alice, invoice=invoice).content).all(category) == ["O"]
    for kind in ("price_concession", "discount"):
        Reason.objects.of(house.alice).filter(kind="discount").update(tax_rule="none")
        note = credit(house.alice, invoice, "10", kind)
        assert Read(export_credit_note(actor=house.alice, credit_note=note).content).all(category) == ["O"]


def test_untaxed_lines_beside_taxed_ones_are_exempt_and_alone_not_subject_to_tax(house):
    plain = make_invoice(house.alice, house.account)
    read = Read(export_einvoice(actor=house.alice, invoice=plain).content)
    category = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
    assert (read(f"{category}/cbc:ID"), read(f"{category}/cbc:TaxExemptionReasonCode")) == ("O", "VATEX-EU-O")
    assert read.all("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID") == []

    load = make_invoice(house.alice, house.account, tax_code=tax_code(house.alice)).loads.get()
    fee = make_type(house.alice, "Toll", "charge")
    add_accessorial(actor=house.alice, load=load, type=fee, entity="customer", amount=Decimal(20))
    load.refresh_from_db()
    regenerate_invoice(actor=house.alice, load=load)
    mixed = Read(export_einvoice(actor=house.alice, invoice=load.invoice).content)
    assert mixed.all(f"{category}/cbc:ID") == ["S", "E"]
    assert mixed.all(f"{category}/cbc:TaxExemptionReason") == ["Not subject to VAT"]

    load.refresh_from_db()
    add_accessorial(actor=house.alice, load=load, type=fee, entity="customer", amount=Decimal(5))
    regenerate_invoice(actor=house.alice, load=Load.objects.get(pk=load.pk))
    more = Read(export_einvoice(actor=house.alice, invoice=load.invoice).content)
    assert more.all(f"{category}/cbc:ID") == ["E"]


def test_an_invoice_in_another_currency_says_its_tax_in_the_books_currency_too(house):
    ExchangeRate.objects.create(organization=house.organization, currency="USD", date="2026-01-01", rate=Decimal("0.9"))
    account = bill_in(make_account(house.alice, "Dollar Inc", currency="USD"))
    invoice = make_invoice(house.alice, account, tax_code=tax_code(house.alice))
    read = Read(export_einvoice(actor=house.alice, invoice=invoice).content)
    assert (read("cbc:DocumentCurrencyCode"), read("cbc:TaxCurrencyCode")) == ("USD", "EUR")
    assert read.all("cac:TaxTotal/cbc:TaxAmount") == ["80.00", "72.00"]


def test_three_decimals_are_exported_only_if_two_would_do(house):
    ExchangeRate.objects.create(organization=house.organization, currency="KWD", date="2026-01-01", rate=3)
    account = bill_in(make_account(house.alice, "Kuwait Co", currency="KWD"), country="KW", tax_id="")
    whole, fine = make_invoice(house.alice, account, "12.340"), make_invoice(house.alice, account, "12.345")
    assert Read(export_einvoice(actor=house.alice, invoice=whole).content)(PAYABLE) == "12.34"
    assert "two decimals at most" in refused(house, fine)[1]


def test_an_invoice_of_another_organization_does_not_exist(house):
    other = make_invoice(house.alice, house.account)
    with pytest.raises(other.DoesNotExist):
        export_einvoice(actor=house.ray, invoice=other)


def test_the_settings_of_now_stand_on_the_document(house):
    house.organization.electronic_address = ""
    house.organization.electronic_address_scheme = ""
    house.organization.save(update_fields=["electronic_address", "electronic_address_scheme"])
    invoice = make_invoice(house.alice, house.account)
    read = Read(export_einvoice(actor=house.alice, invoice=invoice).content)
    assert read.all("cac:AccountingSupplierParty/cac:Party/cbc:EndpointID") == []


def test_exporting_takes_a_bounded_number_of_queries(house, django_assert_max_num_queries):
    invoice = make_invoice(house.alice, house.account)
    with django_assert_max_num_queries(20, connection=connection):
        export_einvoice(actor=house.alice, invoice=invoice)


def test_two_houses_are_two_number_ranges(db):
    for _house in (make_house(), make_house()):
        invoice = make_invoice(_house.alice, _house.account)
        assert export_einvoice(actor=_house.alice, invoice=invoice).number == "INV-000001"

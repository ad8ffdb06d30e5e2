"""The XML itself, against the official schema and rules, without a database."""

import os
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from receivables.billing.einvoice import validation
from receivables.billing.einvoice.document import Address, Document, Earlier, Item, Party, Payee, Tax
from receivables.billing.einvoice.ubl import ubl
from tests.support.einvoices import Read

STANDARD, REDUCED = Tax("S", Decimal(19)), Tax("S", Decimal("7.5"))
SELLER = Party(
    "Blue Freight GmbH", Address(("Hafenstraße 1", "Hinterhof", "Tor 3", "Tor 4"), "Hamburg", "20457", "HH", "DE"),
    trading_name="Blue", vat_number="DE123456789", registration="HRB 4711", endpoint="DE123456789",
    endpoint_scheme="9930", contact="Billing", phone="+49 40 1", email="billing@blue.example",
)  # fmt: skip
BUYER = Party("Acme", Address(("1 quai",), "Lyon", "69001", "", "FR"), identifier="CUS-1", vat_number="FR23334175221")
INVOICE = Document(
    "380", "INV-1", date(2026, 11, 1), "EUR", SELLER, BUYER,
    [
        Item("Line haul", Decimal("100.00"), Decimal("19.00"), STANDARD, quantity=Decimal("12.5"), price=Decimal(8)),
        Item("Fuel", Decimal("40.00"), Decimal("3.00"), REDUCED, note="L-000002"),
        Item("Rebate", Decimal("-10.00"), Decimal("-1.90"), STANDARD, note="L-000001"),
    ],
    due=date(2026, 12, 1), terms="Due within 30 days.", note="Thank you", order="PO 77", delivered=date(2026, 10, 30),
    payee=Payee("DE89370400440532013000", "Blue Freight GmbH", "COBADEFFXXX"),
    books_currency="USD", tax_in_books=Decimal("22.50"),
)  # fmt: skip


def test_a_full_invoice_keeps_schema_and_rules():
    assert validation.findings(ubl(INVOICE)) == []
    read = Read(ubl(INVOICE))
    assert read("cac:LegalMonetaryTotal/cbc:LineExtensionAmount") == "140.00"
    assert read("cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount") == "10.00"
    assert read("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount") == "150.10"
    assert read.all("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount") == ["17.10", "3.00"]


def test_a_credit_note_and_a_debit_note_keep_schema_and_rules():
    earlier = (Earlier("INV-1", date(2026, 11, 1)),)
    credit = replace(INVOICE, type="381", number="COR-1", earlier=earlier)
    debit = replace(INVOICE, type="383", number="COR-2", earlier=earlier)
    assert validation.findings(ubl(credit)) == []
    assert validation.findings(ubl(debit)) == []
    assert Read(ubl(credit))("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == "INV-1"


@pytest.mark.parametrize("category", ["Z", "E", "AE", "K", "G", "O"])
def test_every_category_of_tax_keeps_the_rules(category):
    reason = "" if category == "Z" else "A reason"
    tax = Tax(category, Decimal(0), reason)
    seller, buyer = SELLER, BUYER
    if category == "O":
        seller, buyer = replace(seller, vat_number=""), replace(buyer, vat_number="")
    wanted = replace(
        INVOICE, seller=seller, buyer=buyer, deliver_to="FR", books_currency="", tax_in_books=None,
        items=[Item("Line haul", Decimal(100), Decimal(0), tax), Item("Rebate", Decimal(-1), Decimal(0), tax)],
    )  # fmt: skip
    assert validation.findings(ubl(wanted)) == []


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
def test_amounts_have_the_decimals_of_the_currency_but_two_at_most(currency):
    wanted = replace(INVOICE, currency=currency, items=[Item("Line haul", Decimal(1000), Decimal(190), STANDARD)])
    assert validation.findings(ubl(wanted)) == []
    written = Read(ubl(wanted))("cac:LegalMonetaryTotal/cbc:PayableAmount")
    assert written == {"JPY": "1190", "EUR": "1190.00", "KWD": "1190.00"}[currency]


def test_the_same_document_is_the_same_bytes():
    assert ubl(INVOICE) == ubl(replace(INVOICE, number="INV-1"))


@pytest.mark.parametrize(
    ("element", "rule"),
    [("PayableAmount", "BR-CO-16"), ("TaxExclusiveAmount", "BR-CO-13"), ("LineExtensionAmount", "BR-CO-10"),
     ("AllowanceTotalAmount", "BR-CO-11"), ("TaxInclusiveAmount", "BR-CO-15")],
)  # fmt: skip
def test_a_wrong_total_is_caught_by_the_rules(element, rule):
    head, tail = ubl(INVOICE).decode().split("<cac:LegalMonetaryTotal>")
    tail = re.sub(rf"(<cbc:{element}[^>]*>)[^<]*", r"\g<1>9999.00", tail, count=1)
    found = validation.findings(f"{head}<cac:LegalMonetaryTotal>{tail}".encode())
    assert rule in {finding.id for finding in found}


def test_a_wrong_tax_is_caught_by_the_rules():
    wrong = replace(INVOICE, items=[Item("Line haul", Decimal(100), Decimal(40), STANDARD)])
    assert {finding.id for finding in validation.findings(ubl(wrong))} >= {"BR-CO-17"}


def test_a_document_beside_the_schema_is_caught():
    broken = ubl(INVOICE).replace(b"<cbc:DueDate>2026-12-01", b"<cbc:DueDate>tomorrow")
    assert [finding.id for finding in validation.findings(broken)] == ["XSD"]


NASTY = '<a>&amp;"]]> <!ENTITY x SYSTEM "file:///etc/passwd"> <script>alert(1)</script>'


def test_markup_in_a_name_is_text():
    wanted = replace(INVOICE, buyer=replace(BUYER, name=NASTY), items=[replace(INVOICE.items[0], description=NASTY)])
    content = ubl(replace(wanted, books_currency="", tax_in_books=None))
    assert validation.findings(content) == []
    assert b"<script>" not in content
    assert Read(content)("cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName") == NASTY


def test_a_control_character_never_becomes_xml():
    with pytest.raises(ValueError, match="XML compatible"):
        ubl(replace(INVOICE, buyer=replace(BUYER, name="Ac\x01me")))


def test_reading_fetches_nothing_and_expands_nothing(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    bomb = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>'.encode()
    assert "secret" not in etree.tostring(etree.fromstring(bomb, validation.parser())).decode().replace(str(secret), "")
    assert [finding.id for finding in validation.findings(bomb)] == ["XSD"]
    laughs = b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><Invoice>&c;</Invoice>'
    assert [finding.id for finding in validation.findings(laughs)] != []


def test_rules_that_died_are_begun_anew():
    assert validation.findings(ubl(INVOICE)) == []
    validation.rules._process.kill()
    validation.rules._process.wait()
    assert validation.findings(ubl(INVOICE)) == []


def test_without_the_rules_nothing_counts_as_checked(monkeypatch):
    monkeypatch.setattr(validation.importlib.util, "find_spec", lambda name: None)
    checker = validation.RuleChecker()
    with pytest.raises(validation.CheckFailed, match="not installed"):
        checker.ready()


# A folder with the samples that CEN publishes beside its rules.
SAMPLES = Path(os.environ.get("EINVOICE_SAMPLES", "no samples"))


@pytest.mark.skipif(not SAMPLES.exists(), reason="EINVOICE_SAMPLES names no folder of published samples")
def test_our_invoice_is_built_like_the_published_samples():
    """Every element of ours that a sample has as well stands in the same order."""
    ours = [child.tag for child in Read(ubl(INVOICE)).root]
    for file in sorted(SAMPLES.glob("ubl-tc434-example*.xml")):
        assert validation.findings(file.read_bytes()) == []
        theirs = list(dict.fromkeys(child.tag for child in Read(file.read_bytes()).root))
        shared = [tag for tag in dict.fromkeys(ours) if tag in theirs]
        assert shared == [tag for tag in theirs if tag in shared], file.name

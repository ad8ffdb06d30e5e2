"""What keeps a document in the house, as a truth table without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from receivables.billing.einvoice.document import Address, Document, Item, Party, Tax
from receivables.billing.einvoice.rules import (
    Credited,
    CreditFacts,
    ExportFacts,
    Links,
    export_credit_note_blocker,
    export_einvoice_blocker,
    findings_blocker,
    problems,
)
from receivables.billing.einvoice.validation import Finding

SELLER = Party("Blue Freight GmbH", Address(country="DE"), vat_number="DE123456789")
BUYER = Party("Acme", Address(country="FR"), vat_number="FR23334175221")
LINKS = Links("/settings/", "/customers/1/", "/codes/")


def document(*categories, seller=SELLER, buyer=BUYER, net="100.00", **details):
    items = [
        Item("Line haul", Decimal(net), Decimal(8) if name == "S" else Decimal(0), Tax(name, Decimal(8 * (name == "S")),
             "" if name in "SZ" else "because"))
        for name in categories or ("S",)
    ]  # fmt: skip
    return Document("380", "INV-1", date(2026, 11, 1), "EUR", seller, buyer, items, **details)


def said(wanted):
    return [(check.text, check.link) for check in problems(wanted, LINKS)]


def test_export_einvoice_lets_a_whole_document_through():
    assert said(document()) == []
    assert export_einvoice_blocker(ExportFacts("INV-1", document=document())) is None


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"imported": True}, "imported"),
        ({"voided": True}, "void"),
        ({"exported": True}, "already_exported"),
        ({"voided": True, "exported": True}, "already_exported"),
        ({"number_left": True, "document": document()}, "number_left"),
    ],
)
def test_export_einvoice_has_nothing_to_say(facts, code):
    assert export_einvoice_blocker(ExportFacts("INV-1", **facts)).code == code


def test_export_einvoice_of_a_void_invoice_that_was_exported_is_a_correction():
    assert export_einvoice_blocker(ExportFacts("INV-1", voided=True, exported=True, document=document())) is None


NOWHERE = Address()


@pytest.mark.parametrize(
    ("wanted", "text", "link"),
    [
        (document(seller=replace(SELLER, address=NOWHERE)),
         "Your organization has no country: an Admin adds it.", "/settings/"),
        (document(seller=replace(SELLER, vat_number="")),
         "Your organization has no tax number and no registration number: an Admin adds one.", "/settings/"),
        (document(seller=replace(SELLER, vat_number="", registration="HRB 1")),
         "The document says something about tax, so your organization needs its tax number: an Admin adds it.",
         "/settings/"),
        (document("G", seller=replace(SELLER, vat_number="", tax_number="12/345", registration="HRB 1")),
         "A delivery abroad without tax needs your VAT number with the country in front, such as DE123456789.",
         "/settings/"),
        (document(buyer=replace(BUYER, name="")), "The customer has no name: add it on the customer's page.",
         "/customers/1/"),
        (document(buyer=replace(BUYER, address=NOWHERE)),
         "The customer has no country: add it on the customer's page.", "/customers/1/"),
        (document("K", buyer=replace(BUYER, vat_number="", registration="77")),
         "A delivery to another country of the European Union needs the customer's VAT number with the country.",
         "/customers/1/"),
        (document("AE", buyer=replace(BUYER, vat_number="")),
         "Reverse charge needs the customer's tax number: add it on the customer's page.", "/customers/1/"),
        (document("S", "O"),
         "What is not subject to tax can't stand beside taxed lines: choose another category for its tax code.",
         "/codes/"),
        (document("O", net="1.005"),
         "An e-invoice has amounts with two decimals at most, and this one has amounts in EUR with more.", ""),
        (document(buyer=replace(BUYER, name="Ac\x07me")),
         "A field of the customer holds an invisible control character: type it anew.", "/customers/1/"),
        (document(seller=replace(SELLER, contact="\ufffe")),
         "A field of your organization holds an invisible control character: type it anew.", "/settings/"),
        (document(order="PO\x00"), "A line or reference of the document holds an invisible control character.", ""),
    ],
)  # fmt: skip
def test_export_einvoice_says_what_is_missing_and_where(wanted, text, link):
    assert said(wanted) == [(text, link)]


def test_an_exemption_says_why():
    exempt = Item("Line haul", Decimal(1), Decimal(0), Tax("E"))
    assert said(replace(document(), items=[exempt])) == [
        ("A tax code of this document is an exemption without a reason: say why on the tax code.", "/codes/")
    ]


def test_everything_that_is_missing_is_said_at_once():
    wanted = document(seller=replace(SELLER, address=NOWHERE), buyer=replace(BUYER, address=NOWHERE))
    blocker = export_einvoice_blocker(ExportFacts("INV-1", document=wanted, links=LINKS))
    assert (blocker.code, len(blocker.checks)) == ("incomplete", 2)
    assert blocker.title == "This can't be exported as an e-invoice yet."


def test_a_broken_rule_is_named_with_its_number_and_in_words():
    assert findings_blocker([], LINKS) is None
    broken = [Finding("BR-CO-09", "…"), Finding("BR-CO-09", "…"), Finding("BR-99", "Something else.")]
    message = findings_blocker(broken, LINKS).message
    assert "BR-CO-09: a VAT number must begin with its country's two letters." in message
    assert message.count("BR-CO-09") == 1
    assert "BR-99 of EN 16931: Something else." in message


KNOWN, UNKNOWN = Credited("INV-1", "/invoices/1/", exported=True), Credited("INV-2", "/invoices/2/")
CREDIT = CreditFacts("CN-1", [KNOWN], document=document())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"bad_debt": True}, "bad_debt"),
        ({"bad_debt": True, "reversed": True, "exported": True}, "bad_debt"),
        ({"reversed": True}, "reversed"),
        ({"reversed": True, "exported": True}, None),
        ({"exported": True, "document": None}, "already_exported"),
        ({"reversed": True, "exported": True, "document": None}, "already_exported"),
        ({"invoices": [KNOWN, UNKNOWN]}, "incomplete"),
        ({"invoices": [replace(KNOWN, imported=True)]}, "incomplete"),
        ({"document": document(buyer=replace(BUYER, name=""))}, "incomplete"),
    ],
)
def test_export_credit_note_blocker_says_what_stands_in_the_way(changed, code):
    blocker = export_credit_note_blocker(replace(CREDIT, **changed))
    assert (blocker and blocker.code) == code


def test_export_credit_note_names_each_invoice_that_never_left_with_its_link():
    other = Credited("A-7", "/invoices/7/", imported=True)
    checks = export_credit_note_blocker(replace(CREDIT, invoices=[KNOWN, UNKNOWN, other])).checks
    assert [(check.text, check.link) for check in checks] == [
        ("Invoice INV-2 was never exported as an e-invoice: export it first, then what corrects it.", "/invoices/2/"),
        ("Invoice A-7 was issued by another system and imported: it is e-invoiced and credited there.", "/invoices/7/"),
    ]

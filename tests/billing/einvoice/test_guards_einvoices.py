"""Kept e-invoices, attacked by raw SQL as the application's login."""

from copy import deepcopy
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.core.sequences import take_numbers
from receivables.core.transactions import sqlstate
from tests.billing.credit_notes import credit
from tests.support.attack import CHECK, NO_PARENT, NO_RIGHT, TWICE, make_books, refused, sql
from tests.support.einvoices import keep_einvoice, keep_einvoice_of


@pytest.fixture(scope="module")
def kept_books(keep):
    return keep(make_books)


@pytest.fixture
def books(kept_books, db):
    return deepcopy(kept_books)


@pytest.mark.parametrize("statement", ["UPDATE billing_einvoice SET number = 'X'", "DELETE FROM billing_einvoice"])
def test_a_kept_document_is_never_changed(books, statement):
    keep_einvoice(books.unpaid, b"<Invoice/>")
    with refused(NO_RIGHT):
        sql(statement)


def test_a_number_is_exported_once(books):
    keep_einvoice(books.unpaid, b"<Invoice/>")
    with refused(TWICE, "RV007"):
        keep_einvoice(books.unpaid, b"<Invoice>other</Invoice>")


def test_the_fingerprint_is_that_of_the_document(books):
    with refused(CHECK, constraint="billing_einvoice_untouched"):
        keep_einvoice(books.unpaid, b"<Invoice/>", sha256="0" * 64)


@pytest.mark.parametrize(
    "changed",
    [
        {"net": Decimal(1), "tax": Decimal(0), "total": Decimal(1)},
        {"number": "INV-9"},
        {"currency": "EUR"},
        {"kind": "correction", "document_type": "383", "number": "COR-000001", "sequence_number": 1},
    ],
)
def test_documents_say_what_is_billed(books, changed):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        keep_einvoice(books.unpaid, b"<Invoice/>", **changed)
    assert sqlstate(caught.value) in ("RV007", "RV002")


def test_the_revision_is_one_of_the_invoice_and_the_organization(books):
    with refused("RV007"):
        keep_einvoice(books.unpaid, b"<Invoice/>", revision=books.void.revisions.first())
    other = make_books("Rival")
    with refused(NO_PARENT, "RV007"):
        keep_einvoice(books.unpaid, b"<Invoice/>", organization_id=other.org)


def test_a_correction_that_is_no_credit_note_is_refused(books):
    with refused(CHECK, constraint="einvoice_kind_fits"):
        keep_einvoice(books.unpaid, b"<Invoice/>", document_type="381")


# Credit notes: `part_paid` left as an e-invoice, `unpaid` did not.

CREDIT = b"<CreditNote/>"


@pytest.fixture
def note(books):
    return credit(books.actor, books.part_paid, "10", "price_concession")


def test_a_credit_note_is_exported_once_and_adds_nothing_to_its_invoice(books, note):
    keep_einvoice_of(note, CREDIT)
    assert [each.kind for each in books.part_paid.einvoices.all()] == ["invoice"]
    with refused(TWICE):
        keep_einvoice_of(note, CREDIT, number="CN-9")


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"net": Decimal(-11), "tax": Decimal(0), "total": Decimal(-11)}, ["RV007"]),
        ({"net": Decimal(-9), "tax": Decimal(-1)}, ["RV007"]),  # 9.99 and 0.01
        ({"currency": "EUR"}, ["RV007"]),
        ({"number": "CN-9"}, ["RV007"]),
        ({"kind": "invoice", "document_type": "380", "net": Decimal(10), "tax": 0, "total": Decimal(10)}, [CHECK]),
        (
            {"kind": "correction", "document_type": "383", "net": Decimal(10), "tax": 0, "total": Decimal(10)},
            [CHECK],
        ),
        ({"document_type": "383", "net": Decimal(10), "tax": 0, "total": Decimal(10)}, [CHECK]),
    ],
)
def test_the_e_invoice_of_a_credit_note_says_what_it_says(note, changed, codes):
    with refused(*codes):
        keep_einvoice_of(note, CREDIT, **changed)


def test_an_e_invoice_is_of_an_invoice_or_of_a_credit_note_and_never_of_both_or_neither(books, note):
    revision = books.part_paid.revisions.order_by("-number").first()
    for changed in ({"invoice": books.part_paid, "revision": revision}, {"credit_note": None}):
        with refused(CHECK, what=str(changed)):
            keep_einvoice_of(note, CREDIT, **changed)
    with refused(CHECK):
        keep_einvoice(books.unpaid, b"<Invoice/>", credit_note=note)


def test_bad_debt_what_was_reversed_and_what_corrects_an_unknown_invoice_never_leave(books):
    gone = credit(books.actor, books.part_paid, "10", "price_concession")
    reverse_credit_note(actor=books.actor, credit_note=gone, reason="Wrong")
    unknown = credit(books.actor, books.unpaid, "10", "price_concession")
    for note in (gone, unknown, credit(books.actor, books.part_paid, "10", "bad_debt")):
        with refused("RV007", what=note.number):
            keep_einvoice_of(note, CREDIT)


def test_only_a_credit_note_that_left_and_was_reversed_is_taken_back(books, note):
    def take_back(of):
        ((sequence_number, number),) = take_numbers(books.org, {"einvoice_correction": 1})["einvoice_correction"]
        back = {"kind": "correction", "document_type": "383", "number": number, "sequence_number": sequence_number}
        keep_einvoice_of(of, b"<Invoice/>", **back, net=of.net, tax=of.tax, total=of.total)

    keep_einvoice_of(note, CREDIT)
    with refused("RV007"):
        take_back(note)
    silent = credit(books.actor, books.part_paid, "10", "price_concession")
    for each in (note, silent):
        reverse_credit_note(actor=books.actor, credit_note=each, reason="Wrong")
    with refused("RV007"):
        take_back(silent)
    take_back(note)
    with refused(TWICE):
        take_back(note)

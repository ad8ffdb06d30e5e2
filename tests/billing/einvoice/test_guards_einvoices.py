"""Kept e-invoices, attacked by raw SQL as the application's login."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from receivables.core.transactions import sqlstate
from tests.support.attack import CHECK, NO_PARENT, NO_RIGHT, TWICE, make_books, refused, sql
from tests.support.einvoices import keep_einvoice


@pytest.fixture
def books(db):
    return make_books()


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

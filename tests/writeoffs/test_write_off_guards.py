"""The database keeps the promises of write-offs against SQL written as the application's login."""

from copy import deepcopy
from decimal import Decimal as D

import pytest
from django.db import connection

from receivables.ledger.models import OpenItem
from receivables.writeoffs.bulk.models import WriteOffBatch
from receivables.writeoffs.models import WriteOff, WriteOffItem, WriteOffLine
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import make_invoice
from tests.support.attack import Line, insert, make_books, refused, sql
from tests.writeoffs.cast import write_off

pytestmark = pytest.mark.django_db


class Written:
    """Books with 100.00 written off and taken back by half."""

    def __init__(self):
        self.books = make_books()
        self.invoice = make_invoice(self.books.actor, line_haul="100")
        self.write_off = write_off(self.books.actor, self.invoice.account)
        self.item = WriteOffItem.objects.get(write_off=self.write_off)
        self.line = WriteOffLine.objects.get(write_off=self.write_off)
        reverse_write_off(actor=self.books.actor, write_off=self.write_off, reason="Half", amount=D(50))

    def debt(self, amount, **changed):
        values = {"item": self.item.open_item_id, "agreement": self.item.agreement_id, "opens": True, **changed}
        return Line("6150", amount, **values)

    def owed(self, amount):
        return Line("1200", amount, item=self.invoice.open_item_id, agreement=self.invoice.agreement_id)

    def document(self, **changed):
        row = {
            "organization_id": self.books.org, "number": "WO-000002", "sequence_number": 2, "method": "distribution",
            "account_id": self.invoice.account_id, "reason": "x", "currency": "USD", "amount": 10, "line_count": 1,
            "organization_amount": 10, "date": "2026-11-03", "posting_date": "2026-11-03", "created_at": "2026-11-03",
        }  # fmt: skip
        return insert("writeoffs_writeoff", **{**row, **changed})

    def line_of(self, document, **changed):
        row = {
            "organization_id": self.books.org, "write_off_id": document, "line_no": 9, "currency": "USD",
            "source_agreement_id": self.invoice.agreement_id, "source_item_id": self.invoice.open_item_id,
            "source_account_id": self.line.source_account_id, "item_id": self.item.pk, "amount": 10,
            "organization_amount": 10,
        }  # fmt: skip
        return insert("writeoffs_writeoffline", **{**row, **changed})


@pytest.fixture(scope="module")
def kept_written(keep):
    return keep(Written)


@pytest.fixture
def written(kept_written, db):
    return deepcopy(kept_written)


def test_sql_a_transfer_nets_to_zero(written):
    with refused("RV004", what="one side only"):
        written.books.entry(Line("1900", 10), Line("6300", -10))
    with refused("RV004", what="debt is forgiven on the way"):
        written.books.entry(Line("1900", 10), Line("1900", -10), written.debt(-10), Line("6300", 10))


def test_sql_a_write_off_agreement_is_never_in_credit(written):
    with refused("RV007", what="beyond what is owed"):
        written.books.entry(Line("6300", 51), written.debt(-51))
    with refused("RV007", what="without an open item"):
        written.books.entry(Line("6300", 10), written.debt(-10, item=None, opens=False))


def test_sql_a_write_off_and_its_reversals_are_never_changed(written):
    for table in ("writeoff", "writeoffitem", "writeoffline", "writeoffreversal", "writeoffreversalline"):
        for statement in (f"UPDATE writeoffs_{table} SET id = id", f"DELETE FROM writeoffs_{table}"):
            with refused("42501", what=statement):
                sql(statement)


def test_sql_a_write_off_says_what_its_entry_moved(written):
    with refused("RV007", what="no lines"):
        sql("SELECT * FROM take_numbers(%s, '{write_off}', '{1}')", written.books.org)
        written.document()
        connection.check_constraints()
    with refused("RV007", what="a line without an entry"):
        sql("SELECT * FROM take_numbers(%s, '{write_off}', '{1}')", written.books.org)
        written.line_of(written.document())
    with refused("RV007", what="one line more"):
        written.line_of(written.write_off.pk)


def test_sql_no_settlement_by_transfer_without_one(written):
    with refused("RV007"):
        entry = written.books.entry(written.owed(-10), Line("6300", 10))
        written.books.allocation(
            kind="transfer", debit_item_id=written.invoice.open_item_id, credit_item_id=None, entry_id=entry, amount=10
        )
        connection.check_constraints()


def test_sql_no_more_is_taken_back_than_was_written_off(written):
    with refused("RV007"):
        step = insert(
            "writeoffs_writeoffreversal", organization_id=written.books.org, write_off_id=written.write_off.pk, step=2,
            reason="x", currency="USD", amount=60, organization_amount=60, line_count=1, posting_date="2026-11-03",
            created_at="2026-11-03",
        )  # fmt: skip
        insert(
            "writeoffs_writeoffreversalline", organization_id=written.books.org, reversal_id=step,
            line_id=written.line.pk, currency="USD", amount=60, organization_amount=60,
        )  # fmt: skip


def test_sql_the_tally_of_a_batch_is_moved_by_its_items_alone(written):
    with refused("42501"):
        sql("UPDATE writeoffs_writeoffbatch SET tally = '{}'")
    insert(
        "writeoffs_writeoffbatch", organization_id=written.books.org, currency="USD", reason="x", selection="{}",
        plan="{}", tally='{"done||": ["7", "7", "0", "7"]}', created_at="2026-11-03",
    )  # fmt: skip
    assert WriteOffBatch.objects.get().tally == {}


def test_sql_rows_of_two_organizations_never_meet(written, stranger):
    other = make_invoice(stranger, line_haul="100")
    with refused("RV007", "23503"):
        written.line_of(written.write_off.pk, source_item_id=other.open_item_id)
    assert WriteOff.objects.of(stranger).count() == 0
    assert OpenItem.objects.get(pk=written.item.open_item_id).balance == 50

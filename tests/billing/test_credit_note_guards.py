"""Credit notes attacked with SQL as the application's login."""

from copy import deepcopy
from decimal import Decimal

import pytest

from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.credit_notes.queries import entry_of
from receivables.core.sequences import take_numbers
from receivables.ledger.models import Allocation
from tests.billing.credit_notes import credit
from tests.builders import make_invoice
from tests.support.attack import CHECK, DAY, NO_PARENT, NO_RIGHT, TWICE, Line, insert, make_books, refused, settle, sql

TABLES = ["billing_creditnote", "billing_creditnoteline", "billing_creditnotereversal"]


@pytest.fixture(scope="module")
def kept_books(keep):
    return keep(make_books)


@pytest.fixture
def books(kept_books, db):
    return deepcopy(kept_books)


@pytest.fixture
def note(books):
    found = credit(books.actor, books.unpaid, "60", kind="price_concession")
    settle()
    return found


def copied(note, table="billing_creditnote", **changed):
    """A forged row like an existing one."""
    row = note if table == "billing_creditnote" else note.lines.get()
    values = {
        field.column: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.column != "bill_to"
    }
    bill_to = {"bill_to": "{}"} if table == "billing_creditnote" else {}
    return insert(table, **{**values, **bill_to, **changed})


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_credit_notes_are_never_changed_or_deleted(note, table, statement):
    with refused(NO_RIGHT, "RV001", what=table):
        sql(statement.format(table))


def test_a_reason_keeps_its_kind_and_its_row(note):
    with refused(NO_RIGHT, "RV001"):
        sql("UPDATE billing_reason SET kind = 'bad_debt' WHERE kind = 'discount'")
    with refused(NO_RIGHT, "RV001"):
        sql("DELETE FROM billing_reason")


@pytest.mark.parametrize(
    "changed",
    [{"net": 61, "total": 61}, {"tax": -1, "net": 61}, {"total": 0, "net": 0}, {"net": "60.001", "total": "60.001"}],
)
def test_a_header_that_does_not_add_up(note, changed):
    with refused("RV007", CHECK, what=str(changed)):
        copied(note, **_next(note), **changed)


def _next(note):
    """The next number, taken."""
    sequence_number, number = take_numbers(note.organization_id, {"credit_note": 1})["credit_note"][0]
    return {"sequence_number": sequence_number, "number": number}


def test_a_credit_note_without_lines(note):
    with refused("RV007"):
        copied(note, **_next(note))


def test_numbers_have_no_gap_and_no_twin(note):
    with refused(TWICE, "RV002"):
        copied(note)
    with refused("RV002"):
        copied(note, number="CN-000006", sequence_number=note.sequence_number + 5)
    with refused("RV002"):
        _next(note)


def test_no_line_is_added_later(note):
    with refused("RV007"):
        copied(note, "billing_creditnoteline", line_no=2)


def test_a_settlement_is_on_one_credit_note_only(books, note):
    """A second document for the same entry would credit the customer twice on paper."""
    with refused("RV007"):
        twin = copied(note, **_next(note))
        copied(note, "billing_creditnoteline", credit_note_id=twin)


def test_the_reason_fits_the_settlement(books, note):
    """Bad debt never hides behind a settlement that reads as credited."""
    with refused("RV007"):
        reason = Reason.objects.of(books.actor).get(kind="bad_debt")
        twin = copied(note, **_next(note), reason_id=reason.pk)
        copied(note, "billing_creditnoteline", credit_note_id=twin)


def test_nothing_is_credited_without_a_credit_note(books):
    with refused("RV007"):
        entry = books.entry(books.receivable(-60), Line("4900", 60))
        books.allocation(kind="credit_note", credit_item_id=None, amount=60, entry_id=entry)


def test_bad_debt_by_the_journal_needs_no_document(books):
    entry = books.entry(books.receivable(-60), Line("6100", 60))
    books.allocation(kind="bad_debt", credit_item_id=None, amount=60, entry_id=entry)
    settle()
    assert Allocation.objects.filter(kind="bad_debt").count() == 1


def test_a_settlement_of_a_credit_note_is_not_undone_behind_it(books, note):
    """The entry mirrored and the settlement reversed, yet the document would stand."""
    live = Allocation.objects.get(credit_note_lines__credit_note=note)
    posted = entry_of(note)
    with refused("RV007"):
        mirrored = [
            Line(line.gl_account_id, -line.amount, item=line.open_item_id, agreement=line.agreement_id)
            for line in posted.lines.filter(open_item__isnull=False)
        ]
        entry = books.entry(*mirrored, Line("4900", -60))
        books.allocation(
            kind=live.kind, credit_item_id=None, amount=60, entry_id=entry, reverses_id=live.pk,
        )  # fmt: skip


def test_a_reversal_undoes_what_was_settled_once(books, note):
    values = {"organization_id": books.org, "credit_note_id": note.pk, "posting_date": DAY, "created_at": DAY}
    with refused("RV007"):
        insert("billing_creditnotereversal", reason="Words alone", **values)
    with refused(CHECK):
        insert("billing_creditnotereversal", reason="", **values)
    reverse_credit_note(actor=books.actor, credit_note=note, reason="Not agreed")
    settle()
    with refused(TWICE):
        insert("billing_creditnotereversal", reason="Again", **values)


def test_rows_of_two_organizations_never_meet(books, note):
    other = make_books("Other Freight")
    foreign = Reason.objects.of(other.actor).get(kind="price_concession").pk
    for column, value in {"account_id": other.account.pk, "reason_id": foreign}.items():
        with refused(NO_PARENT, "RV007", what=column):
            copied(note, **_next(note), **{column: value})
    with refused(NO_PARENT):
        insert(
            "billing_creditnotereversal", organization_id=other.org, credit_note_id=note.pk, reason="x",
            posting_date=DAY, created_at=DAY,
        )  # fmt: skip


def test_the_journal_books_what_the_lines_say(books, note):
    """A line that names another account than its entry debited is refused."""
    invoice = make_invoice(books.actor, books.account)
    with refused("RV007"):
        entry = books.entry(
            Line("6200", 60), Line("1200", -60, item=invoice.open_item_id, agreement=books.agreement.pk),
            posting_date=note.posting_date,
        )  # fmt: skip
        settled = books.allocation(
            kind="credit_note", credit_item_id=None, amount=60, entry_id=entry, debit_item_id=invoice.open_item_id
        )
        twin = copied(note, **_next(note))
        copied(note, "billing_creditnoteline", credit_note_id=twin, invoice_id=invoice.pk, allocation_id=settled)
    assert CreditNote.objects.get().total == Decimal(60)

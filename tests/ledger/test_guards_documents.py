"""Numbers, invoices, revisions, payments and requests, attacked by raw SQL (J4, I2, I3, R1, R3, W3)."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction

from receivables.billing.models import Invoice, Load, Revision
from receivables.core.sequences import take_numbers
from receivables.core.transactions import sqlstate
from tests.builders import make_account, make_invoice, make_member, pay
from tests.support.attack import CHECK, DAY, NO_RIGHT, TWICE, Line, bank_of, insert, refused, settle, sql

# Numbers


def invoice_row(books, **changed):
    """The row of a forged invoice on an item of its own."""
    item = changed.pop("open_item_id", None) or books.item(kind="invoice", number=changed.get("number", "INV-000099"))
    values = {
        "organization_id": books.org, "number": "INV-000099", "sequence_number": 99, "account_id": books.account.pk,
        "agreement_id": books.agreement.pk, "open_item_id": item, "currency": "USD", "rate": 1, "issue_date": DAY,
        "due_date": DAY, "terms_days": 0, "reference": "", "summary": False, "imported": False, "current_revision": 1,
        "created_at": DAY,
    }  # fmt: skip
    return insert("billing_invoice", **{**values, **changed})


def test_a_number_is_taken_from_its_sequence(books):
    with refused("RV002"):
        invoice_row(books)
    with refused("RV002"):
        invoice_row(books, number="INV-000000", sequence_number=0)


def test_a_number_is_used_once(books):
    with refused(TWICE):
        invoice_row(books, number="INV-X", sequence_number=books.unpaid.sequence_number)


def test_a_document_reads_the_number_that_was_taken(books):
    with refused("RV002"):
        number, _text = take_numbers(books.org, {"invoice": 1})["invoice"][0]
        invoice_row(books, number="INV-000777", sequence_number=number)


@pytest.mark.parametrize("kind", ["invoice", "payment"])
def test_a_number_taken_is_used(books, kind):
    with refused("RV002"):
        take_numbers(books.org, {kind: 1})


@pytest.mark.parametrize("count", [0, -1])
def test_numbers_are_never_given_back(books, count):
    with refused("RV002"):
        sql("SELECT * FROM take_numbers(%s, ARRAY['invoice'], ARRAY[%s])", books.org, count)


def test_the_counter_moves_by_taking_only(books):
    with refused(NO_RIGHT):
        sql("UPDATE core_sequence SET last = last + 1")
    with refused(NO_RIGHT):
        sql("UPDATE core_sequence SET kind = 'x'")
    with refused("RV002"):
        sql("SELECT * FROM take_numbers(%s, ARRAY['nothing'], ARRAY[1])", books.org)


def test_a_rolled_back_number_leaves_no_gap(books):
    before = make_invoice(books.actor, books.account).sequence_number
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        take_numbers(books.org, {"invoice": 1})
        raise ZeroDivisionError
    assert make_invoice(books.actor, books.account).sequence_number == before + 1


# Invoices and revisions


def test_an_invoice_says_something(books):
    with refused("RV007"):
        invoice_row(books, number="OLD-1", sequence_number=None, imported=True)


def test_an_invoice_begins_with_revision_one(books):
    """A row that claims to be at revision 5 would never be compared with the ledger."""
    with refused("RV007"):
        pk = invoice_row(books, number="OLD-1", sequence_number=None, current_revision=5)
        revision = books.revision(Invoice.objects.get(pk=pk), 1, cause="imported")
        books.revision_line(revision, 900)


def test_an_invoice_stands_on_an_item_of_its_own(books):
    with refused("RV007"):
        item = books.item(number="OLD-1")
        pk = invoice_row(books, number="OLD-1", sequence_number=None, open_item_id=item)
        books.revision_line(books.revision(Invoice.objects.get(pk=pk), 1, net=0, total=0, organization_total=0), 0)


KEPT_COLUMNS = "number currency issue_date due_date rate account_id open_item_id current_revision voided_at"


def test_an_invoice_keeps_its_columns(books):
    for column in KEPT_COLUMNS.split():
        with refused(NO_RIGHT):
            sql(f"UPDATE billing_invoice SET {column} = {column}")


def test_an_invoice_was_not_sent_in_a_revision_it_has_not(books):
    with refused(CHECK, constraint="invoice_sent_what_exists"):
        sql("UPDATE billing_invoice SET sent_revision = 9")


def forge(books, invoice, number, **changed):
    total = changed.get("total", 900)
    revision = books.revision(invoice, number, net=total, organization_total=total, **{"total": total, **changed})
    books.revision_line(revision, total)
    return revision


def test_no_revision_while_a_payment_stands(books):
    with refused("RV006"):
        forge(books, books.part_paid, 3)


def test_no_revision_while_a_payment_of_zero_stands(books):
    pay(books.actor, books.unpaid, "0")
    settle()
    with refused("RV006"):
        forge(books, books.unpaid, 2)


def test_no_void_while_something_is_settled(books):
    with refused("RV006"):
        forge(books, books.part_paid, 3, cause="voided", total=0)
    entry = books.entry(books.receivable(-60), Line("6100", 60))
    books.allocation(kind="bad_debt", credit_item_id=None, amount=60, entry_id=entry)
    settle()
    with refused("RV006"):
        forge(books, books.unpaid, 2, cause="voided", total=0)


def test_a_void_revision_is_zero(books):
    with refused(CHECK, constraint="revision_void_is_zero"):
        books.revision(books.unpaid, 2, cause="voided")


@pytest.mark.parametrize("number", [3, 7])
def test_no_revision_is_skipped(books, number):
    with refused("RV002"):
        forge(books, books.unpaid, number)


def test_a_revision_comes_once(books):
    with refused(TWICE):
        forge(books, books.unpaid, 1)


def test_a_void_invoice_has_no_next_revision(books):
    with refused("RV001"):
        forge(books, books.void, 3)


def test_a_revision_is_posted(books):
    with refused("RV007"):
        forge(books, books.unpaid, 2)


def test_a_revision_has_the_currency_of_its_invoice(books):
    with refused("RV007"):
        books.revision(books.unpaid, 2, currency="EUR")


def test_a_revision_has_its_lines(books):
    with refused("RV007"):
        books.revision(books.unpaid, 2, net=1134, total=1134, organization_total=1134)


def test_the_lines_add_up_to_their_revision(books):
    with refused("RV007"):
        books.revision_line(books.revision(books.unpaid, 2), 899)


def test_a_revision_gains_no_line_later(books):
    revision = Revision.objects.get(invoice=books.unpaid)
    with refused("RV007"):
        books.revision_line(revision.pk, 0, line_no=9)


def test_a_revision_gains_no_tax_later(books):
    revision = Revision.objects.get(invoice=books.part_paid, number=1)
    tax = sql("SELECT id FROM billing_taxcode WHERE organization_id = %s", books.org)[0][0]
    with refused("RV007"):
        insert(
            "billing_revisiontax", organization_id=books.org, revision_id=revision.pk, tax_code_id=tax, name="Forged",
            rate=8, currency="USD", net=100, tax=8,
        )  # fmt: skip


def test_the_tax_of_a_revision_is_there(books):
    with refused("RV007"):
        revision = books.revision(books.unpaid, 2, net=1050, tax=84, total=1134, organization_total=1134)
        books.revision_line(revision, 1050, tax=84, total=1134)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "0.005"])
def test_a_revision_is_an_amount_of_money(books, amount):
    with refused(CHECK):
        books.revision(books.unpaid, 2, net=amount, total=amount)


def test_a_load_stands_on_an_agreement_of_its_account(books):
    other = make_account(books.actor, "Other")
    with refused("23503", "RV001"):
        sql("UPDATE billing_load SET account_id = %s", other.pk)
    with refused("23503", constraint="billing_load_agreement_account"):
        Load.objects.create(
            organization=books.actor.organization, number="L-X", account=other, agreement=books.agreement,
            currency="USD", line_haul=1,
        )  # fmt: skip


def test_a_used_tax_rate_is_never_changed(books):
    with refused(NO_RIGHT):
        sql("UPDATE billing_taxcode SET rate = 9")


# Payments


def payment_row(books, **changed):
    (sequence_number, number), *_rest = take_numbers(books.org, {"payment": 1})["payment"]
    item = books.item(kind="payment", number=number, agreement_id=None, gl_account_id=books.gl("2100"))
    values = {
        "organization_id": books.org, "number": number, "sequence_number": sequence_number,
        "account_id": books.account.pk, "open_item_id": item, "bank_account_id": bank_of(books).pk, "date": DAY,
        "posting_date": DAY, "currency": "USD", "rate": 1, "amount": 70, "method": "check", "reference": "", "note": "",
        "created_at": DAY,
    }  # fmt: skip
    return insert("collections_payment", **{**values, **changed})


def test_a_payment_is_in_the_ledger(books):
    with refused("RV007"):
        payment_row(books)


def test_a_payment_is_not_negative_nor_anything_else(books):
    for amount in ("-1", "NaN", "0.005"):
        with refused(CHECK):
            payment_row(books, amount=amount)


def test_a_payment_stays_on_the_account_of_its_item(books):
    with refused("RV007"):
        payment_row(books, amount=0, account_id=make_account(books.actor, "Other").pk)


def reversal_row(books, payment):
    return insert(
        "collections_paymentreversal", organization_id=books.org, payment_id=payment.pk, kind="deleted", reason="",
        posting_date=DAY, created_at=DAY,
    )  # fmt: skip


def test_a_payment_is_undone_once(books):
    with refused(TWICE):
        reversal_row(books, books.deleted)


def test_a_payment_is_undone_in_the_ledger_too(books):
    with refused("RV007"):
        reversal_row(books, books.payment)


# Requests


def request_row(books, **changed):
    values = {
        "organization_id": books.org, "verb": "add_accessorial", "kind": "bad_debt",
        "subject_type_id": ContentType.objects.get_for_model(Load).pk, "subject_id": 1, "title": "Write off",
        "currency": "USD", "amount": 50, "reason": "", "facts": "{}", "preview": "[]", "state": "waiting",
        "requested_by_id": books.actor.user_id, "requested_at": DAY, "decision_note": "",
    }  # fmt: skip
    return insert("approvals_approvalrequest", **{**values, **changed})


def test_a_request_begins_undecided(books):
    other = make_member(books.actor.organization, name="Bob")
    with refused("RV001"):
        request_row(books, state="approved", decided_by_id=other.user_id, decided_at=DAY)


def test_nobody_decides_their_own_request(books):
    request = request_row(books)
    with refused(CHECK, constraint="approval_by_somebody_else"):
        sql(
            "UPDATE approvals_approvalrequest SET state = 'approved', decided_by_id = %s WHERE id = %s",
            books.actor.user_id, request,
        )  # fmt: skip
    with refused(CHECK, constraint="approval_by_somebody_else"):
        sql("UPDATE approvals_approvalrequest SET state = 'approved' WHERE id = %s", request)


def test_a_request_is_decided_once_and_says_what_was_asked(books):
    other = make_member(books.actor.organization, name="Bob")
    request = request_row(books)
    with refused(NO_RIGHT):
        sql("UPDATE approvals_approvalrequest SET amount = 1 WHERE id = %s", request)
    insert(
        "approvals_approvaldecision", organization_id=books.org, request_id=request, level=1, verdict="rejected",
        decided_by_id=other.user_id, decided_at=DAY, note="No",
    )  # fmt: skip
    with refused(NO_RIGHT):
        sql("UPDATE approvals_approvaldecision SET verdict = 'approved' WHERE request_id = %s", request)
    sql(
        "UPDATE approvals_approvalrequest SET state = 'rejected', decided_by_id = %s WHERE id = %s",
        other.user_id,
        request,
    )
    with refused("RV001"):
        sql("UPDATE approvals_approvalrequest SET state = 'approved' WHERE id = %s", request)


def test_an_error_of_a_guard_has_a_code_of_its_own(books):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        forge(books, books.part_paid, 3)
    assert sqlstate(caught.value) == "RV006"

"""Gap-free numbers: taken in order, used in the same transaction, never forged."""

import pytest
from django.db import DatabaseError, connection, transaction

from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from receivables.core.models import Sequence
from receivables.core.sequences import take_numbers
from receivables.core.transactions import sqlstate
from tests.builders import make_invoice, make_load, make_member, make_organization


def test_numbers_follow_each_other_without_a_gap_also_after_a_rollback(committed_db):
    alice = make_member(make_organization())
    assert make_invoice(alice).number == "INV-000001"
    load = make_load(alice)
    with transaction.atomic():
        generate_invoice(actor=alice, load=load)
        transaction.set_rollback(True)
    assert generate_invoice(actor=alice, load=load).number == "INV-000002"


def test_a_number_taken_and_not_used_stops_the_commit(committed_db):
    organization = make_organization()
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        take_numbers(organization.pk, {"invoice": 1})
    assert sqlstate(refused.value) == "RV002"
    assert Sequence.objects.get(organization=organization, kind="invoice").last == 0


@pytest.mark.django_db
def test_kinds_are_taken_in_one_statement_and_blocks_are_contiguous(django_assert_num_queries):
    organization = make_organization()
    with transaction.atomic():
        with django_assert_num_queries(1):
            numbers = take_numbers(organization.pk, {"payment": 1, "invoice": 3, "load": 0})
        transaction.set_rollback(True)
    assert [number for number, _ in numbers["invoice"]] == [1, 2, 3]
    assert numbers["payment"] == [(1, "PMT-000001")]
    assert "load" not in numbers


@pytest.mark.django_db
def test_a_forged_number_is_refused():
    alice = make_member(make_organization())
    invoice = make_invoice(alice)
    invoice.pk, invoice.number, invoice.sequence_number = None, "INV-000099", 99
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        invoice.save(force_insert=True)
    assert sqlstate(refused.value) in ("RV002", "23505")
    assert Invoice.objects.count() == 1


@pytest.mark.django_db
def test_the_application_cannot_move_a_counter():
    organization = make_organization()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_sequence SET last = 7 WHERE organization_id = %s", [organization.pk])
    assert Sequence.objects.get(organization=organization, kind="invoice").last == 0

"""Two people at the same instant about the same balance, on real commits."""

from decimal import Decimal

import pytest

from receivables.billing.credit_notes.models import CreditNote, CreditNoteReversal
from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.models import Invoice
from receivables.billing.operations import add_accessorial, regenerate_invoice
from receivables.core.errors import Refused
from tests.billing.credit_notes import credit
from tests.builders import balances, make_invoice, make_member, make_organization, make_type, pay
from tests.collections.support import item_of
from tests.support.invariants import broken
from tests.support.races import race


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


def codes(results):
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    return sorted(each.code for each in results if isinstance(each, Refused))


def test_a_credit_note_and_a_payment_on_the_same_balance(admin):
    invoice = make_invoice(admin)
    results = race(lambda: credit(admin, invoice, "700"), lambda: pay(admin, invoice, "700"))
    assert codes(results) in (["more_than_open"], ["more_than_owed"])
    assert item_of(invoice).balance == 300
    assert broken() == {}


def test_a_credit_note_while_regenerating(admin):
    """Whoever comes first: never a total below what is credited."""
    invoice = make_invoice(admin)
    load = invoice.loads.get()
    add_accessorial(actor=admin, load=load, type=make_type(admin), entity="customer", amount=Decimal(-600), note="")
    results = race(lambda: regenerate_invoice(actor=admin, load=load), lambda: credit(admin, invoice, "700"))
    revision, item = Invoice.objects.get(pk=invoice.pk).current_revision, item_of(invoice)
    outcome = (revision, item.amount, item.balance, codes(results))
    assert outcome in [(2, 400, 400, ["more_than_open"]), (1, 1000, 300, ["below_settled"])]
    assert broken() == {}


def test_two_reversals(admin):
    invoice = make_invoice(admin)
    note = credit(admin, invoice, "700")
    results = race(*[lambda: reverse_credit_note(actor=admin, credit_note=note, reason="Not agreed")] * 2)
    assert codes(results) == ["already_reversed"]
    assert CreditNoteReversal.objects.count() == 1
    assert item_of(invoice).balance == 1000
    assert sum(balances(admin).values()) == 0


def test_credit_notes_at_once_leave_no_gap_in_their_numbers(admin):
    invoices = [make_invoice(admin) for _each in range(3)]
    results = race(*[lambda each=each: credit(admin, each, "10") for each in invoices])
    assert codes(results) == []
    assert sorted(CreditNote.objects.values_list("number", flat=True)) == ["CN-000001", "CN-000002", "CN-000003"]
    assert broken() == {}

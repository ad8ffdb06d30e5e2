"""Two people export the same invoice at the same instant, on real commits."""

from decimal import Decimal

import pytest

from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.einvoice.credit_operations import export_credit_note
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_einvoice
from receivables.core.errors import Refused
from tests.billing.credit_notes import credit
from tests.builders import make_invoice, make_type
from tests.support.einvoices import make_house, reduce
from tests.support.races import race


@pytest.fixture
def house(committed_db):
    return make_house()


def test_races_to_export_leave_one_document_each(house):
    invoice = make_invoice(house.alice, house.account)
    concession = make_type(house.alice, "Balance Adjustment", "price_concession")
    for expected in (1, 2):
        outcomes = race(*[lambda: export_einvoice(actor=house.alice, invoice=invoice)] * 2)
        assert sorted(type(each).__name__ for each in outcomes) == ["EInvoice", "Refused"]
        assert [each.code for each in outcomes if isinstance(each, Refused)] == ["already_exported"]
        assert EInvoice.objects.count() == expected
        reduce(house.alice, invoice.loads.get(), concession, "-10")


def test_races_of_exporting_and_regenerating_add_up(house):
    """Whoever comes first: what was exported is what was billed then, and the rest waits as a correction."""
    invoice = make_invoice(house.alice, house.account)
    concession = make_type(house.alice, "Balance Adjustment", "price_concession")
    outcomes = race(
        lambda: export_einvoice(actor=house.alice, invoice=invoice),
        lambda: reduce(house.bob, invoice.loads.get(), concession, "-10"),
    )
    assert not any(isinstance(each, Exception) for each in outcomes), outcomes
    first = EInvoice.objects.get()
    assert first.total in (Decimal(1000), Decimal(990))
    if first.total == 1000:
        assert export_einvoice(actor=house.alice, invoice=invoice).total == -10


def test_races_to_export_a_credit_note_leave_one_document_each(house):
    """Itself once; after it was reversed, what takes it back once."""
    invoice = make_invoice(house.alice, house.account)
    export_einvoice(actor=house.alice, invoice=invoice)
    note = credit(house.alice, invoice, "50", "price_concession")
    for expected in (2, 3):
        outcomes = race(*[lambda: export_credit_note(actor=house.alice, credit_note=note)] * 2)
        assert sorted(type(each).__name__ for each in outcomes) == ["EInvoice", "Refused"]
        assert EInvoice.objects.count() == expected
        if expected == 2:
            reverse_credit_note(actor=house.alice, credit_note=note, reason="Wrong")
    assert sum(each.total for each in EInvoice.objects.all()) == 1000

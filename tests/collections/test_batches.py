"""Resolving many short payments at once, going on with what was left, and undoing it."""

from decimal import Decimal

import pytest

from receivables.collections.models import Resolution
from receivables.collections.short_payments.models import BatchItem
from receivables.core.models import Event, Job
from tests.builders import balances, make_type
from tests.collections import batch_support as batches
from tests.collections.batch_support import balance, short

pytestmark = pytest.mark.django_db


@pytest.fixture
def write_off(biller):
    return make_type(biller)


def test_resolve_short_payments_takes_off_what_is_open_on_each(biller, write_off):
    first, second = short(biller), short(biller, paid="0")
    batch = batches.resolved(biller, write_off, note="Damaged", reason="Agreed with the customer")
    assert batches.states(batch) == {"done": 2}
    assert (balance(first), balance(second)) == (0, 0)
    assert balances(biller) == {"1000": 950, "4000": -2000, "6100": 1050}
    assert batches.job_of(batch).state == Job.State.DONE
    assert set(Resolution.objects.values_list("reason", flat=True)) == {"Agreed with the customer"}
    assert Event.objects.filter(name="resolve_short_payment", actor_user=biller.user).count() == 2


def test_undo_batch_brings_every_balance_back(biller, write_off):
    invoices = [short(biller), short(biller, paid="900")]
    before = balances(biller)
    batch = batches.resolved(biller, write_off)
    batches.undone(biller, batch)
    assert [balance(each) for each in invoices] == [50, 100]
    assert balances(biller) == before
    assert set(BatchItem.objects.values_list("state", "undo_state")) == {("done", "undone")}
    assert Decimal(0) == Resolution.objects.filter(undoes__isnull=False).count() - 2

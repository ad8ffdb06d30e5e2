"""Two people at the loads of one summary invoice at the same instant, or two workers at one schedule."""

import os
from datetime import timedelta
from functools import partial

import pytest

from receivables.billing.models import Invoice, Load, RevisionLine, SummarySchedule
from receivables.billing.operations import generate_invoice
from receivables.billing.summary.operations import change_summary_loads, generate_summary_invoice
from receivables.billing.summary.schedule import schedule_summary_invoices
from receivables.billing.summary.tasks import run_due_schedules
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.events import history
from tests.builders import make_account, make_load, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "8"))


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


def summed(admin):
    account = make_account(admin)
    loads = [make_load(admin, account, "100") for _ in range(3)]
    return account, loads, generate_summary_invoice(actor=admin, loads=loads)


def refusals(results):
    faults = [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert faults == []
    return [each for each in results if isinstance(each, Refused)]


def test_change_summary_loads_twice_at_once(admin):
    for _round in range(ROUNDS):
        account, (first, second, _third), invoice = summed(admin)
        late = make_load(admin, account, "50")
        results = race(
            partial(change_summary_loads, actor=admin, invoice=invoice, leave=[first], reason="Wrong week"),
            partial(change_summary_loads, actor=admin, invoice=invoice, leave=[second], join=[late], reason="Late"),
        )
        assert refusals(results) == []
        assert Invoice.objects.get(pk=invoice.pk).current_revision == 3
        assert Invoice.objects.get(pk=invoice.pk).open_item.amount == 150
        results = race(*[partial(change_summary_loads, actor=admin, invoice=invoice, leave=[late], reason="Twice")] * 2)
        assert [each.code for each in refusals(results)] == ["not_on_invoice"]
    assert broken() == {}


def test_change_summary_loads_against_record_payment(admin):
    for _round in range(ROUNDS):
        _account, (first, *_rest), invoice = summed(admin)
        results = race(
            partial(change_summary_loads, actor=admin, invoice=invoice, leave=[first], reason="Wrong week"),
            partial(pay, admin, invoice, "300"),
        )
        (refusal,) = refusals(results)
        assert refusal.code in ("payment_exists", "more_than_owed")
    assert broken() == {}


def test_change_summary_loads_against_the_invoice_of_the_joining_load(admin):
    for _round in range(ROUNDS):
        account, _loads, invoice = summed(admin)
        late = make_load(admin, account, "50")
        results = race(
            partial(change_summary_loads, actor=admin, invoice=invoice, join=[late], reason="Late"),
            partial(generate_invoice, actor=admin, load=late),
        )
        assert [each.code for each in refusals(results)] == ["already_invoiced"]
        billed = RevisionLine.objects.filter(load=late, revision__invoice__voided_at__isnull=True)
        assert billed.values("revision__invoice").distinct().count() == 1
    assert broken() == {}


def test_two_workers_at_one_schedule_bill_each_load_once(admin):
    day = today(admin.organization)
    account = make_account(admin)
    for round_ in range(ROUNDS):
        loads = [make_load(admin, account, "100", delivery_date=day - timedelta(days=1)) for _ in range(3)]
        if round_ == 0:
            schedule_summary_invoices(actor=admin, customer=account.customer, frequency="weekly", next_date=day)
        SummarySchedule.objects.update(next_date=day)
        assert sorted(race(run_due_schedules, run_due_schedules)) == [0, 1]
        invoices = Load.objects.filter(pk__in=[load.pk for load in loads]).values_list("invoice", flat=True)
        assert len(set(invoices)) == 1
        assert None not in invoices
        assert SummarySchedule.objects.get().next_date == day + timedelta(days=7)
    runs = history(admin, account.customer).filter(name="run_summary_schedule")
    assert {event.reason for event in runs} == {""}  # who came second was refused nothing
    assert broken() == {}

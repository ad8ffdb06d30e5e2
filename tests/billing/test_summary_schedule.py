"""Summary invoices by schedule: whose turn it is, what is billed, and when it is their turn again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Organization
from receivables.billing.models import Invoice, Load, SummarySchedule
from receivables.billing.operations import create_load
from receivables.billing.summary import schedule, tasks
from receivables.billing.summary.schedule import Turns, schedule_summary_invoices
from receivables.billing.summary.tasks import run_due_schedules
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.events import history
from receivables.customers.models import Agreement
from receivables.ledger.models import ExchangeRate
from tests.builders import make_account, make_load, make_member, make_organization


@pytest.mark.parametrize(
    ("frequency", "next_date", "day_of_month", "day", "turn"),
    [
        ("weekly", date(2026, 11, 2), 2, date(2026, 11, 2), date(2026, 11, 9)),
        ("weekly", date(2026, 11, 2), 2, date(2026, 11, 22), date(2026, 11, 23)),
        ("fortnightly", date(2026, 11, 2), 2, date(2026, 11, 15), date(2026, 11, 16)),
        ("monthly", date(2026, 11, 1), 1, date(2026, 11, 1), date(2026, 12, 1)),
        ("monthly", date(2026, 12, 15), 15, date(2026, 12, 20), date(2027, 1, 15)),
        ("monthly", date(2027, 1, 31), 31, date(2027, 1, 31), date(2027, 2, 28)),
        ("monthly", date(2027, 2, 28), 31, date(2027, 2, 28), date(2027, 3, 31)),
        ("weekly", date(2026, 11, 30), 30, date(2026, 11, 22), date(2026, 11, 30)),
    ],
)
def test_the_next_turn(frequency, next_date, day_of_month, day, turn):
    kept = SummarySchedule(frequency=frequency, next_date=next_date, day_of_month=day_of_month)
    assert Turns(kept, day).next == turn


@pytest.fixture
def office(db):
    actor = make_member(make_organization())
    return actor, make_account(actor), today(actor.organization)


def test_schedule_summary_invoices_bills_what_was_delivered_before_its_day(office):
    actor, account, day = office
    yesterday = day - timedelta(days=1)
    billed = [make_load(actor, account, "100", delivery_date=yesterday) for _ in range(2)]
    other = make_load(actor, make_account(actor, "Zebra"), "100", delivery_date=yesterday)
    left = [
        make_load(actor, account, "100", delivery_date=day),
        make_load(actor, account, "100"),
        make_load(actor, account, "0", delivery_date=yesterday),
    ]
    schedule_summary_invoices(actor=actor, customer=account.customer, frequency="weekly", next_date=day)
    assert run_due_schedules() == 1
    invoice = Invoice.objects.of(actor).get()
    assert invoice.summary
    assert list(invoice.loads.order_by("pk")) == billed
    assert not Load.objects.filter(pk__in=[load.pk for load in [other, *left]], invoice__isnull=False).exists()
    assert SummarySchedule.objects.of(actor).get().next_date == day + timedelta(days=7)
    assert run_due_schedules() == 0
    assert history(actor, account.customer).filter(name="run_summary_schedule").get().data["invoices"] == [
        invoice.number
    ]


def test_schedule_summary_invoices_is_taken_off(office):
    actor, account, day = office
    make_load(actor, account, "100", delivery_date=day - timedelta(days=1))
    schedule_summary_invoices(actor=actor, customer=account.customer, frequency="monthly", next_date=day)
    schedule_summary_invoices(actor=actor, customer=account.customer, frequency="", next_date=None)
    assert run_due_schedules() == 0


def test_schedule_summary_invoices_begins_today_or_later(office):
    actor, account, day = office
    for next_date, code in ((day - timedelta(days=1), "past"), (None, "no_date")):
        with pytest.raises(Refused) as refused:
            schedule_summary_invoices(actor=actor, customer=account.customer, frequency="weekly", next_date=next_date)
        assert refused.value.code == code
    assert not SummarySchedule.objects.exists()


def test_one_customer_that_cannot_be_billed_stops_nobody(office):
    actor, account, day = office
    zebra = make_account(actor, "Zebra")
    for each in (account, zebra):
        make_load(actor, each, "100", delivery_date=day - timedelta(days=1))
        schedule_summary_invoices(actor=actor, customer=each.customer, frequency="weekly", next_date=day)
    account.agreements.update(state="closed")
    assert run_due_schedules() == 1
    assert Invoice.objects.of(actor).get().account == zebra


def test_one_customer_with_a_fault_stops_nobody_and_a_closed_house_bills_nothing(office, monkeypatch, caplog):
    actor, account, day = office
    zebra, other = make_account(actor, "Zebra"), make_member(make_organization("Closed"))
    for by, each in ((actor, account), (actor, zebra), (other, make_account(other))):
        make_load(by, each, "100", delivery_date=day - timedelta(days=1))
        schedule_summary_invoices(actor=by, customer=each.customer, frequency="weekly", next_date=day)
    Organization.objects.filter(pk=other.organization_id).update(active=False)

    def faulty(by, kept, on):
        if kept.customer_id == account.customer_id:
            raise ValueError("a fault of ours")
        return schedule.run_schedule(by, kept, on)

    monkeypatch.setattr(tasks, "run_schedule", faulty)
    assert run_due_schedules() == 1
    assert Invoice.objects.get().account == zebra
    assert "a fault of ours" in caplog.text


def test_turns_that_were_missed_are_made_up_for(office):
    actor, account, day = office
    late = make_load(actor, account, "100", delivery_date=day - timedelta(days=3))
    schedule_summary_invoices(actor=actor, customer=account.customer, frequency="weekly", next_date=day)
    SummarySchedule.objects.of(actor).update(next_date=day - timedelta(days=15))
    assert run_due_schedules() == 1
    assert list(Invoice.objects.get().loads.all()) == [late]
    assert SummarySchedule.objects.of(actor).get().next_date == day + timedelta(days=6)


def test_schedule_summary_invoices_saved_again_in_february_stays_for_the_31st(office):
    actor, account, day = office
    customer, last = account.customer, date(day.year + 1, 1, 31)
    february, march = date(day.year + 1, 3, 1) - timedelta(days=1), date(day.year + 1, 3, 31)
    schedule_summary_invoices(actor=actor, customer=customer, frequency="monthly", next_date=last)
    SummarySchedule.objects.of(actor).update(next_date=february)
    schedule_summary_invoices(actor=actor, customer=customer, frequency="monthly", next_date=february)
    assert Turns(SummarySchedule.objects.get(), february).next == march
    schedule_summary_invoices(actor=actor, customer=customer, frequency="weekly", next_date=february)
    assert SummarySchedule.objects.get().day_of_month == february.day


def test_more_loads_than_an_invoice_holds_two_agreements_and_two_currencies(office, monkeypatch):
    monkeypatch.setattr(schedule, "MOST_LOADS", 2)
    actor, account, day = office
    own = {"organization": actor.organization, "account": account, "start_date": date(2026, 1, 1)}
    freight = account.agreements.get()
    second = Agreement.objects.create(type=freight.type, number="AG-2", currency="USD", **own)
    euro = Agreement.objects.create(type=freight.type, number="AG-3", currency="EUR", **own)
    ExchangeRate.objects.create(
        organization=actor.organization, currency="EUR", date=date(2026, 1, 1), rate=Decimal("1.1")
    )
    wanted = []
    for agreement, count in ((freight, 5), (second, 1), (euro, 2)):
        wanted += [
            create_load(
                actor=actor, account=account, agreement=agreement, line_haul=Decimal(100),
                delivery_date=day - timedelta(days=1),
            )
            for _ in range(count)
        ]  # fmt: skip
    schedule_summary_invoices(actor=actor, customer=account.customer, frequency="weekly", next_date=day)
    assert run_due_schedules() == 5
    made = Invoice.objects.order_by("pk").values_list("agreement", "currency", "open_item__amount")
    assert sorted(made) == sorted(
        [(freight.pk, "USD", 200), (freight.pk, "USD", 200), (freight.pk, "USD", 100), (second.pk, "USD", 100),
         (euro.pk, "EUR", 200)]
    )  # fmt: skip
    assert not Load.objects.filter(pk__in=[load.pk for load in wanted], invoice__isnull=True).exists()

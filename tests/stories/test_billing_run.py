"""Storage is 300.00 a month plus 8 % tax: billed behind each month, once, by days when service stops, and never on
written-off debt."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.billing.models import BilledPeriod, BillingRunItem, Invoice, Load, TaxCode
from receivables.billing.operations import create_load, void_invoice
from receivables.billing.recurring import running
from receivables.billing.recurring.operations import end_agreement_charge, retry_billing_run, run_billing
from receivables.billing.recurring.panels import final_bill
from receivables.billing.recurring.planning import plan_run
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.core.operations import SystemActor
from receivables.customers.dates import move_due, run_agreement_dates
from receivables.customers.operations import cancel_agreement, create_agreement, start_agreement, stop_agreement
from receivables.customers.tasks import move_all_due
from receivables.ledger.models import GLAccount
from tests.billing.recurring import billed, charged, outcome, service_of, work_off
from tests.builders import balances, make_account, make_member, make_organization, make_type, pay
from tests.credit_control.support import written_off
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def bob():
    return make_member(make_organization(), "biller", "Bob Biller")


@pytest.fixture
def storage(bob):
    """Storage with 8 % added on top."""
    own = {"organization": bob.organization}
    account = GLAccount.objects.of(bob).get(code="2200")
    tax = TaxCode.objects.create(code="T8", name="State tax", rate=8, gl_account=account, **own)
    return make_type(bob, "Storage", "charge", gl="4000", tax_treatment="added", tax_code=tax)


def test_run_billing_bills_what_is_due_once(bob, storage):
    account = make_account(bob, "Acme Foods")
    charged(bob, account, "300", storage, note="Bay 4")
    run = billed(bob, date(2026, 2, 28))
    assert outcome(run) == [("Acme Foods", "billed", "", D(600), D(648), False)]
    assert balances(bob) == {"1200": 648, "2200": -48, "4000": -600}
    invoice = Invoice.objects.get()
    lines = list(invoice.revisions.get().lines.order_by("line_no").values_list("description", "total"))
    assert lines == [
        ("Storage: Bay 4 2026-01-01 – 2026-01-31", 324), ("Storage: Bay 4 2026-02-01 – 2026-02-28", 324),
    ]  # fmt: skip
    assert (invoice.issue_date, invoice.agreement) == (today(bob.organization), service_of(account))
    with pytest.raises(Refused) as refused:
        run_billing(actor=bob, cut_off=date(2026, 2, 28))
    assert refused.value.code == "nothing_due"
    pay(bob, invoice, "648")
    assert service_of(account).payoff_balance == 0
    assert outcome(billed(bob, date(2026, 3, 31)))[0][3:5] == (300, 324)
    assert broken() == {}


def test_written_off_debt_is_skipped_by_the_run_and_refused_by_every_door(bob, storage):
    account = make_account(bob, "Acme Foods")
    kept = written_off(bob, account, "1050")
    charged(bob, account, "100", storage)
    before = kept.payoff_balance
    run = billed(bob, date(2026, 1, 31))
    assert outcome(run) == [
        ("Acme Foods", "billed", "", D(100), D(108), False),
        ("Acme Foods", "skipped", "not_billable", D(0), None, False),
    ]  # fmt: skip
    kept.refresh_from_db()
    assert (kept.payoff_balance, before, kept.invoices.count()) == (1050, 1050, 0)
    with pytest.raises(Refused) as refused:
        create_load(actor=bob, account=account, agreement=kept, line_haul=D(1))
    assert refused.value.code == "not_billable"


def test_one_that_fails_is_listed_and_stops_nobody_else(bob, storage):
    first, second = make_account(bob, "First"), make_account(bob, "Second")
    broken_type = make_type(bob, "Old", "charge")
    charged(bob, first, "300", broken_type)
    charged(bob, second, "100", storage)
    broken_type.active = False
    broken_type.save(update_fields=["active"])
    run = billed(bob, date(2026, 1, 31))
    assert [row[:3] for row in outcome(run)] == [("First", "failed", "type_inactive"), ("Second", "billed", "")]
    assert "does not exist or is not active" in BillingRunItem.objects.get(state="failed").message
    assert not Load.objects.filter(account=first).exists(), "a bill that fails leaves nothing behind"
    broken_type.active = True
    broken_type.save(update_fields=["active"])
    again = work_off(retry_billing_run(actor=bob, run=run))
    assert [row[:3] for row in outcome(again)] == [("First", "billed", ""), ("Second", "billed", "")]


def test_retry_billing_run_goes_on_where_a_worker_died(bob, storage, monkeypatch):
    for name in ("First", "Second", "Third"):
        charged(bob, make_account(bob, name), "100", storage)
    run = run_billing(actor=bob, cut_off=date(2026, 1, 31))
    whole, done = running.bill_agreement, []

    def dies_at_the_second(*args):
        if done:
            raise running.OperationalError("the connection is lost")
        done.append(args)
        return whole(*args)

    monkeypatch.setattr(running, "bill_agreement", dies_at_the_second)
    with pytest.raises(running.OperationalError):
        work_off(run)
    monkeypatch.undo()
    assert [row[1] for row in outcome(run)] == ["billed", "waiting", "waiting"]
    assert [row[1] for row in outcome(work_off(run, attempts=1))] == ["billed", "billed", "billed"]
    assert BilledPeriod.objects.count() == Invoice.objects.count() == 3


def test_stop_agreement_is_billed_by_days_and_closes_when_that_is_paid(bob, storage):
    account = make_account(bob, "Acme Foods")
    charged(bob, account, "310", storage)
    charged(bob, account, "25", storage, every_months=None, starts_on=date(2026, 1, 5), note="Key")
    stop_agreement(actor=bob, agreement=service_of(account), stop_date=date(2026, 1, 10))
    assert service_of(account).state == "stopped", "it waits for its final bill, although nothing is owed"
    run = billed(bob, date(2026, 1, 31))
    assert outcome(run) == [("Acme Foods", "billed", "", D(125), D(135), True)]
    stopped = service_of(account)
    assert (stopped.state, stopped.awaits_final_bill, stopped.payoff_balance) == ("stopped", False, 135)
    assert final_bill(stopped) == Invoice.objects.get()
    assert Load.objects.get().reference.startswith("Final bill of")
    pay(bob, Invoice.objects.get(), "135")
    assert service_of(account).state == "closed"
    assert not plan_run(bob, today(bob.organization)).billed
    with pytest.raises(Refused) as refused:
        charged(bob, account, "1", storage)
    assert refused.value.code == "agreement_closed"


def test_with_nothing_left_to_bill_the_final_run_closes_it(bob, storage):
    account = make_account(bob, "Acme Foods")
    charged(bob, account, "310", storage)
    pay(bob, Invoice.objects.get(pk=billed_invoice(bob)), "334.80")
    stop_agreement(actor=bob, agreement=service_of(account), stop_date=date(2026, 1, 31))
    assert outcome(billed(bob, date(2026, 1, 31))) == [("Acme Foods", "closed", "", D(0), None, True)]
    assert service_of(account).state == "closed"


def billed_invoice(actor):
    return BillingRunItem.objects.get(run=billed(actor, date(2026, 1, 31))).invoice_id


def test_end_agreement_charge_by_a_day_or_whole(bob, storage):
    account = make_account(bob, "Acme Foods")
    charge, other = charged(bob, account, "310", storage), charged(bob, account, "99", storage)
    assert end_agreement_charge(actor=bob, charge=other).cancelled
    end_agreement_charge(actor=bob, charge=charge, ends_on=date(2026, 1, 5), reason="Moved out")
    assert outcome(billed(bob, date(2026, 3, 31)))[0][3] == 50
    with pytest.raises(Refused) as refused:
        end_agreement_charge(actor=bob, charge=charge, ends_on=date(2026, 1, 4))
    assert refused.value.code == "over"
    assert history(bob, charge).first().reason == "Moved out"


def test_a_voided_bill_stays_billable_on_its_load_and_is_not_billed_twice(bob, storage):
    account = make_account(bob, "Acme Foods")
    charged(bob, account, "300", storage)
    billed(bob, date(2026, 1, 31))
    void_invoice(actor=bob, load=Load.objects.get(), reason="Wrong address")
    assert not plan_run(bob, date(2026, 1, 31)).billed
    assert balances(bob) == {}


def test_what_a_person_was_shown_is_what_is_billed(bob, storage):
    account = make_account(bob, "Acme Foods")
    charge = charged(bob, account, "300", storage)
    seen = plan_run(bob, date(2026, 1, 31)).digest()
    end_agreement_charge(actor=bob, charge=charge, ends_on=date(2026, 1, 5))
    with pytest.raises(Refused) as refused:
        run_billing(actor=bob, cut_off=date(2026, 1, 31), previewed=seen)
    assert refused.value.code == "stale"


def test_add_agreement_charge_and_run_billing_need_their_permissions(bob, storage):
    cora = make_member(bob.organization, "collector", "Cora Collector")
    account = make_account(bob)
    with pytest.raises(NotPermitted):
        charged(cora, account, "1", storage)
    with pytest.raises(NotPermitted):
        run_billing(actor=cora, cut_off=date(2026, 1, 31))


# Days that come ------------------------------------------------------------------------------------------------------


def test_start_agreement_and_stop_agreement_on_their_days(bob):
    account = make_account(bob)
    kind, day = service_of(account).type, today(bob.organization)
    coming = create_agreement(actor=bob, account=account, type=kind, start_date=day + timedelta(days=3))
    with pytest.raises(Refused) as refused:
        start_agreement(actor=bob, agreement=coming)
    assert refused.value.code == "to_come"
    leaving = stop_agreement(actor=bob, agreement=service_of(account), stop_date=day + timedelta(days=3))
    assert (coming.state, leaving.state) == ("pending_start", "pending_stop")
    assert move_all_due() == 0
    type(coming).objects.filter(pk=coming.pk).update(start_date=day)
    type(leaving).objects.filter(pk=leaving.pk).update(stop_date=day)
    bob.organization.active = False
    bob.organization.save(update_fields=["active"])
    assert move_all_due() == 0, "a closed organization rests"
    bob.organization.active = True
    bob.organization.save(update_fields=["active"])
    assert move_all_due() == 2
    coming.refresh_from_db()
    leaving.refresh_from_db()
    assert (coming.state, leaving.state) == ("active", "closed")
    assert [row.name for row in history(bob, coming)] == ["start_agreement", "create_agreement"]
    assert move_all_due() == 0


def test_run_agreement_dates_on_request(bob):
    alice = make_member(bob.organization)
    with pytest.raises(Refused) as refused:
        run_agreement_dates(actor=alice)
    assert refused.value.code == "nothing_due"
    account, day = make_account(bob), today(bob.organization)
    coming = create_agreement(
        actor=bob, account=account, type=service_of(account).type, start_date=day + timedelta(days=3)
    )
    type(coming).objects.filter(pk=coming.pk).update(start_date=day)
    job = run_agreement_dates(actor=alice)
    from_worker = SystemActor(bob.organization, "Worker", frozenset({"start_agreement", "stop_agreement"}))
    assert move_due(from_worker) == {"started": 1, "stopped": 0, "refused": []}
    assert job.kind == "run_agreement_dates"
    with pytest.raises(NotPermitted):
        run_agreement_dates(actor=bob)


def test_a_cancelled_agreement_is_not_billed(bob, storage):
    account = make_account(bob)
    charged(bob, account, "300", storage)
    cancel_agreement(actor=bob, agreement=service_of(account), reason="Never began")
    plan = plan_run(bob, date(2026, 1, 31))
    assert (plan.billed, plan.skipped[0].blocker.code) == ([], "agreement_closed")

"""An account owes 100.00 for service and 1,050.00 that was written off: it is chased for the 100.00 alone."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.models import Organization
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.credit_control.models import Reminder
from receivables.credit_control.monitor.models import CollectionProcess, MonitorRun
from receivables.credit_control.monitor.operations import run_debt_monitor
from receivables.credit_control.operations import open_dispute, resolve_dispute
from receivables.credit_control.reminders import letters
from receivables.credit_control.reminders.operations import send_reminder
from receivables.credit_control.tasks import begin_daily_reviews, hand_over_reminder
from receivables.customers.operations import edit_account
from tests.builders import balances, make_account, make_member, make_organization, pay
from tests.credit_control.support import days_ago, found, overdue, process_of, reviewed, work_off, written_off
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def alice():
    return make_member(make_organization())


@pytest.fixture
def account(alice):
    """100.00 overdue for 30 days, and 1,050.00 written off."""
    account = make_account(alice, "Acme Foods")
    written_off(alice, account, "1050")
    overdue(alice, account, "100", days=30)
    return account


def test_the_debt_monitor_sees_100_and_leaves_the_1050_alone(alice, account):
    before = balances(alice)
    assert before == {"1200": 100, "4000": -1150, "6150": 1050}
    run = reviewed(alice)
    assert found(run) == [
        ("Acme Foods", "REG", "started", "", D(100), 2),
        ("Acme Foods", "WO", "skipped", "immune", D(1050), None),
    ]
    assert (run.reviewed, run.job.state) == (1, "done")
    process = CollectionProcess.objects.get()
    assert (process.debt_class.code, process.amount, process.oldest_due) == ("REG", 100, days_ago(alice, 30))
    assert balances(alice) == before, "chasing moves no money"
    reminder = send_reminder(actor=alice, process=process, method="post")
    assert (reminder.amount, [row["balance"] for row in reminder.rows]) == (100, ["100"])
    assert "100.00" in reminder.subject
    assert "1,150" not in reminder.body
    assert broken() == {}


def test_run_debt_monitor_goes_on_raises_and_ends(alice):
    account = make_account(alice, "Acme Foods")
    invoice = overdue(alice, account, "100", days=10)
    assert [row[2:] for row in found(reviewed(alice))] == [("started", "", 100, 1)]
    assert [row[2:] for row in found(reviewed(alice))] == [("going_on", "", 100, 1)]
    overdue(alice, account, "50", days=50)
    assert [row[2:] for row in found(reviewed(alice))] == [("raised", "", 150, 3)]
    pay(alice, invoice, "100")
    assert [row[2:] for row in found(reviewed(alice))] == [("going_on", "", 50, 3)], "it never goes back a step"
    pay(alice, account.invoices.order_by("pk").last(), "50")
    assert [row[2:] for row in found(reviewed(alice))] == [("ended", "paid", 0, None)]
    ended = CollectionProcess.objects.get()
    assert (ended.ended_because, ended.ended_on) == ("paid", today(alice.organization))
    assert next(iter(history(alice, account))).name == "collection_ended"
    assert found(reviewed(alice)) == []


def test_what_is_disputed_postponed_or_covered_by_money_is_left_alone(alice):
    disputed, postponed, covered = (make_account(alice, name) for name in ("Disputed", "Postponed", "Covered"))
    dispute = open_dispute(actor=alice, invoice=overdue(alice, disputed), amount=D(5), why="rate")
    overdue(alice, postponed)
    day = today(alice.organization)
    edit_account(actor=alice, account=postponed, postpone_until=day + timedelta(days=9))
    pay(alice, overdue(alice, covered, "100"), "100", applied="0")
    assert [(name, outcome, code) for name, _class, outcome, code, *_ in found(reviewed(alice))] == [
        ("Disputed", "skipped", "disputed"),
        ("Postponed", "skipped", "postponed"),
        ("Covered", "skipped", "on_account"),
    ]  # fmt: skip
    assert not CollectionProcess.objects.exists()
    resolve_dispute(actor=alice, dispute=dispute, decision="rejected", reason="Signed for")
    edit_account(actor=alice, account=postponed, postpone_until=day)
    outcomes = [(name, outcome) for name, _class, outcome, *_ in found(reviewed(alice))]
    assert outcomes == [("Disputed", "started"), ("Postponed", "started"), ("Covered", "skipped")]


def test_a_postponed_process_rests_and_nobody_is_reminded(alice):
    account = make_account(alice, "Acme Foods")
    overdue(alice, account)
    reviewed(alice)
    edit_account(actor=alice, account=account, postpone_until=today(alice.organization) + timedelta(days=3))
    assert [row[2:4] for row in found(reviewed(alice))] == [("skipped", "postponed")]
    with pytest.raises(Refused) as refused:
        send_reminder(actor=alice, process=process_of(account))
    assert refused.value.code == "postponed"


def test_send_reminder_by_e_mail_with_its_letter(alice, mailoutbox, settings):
    account = make_account(alice, "Acme Foods")
    account.customer.email = "ap@acme.example"
    account.customer.save(update_fields=["email"])
    overdue(alice, account, "100", days=10)
    reviewed(alice)
    reminder = send_reminder(actor=alice, process=process_of(account))
    assert reminder.state == "waiting"
    with pytest.raises(Refused) as refused:
        send_reminder(actor=alice, process=process_of(account))
    assert refused.value.code == "on_its_way"
    hand_over_reminder.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), reminder_id=reminder.pk)
    assert [mail.to for mail in mailoutbox] == [["ap@acme.example"]]
    name, content, kind = mailoutbox[0].attachments[0]
    assert (name.endswith(".pdf"), content[:5], kind) == (True, b"%PDF-", "application/pdf")
    assert "100.00 USD" in mailoutbox[0].body.replace("\u00a0", " ")
    assert Reminder.objects.get().state == "sent"
    assert [row.name for row in history(alice, account)][:2] == ["reminder_sent", "send_reminder"]
    with pytest.raises(Refused) as refused:
        send_reminder(actor=alice, process=process_of(account))
    assert refused.value.code == "sent_today"


def test_a_letter_over_many_invoices_adds_up_to_what_it_asks_for(alice, monkeypatch):
    monkeypatch.setattr(letters, "MOST_ROWS", 2)
    account = make_account(alice, "Acme Foods")
    account.customer.language = "es"
    account.customer.save(update_fields=["language"])
    for amount, days in (("100", 40), ("20", 35), ("3", 30)):
        overdue(alice, account, amount, days=days)
    reviewed(alice)
    reminder = send_reminder(actor=alice, process=process_of(account), method="post")
    assert [(row["days"], row["balance"]) for row in reminder.rows] == [("40", "100"), ("35", "23")]
    assert (reminder.rows[1]["number"], reminder.amount) == ("2 documentos más", 123)


def test_the_daily_review_runs_once_a_day_and_needs_nobody(alice):
    overdue(alice)
    Organization.objects.filter(pk=alice.organization_id).update(active=False)
    begin_daily_reviews()
    assert not MonitorRun.objects.of(alice).exists(), "nobody works in an organization that was closed"
    Organization.objects.filter(pk=alice.organization_id).update(active=True)
    assert begin_daily_reviews() == 1, "the others had theirs today"
    run = work_off(MonitorRun.objects.of(alice).get(daily=True))
    assert [row[2] for row in found(run)] == ["started"]
    begin_daily_reviews()
    assert MonitorRun.objects.of(alice).count() == 1


def test_run_debt_monitor_needs_its_permission_and_one_at_a_time(alice):
    with pytest.raises(NotPermitted):
        run_debt_monitor(actor=make_member(alice.organization, "collector", "Cora Collector"))
    run_debt_monitor(actor=alice)
    with pytest.raises(Refused) as refused:
        run_debt_monitor(actor=alice)
    assert refused.value.code == "monitor_running"

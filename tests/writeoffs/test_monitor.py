"""The monitor: which agreements it takes up, what it closes, what it lists, and which template begins."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import record_payment
from receivables.core.errors import NotPermitted, Refused
from receivables.credit_control.operations import open_dispute
from receivables.credit_control.plans.operations import start_arrangement
from receivables.customers.models import CollectionClass
from receivables.customers.operations import edit_account
from receivables.writeoffs.automated.models import (
    AutomatedRun,
    ProcessTemplate,
    RunResult,
    WriteDown,
    WriteOffCriterion,
    WriteOffProcess,
)
from receivables.writeoffs.automated.operations import run_write_off_monitor
from receivables.writeoffs.automated.rules import reverse_write_down_blocker
from receivables.writeoffs.automated.tasks import begin_daily_runs
from receivables.writeoffs.automated.undoing import reverse_write_down
from receivables.writeoffs.models import WriteOffSettings
from tests.billing.recurring import charged
from tests.builders import balances, make_account, make_member, make_organization, pay
from tests.collections.support import bank_in, rate
from tests.support.invariants import broken
from tests.writeoffs.automation import (
    BILLED,
    DAY,
    Clock,
    bill,
    control,
    events,
    found,
    in_credit,
    monitored,
    owing,
    state_of,
    stop,
    worked_off,
)
from tests.writeoffs.cast import second, write_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def alice(clock):
    return make_member(make_organization())


def said():
    """What the runs say happened."""
    return list(RunResult.objects.order_by("pk").values_list("message", flat=True))


def test_a_stopped_agreement_gets_a_process_with_the_dated_events_of_its_template(alice):
    account = owing(alice, "Gone", "100")
    assert found(monitored(alice)) == [("Gone", "started", "", D(100))]
    process = WriteOffProcess.objects.get()
    assert (process.account, process.amount, process.started_on) == (account, 100, DAY)
    later = DAY + timedelta(days=60)
    assert events(account) == [
        ("refer", "pending", DAY), ("letter", "pending", DAY),
        ("cancel_referral", "pending", later), ("write_off", "pending", later),
    ]  # fmt: skip
    assert found(monitored(alice)) == [], "it is in a process already"


def test_debt_of_ended_service_moves_to_what_is_in_service_before_it_is_written_off(alice):
    """100 of a stopped agreement moves to the active one of the account; where the control says no, it stays."""
    account = owing(alice, "Goes on", "100")
    ended, running = account.agreements.get(), second(alice, account)
    run = monitored(alice)
    assert found(run) == [("Goes on", "closed", "", D(100))]
    assert RunResult.objects.get(run=run).message == f"Moved to agreement {running.number} with DT-000001."
    ended.refresh_from_db()
    running.refresh_from_db()
    assert (ended.payoff_balance, ended.state) == (0, "closed")
    assert (running.payoff_balance, running.current_balance) == (100, 100)
    assert balances(alice) == {"1200": 100, "4000": -100}
    second(alice, owing(alice, "Stays", "100"))
    control(alice, move_debt=False)
    assert found(monitored(alice)) == [("Stays", "started", "", D(100))]
    assert broken() == {}


def test_days_are_counted_in_work_days_where_the_organization_does(alice):
    alice.organization.days_mode = "work"
    alice.organization.save(update_fields=["days_mode"])
    account = owing(alice, "Gone", "100")
    monitored(alice)
    assert events(account)[-1] == ("write_off", "pending", DAY + timedelta(days=82)), "60 work days from a Sunday"


def test_what_is_left_alone_and_why(alice, clock):
    owing(alice, "Active", "100", stopped=False)
    owing(alice, "Not due", "100", BILLED + timedelta(days=1))
    postponed, disputed, other = (owing(alice, name, "100") for name in ("Postponed", "Disputed", "Other class"))
    edit_account(actor=alice, account=postponed, postpone_until=DAY + timedelta(days=1))
    open_dispute(actor=alice, invoice=disputed.invoices.get(), amount=D(5), why="rate")
    slow = CollectionClass.objects.create(organization=alice.organization, code="SLOW", name="Slow")
    edit_account(actor=alice, account=other, collection_class=slow)
    assert found(monitored(alice)) == [
        ("Postponed", "skipped", "postponed", 100), ("Disputed", "skipped", "disputed", 100),
        ("Other class", "error", "no_control", 100),
    ]  # fmt: skip
    clock.after(1)
    assert found(monitored(alice))[:2] == [("Not due", "started", "", 100), ("Postponed", "started", "", 100)]


def test_a_payment_arrangement_is_left_alone_until_it_ends(alice):
    account = owing(alice, "Pays slowly", "100", stopped=False)
    terms = {"first_due": DAY + timedelta(days=30), "instalments": 2}
    start_arrangement(actor=alice, agreement=account.agreements.get(), **terms)
    stop(alice, account)
    assert found(monitored(alice)) == [("Pays slowly", "skipped", "on_plan", 100)]


def test_money_on_account_pays_first(alice):
    account = owing(alice, "Covered", "100", stopped=False)
    invoice = account.invoices.get()
    pay(alice, invoice, "100", applied="0")
    part = owing(alice, "Part", "100", stopped=False)
    pay(alice, part.invoices.get(), "30", applied="0")
    for each in (account, part):
        stop(alice, each)
    assert found(monitored(alice)) == [("Covered", "closed", "", 100), ("Part", "started", "", 70)]
    assert said() == ["Paid by what the customer had with us.", "By the template “Standard”."]
    assert state_of(account) == (0, "closed")


@pytest.mark.parametrize(
    ("owed", "outcome", "booked"), [("9.99", "closed", D("9.99")), ("10.00", "started", None)]
)  # fmt: skip
def test_a_small_debt_is_written_down(alice, owed, outcome, booked):
    account = owing(alice, "Small", owed)
    assert [row[1] for row in found(monitored(alice))] == [outcome]
    assert balances(alice).get("6300") == booked
    assert state_of(account) == ((0, "closed") if booked else (D(owed), "stopped"))
    assert broken() == {}


def test_reverse_write_down_puts_a_small_debt_and_a_small_credit_back_where_they_stood(alice):
    """9.99 written down and 0.99 written up are owed and in credit again; each is taken back once, by who may."""
    debt, credit = owing(alice, "Small", "9.99"), in_credit(alice, "Credit", "0.99")
    before = balances(alice)
    monitored(alice)
    assert (state_of(debt), state_of(credit)) == ((0, "closed"), (0, "closed"))
    written = list(WriteDown.objects.of(alice).order_by("pk"))
    with pytest.raises(NotPermitted):
        reverse_write_down(actor=make_member(alice.organization, "biller", "Bob"), write_down=written[0], reason="x")
    for each in written:
        reverse_write_down(actor=alice, write_down=each, reason="They pay after all")
    assert balances(alice) == before
    assert (state_of(debt), state_of(credit)) == ((D("9.99"), "reactivated"), (D("-0.99"), "reactivated"))
    with pytest.raises(Refused) as refused:
        reverse_write_down(actor=alice, write_down=written[0], reason="Again")
    assert refused.value.code == "already_reversed"
    assert reverse_write_down_blocker(reversed_before=False, reason=" ").code == "no_reason"
    assert broken() == {}


@pytest.mark.parametrize(
    ("credit", "outcome", "code", "booked"),
    [("0.99", "closed", "", D("-0.99")), ("1.00", "skipped", "credit", None)],
)
def test_a_small_credit_is_written_up(alice, credit, outcome, code, booked):
    in_credit(alice, "Credit", credit)
    assert [row[1:3] for row in found(monitored(alice))] == [(outcome, code)]
    assert balances(alice).get("6300") == booked
    assert broken() == {}


def test_a_residue_of_recovered_debt_is_written_down_and_a_fresh_write_off_is_not(alice):
    recovered, untouched = owing(alice, "Recovered", "100"), owing(alice, "Untouched", "9.50")
    for account in (recovered, untouched):
        write_off(alice, account)
    item = recovered.open_items.get(kind="write_off")
    payment = record_payment(
        actor=alice, account=recovered, amount=D("95"), bank_account=BankAccount.objects.of(alice).get(), date=DAY,
        method="check",
    )  # fmt: skip
    distribute_payment(actor=alice, payment=payment, amounts={item.pk: D("95")})
    assert found(monitored(alice)) == [("Recovered", "closed", "", 5)]
    assert said() == ["Closed as a small difference."]
    assert state_of(recovered, "WO-STD") == (0, "active")
    assert balances(alice)["6300"] == 5


def test_the_first_criterion_that_is_met_names_the_template(alice):
    row = control(alice)
    quick = ProcessTemplate.objects.create(organization=alice.organization, code="QUICK", name="Quick")
    details = {"organization": alice.organization, "control": row, "currency": "USD", "template": quick}
    WriteOffCriterion.objects.create(priority=10, test="below", amount=D(50), **details)
    owing(alice, "Little", "49.99")
    owing(alice, "Much", "50")
    monitored(alice)
    begun = WriteOffProcess.objects.order_by("pk").values_list("account__name", "template__code")
    assert list(begun) == [("Little", "QUICK"), ("Much", "STANDARD")]
    row.criteria.update(active=False)
    owing(alice, "Nobody", "50")
    assert found(monitored(alice)) == [("Nobody", "skipped", "no_criteria", 50)]


def test_the_daily_run_begins_once_a_day_and_needs_nobody(alice):
    owing(alice, "Gone", "100")
    assert begin_daily_runs("monitor") == 0  # unless an administrator wants it
    WriteOffSettings.objects.of(alice).update(automated=True)
    assert begin_daily_runs("monitor") == 1
    run = worked_off(AutomatedRun.objects.of(alice).get(daily=True))
    assert [row[1] for row in found(run)] == ["started"]
    begin_daily_runs("monitor")
    assert AutomatedRun.objects.of(alice).count() == 1


def test_run_write_off_monitor_needs_its_permission_and_one_at_a_time(alice):
    with pytest.raises(NotPermitted):
        run_write_off_monitor(actor=make_member(alice.organization, "biller", "Bob Biller"))
    run_write_off_monitor(actor=alice)
    with pytest.raises(Refused) as refused:
        run_write_off_monitor(actor=alice)
    assert refused.value.code == "running"


def test_money_left_on_an_account_is_asked_to_be_given_back(alice):
    bob = make_member(alice.organization, "biller", "Bob Biller")
    control(alice, refund_credit=True, responsible=bob.user)
    account = make_account(alice, "Overpaid")
    invoice = bill(alice, account, "100")
    pay(alice, invoice, "150", applied="100")
    stop(alice, account)
    assert found(monitored(alice)) == [("Overpaid", "refund", "", 50)]
    assert found(monitored(alice)) == [], "nobody is asked twice"


def test_money_is_kept_until_the_final_bill_and_asked_for_under_a_control_of_its_currency(alice):
    bob = make_member(alice.organization, "biller", "Bob Biller")
    control(alice, refund_credit=True, responsible=bob.user)
    billed_later, abroad = make_account(alice, "Billed later"), make_account(alice, "Abroad", "EUR")
    charged(alice, billed_later)
    rate(alice, "EUR", DAY, "1.1")
    for account, bank in ((billed_later, "USD"), (abroad, "EUR")):
        record_payment(
            actor=alice, account=account, amount=D(50), date=DAY, method="check", reference=bank,
            bank_account=bank_in(alice, bank),
        )  # fmt: skip
        stop(alice, account)
    assert billed_later.agreements.get().awaits_final_bill
    assert found(monitored(alice)) == [], "one is billed once more, no control speaks of the other's currency"


def test_a_small_write_off_is_no_residue_because_an_older_one_was_recovered(alice):
    account = owing(alice, "Twice", "100")
    write_off(alice, account)
    item = account.open_items.get(kind="write_off")
    payment = record_payment(
        actor=alice, account=account, amount=D(100), bank_account=bank_in(alice, "USD"), date=DAY, method="check"
    )
    distribute_payment(actor=alice, payment=payment, amounts={item.pk: D(100)})
    load = create_load(actor=alice, account=account, agreement=second(alice, account), line_haul=D(8))
    generate_invoice(actor=alice, load=load, issue_date=DAY)
    write_off(alice, account)
    assert found(monitored(alice)) == []
    assert state_of(account, "WO-STD") == (8, "active")

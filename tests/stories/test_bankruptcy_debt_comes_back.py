"""Acme owes 1,050.00 and has paid 130.00 of it when it files. Then the bank takes the 130.00 back: nobody presses for
it, and it follows the rest to the bankruptcy."""

from datetime import timedelta
from decimal import Decimal as D
from types import SimpleNamespace

import pytest

from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request
from receivables.collections.models import BankAccount
from receivables.collections.operations import bounce_payment, record_payment
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.credit_control.monitor.models import CollectionProcess
from receivables.credit_control.reminders.operations import retry_reminder, send_reminder
from receivables.credit_control.tasks import hand_over_reminder
from receivables.ledger.models import OpenItem
from receivables.writeoffs.automated.mailing import deliver
from receivables.writeoffs.automated.models import LetterMail
from receivables.writeoffs.bankruptcy.coming_back import Addition, add_to_bankruptcy
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.bankruptcy.operations import owed_of
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import balances, make_account, make_member, make_organization, pay
from tests.credit_control.support import days_ago, overdue, process_of, reviewed
from tests.credit_control.support import found as what_was_found
from tests.support.invariants import broken
from tests.writeoffs.automation import Clock, activated, by_email, found, monitored, owing
from tests.writeoffs.cast import bankruptcy, bill_and_late_charge, journal, owed

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization())


def bounced(actor, payment):
    return bounce_payment(actor=actor, payment=payment, reason="Insufficient funds")


def test_a_payment_from_before_the_petition_that_bounces_follows_to_the_bankruptcy(admin):
    """It paid 130 of the bill of 1,000, of which 900 are revenue, 80 and 20 taxes: so in parts of the same size."""
    account, invoice, _late = bill_and_late_charge(admin)
    paid = pay(admin, invoice, "130")
    filed = bankruptcy(admin, account)
    assert owed_of(filed) == {"USD": 920}
    bounced(admin, paid)
    assert owed(account)["FREIGHT"] == (130, "reactivated")
    [moved] = add_to_bankruptcy(actor=admin, addition=Addition(filed))
    assert (moved.method, moved.bankruptcy, moved.reason) == ("bankruptcy", filed, "Court 24-1")
    assert journal(moved) == [
        ("1900", "", D("130.00")), ("1200", "FREIGHT", D("-130.00")),
        ("6150", "WO-BKR", D("117.00")), ("1900", "", D("-117.00")),
        ("2210", "WO-BKR", D("10.40")), ("1900", "", D("-10.40")),
        ("2220", "WO-BKR", D("2.60")), ("1900", "", D("-2.60")),
    ]  # fmt: skip
    assert owed_of(filed) == {"USD": 1050}
    assert balances(admin) == {"4000": -950, "6150": 950}
    assert history(admin, invoice)[0].name == "add_to_bankruptcy"
    with pytest.raises(Refused) as refused:
        add_to_bankruptcy(actor=admin, addition=Addition(filed))
    assert refused.value.code == "nothing_outside"
    withdraw_bankruptcy(actor=admin, bankruptcy=filed, reason="Another customer of that name")
    assert (owed(account)["FREIGHT"], owed(account)["WO-BKR"]) == ((1050, "active"), (0, "active"))
    with pytest.raises(Refused) as refused:
        add_to_bankruptcy(actor=admin, addition=Addition(filed))
    assert refused.value.code == "withdrawn"
    assert broken() == {}


def test_a_dividend_that_bounces_follows_too(admin):
    account, _invoice, _late = bill_and_late_charge(admin)
    filed = bankruptcy(admin, account)
    paid = record_payment(
        actor=admin, account=account, amount=D(105), date=today(admin.organization), method="wire",
        bank_account=BankAccount.objects.of(admin).get(),
    )  # fmt: skip
    dividend = record_dividend(actor=admin, dividend=Dividend(filed, paid))
    bounced(admin, paid)
    assert owed(account)["WO-STD"] == (95, "active")
    [moved] = add_to_bankruptcy(actor=admin, addition=Addition(filed))
    assert (moved.amount, owed_of(filed)) == (105, {"USD": 1050})
    assert {code: state[0] for code, state in owed(account).items() if state[0]} == {"WO-BKR": 1050}
    assert balances(admin) == {"4000": -950, "6150": 950}
    with pytest.raises(Refused) as refused:
        withdraw_bankruptcy(actor=admin, bankruptcy=filed, reason="x")
    assert refused.value.code == "dividend"
    for document in (moved, WriteOff.objects.get(pk=dividend.pk)):
        reverse_write_off(actor=admin, write_off=document, reason="The trustee's cheque bounced")
    withdraw_bankruptcy(actor=admin, bankruptcy=filed, reason="Another customer of that name")
    assert owed(account)["FREIGHT"] == (1050, "active")
    assert broken() == {}


def test_what_came_after_the_petition_stays(admin):
    account, invoice, late = bill_and_late_charge(admin)
    first = pay(admin, invoice, "1000")
    pay(admin, late, "50")
    filed = bankruptcy(admin, account, invoice.issue_date - timedelta(days=1))
    assert owed_of(filed) == {}
    bounced(admin, first)
    with pytest.raises(Refused) as refused:
        add_to_bankruptcy(actor=admin, addition=Addition(filed))
    assert refused.value.code == "nothing_outside"
    assert owed(account)["FREIGHT"][0] == 1000


def test_nobody_presses_a_bankrupt_account(admin):
    """What is overdue on it is no reason for a process, a fee or a reminder; the account of later service is chased."""
    account = make_account(admin, "Acme Foods")
    paid = pay(admin, overdue(admin, account, "100", days=30), "100")
    filed = bankruptcy(admin, account, days_ago(admin, 10))
    bounced(admin, paid)
    overdue(admin, filed.new_account, "170", days=30)
    assert what_was_found(reviewed(admin)) == [
        ("Acme Foods", "REG", "skipped", "bankrupt", D(100), None),
        ("Acme Foods", "REG", "started", "", D(170), 2),
    ]
    process = process_of(filed.new_account)
    assert send_reminder(actor=admin, process=process, method="post").amount == 170


def test_a_process_under_way_ends_with_the_petition_and_nobody_is_reminded_in_between(admin):
    account = make_account(admin, "Acme Foods")
    paid, _other = pay(admin, overdue(admin, account, "100", days=30), "100"), overdue(admin, account, "50", days=40)
    reviewed(admin)
    process = process_of(account)
    bankruptcy(admin, account, days_ago(admin, 10))
    bounced(admin, paid)
    with pytest.raises(Refused) as refused:
        send_reminder(actor=admin, process=process, method="post")
    assert refused.value.code == "bankrupt"
    reviewed(admin)
    process.refresh_from_db()
    assert (process.ended_because, process.get_ended_because_display()) == (
        "bankrupt", "A petition in bankruptcy was filed",
    )  # fmt: skip
    whole = make_account(admin, "Moved Whole")
    overdue(admin, whole, "60", days=30)
    reviewed(admin)
    bankruptcy(admin, whole)
    reviewed(admin)
    assert CollectionProcess.objects.get(account=whole).ended_because == "bankrupt", "not because it was paid"


def test_a_reminder_that_waits_does_not_leave_after_the_petition(admin, mailoutbox):
    account = make_account(admin, "Acme Foods")
    overdue(admin, account, "100", days=30)
    reviewed(admin)
    reminder = send_reminder(actor=admin, process=process_of(account), to=["ap@acme.example"])
    bankruptcy(admin, account)
    hand_over_reminder.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), reminder_id=reminder.pk)
    reminder.refresh_from_db()
    assert (reminder.state, mailoutbox) == ("failed", [])
    assert "petition in bankruptcy" in reminder.error
    with pytest.raises(Refused):
        retry_reminder(actor=admin, reminder=reminder)


def test_a_letter_of_a_write_off_process_does_not_leave_after_the_petition(monkeypatch, mailoutbox):
    Clock(monkeypatch)
    alice = make_member(make_organization())
    account = owing(alice, "Gone", "100")
    by_email(alice, account, "ap@gone.example")
    monitored(alice)
    activated(alice)
    mail = LetterMail.objects.get(event__process__account=account)
    bankruptcy(alice, account)
    deliver(mail, last=True)
    mail.refresh_from_db()
    assert (mail.state, mailoutbox) == ("failed", [])
    assert "petition in bankruptcy" in mail.error


def test_the_automated_write_off_leaves_a_bankrupt_account_alone(monkeypatch):
    Clock(monkeypatch)
    alice = make_member(make_organization())
    account = owing(alice, "Gone", "100")
    paid = pay(alice, account.invoices.get(), "100")
    bankruptcy(alice, account)
    bounced(alice, paid)
    assert found(monitored(alice)) == [("Gone", "skipped", "bankrupt", D(100))]


def test_add_to_bankruptcy_beyond_ones_authority_waits_and_is_granted_as_asked(admin):
    account, invoice, _late = bill_and_late_charge(admin)
    paid = pay(admin, invoice, "130")
    filed = bankruptcy(admin, account)
    bounced(admin, paid)
    limit = AuthorityLimit.objects.create(
        organization=admin.organization, role="admin", kind="write_off", currency="USD", maximum=D(100)
    )
    asked = add_to_bankruptcy(actor=admin, addition=Addition(filed))
    assert isinstance(asked, ApprovalRequest)
    assert (asked.verb, asked.amount, owed_of(filed)) == ("add_to_bankruptcy", 130, {"USD": 920})
    with pytest.raises(Refused) as refused:
        add_to_bankruptcy(actor=admin, addition=Addition(filed))
    assert refused.value.code == "already_asked"
    limit.delete()
    other = make_member(admin.organization, "admin", "Ada Admin")
    approve_request(actor=other, request=asked)
    moved = filed.write_offs.latest("pk")
    assert (moved.created_by, moved.approved_by, moved.amount) == (admin.user, other.user, 130)
    assert owed_of(filed) == {"USD": 1050}


def test_add_to_bankruptcy_is_not_granted_once_the_debt_has_changed(admin):
    account, invoice, late = bill_and_late_charge(admin)
    paid, second = pay(admin, invoice, "130"), pay(admin, late, "50")
    filed = bankruptcy(admin, account)
    bounced(admin, paid)
    limit = AuthorityLimit.objects.create(
        organization=admin.organization, role="admin", kind="write_off", currency="USD", maximum=D(100)
    )
    asked = add_to_bankruptcy(actor=admin, addition=Addition(filed))
    limit.delete()
    bounced(admin, second)
    with pytest.raises(Refused) as refused:
        approve_request(actor=make_member(admin.organization, "admin", "Ada Admin"), request=asked)
    assert refused.value.code == "facts_moved"
    assert not OpenItem.objects.filter(agreement__type__code="WO-BKR", amount=180).exists()


def test_add_to_bankruptcy_is_for_those_who_may_of_the_same_organization(admin):
    account, invoice, _late = bill_and_late_charge(admin)
    paid = pay(admin, invoice, "130")
    filed = bankruptcy(admin, account)
    bounced(admin, paid)
    with pytest.raises(NotPermitted):
        add_to_bankruptcy(actor=make_member(admin.organization, "biller"), addition=Addition(filed))
    stranger = make_member(make_organization("Rival Lines"))
    with pytest.raises(Refused) as refused:
        add_to_bankruptcy(actor=stranger, addition=Addition(filed))
    assert refused.value.code == "not_found"

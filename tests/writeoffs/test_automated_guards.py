"""What the database promises of the automated write-off, attacked with SQL as the application's login."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.operations import delete_payment
from receivables.core import dates
from receivables.core.events import history
from receivables.customers.operations import stop_agreement
from receivables.writeoffs.automated.models import (
    ProcessAgreement,
    ProcessEvent,
    Referral,
    WriteDown,
    WriteOffControl,
    WriteOffProcess,
)
from tests.billing.credit_notes import credit
from tests.builders import make_account, make_member, make_organization, pay
from tests.support.attack import refused, sql
from tests.writeoffs.automation import activated, automate_something, monitored, owing
from tests.writeoffs.cast import second, write_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_member(make_organization())


BILLED = dates.timezone.now().date() - timedelta(days=62)


def gone(alice, name="Gone", amount="100"):
    account = owing(alice, name, amount, BILLED)
    monitored(alice)
    return account


def ended(account):
    return WriteOffProcess.objects.get(account=account).ended_because


def by_payment(alice, account):
    pay(alice, account.invoices.get(), "100")


def by_credit_note(alice, account):
    credit(alice, account.invoices.get(), "100")


def by_write_off(alice, account):
    write_off(alice, account)


@pytest.mark.parametrize("closes", [by_payment, by_credit_note, by_write_off])
def test_whatever_closes_an_agreement_ends_its_process_in_the_same_transaction(alice, closes):
    account = gone(alice)
    activated(alice)
    closes(alice, account)
    assert ended(account) == "closed"
    assert not Referral.objects.filter(active=True).exists()
    assert not ProcessEvent.objects.filter(state="pending").exists()
    assert "write_off_process_ended" in [row.name for row in history(alice, account)]


def test_the_last_agreement_that_closes_ends_the_process(alice):
    """Two agreements of an account owe 100.00 and 50.00 and share a process: the one that is paid leaves it alone."""
    account = owing(alice, "Gone", "100", BILLED)
    other = second(alice, account)
    load = create_load(actor=alice, account=account, agreement=other, line_haul=D(50))
    last = generate_invoice(actor=alice, load=load, issue_date=BILLED)
    stop_agreement(actor=alice, agreement=other)
    monitored(alice)
    process = WriteOffProcess.objects.get()
    assert process.agreements.filter(active=True).count() == 2
    pay(alice, account.invoices.exclude(pk=last.pk).get(), "100")
    process.refresh_from_db()
    assert (process.state, list(process.agreements.filter(active=True).values_list("agreement", flat=True))) == (
        "active", [other.pk],
    )  # fmt: skip
    pay(alice, last, "50")
    assert ended(account) == "closed"
    assert not ProcessEvent.objects.filter(state="pending").exists()


def test_a_returned_payment_comes_to_the_monitor_again(alice):
    account = gone(alice)
    payment = pay(alice, account.invoices.get(), "100")
    assert ended(account) == "closed"
    delete_payment(actor=alice, payment=payment, reason="Bounced")
    assert account.agreements.get().state == "reactivated"
    monitored(alice)
    assert WriteOffProcess.objects.filter(account=account).count() == 2


def test_what_is_over_stays_as_it_was(alice):
    account = automate_something(alice)
    process = WriteOffProcess.objects.get(account=account)
    done = ProcessEvent.objects.get(process=process, kind="letter")
    with refused("RV001"):
        sql("UPDATE automated_processevent SET outcome = 'Another' WHERE id = %s", done.pk)
    with refused("RV001"):
        sql("UPDATE automated_processevent SET state = 'pending' WHERE id = %s", done.pk)
    with refused("42501", "RV001"):
        sql("UPDATE automated_writedown SET amount = 1")
    pay(alice, account.invoices.get(), "70")
    for statement in (
        "UPDATE automated_writeoffprocess SET state = 'active', ended_at = NULL, ended_because = '' WHERE id = %s",
        "UPDATE automated_processagreement SET active = true, left_at = NULL, left_because = '' WHERE process_id = %s",
        "UPDATE automated_referral SET active = true, cancelled_at = NULL WHERE process_id = %s",
        "UPDATE automated_processevent SET state = 'pending' WHERE state = 'cancelled' AND process_id = %s",
    ):
        with refused("RV001", what=statement):
            sql(statement, process.pk)


def test_a_process_is_about_stopped_agreements_of_its_account(alice):
    account = gone(alice)
    process = WriteOffProcess.objects.get(account=account)
    for other in (make_account(alice, "Other"), owing(alice, "Running", "5", stopped=False)):
        with refused("RV007"):
            ProcessAgreement.objects.create(
                organization=alice.organization, process=process, agreement=other.agreements.get()
            )


def test_a_write_down_is_what_the_ledger_says(alice):
    account = gone(alice)
    with refused("RV007"):
        WriteDown.objects.create(
            organization=alice.organization, account=account, agreement=account.agreements.get(), currency="USD",
            control=WriteOffControl.objects.of(alice).first(), amount=D(5),
            posting_date=dates.today(alice.organization),
        )  # fmt: skip

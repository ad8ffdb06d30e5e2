"""The immunity of written-off debt, attacked with SQL as the application's login; and two reminders at once."""

import os
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from receivables.core.errors import Refused
from receivables.core.transactions import sqlstate
from receivables.credit_control.models import Reminder
from receivables.credit_control.reminders.operations import send_reminder
from receivables.customers.models import DebtClass
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from tests.builders import make_account, make_member, make_organization
from tests.credit_control.support import overdue, process_of, reviewed
from tests.support.attack import insert, sql
from tests.support.races import race
from tests.writeoffs.cast import bankruptcy

ROUNDS = int(os.environ.get("RACE_ROUNDS", "6"))
NO_RIGHT, CHECK, GUARD, FIXED, TWICE = "42501", "23514", "RV007", "RV001", "23505"
DAY = date(2026, 11, 22)


@pytest.fixture
def process(biller):
    account = make_account(biller)
    overdue(make_member(biller.organization), account, days=50)
    reviewed(make_member(biller.organization))
    return process_of(account)


def forged(process, **changed):
    values = {
        "organization_id": process.organization_id, "account_id": process.account_id,
        "debt_class_id": process.debt_class_id, "currency": "EUR", "step": 1, "amount": 5, "oldest_due": DAY,
        "started_on": DAY, "raised_on": DAY, "ended_because": "", "version": 1, "created_at": DAY,
    }  # fmt: skip
    return insert("credit_control_collectionprocess", **{**values, **changed})


def refused_with(code, attack):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        attack()
    assert sqlstate(caught.value) == code


@pytest.mark.django_db
def test_written_off_debt_starts_no_process_whoever_writes_it(process, biller):
    forged(process)
    immune = DebtClass.objects.of(biller).get(code="WO")
    refused_with(GUARD, lambda: forged(process, debt_class_id=immune.pk))
    refused_with(TWICE, lambda: forged(process, currency="USD"))
    refused_with(CHECK, lambda: forged(process, currency="JPY", amount="0.5"))
    refused_with(GUARD, lambda: forged(process, currency="GBP", ended_on=DAY, ended_because="paid"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE credit_control_collectionprocess SET step = 1 WHERE id = %s", FIXED),
        ("UPDATE credit_control_collectionprocess SET account_id = account_id WHERE id = %s", NO_RIGHT),
        ("DELETE FROM credit_control_collectionprocess WHERE id = %s", NO_RIGHT),
        ("UPDATE credit_control_monitorresult SET amount = 1 WHERE process_id = %s", NO_RIGHT),
        ("UPDATE credit_control_collectionprocess SET ended_on = now() WHERE id = %s", CHECK),
    ],
)
def test_what_was_found_stays(process, statement, code):
    refused_with(code, lambda: sql(statement, process.pk))


@pytest.mark.django_db
def test_no_reminder_is_written_about_debt_that_became_immune(process, biller):
    reminder = send_reminder(actor=biller, process=process, method="post")
    refused_with(FIXED, lambda: sql("UPDATE credit_control_reminder SET state = 'waiting' WHERE id = %s", reminder.pk))
    DebtClass.objects.filter(pk=process.debt_class_id).update(eligible_for_collection=False)
    columns = [field.column for field in Reminder._meta.fields if field.column not in ("id", "message_id")]
    names = ", ".join(f'"{column}"' for column in columns)
    copy = (
        f"INSERT INTO credit_control_reminder ({names}, message_id) SELECT {names}, 'twin' FROM credit_control_reminder"
    )
    refused_with(GUARD, lambda: sql(copy))
    with pytest.raises(Refused) as refused:
        send_reminder(actor=biller, process=process, method="post")
    assert refused.value.code == "nothing_chased"


@pytest.mark.django_db
def test_nobody_presses_a_bankrupt_account_whoever_writes_it(process, biller):
    """Neither a process nor a reminder, until the filing is withdrawn."""
    reminder = send_reminder(actor=biller, process=process, method="post")
    columns = [field.column for field in Reminder._meta.fields if field.column not in ("id", "message_id")]
    names = ", ".join(f'"{column}"' for column in columns)
    copy = f"INSERT INTO credit_control_reminder ({names}, message_id) SELECT {names}, %s FROM credit_control_reminder"
    admin = make_member(biller.organization)
    filed = bankruptcy(admin, process.account, DAY - timedelta(days=200))
    refused_with(GUARD, lambda: forged(process))
    refused_with(GUARD, lambda: sql(f"{copy} WHERE id = %s", "twin", reminder.pk))
    withdraw_bankruptcy(actor=admin, bankruptcy=filed, reason="Another customer of that name")
    forged(process)
    sql(f"{copy} WHERE id = %s", "twin", reminder.pk)


def test_send_reminder_twice_at_once_sends_one(committed_db):
    actor = make_member(make_organization())
    for _round in range(ROUNDS):
        account = make_account(actor)
        overdue(actor, account)
        reviewed(actor)
        process = process_of(account)

        def send(process=process):
            return send_reminder(actor=actor, process=process, method="post")

        outcomes = race(send, send)
        refused = [each for each in outcomes if isinstance(each, Refused)]
        assert [each.code for each in refused] == ["sent_today"], outcomes
        assert Reminder.objects.filter(process=process).count() == 1

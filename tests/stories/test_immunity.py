"""Debt is written off, and from then on nobody bills it and nobody chases it; it is owed all the same."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.billing.models import AgreementCharge
from receivables.core.dates import today
from receivables.core.events import history
from receivables.credit_control.models import CollectionCriterion, CollectionProcess, Plan
from receivables.credit_control.plans.operations import start_arrangement
from receivables.customers.models import Agreement
from receivables.customers.operations import stop_agreement
from tests.billing.recurring import billed, charged, outcome, service_of
from tests.builders import make_account, make_member, make_organization, make_type
from tests.credit_control.support import found, overdue, reviewed
from tests.support.invariants import broken
from tests.writeoffs.cast import owed, pick, write_off

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def alice():
    return make_member(make_organization())


@pytest.fixture
def account(alice):
    """1,050.00 overdue for 200 days, and 100.00 for 30."""
    account = make_account(alice, "Acme Foods")
    old = overdue(alice, account, "1050", days=200)
    overdue(alice, account, "100", days=30)
    account.old = old
    return account


def test_what_was_written_off_leaves_the_worklist_and_the_billing_run(alice, account):
    assert [row[2:] for row in found(reviewed(alice))] == [("started", "", D(1150), 3)]
    write_off(alice, account, picks=pick(account.old, "1050"))
    assert owed(account) == {"FREIGHT": (100, "active"), "WO-STD": (1050, "active")}
    assert sorted(row[1:] for row in found(reviewed(alice))) == [
        ("REG", "going_on", "", D(100), 2), ("WO", "skipped", "immune", D(1050), None),
    ]  # fmt: skip
    assert CollectionProcess.objects.get().debt_class.code == "REG"
    charged(alice, account, "310")
    assert sorted(row[1:5] for row in outcome(billed(alice, date(2026, 1, 31)))) == [
        ("billed", "", D(310), D(310)), ("skipped", "not_billable", D(0), None),
    ]  # fmt: skip
    assert owed(account)["WO-STD"] == (1050, "active")
    assert broken() == {}


def fee_at_first_reminder(actor, amount="15"):
    """The criterion of the first reminder charges a late fee."""
    kind = make_type(actor, "Late fee", "charge")
    CollectionCriterion.objects.of(actor).filter(step=1).update(late_fee=D(amount), late_fee_type=kind)


def test_a_late_fee_is_charged_once_where_the_criteria_say_so_and_never_for_what_was_written_off(alice):
    fee_at_first_reminder(alice)
    chased, immune = make_account(alice, "Chased"), make_account(alice, "Immune")
    overdue(alice, chased, "100", days=10)
    overdue(alice, immune, "1050", days=10)
    write_off(alice, immune)
    reviewed(alice)
    reviewed(alice)
    fee = AgreementCharge.objects.get()
    assert (fee.agreement, fee.amount, fee.every_months) == (service_of(chased), 15, None)
    day = today(alice.organization)
    assert [row[:5] for row in outcome(billed(alice, day)) if row[1] == "billed"] == [
        ("Chased", "billed", "", D(15), D(15)),
    ]  # fmt: skip
    assert owed(chased) == {"FREIGHT": (115, "active")}
    assert owed(immune)["WO-STD"] == (1050, "active")


def test_where_service_has_stopped_the_fee_is_not_charged_and_it_is_said(alice):
    fee_at_first_reminder(alice)
    account = make_account(alice, "Acme Foods")
    overdue(alice, account, "100", days=10)
    stop_agreement(actor=alice, agreement=service_of(account))
    assert [row[2:] for row in found(reviewed(alice))] == [("started", "", D(100), 1)]
    assert not AgreementCharge.objects.exists()
    assert "late_fee_refused" in [row.name for row in history(alice, account)]


def test_everything_written_off_ends_the_process(alice, account):
    reviewed(alice)
    write_off(alice, account)
    assert sorted(row[1:4] for row in found(reviewed(alice))) == [("REG", "ended", "paid"), ("WO", "skipped", "immune")]
    assert not CollectionProcess.objects.filter(ended_on__isnull=True).exists()


def test_a_write_off_decides_what_is_asked_for_and_ends_the_arrangement(alice, account):
    """Documented: current is brought in step with payoff before debt is written off."""
    day = today(alice.organization)
    start_arrangement(
        actor=alice, agreement=service_of(account), instalments=5, first_due=day + timedelta(days=30)
    )  # fmt: skip
    assert (service_of(account).payoff_balance, service_of(account).current_balance) == (1150, 0)
    write_off(alice, account, picks=pick(account.old, "1050"))
    assert (service_of(account).payoff_balance, service_of(account).current_balance) == (100, 100)
    assert Plan.objects.get().ended_because == "written_off"
    kept = Agreement.objects.get(account=account, type__code="WO-STD")
    assert kept.payoff_balance == kept.current_balance == 1050

"""The promises of billing runs attacked with SQL as the application's login, and two runs at once."""

import os
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from receivables.billing.models import AgreementCharge, BilledPeriod, BillingRunItem, Invoice
from receivables.billing.recurring.operations import run_billing
from receivables.billing.recurring.running import bill_agreement
from receivables.core.transactions import run_atomic, sqlstate
from receivables.customers.models import AgreementType
from tests.billing.recurring import billed, charged, service_of
from tests.builders import make_account, make_member, make_organization
from tests.credit_control.support import written_off
from tests.support.attack import insert, sql
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "6"))
NO_RIGHT, CHECK, GUARD, FIXED, TWICE = "42501", "23514", "RV007", "RV001", "23505"
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


@pytest.fixture
def actor(db):
    return make_member(make_organization())


@pytest.fixture
def charge(actor):
    """310.00 a month, billed for January."""
    charge = charged(actor, make_account(actor), "310")
    billed(actor, JANUARY[1])
    return AgreementCharge.objects.get(pk=charge.pk)


def refused_with(code, attack):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        attack()
    assert sqlstate(caught.value) == code


def period(charge, first, last, **changed):
    values = {
        "organization_id": charge.organization_id, "charge_id": charge.pk, "load_id": charge.periods.get().load_id,
        "first_day": first, "last_day": last, "currency": "USD", "amount": 1, "final": False,
    }  # fmt: skip
    return lambda: insert("billing_billedperiod", **{**values, **changed})


def test_a_period_is_billed_once_and_overlaps_none(actor, charge):
    refused_with(GUARD, period(charge, *JANUARY))
    refused_with(GUARD, period(charge, date(2026, 1, 31), date(2026, 2, 5)))
    refused_with(GUARD, period(charge, date(2025, 12, 1), date(2025, 12, 31)))
    refused_with(GUARD, period(charge, date(2026, 2, 1), date(2026, 2, 28), currency="EUR"))
    refused_with(CHECK, period(charge, date(2026, 2, 1), date(2026, 1, 31)))
    stranger = charged(actor, make_account(actor), "1")
    refused_with(GUARD, period(charge, date(2026, 2, 1), date(2026, 2, 28), charge_id=stranger.pk))
    period(charge, date(2026, 2, 1), date(2026, 2, 28))()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE billing_agreementcharge SET billed_through = NULL WHERE id = %s", FIXED),
        ("UPDATE billing_agreementcharge SET ends_on = '2026-01-15' WHERE id = %s", FIXED),
        ("UPDATE billing_agreementcharge SET cancelled = true WHERE id = %s", CHECK),
        ("UPDATE billing_agreementcharge SET amount = 1 WHERE id = %s", NO_RIGHT),
        ("DELETE FROM billing_billedperiod WHERE charge_id = %s", NO_RIGHT),
        ("UPDATE billing_billedperiod SET amount = 1 WHERE charge_id = %s", NO_RIGHT),
    ],
)
def test_what_was_billed_stays(charge, statement, code):
    refused_with(code, lambda: sql(statement, charge.pk))


def test_what_became_of_an_agreement_stays(actor, charge):
    item = BillingRunItem.objects.get()
    back = "UPDATE billing_billingrunitem SET state = 'waiting', invoice_id = NULL WHERE id = %s"
    refused_with(FIXED, lambda: sql(back, item.pk))


def test_no_invoice_stands_on_written_off_debt_whoever_writes_it(actor):
    account = make_account(actor)
    kept = written_off(actor, account)
    values = {
        "organization_id": actor.organization_id, "number": "X-1", "account_id": account.pk, "agreement_id": kept.pk,
        "open_item_id": kept.open_items.get().pk, "currency": "USD", "rate": 1, "issue_date": date(2026, 11, 1),
        "due_date": date(2026, 11, 1), "terms_days": 0, "reference": "", "summary": False, "imported": False,
        "current_revision": 1, "created_at": date(2026, 11, 1),
    }  # fmt: skip
    refused_with(GUARD, lambda: insert("billing_invoice", **values))
    assert not AgreementType.objects.get(pk=kept.type_id).eligible_for_billing


def test_an_agreement_that_waits_for_its_final_bill_does_not_close(actor):
    account = make_account(actor)
    charged(actor, account, "310")
    sql("UPDATE customers_agreement SET state = 'closed' WHERE id = %s", service_of(account).pk)
    assert service_of(account).state == "stopped"


def test_run_billing_twice_at_once_bills_each_agreement_once(committed_db):
    actor = make_member(make_organization())
    for _round in range(ROUNDS):
        account = make_account(actor)
        charged(actor, account, "310")
        run = run_billing(actor=actor, cut_off=JANUARY[1])
        run.job.state = "stopped"
        run.job.save(update_fields=["state"])

        def bill(account=account, run=run):
            return run_atomic(lambda: bill_agreement(actor, service_of(account), run))[1]

        made = race(bill, bill)
        assert sorted(invoice is None for invoice in made) == [False, True], made
        assert BilledPeriod.objects.filter(load__account=account).count() == 1
        assert Invoice.objects.filter(account=account).count() == 1

"""Disputes attacked with SQL as the application's login, and opened by two at once."""

import os
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from receivables.billing.operations import generate_invoice
from receivables.core.errors import Refused
from receivables.core.transactions import sqlstate
from receivables.credit_control.models import Dispute
from receivables.credit_control.operations import open_dispute, resolve_dispute
from tests.builders import make_account, make_invoice, make_load, make_member, make_organization
from tests.support.attack import insert, sql
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
NO_RIGHT, CHECK, GUARD, FIXED = "42501", "23514", "RV007", "RV001"


@pytest.fixture
def closed(biller):
    """A closed dispute of 5.00, on an invoice of 1,000.00."""
    invoice = generate_invoice(actor=biller, load=make_load(biller))
    dispute = open_dispute(actor=biller, invoice=invoice, amount=Decimal(5), why="damage")
    return resolve_dispute(actor=biller, dispute=dispute, decision="rejected", reason="No")


def forged(dispute, **changed):
    values = {
        "organization_id": dispute.organization_id, "invoice_id": dispute.invoice_id, "currency": "USD", "amount": 1,
        "why": "damage", "note": "", "state": "open", "decision": "", "outcome": "", "opened_at": dispute.opened_at,
    }  # fmt: skip
    return insert("credit_control_dispute", **{**values, **changed})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": "1000.01"}, GUARD), ({"amount": 0}, CHECK), ({"amount": "0.001"}, CHECK),
        ({"amount": "NaN"}, CHECK),
        ({"currency": "EUR"}, GUARD), ({"state": "resolved"}, CHECK), ({"decision": "accepted"}, CHECK),
    ],
)  # fmt: skip
def test_a_forged_dispute_is_refused(closed, changed, code):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        forged(closed, **changed)
    assert sqlstate(caught.value) == code


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE credit_control_dispute SET outcome = 'Yes' WHERE id = %s", FIXED),
        ("UPDATE credit_control_dispute SET amount = 1 WHERE id = %s", NO_RIGHT),
        ("DELETE FROM credit_control_dispute WHERE id = %s", NO_RIGHT),
    ],
)
def test_what_was_decided_stays(closed, statement, code):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        sql(statement, closed.pk)
    assert sqlstate(caught.value) == code


def test_open_dispute_twice_at_once_never_disputes_more_than_is_open(committed_db):
    actor = make_member(make_organization())
    account = make_account(actor)
    for _round in range(ROUNDS):
        invoice = make_invoice(actor, account, line_haul="100")

        def dispute(invoice=invoice):
            return open_dispute(actor=actor, invoice=invoice, amount=Decimal(60), why="rate")

        outcomes = race(dispute, dispute)
        refused = [each for each in outcomes if isinstance(each, Refused)]
        assert [each.code for each in refused] == ["more_than_open"], outcomes
        assert Dispute.objects.filter(invoice=invoice).count() == 1

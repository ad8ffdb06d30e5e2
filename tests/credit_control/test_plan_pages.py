"""Budgets and arrangements as they are clicked on the agreement's page, attacked with SQL, and begun twice at once."""

import os
import re

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.roles import Role
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.transactions import sqlstate
from receivables.credit_control.models import Plan
from receivables.credit_control.plans.operations import start_arrangement
from tests.billing.recurring import service_of
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.credit_control.support import written_off
from tests.support.attack import insert, sql
from tests.support.forms import own_fields
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "6"))
NO_RIGHT, GUARD, FIXED = "42501", "RV007", "RV001"


@pytest.fixture
def alice(db):
    return make_member(make_organization())


@pytest.fixture
def account(alice):
    account = make_account(alice, "Acme Foods")
    make_invoice(alice, account, "900")
    return account


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode().replace("\u00a0", " ")))


def send(client, address, **typed):
    return client.post(address, {**own_fields(client.get(address).content.decode()), **typed})


def test_start_arrangement_sync_current_and_cancel_plan_from_the_agreement(alice, account, browser_of):
    client, agreement = browser_of(make_member(alice.organization, Role.COLLECTOR, "Cora")), service_of(account)
    day = today(alice.organization).isoformat()
    page = client.get(agreement.get_absolute_url()).content.decode()
    assert reverse("start_arrangement", args=[agreement.pk]) in page
    assert reverse("sync_current", args=[agreement.pk]) not in page, "what is in step needs no button"
    address = reverse("start_arrangement", args=[agreement.pk])
    assert "900.00 USD is deferred and asked for in instalments" in text_of(client.get(address))
    assert send(client, address, instalments="0", first_due=day).status_code == 422
    assert send(client, address, instalments="3", first_due="2026-01-01").status_code == 422
    response = send(client, address, instalments="3", first_due=day, grace_days="5", reason="By phone")
    page = text_of(client.get(response.url))
    assert "900.00 USD of 900.00 USD is still to be paid." in page
    assert re.search(r"300.00 USD To come", page)
    assert "has a budget or an arrangement already" in text_of(client.get(agreement.get_absolute_url()))
    plan = Plan.objects.get()
    assert send(client, reverse("cancel_plan", args=[plan.pk]), reason="Paid another way").status_code == 302
    assert service_of(account).current_balance == 900
    assert "Cancelled" in text_of(client.get(agreement.get_absolute_url()))
    assert client.get(reverse("sync_current", args=[agreement.pk])).status_code == 200


def test_start_budget_from_the_agreement(alice, account, browser_of):
    client, agreement = browser_of(alice), service_of(account)
    address, day = reverse("start_budget", args=[agreement.pk]), today(alice.organization).isoformat()
    assert send(client, address, amount="0", first_due=day).status_code == 422
    response = send(client, address, amount="150", first_due=day, every_months="1")
    assert re.search(r"Budget .* 150.00 USD To come", text_of(client.get(response.url)))


@pytest.mark.parametrize(("role", "status"), [(Role.COLLECTOR, 200), (Role.BILLER, 200), (Role.AUDITOR, 403)])
def test_who_may(alice, account, browser_of, role, status):
    client = browser_of(make_member(alice.organization, role, "Olga Other"))
    for verb in ("start_budget", "start_arrangement", "sync_current"):
        assert client.get(reverse(verb, args=[service_of(account).pk])).status_code == status


def test_another_organizations_plan_is_not_found(alice, account, stranger, browser_of):
    day = today(alice.organization)
    plan = start_arrangement(actor=alice, agreement=service_of(account), instalments=2, first_due=day)
    assert browser_of(stranger).get(reverse("cancel_plan", args=[plan.pk])).status_code == 404


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE credit_control_plan SET total = 1 WHERE id = %s", NO_RIGHT),
        ("UPDATE credit_control_plan SET asked = -1 WHERE id = %s", "23514"),
        ("DELETE FROM credit_control_plan WHERE id = %s", NO_RIGHT),
        ("UPDATE credit_control_planitem SET amount = 1 WHERE plan_id = %s", NO_RIGHT),
    ],
)
def test_what_was_agreed_stays(alice, account, statement, code):
    day = today(alice.organization)
    plan = start_arrangement(actor=alice, agreement=service_of(account), instalments=2, first_due=day)
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        sql(statement, plan.pk)
    assert sqlstate(caught.value) in (code, FIXED)


def test_written_off_debt_is_never_put_into_a_plan(alice, account):
    kept, day = written_off(alice, make_account(alice)), today(alice.organization)
    with pytest.raises(Refused) as refused:
        start_arrangement(actor=alice, agreement=kept, instalments=2, first_due=day)
    assert refused.value.code == "write_off"
    values = {
        "organization_id": alice.organization_id, "agreement_id": kept.pk, "kind": "arrangement", "currency": "USD",
        "total": 1, "instalments": 1, "every_months": 1, "first_due": day, "grace_days": 0, "asked": 0,
        "seen_movement": 0, "reason": "", "ended_because": "", "version": 1, "created_at": day,
    }  # fmt: skip
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        insert("credit_control_plan", **values)
    assert sqlstate(caught.value) == GUARD


def test_start_arrangement_twice_at_once_defers_once(committed_db):
    actor = make_member(make_organization())
    for _round in range(ROUNDS):
        account = make_account(actor)
        make_invoice(actor, account, "900")

        def start(account=account):
            day = today(actor.organization)
            return start_arrangement(actor=actor, agreement=service_of(account), instalments=3, first_due=day)

        outcomes = race(start, start)
        refused = [each.code for each in outcomes if isinstance(each, Refused)]
        assert refused == ["has_plan"], outcomes
        assert service_of(account).current_balance == 0

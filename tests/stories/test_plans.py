"""What is asked for differs from what is owed: a budget of 150.00 a month, and 900.00 paid off in three instalments."""

from datetime import timedelta
from decimal import Decimal

import pytest

from receivables.billing.models import Load
from receivables.billing.operations import add_accessorial, regenerate_invoice, void_invoice
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.core.operations import SystemActor
from receivables.credit_control.models import Plan
from receivables.credit_control.plans import advancing, operations
from receivables.credit_control.plans.advancing import advance_all
from receivables.credit_control.plans.operations import cancel_plan, start_arrangement, start_budget, sync_current
from receivables.customers.operations import stop_agreement
from receivables.ledger.models import AgreementTransaction
from receivables.writeoffs.reversing import reverse_write_off
from tests.billing.recurring import service_of
from tests.builders import balances, make_account, make_invoice, make_member, make_organization, make_type, pay
from tests.credit_control.support import days_ago, found, overdue, reviewed
from tests.support.invariants import broken
from tests.writeoffs.cast import bankruptcy, write_off

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def alice():
    return make_member(make_organization())


@pytest.fixture
def account(alice):
    return make_account(alice, "Acme Foods")


def both(account):
    """What is truly owed, and what is asked for."""
    agreement = service_of(account)
    return agreement.payoff_balance, agreement.current_balance


@pytest.fixture
def days_pass(monkeypatch):
    """`days_pass(7)`: for plans it is a week later."""

    def go(days):
        for module in (advancing, operations):
            monkeypatch.setattr(module, "today", lambda own: today(own) + timedelta(days=days))

    return go


def advance(actor):
    return advance_all(SystemActor(actor.organization, "Plans", frozenset()))


def test_start_budget_asks_for_equal_amounts_and_charges_raise_the_payoff_alone(alice, account):
    day = today(alice.organization)
    plan = start_budget(actor=alice, agreement=service_of(account), amount=D(150), first_due=day)
    assert both(account) == (0, 0)
    invoice = make_invoice(alice, account, "100")
    assert both(account) == (100, 0)
    advance(alice)
    assert both(account) == (100, 150)
    advance(alice)
    assert both(account) == (100, 150), "each amount is asked for once"
    load = invoice.loads.get()
    charge = make_type(alice, "Detention", "charge")
    add_accessorial(actor=alice, load=load, type=charge, entity="customer", amount=D(20))
    regenerate_invoice(actor=alice, load=Load.objects.get(pk=load.pk))
    assert both(account) == (120, 150)
    void_invoice(actor=alice, load=make_invoice(alice, account, "40").loads.get(), reason="Twice")
    assert both(account) == (120, 150)
    pay(alice, invoice, "120")
    assert both(account) == (0, 30)
    cancel_plan(actor=alice, plan=plan, reason="Wants to pay as billed")
    assert both(account) == (0, 0)
    assert broken() == {}


def test_the_journal_never_moves_by_a_plan(alice, account):
    make_invoice(alice, account, "900")
    before = balances(alice)
    day = today(alice.organization)
    plan = start_arrangement(actor=alice, agreement=service_of(account), instalments=3, first_due=day)
    advance(alice)
    cancel_plan(actor=alice, plan=plan)
    assert balances(alice) == before == {"1200": 900, "4000": -900}
    moves = AgreementTransaction.objects.filter(agreement=service_of(account)).order_by("pk")
    assert list(moves.values_list("kind", "payoff_effect", "current_effect")) == [
        ("generated", 900, 900), ("arrangement", 0, -900), ("instalment", 0, 300), ("sync", 0, 600),
    ]  # fmt: skip


def test_start_arrangement_defers_the_debt_and_nobody_is_chased_while_it_is_kept(alice, account, days_pass):
    overdue(alice, account, "900", days=50)
    day = today(alice.organization)
    plan = start_arrangement(
        actor=alice, agreement=service_of(account), instalments=3, first_due=day + timedelta(days=7), grace_days=5,
        reason="Agreed by phone",
    )  # fmt: skip
    assert both(account) == (900, 0)
    assert [row[2:4] for row in found(reviewed(alice))] == [("skipped", "not_asked")]
    days_pass(7)
    advance(alice)
    assert both(account) == (900, 300)
    assert [row[2:] for row in found(reviewed(alice))] == [("started", "", 300, 3)]
    pay(alice, account.invoices.get(), "300")
    advance(alice)
    assert both(account) == (600, 0)
    pay(alice, account.invoices.get(), "600")
    advance(alice)
    assert both(account) == (0, 0)
    ended = Plan.objects.get()
    assert ended.ended_because == "kept"
    assert history(alice, plan).first().name == "plan_ended"
    assert broken() == {}


def test_a_missed_instalment_breaks_the_arrangement_and_all_is_asked_for(alice, account, days_pass):
    overdue(alice, account, "900", days=50)
    day = today(alice.organization)
    plan = start_arrangement(
        actor=alice, agreement=service_of(account), instalments=3, first_due=day, grace_days=5
    )  # fmt: skip
    advance(alice)
    assert both(account) == (900, 300)
    days_pass(5)
    advance(alice)
    assert Plan.objects.get().ended_on is None
    days_pass(6)
    advance(alice)
    plan.refresh_from_db()
    assert (plan.ended_because, both(account)) == ("broken", (900, 900))
    assert [row[2:] for row in found(reviewed(alice))] == [("started", "", 900, 3)]


def test_a_budget_ends_when_service_stops(alice, account):
    day = today(alice.organization)
    start_budget(actor=alice, agreement=service_of(account), amount=D(150), first_due=day)
    invoice = make_invoice(alice, account, "100")
    stop_agreement(actor=alice, agreement=service_of(account))
    assert both(account) == (100, 100)
    assert Plan.objects.get().ended_because == "stopped"
    pay(alice, invoice, "100")
    assert service_of(account).state == "closed"


def test_the_true_up_of_a_budget_is_its_end(alice, account):
    """Asked for 150 twice and paid so; billed were 100 and 120: 80 stay on account, and nothing is owed at the end."""
    day = today(alice.organization)
    start_budget(actor=alice, agreement=service_of(account), amount=D(150), first_due=day)
    first, second = make_invoice(alice, account, "100"), make_invoice(alice, account, "120")
    advance(alice)
    assert both(account) == (220, 150)
    pay(alice, first, "150", "100")
    pay(alice, second, "150", "120")
    assert both(account) == (0, -70), "what was paid beyond what was asked for is ahead of the budget"
    stop_agreement(actor=alice, agreement=service_of(account))
    assert both(account) == (0, 0)
    assert service_of(account).state == "closed"
    assert balances(alice) == {"1000": 300, "2100": -80, "4000": -220}
    assert broken() == {}


def test_the_final_bill_of_a_budget_is_asked_for_whole(alice, account):
    """Budget 60, billed 100, asked for 60 and paid so: a last invoice of 45 and the 40 deferred are due."""
    day = today(alice.organization)
    start_budget(actor=alice, agreement=service_of(account), amount=D(60), first_due=day)
    invoice = make_invoice(alice, account, "100")
    advance(alice)
    pay(alice, invoice, "60")
    assert both(account) == (40, 0)
    stop_agreement(actor=alice, agreement=service_of(account))
    assert both(account) == (40, 40)
    make_invoice(alice, account, "45")
    assert both(account) == (85, 85)
    assert (service_of(account).state, Plan.objects.get().ended_because) == ("stopped", "stopped")


@pytest.mark.parametrize("asked", [0, 2])
def test_a_write_off_ends_the_arrangement_whatever_of_it_was_asked_for(alice, account, days_pass, asked):
    """900 in two instalments. Also where all of it is asked for already, so that nothing is to be brought in step."""
    make_invoice(alice, account, "900")
    day = today(alice.organization)
    start_arrangement(
        actor=alice, agreement=service_of(account), instalments=2, first_due=day + timedelta(days=1), grace_days=90
    )  # fmt: skip
    if asked:
        days_pass(45)
        advance(alice)
    assert both(account) == (900, 900 if asked else 0)
    made = write_off(alice, account)
    assert (both(account), Plan.objects.get().ended_because) == ((0, 0), "written_off")
    reverse_write_off(actor=alice, write_off=made, reason="Wrong account")
    assert both(account) == (900, 900), "all of it is asked for: the arrangement is agreed anew, or not"
    assert broken() == {}


def test_a_bankruptcy_ends_the_arrangement(alice, account):
    invoice = make_invoice(alice, account, "300")
    day = today(alice.organization)
    start_arrangement(
        actor=alice, agreement=service_of(account), instalments=3, first_due=day + timedelta(days=9)
    )  # fmt: skip
    bankruptcy(alice, account)
    assert (both(account), Plan.objects.get().ended_because) == ((0, 0), "written_off")
    assert invoice.agreement_id == service_of(account).pk
    assert broken() == {}


def test_sync_current_asks_for_all_that_is_owed(alice, account):
    make_invoice(alice, account, "100")
    agreement = service_of(account)
    AgreementTransaction.objects.create(
        organization=alice.organization, agreement=agreement, kind="arrangement", date=days_ago(alice, 1),
        payoff_effect=0, current_effect=-60,
    )  # fmt: skip
    assert both(account) == (100, 40)
    sync_current(actor=alice, agreement=service_of(account), reason="Before a write-off")
    assert both(account) == (100, 100)
    with pytest.raises(Refused) as refused:
        sync_current(actor=alice, agreement=service_of(account))
    assert refused.value.code == "in_step"


def test_plans_need_their_permissions(alice, account):
    auditor = make_member(alice.organization, "auditor", "Ann Auditor")
    make_invoice(alice, account, "100")
    day, agreement = today(alice.organization), service_of(account)
    for attempt in (
        lambda: start_budget(actor=auditor, agreement=agreement, amount=D(1), first_due=day),
        lambda: start_arrangement(actor=auditor, agreement=agreement, instalments=2, first_due=day),
        lambda: sync_current(actor=auditor, agreement=agreement),
    ):
        with pytest.raises(NotPermitted):
            attempt()

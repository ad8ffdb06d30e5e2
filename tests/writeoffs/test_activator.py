"""The activator: what each event does, in which order, and what happens when one fails."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.models import Invoice
from receivables.core import dates
from receivables.core.errors import NotPermitted, Refused
from receivables.credit_control.operations import open_dispute, resolve_dispute
from receivables.credit_control.plans.operations import cancel_plan, start_arrangement
from receivables.customers.models import AgreementType
from receivables.customers.operations import edit_account
from receivables.ledger.models import GLAccount
from receivables.writeoffs.automated.models import CollectionAgency, ProcessEvent, Referral, WriteOffProcess
from receivables.writeoffs.automated.operations import (
    add_process_event,
    cancel_process_event,
    cancel_write_off_process,
    change_process_event,
    complete_to_do,
    create_write_off_process,
    run_write_off_activator,
)
from receivables.writeoffs.automated.reading import ratings
from receivables.writeoffs.models import WriteOff
from tests.builders import balances, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.writeoffs.automation import (
    BILLED,
    DAY,
    Clock,
    activated,
    control,
    events,
    found,
    monitored,
    owing,
    state_of,
)
from tests.writeoffs.cast import bankruptcy

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def alice(clock):
    return make_member(make_organization())


@pytest.fixture
def account(alice):
    """Stopped, with 100.00 owed, in a standard process that begins today."""
    account = owing(alice, "Gone", "100")
    monitored(alice)
    return account


def process_of(account):
    return WriteOffProcess.objects.get(account=account)


def states(account):
    return [(kind, state) for kind, state, _day in events(account)]


def test_the_standard_process_from_referral_to_write_off(alice, clock, account):
    assert [row[:2] for row in found(activated(alice))] == [("Gone", "done"), ("Gone", "done")]
    referral = Referral.objects.get()
    assert (referral.agency.name, referral.amount, referral.active) == ("Collection agency", 100, True)
    letter = ProcessEvent.objects.get(process__account=account, kind="letter")
    assert (letter.amount, [D(row["amount"]) for row in letter.rows]) == (100, [100])
    clock.after(59)
    assert found(activated(alice)) == []
    clock.after(60)
    activated(alice)
    assert [state for _kind, state in states(account)] == ["done"] * 4
    process = process_of(account)
    assert (process.state, process.ended_because) == ("inactive", "closed")
    assert not Referral.objects.get().active
    assert WriteOff.objects.get().reason == "Automated write-off"
    assert (state_of(account), state_of(account, "WO-STD")) == ((0, "closed"), (100, "active"))
    assert balances(alice) == {"4000": -100, "6150": 100}
    assert broken() == {}


def test_an_agreement_that_is_paid_leaves_at_once_whoever_closed_it(alice, clock, account):
    activated(alice)
    clock.after(30)
    pay(alice, account.invoices.get(), "40")
    assert process_of(account).state == "active", "a part is no end"
    pay(alice, account.invoices.get(), "60")
    process = process_of(account)
    assert (process.state, process.ended_because) == ("inactive", "closed")
    assert states(account) == [
        ("refer", "done"), ("letter", "done"), ("cancel_referral", "cancelled"), ("write_off", "cancelled")
    ]  # fmt: skip
    assert not Referral.objects.get().active
    assert process.agreements.get().left_because == "closed"
    clock.after(60)
    assert found(activated(alice)) == []


def test_a_threshold_lets_go_earlier(alice, account):
    control(alice, inactive_threshold=D(25))
    pay(alice, account.invoices.get(), "75")
    assert process_of(account).agreements.get().left_because == "below"
    assert process_of(account).state == "inactive"
    assert state_of(account) == (25, "stopped")
    assert [row[1:3] for row in found(monitored(alice))] == [("skipped", "below")]


def test_one_failure_is_listed_and_stops_nobody_else(alice, clock, account):
    other = owing(alice, "Other", "50")
    GLAccount.objects.of(alice).filter(code="4000").update(write_off_type=None)
    add_process_event(actor=alice, process=process_of(account), kind="write_off", sequence=1)
    monitored(alice)
    assert [row[:3] for row in found(activated(alice))] == [
        ("Gone", "error", "refused"), ("Other", "done", ""), ("Other", "done", ""),
    ]  # fmt: skip
    assert [state for _kind, state in states(account)] == ["pending"] * 5, "later events wait for the one that failed"
    assert states(other)[0] == ("refer", "done")
    GLAccount.objects.of(alice).filter(code="4000").update(
        write_off_type=AgreementType.objects.of(alice).get(code="WO-STD")
    )
    activated(alice)
    assert state_of(account) == (0, "closed")


def test_above_the_maximum_somebody_else_approves(alice, clock, account):
    bob = make_member(alice.organization, "biller", "Bob Biller")
    add_process_event(actor=alice, process=process_of(account), kind="write_off", sequence=1)
    control(alice, maximum=D("99.99"))
    assert next(row[1:3] for row in found(activated(alice))) == ("error", "refused"), "nobody is named who asks"
    control(alice, responsible=bob.user)
    assert next(row[1] for row in found(activated(alice))) == "waiting"
    request = ApprovalRequest.objects.get()
    assert (request.amount, request.requested_by) == (100, bob.user)
    assert state_of(account) == (100, "stopped")
    approve_request(actor=alice, request=request)
    assert state_of(account) == (0, "closed")
    event = ProcessEvent.objects.get(request=request)
    assert (event.state, event.done_on, process_of(account).state) == ("done", DAY, "inactive")


def test_run_write_off_activator_rests_while_debt_is_postponed_disputed_or_on_a_plan(alice, clock, account):
    """Facts that came after the process began count on the day of its events: nothing is referred, chased or given up,
    and the first event that waits says why; afterwards everything happens in its order."""
    agreement = account.agreements.get()
    clock.after(60)
    edit_account(actor=alice, account=account, postpone_until=dates.today(alice.organization) + timedelta(days=1))
    assert found(activated(alice)) == [("Gone", "skipped", "postponed", 0)]
    clock.after(61)
    dispute = open_dispute(actor=alice, invoice=account.invoices.get(), amount=D(5), why="rate")
    assert found(activated(alice)) == [("Gone", "skipped", "disputed", 0)]
    resolve_dispute(actor=alice, dispute=dispute, decision="rejected", reason="The rate is right")
    plan = start_arrangement(actor=alice, agreement=agreement, first_due=clock.after(61), instalments=2)
    assert found(activated(alice)) == [("Gone", "skipped", "on_plan", 0)]
    assert {state for _kind, state in states(account)} == {"pending"}
    cancel_plan(actor=alice, plan=plan, reason="They want to pay at once")
    activated(alice)
    assert {state for _kind, state in states(account)} == {"done"}
    assert state_of(account) == (0, "closed")


def test_cancel_write_off_process_leaves_nothing_to_be_granted(alice, clock, account):
    """What a cancelled process had asked for is not granted behind the back of whoever cancelled it."""
    bob = make_member(alice.organization, "biller", "Bob Biller")
    control(alice, maximum=D(1), responsible=bob.user)
    clock.after(60)
    activated(alice)
    cancel_write_off_process(actor=alice, process=process_of(account), reason="They pay by instalments")
    with pytest.raises(Refused) as refused:
        approve_request(actor=alice, request=ApprovalRequest.objects.get())
    assert refused.value.code == "process_cancelled"
    assert state_of(account) == (100, "stopped")
    reject_request(actor=alice, request=ApprovalRequest.objects.get(), reason="Cancelled")
    assert broken() == {}


def test_a_refused_write_off_leaves_the_process_to_people(alice, clock, account):
    bob = make_member(alice.organization, "biller", "Bob Biller")
    control(alice, maximum=D(1), responsible=bob.user)
    clock.after(60)
    activated(alice)
    reject_request(actor=alice, request=ApprovalRequest.objects.get(), reason="They will pay")
    process = process_of(account)
    assert (process.state, states(account)[-1]) == ("active", ("write_off", "refused"))
    assert found(monitored(alice)) == [], "no other process begins"
    cancel_process_event(actor=alice, event=process.events.get(state="refused"))
    assert process_of(account).ended_because == "completed"


def test_other_kinds_of_events(alice, clock, account):
    edit_account(actor=alice, account=account, alert="Ask for Mr Low.")
    process = process_of(account)
    add_process_event(actor=alice, process=process, kind="to_do", text="Call them")
    add_process_event(actor=alice, process=process, kind="credit_rating", points=50, months=6)
    add_process_event(actor=alice, process=process, kind="function", function="warn")
    kind = AgreementType.objects.of(alice).get(code="WO-LIA")
    add_process_event(actor=alice, process=process, kind="write_off_to_type", to_type=kind, sequence=99)
    activated(alice)
    account.refresh_from_db()
    assert account.alert == "Its debt is about to be written off. Ask for Mr Low."
    assert [row.points for row in ratings(alice, account, DAY)] == [50]
    assert ratings(alice, account, DAY + timedelta(days=182)) == []
    assert state_of(account, "WO-LIA") == (100, "active")
    assert balances(alice)["2500"] == 100


def test_complete_to_do_once(alice, account):
    event = add_process_event(actor=alice, process=process_of(account), kind="to_do", text="Call them")
    with pytest.raises(Refused):
        complete_to_do(actor=alice, event=event)
    with pytest.raises(Refused) as refused:
        change_process_event(actor=alice, event=event, due_on=DAY, text=" ")
    assert refused.value.code == "no_text"
    activated(alice)
    cora = make_member(alice.organization, "collector", "Cora Collector")
    done = complete_to_do(actor=cora, event=event)
    assert (done.handled_on, done.handled_by) == (DAY, cora.user)
    with pytest.raises(Refused):
        complete_to_do(actor=alice, event=event)


def test_the_agency_with_the_least_debt_gets_the_next(alice):
    CollectionAgency.objects.create(organization=alice.organization, code="B", name="Second")
    for name in ("One", "Two", "Three"):
        owing(alice, name, "100")
    monitored(alice)
    activated(alice)
    names = Referral.objects.order_by("pk").values_list("agency__name", flat=True)
    assert list(names) == ["Collection agency", "Second", "Collection agency"]


def test_the_agency_with_the_least_debt_is_found_within_one_currency(alice, account):
    """1,000.00 euros with the first are no dollars, of which nobody has any yet."""
    first = CollectionAgency.objects.of(alice).get()
    CollectionAgency.objects.create(organization=alice.organization, code="B", name="Second")
    activated(alice)
    Referral.objects.update(active=False, cancelled_at=timezone.now())
    elsewhere = {"organization": alice.organization, "process": process_of(account), "agency": first}
    Referral.objects.create(currency="EUR", amount=D(1000), referred_on=DAY, **elsewhere)
    owing(alice, "Next", "100")
    monitored(alice)
    activated(alice)
    assert Referral.objects.get(process__account__name="Next").agency == first


def test_start_bankruptcy_cancels_what_goes_on_towards_a_write_off(alice, account):
    """Also where its debt is from after the petition, and stays because it is disputed."""
    open_dispute(actor=alice, invoice=Invoice.objects.get(account=account), amount=D(5), why="damage")
    bankruptcy(alice, account, BILLED - timedelta(days=1))
    process = process_of(account)
    assert (process.state, process.ended_because, process.reason) == ("inactive", "cancelled", "Court 24-1")


def test_create_write_off_process_by_hand_and_cancel_write_off_process(alice, account):
    with pytest.raises(Refused) as refused:
        create(alice, account)
    assert refused.value.code == "in_process"
    cancel_write_off_process(actor=alice, process=process_of(account), reason="Wrong customer")
    process = process_of(account)
    assert (process.state, process.ended_because, process.reason) == ("inactive", "cancelled", "Wrong customer")
    assert {state for _kind, state in states(account)} == {"cancelled"}
    made = create(alice, account)
    assert (made.state, made.amount, made.created_by) == ("active", 100, alice.user)
    with pytest.raises(NotPermitted):
        create(make_member(alice.organization, "collector", "Cora Collector"), account)
    running = owing(alice, "Active", "10", stopped=False)
    with pytest.raises(Refused) as refused:
        create(alice, running)
    assert refused.value.code == "not_stopped"


def create(actor, account):
    template = control(actor).criteria.get().template
    agreements = [account.agreements.get(type__code="FREIGHT").pk]
    return create_write_off_process(actor=actor, account=account, agreements=agreements, template=template)


def test_change_process_event_and_cancel_process_event(alice, clock, account):
    event = process_of(account).events.get(kind="write_off")
    moved = change_process_event(actor=alice, event=event, due_on=DAY + timedelta(days=90), text="Gone for good")
    assert (moved.due_on, moved.text) == (DAY + timedelta(days=90), "Gone for good")
    with pytest.raises(Refused) as refused:
        change_process_event(actor=alice, event=event, due_on=DAY - timedelta(days=1))
    assert refused.value.code == "past"
    with pytest.raises(Refused) as refused:
        change_process_event(actor=alice, event=event, due_on=DAY, seen=1)
    assert refused.value.code == "stale"
    cancel_process_event(actor=alice, event=event)
    with pytest.raises(Refused):
        cancel_process_event(actor=alice, event=event)
    activated(alice)
    clock.after(60)
    activated(alice)
    assert process_of(account).ended_because == "completed"
    assert state_of(account) == (100, "stopped")


def test_add_process_event_needs_what_its_kind_needs(alice, account):
    process = process_of(account)
    for kind, code in (("to_do", "no_text"), ("write_off_to_type", "no_type"), ("function", "no_function")):
        with pytest.raises(Refused) as refused:
            add_process_event(actor=alice, process=process, kind=kind)
        assert refused.value.code == code


def test_run_write_off_activator_one_at_a_time(alice):
    run_write_off_activator(actor=alice)
    with pytest.raises(Refused) as refused:
        run_write_off_activator(actor=alice)
    assert refused.value.code == "running"

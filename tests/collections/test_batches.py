"""Resolving many short payments at once, going on with what was left, and undoing it."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Membership
from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.models import AccessorialType, Load, RevisionLine
from receivables.billing.operations import add_accessorial
from receivables.billing.summary.operations import generate_summary_invoice, split_by_load
from receivables.collections.models import Resolution
from receivables.collections.resolution import undo_resolution
from receivables.collections.short_payments import running
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.operations import resolve_short_payments, retry_batch, undo_batch
from receivables.collections.short_payments.undoing import undo_plan
from receivables.collections.short_payments.worklist import short_items
from receivables.core.jobs import stop_job
from receivables.core.models import Event, Job
from receivables.core.transactions import sqlstate
from receivables.ledger.models import Allocation
from tests.builders import balances, make_account, make_invoice, make_load, make_member, make_type, pay
from tests.collections import batch_support as batches
from tests.collections.batch_support import balance, choice, short
from tests.collections.support import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def write_off(biller):
    return make_type(biller)


def test_the_worklist_has_what_is_paid_short_and_nothing_else(biller, stranger):
    part, zero = short(biller), short(biller, paid="0")
    short(biller, paid="1000"), make_invoice(biller), short(stranger)
    assert set(short_items(biller)) == {part.open_item, zero.open_item}


def test_resolve_short_payments_takes_off_what_is_open_on_each(biller, write_off):
    first, second = short(biller), short(biller, paid="0")
    batch = batches.resolved(biller, write_off, note="Damaged", reason="Agreed with the customer")
    assert batches.states(batch) == {"done": 2}
    assert (balance(first), balance(second)) == (0, 0)
    assert balances(biller) == {"1000": 950, "4000": -2000, "6100": 1050}
    assert batches.job_of(batch).state == Job.State.DONE
    assert set(Resolution.objects.values_list("reason", flat=True)) == {"Agreed with the customer"}
    assert Event.objects.filter(name="resolve_short_payment", actor_user=biller.user).count() == 2


def test_resolve_short_payments_does_what_was_previewed_or_nothing(biller, write_off):
    invoice = short(biller)
    plan = batches.planned(biller, write_off)
    pay(biller, invoice, "10")
    wanted = {"actor": biller, "selection": batches.EVERYTHING, "choice": choice(write_off)}
    assert refused(resolve_short_payments, **wanted, previewed=plan.digest()).code == "stale"
    assert not BatchResolution.objects.exists()


def test_resolve_short_payments_of_a_summary_invoice_whose_split_says_on_which_load(biller, write_off):
    """Two summaries of 1,000.00 + 2,000.00, each 120.00 short: one payment says for which load, the other does not."""
    said, unsaid = [
        generate_summary_invoice(actor=biller, loads=[make_load(biller, account, each) for each in ("1000", "2000")])
        for account in (make_account(biller), make_account(biller))
    ]
    for invoice in (said, unsaid):
        pay(biller, invoice, "2880")
    first, second = said.loads.order_by("pk")
    allocation = Allocation.objects.get(debit_item=said.open_item_id)
    split_by_load(actor=biller, allocation=allocation, shares={first.pk: Decimal(1000), second.pk: Decimal(1880)})
    batch = batches.resolved(biller, write_off)
    assert (batches.states(batch), batches.codes(batch)) == ({"done": 1, "skipped": 1}, {unsaid.number: "which_load"})
    assert (balance(said), balance(unsaid)) == (0, 120)
    assert Resolution.objects.get().load == second
    assert {line.load_id: line.total for line in RevisionLine.objects.filter(revision__number=2, kind="bad_debt")} == {
        second.pk: Decimal(-120)
    }
    batches.undone(biller, batch)
    assert (balance(said), balances(biller)["1200"]) == (120, 240)


def test_an_invoice_that_changed_after_it_was_asked_for_is_passed_over(biller, write_off):
    paid, charged, kept = short(biller), short(biller), short(biller)
    batch = batches.ask(biller, write_off)
    pay(biller, paid, "10")
    extra = make_type(biller, "Detention", "charge")
    add_accessorial(actor=biller, load=charged.loads.get(), type=extra, entity="customer", amount=Decimal(5))
    batches.work_off(batch)
    assert batches.codes(batch) == {paid.number: "stale", charged.number: "stale"}
    assert (balance(paid), balance(charged), balance(kept)) == (40, 50, 0)


def test_a_type_put_out_of_use_meanwhile_passes_all_over(biller, write_off):
    short(biller)
    batch = batches.ask(biller, write_off)
    AccessorialType.objects.filter(pk=write_off.pk).update(active=False)
    batches.work_off(batch)
    assert set(batches.codes(batch).values()) == {"type_inactive"}


def test_who_is_no_member_any_more_stops_the_batch(biller, write_off, monkeypatch):
    """The one who asked is deactivated after the second of three invoices."""
    for _n in range(3):
        short(biller)
    batch = batches.ask(biller, write_off)
    settle = running._settle

    def then_deactivated(actor, keys, task):
        settle(actor, keys, task)
        if BatchItem.objects.filter(state="done").count() == 2:
            Membership.objects.filter(pk=biller.pk).update(active=False)

    monkeypatch.setattr(running, "TOGETHER", 1)
    monkeypatch.setattr(running, "_settle", then_deactivated)
    batches.work_off(batch)
    job = batches.job_of(batch)
    assert (job.state, batches.states(batch)) == (Job.State.STOPPED, {"done": 2, "waiting": 1})
    assert "Bob Biller no longer has the permission" in job.message


def test_retry_batch_goes_on_with_what_failed_or_was_left(biller, write_off, monkeypatch):
    failing, stopped = short(biller), short(biller)
    batch = batches.ask(biller, write_off)

    def fails(actor, wishes):
        raise RuntimeError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(running, "resolve_each", fails)
        batches.work_off(batch)
    assert (batches.states(batch), balance(failing)) == ({"failed": 2}, 50)
    assert refused(undo_batch, actor=biller, batch=batch, reason="No").code == "nothing_to_undo"
    retry_batch(actor=biller, batch=batch)
    assert refused(retry_batch, actor=biller, batch=batch).code == "batch_running"
    stop_job(actor=biller, job=batches.job_of(batch))
    batches.work_off(batch)
    assert batches.states(batch) == {"waiting": 2}
    batches.work_off(retry_batch(actor=biller, batch=batch))
    assert (batches.states(batch), balance(failing), balance(stopped)) == ({"done": 2}, 0, 0)
    assert refused(retry_batch, actor=biller, batch=batch).code == "nothing_left"


@pytest.fixture
def limited(biller):
    AuthorityLimit.objects.create(
        organization=biller.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=Decimal(60)
    )


def test_beyond_ones_authority_an_invoice_goes_to_approval(biller, write_off, limited):
    small, big, other = short(biller), short(biller, paid="900"), short(biller, paid="800")
    plan = batches.planned(biller, write_off)
    assert [line.invoice for line in plan.asking] == [big, other]
    batch = batches.resolved(biller, write_off)
    assert batches.states(batch) == {"done": 1, "asked": 2}
    manager = make_member(biller.organization, Role.OPERATIONS_MANAGER, "Olga Manager")
    yes, no = ApprovalRequest.objects.order_by("pk")
    approve_request(actor=manager, request=yes)
    reject_request(actor=manager, request=no, reason="Ask them to pay")
    assert batches.states(batch) == {"done": 2, "skipped": 1}
    assert batches.codes(batch) == {other.number: "not_granted"}
    assert (balance(small), balance(big), balance(other)) == (0, 0, 200)
    batches.undone(biller, batch)
    assert (balance(small), balance(big), balance(other)) == (50, 100, 200)


def test_undo_batch_brings_every_balance_back(biller, write_off):
    invoices = [short(biller), short(biller, paid="900")]
    before = balances(biller)
    batch = batches.resolved(biller, write_off)
    batches.undone(biller, batch)
    assert [balance(each) for each in invoices] == [50, 100]
    assert balances(biller) == before
    assert set(BatchItem.objects.values_list("state", "undo_state")) == {("done", "undone")}
    assert refused(undo_batch, actor=biller, batch=batch, reason="Again").code == "nothing_to_undo"


def test_undo_batch_says_what_can_not_be_undone_and_why(biller, write_off):
    alone, later, kept = short(biller), short(biller), short(biller)
    batch = batches.resolved(biller, write_off)
    undo_resolution(actor=biller, resolution=Resolution.objects.get(invoice=alone), reason="Paid after all")
    extra = make_type(biller, "Detention", "charge")
    load = Load.objects.get(pk=later.loads.get().pk)
    add_accessorial(actor=biller, load=load, type=extra, entity="customer", amount=Decimal(5))
    plan = undo_plan(biller, batch)
    assert {line.item.invoice: line.blocker.code for line in plan.kept} == {
        alone: "already_undone",
        later: "charges_changed",
    }
    assert refused(undo_batch, actor=biller, batch=batch, reason=" ").code == "no_reason"
    batches.undone(biller, batch)
    assert (balance(alone), balance(later), balance(kept)) == (50, 0, 50)


def test_guards_keep_what_became_of_an_item(biller, write_off):
    """Direct changes as the application: a resolution of another invoice, a second outcome, a header rewritten."""
    first, second = short(biller), short(biller)
    batch = batches.resolved(biller, write_off)
    item, other = BatchItem.objects.get(invoice=first), BatchItem.objects.get(invoice=second)
    spare = short(biller, make_account(biller))
    third = batches.ask(biller, write_off, batches.ticked(spare))
    attacks = {
        "RV001": [
            lambda: BatchItem.objects.filter(pk=item.pk).update(state="waiting", resolution=None),
            lambda: BatchItem.objects.filter(pk=item.pk).delete(),
        ],
        "RV007": [
            lambda: BatchItem.objects.filter(batch=third).update(state="done", resolution=other.resolution_id),
            lambda: BatchItem.objects.filter(pk=item.pk).update(undo_state="undone", undo=other.resolution_id),
        ],
        "42501": [
            lambda: BatchItem.objects.filter(pk=item.pk).update(short=1),
            lambda: BatchResolution.objects.filter(pk=batch.pk).update(reason="Another"),
        ],
        "23514": [lambda: BatchItem.objects.filter(batch=third).update(state="done")],
    }
    for code, calls in attacks.items():
        for call in calls:
            with pytest.raises(DatabaseError) as error, transaction.atomic():
                call()
            assert sqlstate(error.value) in (code, "42501"), error.value

"""Many accounts written off by one decision: worked out, confirmed, done, taken back."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import record_payment
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.jobs import stop_job
from receivables.core.models import Event
from receivables.customers.models import AgreementType
from receivables.customers.operations import stop_agreement
from receivables.ledger.models import GLAccount
from receivables.writeoffs.bulk import running
from receivables.writeoffs.bulk.models import WriteOffBatchItem
from receivables.writeoffs.bulk.operations import retry_write_offs, undo_write_offs, write_off_debts
from receivables.writeoffs.bulk.rules import (
    BatchFacts,
    plan_write_offs_blocker,
    retry_write_offs_blocker,
    undo_write_offs_blocker,
    write_off_debts_blocker,
)
from receivables.writeoffs.bulk.undoing import undo_figures
from receivables.writeoffs.bulk.views.batches import asked_for, reasons_of
from receivables.writeoffs.models import RegisterTotal, WriteOff, WriteOffReversal
from receivables.writeoffs.register.views import totals_of
from tests.builders import balances, make_account, make_invoice, make_member, pay
from tests.support.invariants import broken
from tests.writeoffs import batches
from tests.writeoffs.automation import owing
from tests.writeoffs.cast import agreement, bill, journal, owed, write_off

pytestmark = pytest.mark.django_db


def test_the_rules_of_a_batch():
    ready = BatchFacts(planned=True, confirmed=False, running=False, waiting=3)

    def code(blocker):
        return blocker.code if blocker else None

    for facts, expected in (
        (ready, None),
        (BatchFacts(True, True, False, waiting=3), "confirmed"),
        (BatchFacts(False, False, True), "running"),
        (BatchFacts(False, False, False), "not_planned"),
        (BatchFacts(True, False, False, asked=True, waiting=3), "asked"),
        (BatchFacts(True, False, False), "nothing_left"),
    ):
        assert code(write_off_debts_blocker(facts)) == expected
    for facts, expected in (
        (BatchFacts(True, True, True, waiting=1), "running"),
        (ready, "not_confirmed"),
        (BatchFacts(True, True, False), "nothing_left"),
        (BatchFacts(True, True, False, failed=1), None),
        (BatchFacts(False, False, False), None),
    ):
        assert code(retry_write_offs_blocker(facts)) == expected
    for facts, reason, expected in (
        (BatchFacts(True, True, True, undoable=1), "x", "running"),
        (BatchFacts(True, True, False), "x", "nothing_to_undo"),
        (BatchFacts(True, True, False, undoable=1), " ", "no_reason"),
        (BatchFacts(True, True, False, undoable=1), None, None),
    ):
        assert code(undo_write_offs_blocker(facts, reason)) == expected
    assert code(plan_write_offs_blocker(chosen=0, reason="x")) == "nothing_chosen"
    assert code(plan_write_offs_blocker(chosen=1, reason=" ")) == "no_reason"
    assert code(plan_write_offs_blocker(chosen=1, reason="x", type_usable=False)) == "no_write_off_type"


def cast(admin):
    """Three accounts that can be written off, one of them taxed and stopped, and five that can't."""
    taxed = make_account(admin, "Taxed")
    bill(admin, taxed)
    stop_agreement(actor=admin, agreement=taxed.agreements.get())
    small = make_invoice(admin, make_account(admin, "Small"), "10")
    two = make_account(admin, "Two")
    make_invoice(admin, two, "30")
    make_invoice(admin, two, "40")
    part = make_account(admin, "Part by own money")
    pay(admin, make_invoice(admin, part, "100"), "60", applied="0")
    covered = make_account(admin, "Covered")
    pay(admin, make_invoice(admin, covered, "50"), "50", applied="0")
    return small, two, part


def test_plan_write_offs_write_off_debts_and_undo_write_offs(admin):
    cast(admin)
    already = make_account(admin, "Already")
    make_invoice(admin, already, "70")
    write_off(admin, already)
    before = batches.books(admin)
    batch = batches.planned(admin)
    assert batches.states(batch) == {"waiting": 4, "skipped": 1}
    assert batches.codes(batch) == {"Covered": "covered"}
    assert WriteOff.objects.count() == 1, "nothing is posted before it is confirmed"
    assert sum(map(D, batch.plan["sums"].values())) == 1000 + 10 + 70 + 40
    codes = dict(GLAccount.objects.of(admin).values_list("pk", "code"))
    by_debited = {codes[int(key.split(":")[2])]: D(amount) for key, amount in batch.plan["sums"].items()}
    assert (by_debited["2210"], by_debited["2220"]) == (80, 20), "taxes go back to their own accounts"

    write_off_debts(actor=admin, batch=batch)
    batch = batches.work_off(batch)
    assert batches.states(batch) == {"done": 4, "skipped": 1}
    taxed = WriteOff.objects.get(account__name="Taxed")
    assert (taxed.amount, taxed.reason, taxed.created_by) == (1000, "Uncollectable", admin.user)
    assert [line for line in journal(taxed) if line[0] != "1900"] == [
        ("1200", "FREIGHT", -1000), ("6150", "WO-STD", 900), ("2210", "WO-2210", 80), ("2220", "WO-2220", 20),
    ]  # fmt: skip
    assert agreement(taxed.account, "FREIGHT").state == "closed"
    assert WriteOff.objects.get(account__name="Two").lines.count() == 2, "one document for each account"
    assert owed(WriteOff.objects.get(account__name="Part by own money").account)["WO-STD"][0] == 40
    assert balances(admin)["6150"] == 900 + 10 + 70 + 40 + 70
    counts = batch.counts
    assert (counts.done.accounts, counts.done.amount, counts.done.money) == (4, 1180, 60)
    assert counts.done.planned == sum(balances(admin).get(code, 0) for code in ("6150", "2210", "2220")) + 100 - 70
    assert (counts.skipped.accounts, counts.reasons) == (1, {"covered": 1})
    assert (counts.all.accounts, counts.all.amount) == (5, 1230), "the states add up to what was chosen"
    assert Event.objects.filter(name="write_off_debt").count() == 5
    ties(admin)

    batch = batches.undone(admin, batch)
    kept = WriteOffBatchItem.objects.filter(batch=batch, state="done").exclude(undo_state="undone")
    assert not kept.exists()
    assert (batch.counts.done.accounts, batch.counts.undone.accounts, batch.counts.all.accounts) == (0, 4, 5)
    assert WriteOffReversal.objects.count() == 4
    after = batches.books(admin)
    assert after[0] == {**before[0], "1200": before[0]["1200"] - 60, "2100": before[0]["2100"] + 60}
    assert agreement(taxed.account, "FREIGHT").state == "reactivated"
    ties(admin)


def ties(admin):
    """The register says what the ledger says."""
    net = sum(row["net"] for row in totals_of(RegisterTotal.objects.of(admin)))
    books = balances(admin)
    assert net == sum(books.get(code, 0) for code in ("6150", "2210", "2220")) + 100
    assert broken() == {}


def test_plan_write_offs_chooses_by_filters(admin):
    """Each filter leaves out what it should; ticked rows are taken whatever the filters would say."""
    old = owing(admin, "Old", "10", today(admin.organization) - timedelta(days=90), stopped=False).invoices.get()
    new = make_invoice(admin, make_account(admin, "New"), "500")
    for query, names in (
        ("overdue=30", {"Old"}), ("overdue=300", set()), ("least=100", {"New"}), ("most=100", {"Old"}),
        ("q=Old", {"Old"}), (f"q={new.number}", {"New"}), ("service=runs", {"Old", "New"}), ("service=ended", set()),
        ("overdue=soon", set()), ("overdue=-1e1000000", set()),
        (f"division={old.agreement.type.division_id}&debt_class={old.agreement.type.debt_class_id}", {"Old", "New"}),
        (f"collection_class={old.account.collection_class_id}&most=100", {"Old"}),
    ):  # fmt: skip
        found = batches.matching(query).items(admin)
        assert set(found.values_list("account__name", flat=True)) == names, query
    assert batches.states(batches.planned(admin, batches.ticked(new))) == {"waiting": 1}
    with pytest.raises(Refused, match="at least one debt"):
        batches.asked(admin, batches.matching("overdue=300"))
    with pytest.raises(Refused, match="active write-off type"):
        batches.asked(admin, to_type=AgreementType.objects.of(admin).get(code="FREIGHT"))


def test_write_off_debts_passes_over_what_changed(admin):
    """Between the preview and its turn an account is paid, another is written off, and one gets no target."""
    paid, gone, last = (make_invoice(admin, make_account(admin, name), "100") for name in ("Paid", "Gone", "Last"))
    batch = batches.confirmed(admin)
    pay(admin, paid, "30")
    write_off(admin, gone.account)
    batch = batches.work_off(batch)
    assert batches.codes(batch) == {"Paid": "more_than_owed", "Gone": "stale"}
    assert {row["label"] for row in reasons_of(batch)} == {"Paid since", "Changed meanwhile"}
    assert batches.states(batch) == {"done": 1, "skipped": 2}
    assert not WriteOffBatchItem.objects.filter(state="skipped", message="").exists()
    assert WriteOff.objects.filter(account=last.account).exists()
    assert broken() == {}


def test_write_off_debts_over_ones_authority_waits_for_one_decision(admin):
    """The sum of the batch counts, not that of each account: 300 in three accounts is more than 250. Its write-offs are
    those of whoever confirmed it and of whoever granted it, not of who had it worked out."""
    AuthorityLimit.objects.create(
        organization=admin.organization, membership=admin, kind="write_off", currency="USD", maximum=D(250)
    )
    charlie = make_member(admin.organization, "admin", "Charlie Chief")
    for name in ("A", "B", "C"):
        make_invoice(admin, make_account(admin, name), "100")
    dana = make_member(admin.organization, "admin", "Dana Desk")
    batch = batches.planned(dana)
    request = write_off_debts(actor=admin, batch=batch)
    assert isinstance(request, ApprovalRequest)
    assert (request.amount, request.verb) == (300, "write_off_debts")
    with pytest.raises(Refused, match="waits for approval"):
        write_off_debts(actor=admin, batch=batch)
    reject_request(actor=charlie, request=request, reason="Chase them first")
    assert not WriteOff.objects.exists()
    again = write_off_debts(actor=admin, batch=batch)
    approve_request(actor=charlie, request=again)
    batch = batches.work_off(batch)
    made = WriteOff.objects.values_list("created_by", "approved_by").distinct()
    assert list(made) == [(admin.user_id, charlie.user_id)]
    assert {"label": "Confirmed by", "value": "Alice Owner"} in asked_for(admin, batch)
    assert batches.states(batch) == {"done": 3}


def test_retry_write_offs_goes_on_after_a_stop_and_a_failure(admin, monkeypatch):
    """Sets of one: it is stopped after the first; the second fails at first; the third loses its permission."""
    monkeypatch.setattr(running, "CHUNK", 1)
    for name in ("A", "B", "C"):
        make_invoice(admin, make_account(admin, name), "100")
    batch = batches.confirmed(admin)
    original, seen = running.carry_out_each, []

    def stopping(*arguments, **options):
        seen.append(1)
        if len(seen) == 1:
            stop_job(actor=admin, job=batches.job_of(batch))
        if len(seen) == 2:
            raise ValueError("a fault")
        return original(*arguments, **options)

    monkeypatch.setattr(running, "carry_out_each", stopping)
    monkeypatch.setattr("receivables.core.jobs.SECONDS_BETWEEN", 0)
    monkeypatch.setattr("receivables.core.jobs.Progress._write", lambda self, done, total: _stop_wanted(self.job))
    batch = batches.work_off(batch)
    assert (batches.job_of(batch).state, batches.states(batch)) == ("stopped", {"done": 1, "waiting": 2})
    retry_write_offs(actor=admin, batch=batch)
    batch = batches.work_off(batch)
    assert batches.states(batch) == {"done": 2, "failed": 1}
    assert batches.codes(batch) == {"B": "fault"}
    retry_write_offs(actor=admin, batch=batch)
    assert batches.states(batches.work_off(batch)) == {"done": 3}
    assert WriteOff.objects.count() == 3
    with pytest.raises(Refused, match="Nothing is left"):
        retry_write_offs(actor=admin, batch=batch)


def _stop_wanted(job):
    return type(job).objects.filter(pk=job.pk, stop_requested=True).exists()


def test_a_set_with_one_bad_account_is_done_in_halves(admin, monkeypatch):
    for number in range(7):
        make_invoice(admin, make_account(admin, f"Account {number}"), "100")
    batch = batches.confirmed(admin)
    original = running.carry_out_each

    def failing(actor, drafts, **options):
        if any(draft.account.name == "Account 3" for draft in drafts):
            raise ValueError("a fault")
        return original(actor, drafts, **options)

    monkeypatch.setattr(running, "carry_out_each", failing)
    batch = batches.work_off(batch)
    assert batches.states(batch) == {"done": 6, "failed": 1}
    assert broken() == {}


def test_undo_write_offs_keeps_what_was_paid_since(admin):
    kept, back = (make_invoice(admin, make_account(admin, name), "100") for name in ("Kept", "Back"))
    batch = batches.written_off(admin)
    _recover(admin, kept.account, "40")
    figures = undo_figures(batch)
    assert (figures.undoable, figures.amount, figures.paid) == (1, 100, 1)
    with pytest.raises(Refused, match="Say why"):
        undo_write_offs(actor=admin, batch=batch, reason=" ")
    batch = batches.undone(admin, batch)
    assert dict(batch.items.values_list("account__name", "undo_state")) == {"Kept": "", "Back": "undone"}
    assert agreement(back.account, "FREIGHT").payoff_balance == 100
    with pytest.raises(Refused, match="Nothing of this batch"):
        undo_write_offs(actor=admin, batch=batch, reason="Again")
    assert broken() == {}


def _recover(admin, account, amount):
    paid = record_payment(
        actor=admin, account=account, amount=D(amount), date=today(admin.organization), method="check",
        bank_account=BankAccount.objects.of(admin).get(),
    )  # fmt: skip
    distribute_payment(actor=admin, payment=paid)


def test_write_off_debts_is_for_those_who_may(admin, biller):
    make_invoice(admin, make_account(admin, "A"), "100")
    with pytest.raises(NotPermitted):
        batches.asked(biller)
    batch = batches.planned(admin)
    for verb in (write_off_debts, retry_write_offs):
        with pytest.raises(NotPermitted):
            verb(actor=biller, batch=batch)
    with pytest.raises(NotPermitted):
        undo_write_offs(actor=biller, batch=batch, reason="x")

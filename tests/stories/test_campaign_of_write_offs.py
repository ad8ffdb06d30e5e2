"""A campaign: the debts of many accounts written off at once, killed at random points, resumed, taken back.

24 accounts by default in sets of three, 600 in the full campaign (CAMPAIGN_SIZE), where a worker's process is really
killed as well, several times. However often it is killed, the end is that of a batch that ran through.
"""

import os
import random
import time
from collections import Counter

import pytest
from django.db import connection, transaction

from receivables.core.models import Event, Job
from receivables.writeoffs.bulk import planning, running
from receivables.writeoffs.bulk.models import WriteOffBatchItem
from receivables.writeoffs.bulk.operations import plan_write_offs, undo_write_offs, write_off_debts
from receivables.writeoffs.models import RegisterTotal, WriteOff, WriteOffReversal
from receivables.writeoffs.register.views import totals_of
from tests.builders import balances, make_account, make_invoice, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.support.workers import give_back, wait_for, work_here, worker
from tests.writeoffs import batches

SIZE = int(os.environ.get("CAMPAIGN_SIZE", "24"))
ROUNDS = 4
REALLY_KILLED = SIZE >= 100  # fewer are done before a process could be killed half way
SEED = 20261122


class Killed(BaseException):
    """The end of a process, as far as Python can play it: no handler of errors sees it."""


def killed(monkeypatch, batch, *, where, at):
    """Work on the batch until the process ends: before a set, or within the transaction of one."""
    seen = Counter()
    places = {
        "between": (running, "_settle"), "posting": (running, "carry_out_each"), "marking": (running, "_keep"),
        "planning": (planning, "_added"), "taking back": (running, "post_reversals"),
    }  # fmt: skip
    owner, name = places[where]
    original = getattr(owner, name)

    def dies(*arguments, **options):
        seen["calls"] += 1
        if seen["calls"] > at:
            raise Killed
        return original(*arguments, **options)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(owner, name, dies)
        batches.work_off(batch)
    assert batches.job_of(batch).state == Job.State.RUNNING


def really_killed(chance):
    """A worker's process that is killed from outside, a random while after it began; its job is given to others."""
    process, moment = worker(), []

    def now():
        if not moment and at_work():
            moment.append(time.monotonic() + chance.uniform(0, 2))
        return bool(moment) and time.monotonic() >= moment[0]

    try:
        wait_for(now, process)
    finally:
        process.kill()
        process.wait()
    give_back()


def at_work():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
        return cursor.fetchone()[0] > 0


def whole():
    """After a kill: each write-off is marked with its account, and none without."""
    done = WriteOffBatchItem.objects.filter(state="done").count()
    assert done == WriteOff.objects.count() == Event.objects.filter(name="write_off_debt").count()
    assert set(WriteOffBatchItem.objects.values_list("state", flat=True)) <= {"done", "waiting", "skipped"}


def test_campaign_write_off_debts_killed_resumed_and_undo_write_offs(committed_db, monkeypatch):
    """Nothing is done twice or lost, at whatever point the worker dies; taken back, every balance is as before."""
    chance = random.Random(SEED)
    monkeypatch.setattr(running, "CHUNK", 3)
    monkeypatch.setattr(planning, "CHUNK", 5)
    alice = make_member(make_organization("Northbound Freight"))
    with transaction.atomic():
        for number in range(SIZE):
            make_invoice(alice, make_account(alice, f"Customer {number}"), str(10 + number))
        covered = make_account(alice, "Covered")
        pay(alice, make_invoice(alice, covered, "50"), "50", applied="0")
    before, owed = batches.books(alice), sum(10 + number for number in range(SIZE))

    batch = plan_write_offs(actor=alice, selection=batches.EVERYTHING, currency="USD", reason="Campaign")
    killed(monkeypatch, batch, where="planning", at=chance.randint(1, SIZE // 10))
    batch = batches.work_off(batch, attempts=1)
    assert batches.states(batch) == {"waiting": SIZE, "skipped": 1}
    write_off_debts(actor=alice, batch=batch)

    for _round in range(ROUNDS):
        place = chance.choice(["between", "posting", "marking"])
        killed(monkeypatch, batch, where=place, at=chance.randint(0, SIZE // 3 // (ROUNDS + 1)))
        whole()
    if REALLY_KILLED:
        for _round in range(ROUNDS):
            really_killed(chance)
            whole()
        work_here("jobs", patience=SIZE)
    else:
        batch = batches.work_off(batch, attempts=1)
    assert batches.job_of(batch).state == Job.State.DONE
    assert batches.states(batch) == {"done": SIZE, "skipped": 1}
    whole()
    assert WriteOff.objects.values("account").distinct().count() == SIZE, "nothing was done twice"
    assert balances(alice)["6150"] == owed
    assert [(row["written_off"], row["net"]) for row in totals_of(RegisterTotal.objects.of(alice))] == [(owed, owed)]
    assert broken() == {}

    undo_write_offs(actor=alice, batch=batch, reason="The campaign was called off")
    for _round in range(2):
        killed(monkeypatch, batch, where=chance.choice(["taking back", "marking"]), at=chance.randint(1, SIZE // 9))
    batch = batches.work_off(batch, attempts=1)
    assert set(WriteOffBatchItem.objects.filter(state="done").values_list("undo_state", flat=True)) == {"undone"}
    assert WriteOffReversal.objects.count() == SIZE
    assert batches.books(alice) == before
    assert [row["net"] for row in totals_of(RegisterTotal.objects.of(alice))] == [0]
    assert broken() == {}

"""Workers killed by the system and connections cut, over and over: then all is there once, and nothing was refused.

A few times by default; in the full campaign 500 times over queues of 300 documents, a hundred times for each of five
seeds (DELIVERY_KILLS, DELIVERY_QUEUE, DELIVERY_SEEDS). QuickBooks Desktop visits us: there a process of the web server
is killed that answers its connector.
"""

import os
import random
import signal
import threading
import time
import traceback
from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import connections
from qbwc_kit.testing import FakeWebConnector

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.integrations import tasks
from receivables.integrations.due import ready
from receivables.integrations.models import Attempt, Delivery
from tests.builders import make_account, make_load, make_member, make_organization, make_type, pay
from tests.integrations.conftest import connect, states, sync
from tests.integrations.stages import PASSWORD, call_web_connector
from tests.integrations.standins.server import Cut

KILLS = int(os.environ.get("DELIVERY_KILLS", "4"))
QUEUE = int(os.environ.get("DELIVERY_QUEUE", "6"))
CUSTOMERS = max(2, QUEUE // 20)
SEEDS = range(20261122, 20261122 + int(os.environ.get("DELIVERY_SEEDS", "1")))
CALLING = ["quickbooks_online", "business_central", "netsuite", "sage_intacct", "sage_intacct_rest"]
# The control, of which the quick suite has one.
CONTROLLED, CONTROL_KILLS = (["netsuite"], 3) if KILLS < 10 else ([*CALLING, "quickbooks_desktop"], 12)
CUTS = [[], [], ["cut_before"], ["cut_after"]]
MOST_SPARED = 30  # rounds without a kill: more mean that nothing is killed at all
State = Delivery.State


def forked(work):
    """A process of its own that does this and ends; its number."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:  # whatever it is, no second test run goes on in this process
        traceback.print_exc()
        os._exit(1)


class Killer:
    """Kills a worker at a change it asks for: before it is done, once it is done and not answered yet, some moment
    after the answer; or at any moment at all."""

    MOMENTS = ("before", "done", "later", "any")

    def __init__(self, books, connection, chance, moments=MOMENTS):
        self.books, self.connection, self.chance, self.moments = books, connection, chance, moments
        self.answer, books.answer = books.answer, self.watched
        self.child = self.left = 0
        self.moment = ""

    def watched(self, method, target, headers, body):
        path, _mark, _query = target.partition("?")
        last = False
        if self.books.is_write(method, path, {}, body):
            self.left -= 1
            last = self.left == 0
        if last and self.moment == "before":
            self.strike()
        try:
            return self.answer(method, target, headers, body)
        finally:
            if last and self.moment == "done":
                self.strike()
            if last and self.moment == "later":
                threading.Timer(self.chance.uniform(0, 0.02), self.strike).start()

    def strike(self):
        child, self.child = self.child, 0
        if child:
            os.kill(child, signal.SIGKILL)

    def run(self):
        """A worker of its own that delivers until it is killed; whether it was."""
        self.left, self.moment = self.chance.randint(1, 8), self.chance.choice(self.moments)
        self.books.faults = [*[None] * self.chance.randint(0, 3), *self.chance.choice(CUTS)]
        with self.books.lock:  # no request is under way whose lock the new process would inherit
            self.child = forked(lambda: sync(self.connection))
        at_last = threading.Timer(self.chance.uniform(0, 1) if self.moment == "any" else 60, self.strike)
        at_last.start()
        _pid, status = os.waitpid(self.child, 0)
        at_last.cancel()
        self.child, self.books.faults = 0, []
        return killed(status)

    def finish(self):
        """Let workers end their work in peace."""
        self.books.answer = self.answer
        for _again in range(3):
            sync(self.connection)


class WebKiller:
    """Kills the process that answers one of the calls of a Web Connector: at any moment, or once all is committed and
    before the answer leaves."""

    def __init__(self, books, connection, chance):
        self.books, self.connection, self.chance = books, connection, chance
        self.left = 0
        self.killed = False

    def call(self, body):
        self.left -= 1
        return self.struck(body) if self.left == 0 else call_web_connector(body)

    def struck(self, body):
        read, write = os.pipe()
        delay, after = self.chance.uniform(0, 0.05), self.chance.random() < 0.5

        def work():
            answer = call_web_connector(body)
            if after:
                os.kill(os.getpid(), signal.SIGKILL)
            with os.fdopen(write, "w") as pipe:
                pipe.write(answer)

        child = forked(work)
        os.close(write)
        at_last = threading.Timer(60 if after else delay, os.kill, [child, signal.SIGKILL])
        at_last.start()
        with os.fdopen(read) as pipe:
            answer = pipe.read()
        at_last.cancel()
        self.killed = killed(os.waitpid(child, 0)[1])
        if not answer:
            raise Cut
        return answer

    def visit(self):
        tasks.look_for_changes()
        Delivery.objects.filter(connection=self.connection).update(next_attempt_at=None)
        connector = FakeWebConnector(
            self.call, f"receivables-{self.connection.pk}", PASSWORD, max_round_trips=10 * QUEUE + 200
        )
        with suppress(Cut):
            connector.run_update(self.quickbooks)

    def quickbooks(self, text):
        try:
            return self.books(text)
        except Cut:
            if self.chance.random() < 0.5:
                return ""
            raise

    def run(self):
        self.killed, self.left = False, self.chance.randint(1, 16)
        self.books.faults = [*[None] * self.chance.randint(0, 3), *self.chance.choice(CUTS)]
        self.visit()
        self.books.faults = []
        return self.killed

    def finish(self):
        self.left = 0
        for _again in range(3):
            self.visit()


def killed(status):
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a worker failed by itself: see above"
    return os.WIFSIGNALED(status)


class Campaign:
    """A live connection, and a queue of invoices and payments of several customers, some of them there before."""

    def __init__(self, stage, books, seed, killer=Killer, *, known=1):
        self.bob = make_member(make_organization(), Role.ADMIN, "Bob Biller")
        self.connection = connect(self.bob, stage, books, make_type(self.bob))
        self.books, self.paid, self.invoices = books, 0, []
        self.accounts = [make_account(self.bob, f"Customer {each}") for each in range(CUSTOMERS)]
        self.add(known)
        sync(self.connection)  # a refresh token that is being renewed is lost with its worker: signed in before
        self.killer = killer(books, self.connection, random.Random(seed))
        self.add(QUEUE // 2 - known)

    def add(self, invoices):
        """More invoices, and a part payment of each that there is."""
        for _each in range(invoices):
            account = self.accounts[len(self.invoices) % len(self.accounts)]
            self.invoices.append(generate_invoice(actor=self.bob, load=make_load(self.bob, account, "100")))
        for invoice in self.invoices:
            pay(self.bob, invoice, "0.10")
            self.paid += 1

    def run(self, kills=KILLS):
        """Kill workers until so many died, with more to deliver whenever all was delivered; then let one finish."""
        died = spared = 0
        started = time.monotonic()
        while died < kills:
            if self.killer.run():
                died += 1
            else:
                spared += 1
                assert spared < MOST_SPARED + died, "nothing is killed"
                if not Delivery.objects.filter(ready(), connection=self.connection).exists():
                    self.add(1)
        self.killer.finish()
        print(f"{died} killed, {spared} not, {self.paid + len(self.invoices)} documents, "
              f"{time.monotonic() - started:.0f} s")  # fmt: skip

    def there(self):
        """How many payments and invoices there are, and what is owed in all."""
        return len(self.books.live_payments()), self.books.live_documents()["invoices"], self.books.receivable()

    def judged(self):
        """Everything is there once, came after what it builds on, and stays so when every delivery is done again."""
        owed = 100 * len(self.invoices) - self.paid * Decimal("0.10")
        assert self.there() == (self.paid, len(self.invoices), owed)
        assert set(states(self.connection).values()) == {State.SYNCED}
        refused = Attempt.objects.filter(outcome=Attempt.Outcome.REFUSED)
        assert not refused.exists(), refused.first().response  # nothing came before its time
        writes = self.books.writes
        Delivery.objects.filter(connection=self.connection).update(state=State.QUEUED)
        self.killer.finish()
        assert (self.books.writes, set(states(self.connection).values())) == (writes, {State.SYNCED})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stage", CALLING, indirect=True)
def test_killed_deliveries_are_there_once_and_in_order(committed_db, stage, books, seed):
    campaign = Campaign(stage, books, seed)
    campaign.run()
    campaign.judged()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stage", ["quickbooks_desktop"], indirect=True)
def test_killed_deliveries_of_a_web_process_are_there_once_and_in_order(committed_db, stage, books, seed):
    campaign = Campaign(stage, books, seed, WebKiller)
    campaign.run()
    campaign.judged()


@pytest.mark.parametrize("stage", CONTROLLED, indirect=True)
def test_killed_deliveries_without_their_keys_are_there_twice(committed_db, stage, books):
    """The control: the same kills, while the other side knows no key of ours again."""

    def killer(*given):
        return Killer(*given, moments=("done",)) if stage.client else WebKiller(*given)

    campaign = Campaign(stage, books, SEEDS[0], killer, known=CUSTOMERS)  # no name of theirs is there twice
    books.replay = False
    campaign.run(CONTROL_KILLS)
    payments, _invoices, owed = campaign.there()
    assert payments > campaign.paid or owed > 100 * len(campaign.invoices)

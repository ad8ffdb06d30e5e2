"""Workers killed by the system and connections cut, over and over: then all is there once, and nothing was refused.

A few times by default; 500 kills over a queue of 300 documents in the full campaign (DELIVERY_KILLS, DELIVERY_QUEUE).
"""

import os
import random
import signal
import threading
from decimal import Decimal

import pytest
from django.db import connections

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.integrations.models import Attempt, Delivery
from tests.builders import make_account, make_load, make_member, make_organization, make_type, pay
from tests.integrations.conftest import connect, states, sync

KILLS = int(os.environ.get("DELIVERY_KILLS", "4"))
QUEUE = int(os.environ.get("DELIVERY_QUEUE", "6"))
CALLING = ["quickbooks_online", "business_central", "netsuite"]
State = Delivery.State


class Killer:
    """Kills a worker at a change it asks for: before it is done, once it is, or some moment after the answer."""

    def __init__(self, books, chance, moments):
        self.books, self.chance, self.answer, self.moments = books, chance, books.answer, moments
        self.child = self.left = 0
        self.moment = ""
        books.answer = self.watched

    def watched(self, method, target, headers, body):
        path, _mark, _query = target.partition("?")
        last = False
        if self.books.is_write(method, path, {}):
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

    def run(self, connection):
        """A worker of its own that delivers until it is killed; whether it was."""
        self.left, self.moment = self.chance.randint(1, 5), self.chance.choice(self.moments)
        cut = self.chance.choice([[], [], ["cut_before"], ["cut_after"]])
        self.books.faults = [*[None] * self.chance.randint(0, 3), *cut]
        connections.close_all()
        with self.books.lock:  # no request is under way whose lock the new process would inherit
            child = os.fork()
        if not child:
            deliver_and_leave(connection)
        self.child = child
        at_last = threading.Timer(60, self.strike)  # a worker that hangs is killed as well
        at_last.start()
        _pid, status = os.waitpid(child, 0)
        at_last.cancel()
        self.child, self.books.faults = 0, []
        return os.WIFSIGNALED(status)


def deliver_and_leave(connection):
    try:
        sync(connection)
        os._exit(0)
    except BaseException:  # whatever it is, no second test run goes on in this process
        os._exit(1)


class Campaign:
    """A live connection, and a queue of invoices and payments of several customers."""

    def __init__(self, stage, books, moments):
        self.bob = make_member(make_organization(), Role.ADMIN, "Bob Biller")
        self.connection = connect(self.bob, stage, books, make_type(self.bob))
        self.books, self.paid, self.invoices = books, 0, []
        self.killer = Killer(books, random.Random(20261122), moments)
        self.accounts = [make_account(self.bob, f"Customer {each}") for each in range(max(2, QUEUE // 20))]
        self.add(1)
        sync(self.connection)  # a refresh token that is being renewed is lost with its worker: signed in before
        self.add(QUEUE // 2 - 1)

    def add(self, invoices):
        """More invoices, and a part payment of each that there is."""
        for _each in range(invoices):
            account = self.accounts[len(self.invoices) % len(self.accounts)]
            self.invoices.append(generate_invoice(actor=self.bob, load=make_load(self.bob, account, "100")))
        for invoice in self.invoices:
            pay(self.bob, invoice, "0.10")
            self.paid += 1

    def run(self):
        """Kill workers until so many died, with more to deliver whenever all was delivered; then let one finish."""
        killed = 0
        while killed < KILLS:
            if self.killer.run(self.connection):
                killed += 1
            else:
                self.add(1)
        self.books.answer = self.killer.answer
        for _again in range(3):
            sync(self.connection)

    def right(self):
        """Everything is there once."""
        amounts = (len(self.books.live_payments()), self.books.live_documents()["invoices"], self.books.receivable())
        return amounts == (self.paid, len(self.invoices), 100 * len(self.invoices) - self.paid * Decimal("0.10"))


@pytest.mark.parametrize("stage", CALLING, indirect=True)
def test_killed_deliveries_are_there_once_and_in_order(committed_db, stage, books):
    campaign = Campaign(stage, books, ["before", "done", "later"])
    campaign.run()
    assert campaign.right()
    assert set(states(campaign.connection).values()) == {State.SYNCED}
    assert not Attempt.objects.filter(outcome=Attempt.Outcome.REFUSED).exists()  # nothing came before its time

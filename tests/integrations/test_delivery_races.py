"""Two at once over the same deliveries: workers, people who press a button while something is sent, and exports."""

import pytest

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.integrations import noting, tasks
from receivables.integrations.delivering import deliver_customer
from receivables.integrations.models import Connection, Delivery, Mapping
from receivables.integrations.operations import map_accounts, pause_connection, resume_connection, retry_delivery
from receivables.ledger_exports.models import ExportedEntry, LedgerExport
from receivables.ledger_exports.operations import export_ledger
from tests.builders import make_account, make_load, make_member, make_organization, make_type
from tests.integrations.conftest import connect, states, sync
from tests.support.races import race

State = Delivery.State
DOCUMENTS = 6
pytestmark = pytest.mark.parametrize("stage", ["netsuite"], indirect=True)


class Desk:
    """A connection with invoices of one customer that wait; `at_the_first_call` happens while it is being made."""

    def __init__(self, stage, books):
        self.bob = make_member(make_organization(), Role.ADMIN, "Bob Biller")
        self.connection = connect(self.bob, stage, books, make_type(self.bob))
        self.account, self.books = make_account(self.bob), books
        for _each in range(DOCUMENTS):
            generate_invoice(actor=self.bob, load=make_load(self.bob, self.account, "100"))
        tasks.look_for_changes()

    def deliver(self):
        return deliver_customer(Connection.objects.get(pk=self.connection.pk), self.account.customer_id)

    def meanwhile(self, happens):
        """What came of something that happens while the first invoice is sent, in a connection of its own."""
        came, answer = [], self.books.answer

        def watched(method, target, headers, body):
            if not came and "/invoice/" in target:
                came.append(None)
                came[0] = race(happens)[0]
            return answer(method, target, headers, body)

        self.books.answer = watched
        self.deliver()
        self.books.answer = answer
        return came[0]

    def sent(self):
        return self.books.live_documents()["invoices"]

    def count(self, state):
        return list(states(self.connection).values()).count(state)


@pytest.fixture
def desk(committed_db, stage, books):
    return Desk(stage, books)


def test_race_of_two_workers_for_one_customer(desk):
    race(desk.deliver, desk.deliver)
    assert (desk.sent(), desk.books.writes) == (DOCUMENTS, DOCUMENTS + 1)  # and the customer, each once
    assert desk.count(State.SYNCED) == DOCUMENTS + 1


def test_race_of_a_worker_with_one_that_still_sends(desk):
    """Whoever was taken for dead and was not: the customer is left alone, also what has come since."""

    def one_more():
        generate_invoice(actor=desk.bob, load=make_load(desk.bob, desk.account, "100"))
        tasks.look_for_changes()
        return desk.deliver()

    assert desk.meanwhile(one_more) == 1
    assert (desk.sent(), desk.books.writes, desk.count(State.QUEUED)) == (DOCUMENTS, DOCUMENTS + 1, 1)
    sync(desk.connection)
    assert (desk.sent(), desk.books.writes) == (DOCUMENTS + 1, DOCUMENTS + 2)


def test_race_of_retry_delivery_with_the_worker_that_sends_it(desk):
    first = Delivery.objects.order_by("pk").first()
    refused = desk.meanwhile(lambda: retry_delivery(actor=desk.bob, delivery=first))
    assert isinstance(refused, Refused)
    assert (desk.books.writes, desk.count(State.SYNCED)) == (DOCUMENTS + 1, DOCUMENTS + 1)


def test_race_of_pause_connection_with_the_worker_that_sends(desk, monkeypatch):
    """What is on its way is noted, nothing else leaves, and all of it leaves once when it goes on."""
    monkeypatch.setattr(noting, "MOST", 1)
    desk.meanwhile(lambda: pause_connection(actor=desk.bob, connection=desk.connection, reason="audit"))
    assert (desk.sent(), desk.count(State.QUEUED)) == (1, DOCUMENTS - 1)
    assert not Delivery.objects.filter(state=State.QUEUED, pending__isnull=False).exists()
    resume_connection(actor=desk.bob, connection=desk.connection)
    sync(desk.connection)
    assert (desk.sent(), desk.books.writes) == (DOCUMENTS, DOCUMENTS + 1)


def test_race_of_map_accounts_with_the_worker_that_fails_for_it(desk):
    """What is refused for a mapping that was put right meanwhile is tried again by itself."""
    Mapping.objects.filter(local_key="item:line_haul").update(remote_id="999")
    changed = desk.meanwhile(
        lambda: map_accounts(actor=desk.bob, connection=desk.connection, values={"item:line_haul": "1"})
    )
    assert (changed, desk.count(State.ERROR)) == (1, 0)
    sync(desk.connection)
    assert (desk.sent(), desk.count(State.SYNCED)) == (DOCUMENTS, DOCUMENTS + 1)


def test_race_of_two_that_export_ledger(desk):
    """One makes the batch; the other finds nothing new."""
    day = today(desk.bob.organization)
    made = race(*[lambda: export_ledger(actor=desk.bob, format="hledger", through=day)] * 2)
    assert sorted(type(each).__name__ for each in made) == ["LedgerExport", "Refused"]
    assert (LedgerExport.objects.count(), ExportedEntry.objects.filter(live=True).count()) == (1, DOCUMENTS)

"""What only QuickBooks Desktop does: it is visited by its Web Connector, one message at a time."""

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse
from lxml import etree
from qbwc_kit.wsdl import build_wsdl
from zeep import Client as SoapClient
from zeep.exceptions import Fault
from zeep.transports import Transport

from accounts.roles import Role
from receivables.billing.operations import generate_invoice, regenerate_invoice
from receivables.integrations.models import Connection, ConnectorSession, Delivery
from receivables.integrations.systems.qbd.visits import begin
from receivables.integrations.tasks import look_for_changes
from receivables.integrations.vault import opened
from tests.builders import make_member, make_organization, make_type, pay, seed_load
from tests.integrations.conftest import connect, sync
from tests.integrations.stages import PASSWORD
from tests.integrations.test_every_system import reduce
from tests.support.races import race

State = Delivery.State
pytestmark = pytest.mark.parametrize("stage", ["quickbooks_desktop"], indirect=True)
ADDRESS = "http://testserver/web-connector/"


class Inside(Transport):
    """Calls of a SOAP library, answered by the application without a network."""

    def __init__(self, contract):
        super().__init__()
        self.contract = contract

    def load(self, url):
        return self.contract

    def post(self, address, message, headers):
        answer = Client().post("/web-connector/", message, content_type="text/xml; charset=utf-8")
        answer.encoding = "utf-8"
        return answer


def service(contract=None):
    """The contract as another author has it, or ours."""
    text = contract or build_wsdl(ADDRESS).encode()
    return SoapClient("contract", transport=Inside(text)).service


@pytest.fixture
def name(connection):
    return f"receivables-{connection.pk}"


def fetch(port, ticket):
    return port.sendRequestXML(ticket, "", "", "US", 16, 0)


def test_the_calls_as_a_soap_library_makes_them(bob, connection, books, invoice, name):
    pay(bob, invoice, "950")
    look_for_changes()
    for port in (service(), service(Client().get("/web-connector/").content)):
        assert (port.serverVersion(), port.clientVersion("2.3.0.36")) == ("1", None)
        assert port.authenticate(name, "wrong") == [None, "nvu"]
        assert port.authenticate("receivables-999999", PASSWORD) == [None, "nvu"]
    ticket, file = port.authenticate(name, PASSWORD)
    assert file is None
    text = fetch(port, ticket)
    assert port.receiveResponseXML(ticket, books(text), "", "") == 100
    assert (port.getLastError(ticket), port.closeConnection(ticket)) == (None, "OK")
    assert fetch(port, ticket) is None
    assert port.authenticate(name, PASSWORD) == [None, "none"]
    assert (books.receivable(), books.live_payments()) == (50, [950])


@pytest.mark.parametrize("was_done", [True, False])
def test_an_answer_that_never_came_is_asked_for_at_the_next_visit(bob, connection, books, invoice, name, was_done):
    pay(bob, invoice, "950")
    look_for_changes()
    port = service()
    text = fetch(port, port.authenticate(name, PASSWORD)[0])
    if was_done:
        books(text)
    assert Delivery.objects.get(kind="payment").state == State.SENDING
    sync(connection)
    assert ("ReceivePaymentQueryRq" in books.requests[-1]) is was_done
    assert (books.receivable(), books.live_payments()) == (50, [950])
    assert Delivery.objects.get(kind="payment").state == State.SYNCED


def test_a_late_answer_of_an_ended_visit_is_not_taken(bob, connection, books, invoice, name):
    pay(bob, invoice, "950")
    look_for_changes()
    port = service()
    first = port.authenticate(name, PASSWORD)[0]
    text = fetch(port, first)
    second = port.authenticate(name, PASSWORD)[0]
    assert port.receiveResponseXML(first, books(text), "", "") == -1
    assert "QueryRq" in fetch(port, second)
    assert ConnectorSession.objects.filter(ended_at__isnull=True).count() == 1


def test_refusals_in_plain_words(bob, connection, books, invoice, write_off):
    told = {
        ("3176", "locked"): (State.QUEUED, "retryable", "Somebody is working"),
        ("3140", "no such"): (State.ERROR, "needs_mapping", "Map another"),
        ("3171", "closing date"): (State.ERROR, "period_closed", "closed there"),
        ("3240", "part of a deposit"): (State.ERROR, "needs_person", "bank deposit"),
        ("3210", "too much"): (State.ERROR, "needs_person", "more than is open"),
    }
    for (code, words), (state, trouble, message) in told.items():
        payment = pay(bob, invoice, "10")
        books.faults = [(code, words)]
        sync(connection)
        row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
        assert (row.state, row.trouble) == (state, trouble)
        assert message in row.message
        assert row.system_text == f"{code} {words}"
        Delivery.objects.filter(pk=row.pk).update(state=State.IGNORED)


def test_a_version_that_is_out_of_date_is_read_again(bob, connection, books, invoice, write_off):
    regenerate_invoice(actor=bob, load=reduce(bob, invoice, write_off))
    books.faults = [("3200", "out-of-date")]
    sync(connection)
    assert (Delivery.objects.get(kind="invoice").trouble, books.receivable()) == ("retryable", 1000)
    sync(connection)
    assert (Delivery.objects.get(kind="invoice").state, books.receivable()) == (State.SYNCED, 950)


def test_a_changed_invoice_whose_answer_was_cut_is_found(bob, connection, books, invoice, write_off):
    regenerate_invoice(actor=bob, load=reduce(bob, invoice, write_off))
    books.faults = ["cut_after"]
    sync(connection)
    writes = books.writes
    sync(connection)
    assert (Delivery.objects.get(kind="invoice").state, books.writes, books.receivable()) == (State.SYNCED, writes, 950)


def test_a_paused_connection_hands_out_nothing(bob, connection, books, invoice, name):
    pay(bob, invoice, "950")
    look_for_changes()
    Connection.objects.update(state=Connection.State.PAUSED)
    assert service().authenticate(name, PASSWORD) == [None, "none"]


def test_an_old_quickbooks_is_told_so(bob, connection, books, invoice, name):
    pay(bob, invoice, "950")
    look_for_changes()
    port = service()
    ticket = port.authenticate(name, PASSWORD)[0]
    assert port.sendRequestXML(ticket, "", "", "US", 8, 0) is None
    assert "too old" in port.getLastError(ticket)


def test_guessing_the_password_is_slowed_down(connection, name):
    port = service()
    for _count in range(4):
        port.authenticate(name, "wrong")
    with pytest.raises(Fault):  # with a status of 429
        port.authenticate(name, "wrong")
    assert port.authenticate(name, PASSWORD) == [None, "nvu"]


def test_a_trouble_over_there_stands_on_the_connection(bob, connection, books, invoice, name, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    pay(bob, invoice, "950")
    look_for_changes()
    port = service()
    ticket = port.authenticate(name, PASSWORD)[0]
    assert port.connectionError(ticket, "0x80040408", "Could not start QuickBooks.") == "done"
    client = signed_in(bob)
    page = client.get(reverse("connection", args=[connection.pk])).content.decode()
    assert "0x80040408 Could not start QuickBooks." in page
    assert name in page
    file = etree.fromstring(client.get(reverse("web_connector_file", args=[connection.pk])).content)
    assert (file.findtext("UserName"), file.findtext("AppURL")) == (name, ADDRESS)
    assert file.findtext("FileID").startswith("{")
    biller = make_member(bob.organization, Role.BILLER, "Bill Biller")
    assert signed_in(biller).get(reverse("web_connector_file", args=[connection.pk])).status_code == 403


def signed_in(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


def test_a_connection_is_entered_in_the_settings(bob, stage, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client = signed_in(bob)
    first = {"name": "Office", "system": "quickbooks_desktop", "start_date": "2026-01-01"}
    page = client.post("/settings/integrations/connection/add/", first, follow=True)
    made = Connection.objects.get(name="Office")
    assert b"Password of the Web Connector" in page.content
    assert "Still to be entered" in client.get(reverse("connection", args=[made.pk])).content.decode()
    assert f'href="{made.get_absolute_url()}"' in client.get("/settings/integrations/connection/").content.decode()
    url = f"/settings/integrations/connection/{made.pk}/change/"
    more = {**first, "receivables_account": "Accounts Receivable"}
    assert b"at least 12" in client.post(url, {**more, "password": "short"}).content
    client.post(url, {**more, "password": PASSWORD})
    made.refresh_from_db()
    kept = opened(made.secrets)["password"]
    assert PASSWORD not in kept
    assert check_password(PASSWORD, kept)
    assert kept.encode() not in client.get(url).content
    client.post(url, more)
    made.refresh_from_db()
    assert opened(made.secrets)["password"] == kept


def test_two_web_connectors_at_once_have_one_visit_open(committed_db, stage, books):
    bob = make_member(make_organization(), Role.ADMIN, "Bob Biller")
    connection = connect(bob, stage, books, make_type(bob))
    generate_invoice(actor=bob, load=seed_load(bob))
    look_for_changes()
    tickets = race(*([lambda: begin(connection)] * 3))
    assert {type(ticket) for ticket in tickets} == {str}
    assert ConnectorSession.objects.filter(ended_at__isnull=True).count() == 1

"""What no system should answer, and what might: lists without an end, what is not what it should be, warnings."""

from types import SimpleNamespace

import pytest
from lxml import etree

from receivables.billing.operations import generate_invoice
from receivables.core.models import Event
from receivables.integrations.incoming.models import IncomingChange, Watch
from receivables.integrations.linking import tasks
from receivables.integrations.linking.models import Directory
from receivables.integrations.linking.operations import look_through_system
from receivables.integrations.models import Delivery, Mapping
from receivables.integrations.systems.base import Fault, Silence
from receivables.integrations.systems.business_central import changes as bc_changes
from receivables.integrations.systems.business_central import directory as bc_directory
from receivables.integrations.systems.intacct import directory as intacct_directory
from receivables.integrations.systems.intacct.rest_client import RestLink
from receivables.integrations.systems.netsuite import directory as netsuite_directory
from receivables.integrations.systems.qbd import visits
from receivables.integrations.systems.qbd.client import Messages, element, pages_left
from receivables.integrations.systems.qbd.directory import MOST_VISITS
from receivables.integrations.systems.qbo import directory as qbo_directory
from receivables.integrations.tasks import look_for_changes
from tests.builders import make_account, make_load, pay
from tests.integrations.conftest import states, sync
from tests.integrations.incoming.test_incoming import customer_key, look
from tests.integrations.stages import PASSWORD
from tests.integrations.test_quickbooks_desktop import fetch, service

State = Delivery.State
on_desktop = pytest.mark.parametrize("stage", ["quickbooks_desktop"], indirect=True)


def test_a_list_without_an_end_is_left(monkeypatch):
    """Whoever always has one more full page is told so after a thousand."""
    for module in (qbo_directory, bc_directory, netsuite_directory):
        monkeypatch.setattr(module, "PAGE", 1)
    row = {"Id": "1", "id": "1", "DisplayName": "A", "displayName": "A", "number": "1", "companyname": "A"}
    said = SimpleNamespace(found={"value": [row], "ia::result": [], "ia::meta": {"next": 2}})
    more = etree.fromstring('<result><data numremaining="1" resultId="7"/></result>')
    starts = iter(range(2, 10_000))

    def page(*args):
        said.found["ia::meta"]["next"] = next(starts)
        return said

    rest = SimpleNamespace(name="Sage Intacct", _page=page)
    for rows in (
        qbo_directory.read(
            SimpleNamespace(call=lambda *a, **k: ({"QueryResponse": {"Customer": [row]}}, None)), "customer"
        ),
        bc_directory.read(SimpleNamespace(name="BC", call=lambda *a, **k: said), "customer"),
        netsuite_directory.read(SimpleNamespace(name="NetSuite", rows=lambda *a: [row]), "customer"),
        intacct_directory.rows_of(SimpleNamespace(call=lambda *a, **k: (more, {})), "CUSTOMER", "NAME", ""),
        RestLink.rows(rest, "customer", [], []),
    ):
        with pytest.raises(Fault, match="without an end"):
            for _each in rows:
                pass


def test_changes_without_an_end_are_said(monkeypatch):
    row = {"id": "1", "status": "Open", "remainingAmount": 1}
    monkeypatch.setattr(bc_changes, "PAGE", 1)
    monkeypatch.setattr(bc_changes, "MOST", 3)
    link = SimpleNamespace(call=lambda *a, **k: SimpleNamespace(found={"value": [row]}))
    found = bc_changes.changes(link, bc_changes.datetime.now(bc_changes.UTC))
    assert (len(found.seen), found.more) == (3, True)


def answered(code, inner=""):
    return Messages(
        f'<QBXML><QBXMLMsgsRs><InvoiceAddRs statusCode="{code}" statusSeverity="Warn" statusMessage="so">{inner}'
        "</InvoiceAddRs></QBXMLMsgsRs></QBXML>"
    )


def test_what_was_done_with_a_warning_was_done():
    """A code from 500 to 999 is a warning: it was processed, so entering it again would be a second one."""
    made = "<InvoiceRet><TxnID>9-1</TxnID></InvoiceRet>"
    for code in ("0", "530", "560"):
        found, _text = answered(code, made).call("InvoiceAddRq", [], "k")
        assert found.findtext("InvoiceRet/TxnID") == "9-1"
    for code, raised in [("510", Silence), ("550", Silence), ("570", Fault), ("3100", Fault), ("²", Silence)]:
        with pytest.raises(raised):
            answered(code).call("InvoiceAddRq", [], "k")


def test_signs_that_xml_cannot_say_and_counts_that_are_none():
    assert element("Memo", "a\x0bb\x01\ufffe\ud800 \U0001f69a\n").text == "ab \U0001f69a\n"
    for told, left in [(None, False), ("0", False), ("7", True), ("many", False), ("9" * 5000, True)]:
        attributes = {} if told is None else {"iteratorRemainingCount": told}
        assert pages_left(etree.Element("a", attributes)) is left, told


@on_desktop
def test_an_answer_without_its_object_is_asked_after(bob, connection, books, invoice):
    payment = pay(bob, invoice, "100")
    books.faults = ['<QBXML><QBXMLMsgsRs><ReceivePaymentAddRs statusCode="0"/></QBXMLMsgsRs></QBXML>']
    sync(connection)
    assert states(connection)[payment.number] == State.UNCERTAIN
    sync(connection)
    assert (states(connection)[payment.number], books.live_payments()) == (State.SYNCED, [100])


@on_desktop
def test_a_visit_is_not_kept_waiting_by_much_that_comes_to_nothing(bob, connection, books, write_off, monkeypatch):
    Mapping.objects.filter(local_key="item:line_haul").delete()
    monkeypatch.setattr(visits, "WORK_SECONDS", 0)
    for name in ("Acme", "Zeta"):
        generate_invoice(actor=bob, load=make_load(bob, make_account(bob, name), "100"))
    came = []
    for _each in range(4):
        sync(connection)
        came.append(Delivery.objects.filter(kind="invoice", state=State.ERROR).count())
    assert came[-1] == 2
    assert 1 in came


def test_one_absurd_change_holds_nothing_back(bob, connection, quickbooks, invoice):
    for amount in ("1E+999999999", "1.23456789", "5"):
        quickbooks.record_payment(customer_key(connection), amount, {})
    assert (look(connection), IncomingChange.objects.get().amount) == (1, 5)
    watch = Watch.objects.get()
    assert "cannot be kept" in watch.problem
    assert Event.objects.filter(name="changes_passed_over").count() == 1
    quickbooks.record_payment(customer_key(connection), "7", {}, TxnDate="someday")
    assert look(connection) == 0
    assert "cannot be read" in Watch.objects.get().problem
    assert Watch.objects.get().since == watch.since


def test_look_through_system_ends_whatever_it_reads(bob, connection, quickbooks):
    listed = quickbooks._queried
    quickbooks._queried = lambda text: (
        {"QueryResponse": {"Customer": [{"Id": "1"}]}} if "Customer" in text else listed(text)
    )
    for _each in range(2):
        look_through_system(actor=bob, connection=connection)
        tasks.look_through(connection_id=connection.pk)
        directory = Directory.objects.get()
        assert directory.state == "failed"
        assert "cannot be read" in directory.problem


@on_desktop
def test_a_look_of_which_nothing_comes_holds_deliveries_up_for_three_visits(bob, connection, books, invoice):
    """An answer that is too long for the way never comes; what is ours goes on after a few visits."""
    pay(bob, invoice, "100")
    look_for_changes()
    look_through_system(actor=bob, connection=connection)
    port, name = service(), f"receivables-{connection.pk}"
    for _visit in range(MOST_VISITS):
        ticket = port.authenticate(name, PASSWORD)[0]
        assert "CustomerQueryRq" in fetch(port, ticket)
    assert "ReceivePaymentAddRq" in fetch(port, port.authenticate(name, PASSWORD)[0])
    directory = Directory.objects.get()
    assert (directory.state, directory.problem) == ("failed", "The Web Connector brought no answer.")

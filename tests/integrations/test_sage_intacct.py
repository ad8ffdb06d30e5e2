"""What only Sage Intacct does: sessions, control ids, reversals; its functions against the vendor's own examples."""

from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import canonicalize

import pytest
from lxml import etree
from sageintacctsdk.apis.ar_invoices import ARInvoices
from sageintacctsdk.exceptions import InvalidTokenError, WrongParamsError

from receivables.billing.operations import regenerate_invoice
from receivables.collections.unapplied.refunds import refund_unapplied
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import Book
from receivables.integrations.systems.intacct import mapping
from receivables.integrations.systems.intacct.adapter import SageIntacct
from receivables.integrations.systems.intacct.client import request_of
from receivables.integrations.systems.intacct.gateway import function_of
from receivables.integrations.systems.qbd.client import element
from tests.builders import pay
from tests.integrations.conftest import sync
from tests.integrations.standins import intacct
from tests.integrations.standins.server import Reply, running
from tests.integrations.test_every_system import reduce

State = Delivery.State
on_intacct = pytest.mark.parametrize("stage", ["sage_intacct"], indirect=True)


@on_intacct
def test_too_many_calls_and_refusals_inside_a_yes(bob, connection, books, invoice):
    error = "<response><errormessage><error><errorno>GW-0010</errorno></error></errormessage></response>"
    books.faults = [Reply(429, error, {"X-IA-Throttle-Limit-Retry-After": "7"})]
    payment = pay(bob, invoice, "950")
    sync(connection)
    connection.refresh_from_db()
    assert connection.paused_until is not None
    Connection.objects.update(paused_until=None)
    aborted = (intacct.GOLDEN / "ResultTest.testStatusAbort.xml").read_text()
    books.faults = [Reply(200, aborted)]
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.trouble) == (State.ERROR, "needs_person")
    assert "Object definition VENDOR9 not found" in row.system_text
    assert "rolled back" in row.system_text


@on_intacct
def test_what_was_reversed_is_not_reversed_again_when_the_rest_failed(bob, connection, books, invoice, write_off):
    regenerate_invoice(actor=bob, load=reduce(bob, invoice, write_off))
    books.accounts = {key: value for key, value in books.accounts.items() if key != "6100"}
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble, books.live_documents()["invoices"]) == (State.ERROR, "needs_mapping", 0)
    books.accounts["6100"] = "write-off"
    Delivery.objects.update(state=State.QUEUED)
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (950, 50)
    assert [each["number"] for each in books.invoices.values()] == [invoice.number, f"{invoice.number}-2"]


@on_intacct
def test_without_control_ids_and_asking_the_same_shows_a_double(bob, connection, books, invoice, monkeypatch):
    """The control of the stories about cut connections: the stand-in can hold a payment twice."""
    monkeypatch.setattr(SageIntacct, "find", lambda *given: None)
    pay(bob, invoice, "400")
    books.faults = ["cut_after"]
    sync(connection)
    books.used.clear()
    sync(connection)
    assert books.live_payments() == [400, 400]


@on_intacct
def test_a_repeated_control_id_is_found_by_its_number(bob, connection, books, invoice, monkeypatch):
    find = SageIntacct.find
    monkeypatch.setattr(SageIntacct, "find", lambda *given: None)
    pay(bob, invoice, "400")
    books.faults = ["cut_after"]
    sync(connection)
    calls = iter([lambda *given: None, find])
    monkeypatch.setattr(SageIntacct, "find", lambda *given: next(calls)(*given))
    sync(connection)
    assert (books.live_payments(), Delivery.objects.get(kind="payment").state) == ([400], State.SYNCED)


@on_intacct
def test_a_refund_is_left_to_a_person(bob, connection, books, invoice):
    payment = pay(bob, invoice, "950", applied="900")
    refund_unapplied(
        actor=bob, payment=payment, amount=Decimal(50), date=date(2026, 11, 10), bank_account=payment.bank_account,
        method="check", reason="Paid twice",
    )  # fmt: skip
    sync(connection)
    row = Delivery.objects.get(source="collections.refund")
    assert (row.state, row.trouble) == (State.ERROR, "needs_person")
    assert "no refunds from outside" in row.message


def test_a_library_of_another_author_speaks_with_the_stand_in():
    with running(intacct.SageIntacct({"4000": "sales"}, {"BOA"})) as books:
        books.add_customer("C1", "Acme")
        port = ARInvoices()
        port._ApiBase__api_url = books.address
        port.set_show_private(False)
        port.set_sender_id("our-sender")
        port.set_sender_password("hush-sender")
        with pytest.raises(InvalidTokenError):
            port.get_session_id("robot", "Ours", "wrong")
        port._ApiBase__api_url = books.address
        port.get_session_id("robot", "Ours", "hush")
        day = {"year": "2026", "month": "11", "day": "03"}
        body = {
            "customerid": "C1", "datecreated": day, "dateposted": day, "datedue": day, "invoiceno": "INV-1",
            "invoiceitems": {"lineitem": [{"glaccountno": "4000", "amount": "100.00"}]},
        }  # fmt: skip
        assert port.post(body)["key"] == "1"
        with pytest.raises(WrongParamsError):
            port.post(body)  # its number is taken
        assert books.receivable() == 100


# Functions, against the vendor's examples ----------------------------------------------------------------------------

BOOK = Book(
    {"item:1": "4000", "tax:1": "2200", "account:1": "BOA", "account:2": "6100", "item:account:2": "6100"},
    {"customers.customer:1": {"Key": "C1"}, "billing.invoice:1": {"Key": "11"}},
    {"financial_entity": "BOA", "location": "L1"},
)  # fmt: skip
LINE = {"item": "item:1", "account": "account:2", "text": "Line haul & <more>", "net": "1000", "tax": "82.5",
        "tax_code": "tax:1"}  # fmt: skip
COMMON = {"customer": "customers.customer:1", "number": "INV-7", "date": "2026-11-20", "posting_date": "2026-12-01",
          "text": "Late", "void": False, "applied": [{"invoice": "billing.invoice:1", "amount": "50"}]}  # fmt: skip
SALE = {**COMMON, "lines": [LINE], "tax": "82.5", "total": "1082.5", "due": "2026-12-20", "reference": "PO 4711",
        "loads": ["L1"]}  # fmt: skip


def same(made, name):
    return canonicalize(etree.tostring(made).decode(), strip_text=True) == canonicalize(
        from_file=str(intacct.GOLDEN / f"{name}.xml"), strip_text=True
    )


def test_requests_are_those_of_the_vendors_own_library():
    body = request_of(
        {"sender_id": "testsenderid", "sender_password": "pass123!"}, "unittest", [["sessionid", "fakesession.."]],
        etree.Element("getAPISession"), once=False,
    )  # fmt: skip
    request = etree.fromstring(body)
    assert same(request.find("control"), "ControlBlockTest.testWriteXmlDefaults")
    assert same(request.find("operation"), "OperationBlockTest.testWriteXmlSession")
    assert same(request.find(".//function"), "ApiSessionCreateTest.testWriteXml")


def test_reversals_and_deletions_are_those_of_the_vendors_own_library():
    for verb, name, golden in (
        ("reverse", "invoice", "InvoiceReverseTest.testConstruct"),
        ("reverse", "payment", "ArPaymentReverseTest.testConstruct"),
        ("delete", "adjustment", "ArAdjustmentDeleteTest.testConstruct"),
        ("delete", "entry", "JournalEntryDeleteTest.testConstruct"),
    ):
        made = etree.Element("function", controlid="unittest")
        made.append(function_of(verb, name, {}, {"Key": "1234", "Date": "2026-01-01"}))
        for part, value in zip(("year", "month", "day"), ("2015", "06", "30"), strict=True):
            for each in made.iter(part):
                each.text = value
        assert same(made, golden)


def test_documents_have_only_elements_of_the_examples_in_their_order():
    wrote = {
        "create_invoice": mapping.invoice(SALE, "INV-7", BOOK),
        "create_aradjustment": mapping.credit_memo(SALE, "CN-1", BOOK),
        "create_arpayment": mapping.payment(
            {**COMMON, "amount": "950", "method": "check", "bank": "account:1", "reference": ""}, "PAY-1", BOOK
        ),
    }
    for name, pairs in wrote.items():
        made = element(name, pairs)
        intacct.in_order(made, name)
        for line in made.iter("lineitem"):
            intacct.in_order(line, f"{'invoice' if name == 'create_invoice' else 'aradjustment'}items/lineitem")
    made = element("create_invoice", wrote["create_invoice"])
    made.append(etree.Element("customerid"))
    with pytest.raises(intacct.Refusal, match="XL03000003"):
        intacct.in_order(made, "create_invoice")


def test_amounts_dates_and_numbers():
    lines = element("x", mapping.credit_memo(SALE, "CN-1", BOOK)).findall(".//lineitem")
    told = [(line.findtext("glaccountno"), line.findtext("amount"), line.findtext("locationid")) for line in lines]
    assert told == [("6100", "-1000.00", "L1"), ("2200", "-82.50", "L1")]
    recovered = {**COMMON, "lines": [
        {"account": "", "customer": True, "amount": "150"},
        {"account": "account:2", "customer": False, "amount": "-150"},
    ]}  # fmt: skip
    debit = element("x", mapping.debit_memo(recovered, "R-1", BOOK))
    assert debit.findtext(".//amount") == "150.00"
    assert debit.findtext("dateposted/month") == "12"
    assert mapping.american("2026-11-03") == "11/03/2026"
    assert (mapping.numbered("INV-7", 0), mapping.numbered("INV-7", 2)) == ("INV-7", "INV-7-3")

"""The messages to QuickBooks Desktop, against the published tables; and which calls are read at all."""

from uuid import uuid4

import pytest
from django.test import Client
from lxml import etree

from receivables.integrations.systems.base import Book, Fault, Handed
from receivables.integrations.systems.intacct import mapping as intacct_mapping
from receivables.integrations.systems.qbd import mapping, soap
from receivables.integrations.systems.qbd.adapter import QuickBooksDesktop
from receivables.integrations.systems.qbd.client import Messages, Unreadable, parsed
from receivables.integrations.systems.qbd.mapping import customer_name, ref_number
from tests.integrations.standins.qbxml import faults_of

BOOK = Book(
    {"item:1": "Freight:Line haul", "tax:1": "State tax", "account:1": "Checking", "account:2": "Bad debt",
     "item:account:2": "Write-off"},
    {"customers.customer:1": {"ListID": "80-1"}, "billing.invoice:1": {"TxnID": "81-1"}},
    {"receivables_account": "Accounts Receivable"},
)  # fmt: skip
LINE = {"item": "item:1", "account": "account:2", "text": "Line haul & <more>", "net": "1000", "tax": "82.5",
        "tax_code": "tax:1", "quantity": "1", "rate": "1000"}  # fmt: skip
COMMON = {"customer": "customers.customer:1", "number": "INV-2026-000123", "date": "2026-11-20", "text": "Write-off",
          "void": False, "applied": [{"invoice": "billing.invoice:1", "amount": "50"}]}  # fmt: skip
SALE = {**COMMON, "lines": [LINE], "net": "1000", "tax": "82.5", "total": "1082.5"}
DOCUMENTS = {
    "customer": {
        "number": "C-1", "name": "Acme: a very long name of a customer, much longer than forty-one",
        "email": "a@b.example",
        "phone": "+1 555 0100", "tax_id": "", "address": "One\nTwo", "city": "Reno", "region": "NV",
        "postal_code": "89501", "country": "US", "currency": "USD", "terms": "terms:1",
    },
    "invoice": {**SALE, "due": "2026-12-20", "reference": "PO 4711", "loads": ["L1"]},
    "credit_memo": SALE,
    "payment": {**COMMON, "amount": "950", "reference": "CHQ 20817 with a long text", "bank": "account:1"},
    "journal": {**COMMON, "lines": [
        {"account": "", "customer": True, "amount": "150"},
        {"account": "account:2", "customer": False, "amount": "-150"},
    ]},
}  # fmt: skip


def messages(kind, wanted, remote):
    """The messages of a plan, each answered so that the next one is made."""
    adapter = QuickBooksDesktop()
    for step in adapter.plan(kind, None, wanted, remote, BOOK):
        keyed = type(step)(step.operation, step.body, uuid4().hex)
        with pytest.raises(Handed) as handed:
            adapter.send(Messages(), keyed, {"ListID": "80-1", "TxnID": "9-1", "EditSequence": "1"})
        yield etree.fromstring(handed.value.request.encode()).find("QBXMLMsgsRq")[0]


def test_every_message_is_what_the_published_tables_allow():
    seen = []
    for kind, wanted in DOCUMENTS.items():
        for remote in ({}, {"ListID": "80-1", "TxnID": "9-1", "EditSequence": "1"}):
            for body in (wanted, {**wanted, "void": True}) if remote else (wanted,):
                for message in messages(kind, body, remote):
                    assert faults_of(message) == []
                    seen.append(message.tag)
    assert {"InvoiceModRq", "TxnVoidRq", "TxnDelRq", "ReceivePaymentAddRq", "JournalEntryAddRq"} <= set(seen)
    assert "ReceivePaymentModRq" not in seen


def test_the_tables_refuse_what_is_wrong():
    (message,) = messages("invoice", DOCUMENTS["invoice"], {})
    message[0].find("RefNumber").text = "longer than eleven"
    assert faults_of(message) == ["InvoiceAddRq/InvoiceAdd/RefNumber is longer than 11"]
    (message,) = messages("payment", DOCUMENTS["payment"], {})
    message[0].find("TotalAmount").text = "950.000"
    assert "950.000" in faults_of(message)[0]
    message[0].insert(0, etree.Element("TotalAmount"))
    assert faults_of(message)


def test_an_invoice_as_it_is_sent():
    (message,) = messages("invoice", DOCUMENTS["invoice"], {})
    lines = [
        (line.findtext("ItemRef/FullName"), line.findtext("Desc"), line.findtext("Amount"))
        for line in message.iter("InvoiceLineAdd")
    ]
    assert lines == [("Freight:Line haul", "Line haul & <more>", "1000.00"), ("State tax", None, "82.50")]
    assert message.findtext("InvoiceAdd/RefNumber") == "2026-000123"
    assert message.findtext("InvoiceAdd/Memo") == "INV-2026-000123 L1"


def test_names_and_numbers_as_they_fit():
    assert customer_name("Acme: west ") == "Acme west"
    assert (ref_number("INV-7"), ref_number("INV-2026-000123")) == ("INV-7", "2026-000123")


def test_no_amount_is_rounded_on_its_way():
    """Systems of two decimals: what has three is left to a person."""
    for module in (mapping, intacct_mapping):
        assert (module.money("1.500"), module.money("-7")) == ("1.50", "-7.00")
        with pytest.raises(Fault, match="two decimals"):
            module.money("1.005")


def test_only_calls_of_the_connector_are_read(db):
    entity = f'<!DOCTYPE a [<!ENTITY b "c">]><s:Envelope xmlns:s="{soap.ENVELOPE}"><s:Body/></s:Envelope>'
    for body in ("", "no xml", entity, f'<s:Envelope xmlns:s="{soap.ENVELOPE}"><s:Body><a/></s:Body></s:Envelope>'):
        assert Client().post("/web-connector/", body, content_type="text/xml").status_code == 400
    assert Client(enforce_csrf_checks=True).post("/web-connector/", "", content_type="text/xml").status_code == 400
    with pytest.raises(Unreadable):
        parsed('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')

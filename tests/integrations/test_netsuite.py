"""What only NetSuite does: signing in with an assertion, external ids in place of a key. Stories are shared."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from receivables.billing.operations import generate_invoice
from receivables.collections.operations import delete_payment
from receivables.integrations.models import Delivery, Mapping
from receivables.integrations.systems.base import Book
from receivables.integrations.systems.netsuite import mapping, planner
from receivables.integrations.systems.netsuite.client import plain
from receivables.integrations.systems.netsuite.connection import assertion
from tests.builders import make_load, pay
from tests.integrations.conftest import states, sync
from tests.integrations.stages import NETSUITE
from tests.integrations.standins.netsuite import FIELDS
from tests.integrations.standins.server import Reply
from tests.writeoffs.cast import tax_code

State = Delivery.State
BOOK = Book(
    {"item:line_haul": "1", "item:7": "22", "item:account:3": "24", "account:5": "35", "tax:1": "9"},
    {"customers.customer:1": {"Id": "58"}, "billing.invoice:9": {"Id": "147"}},
    {"receivables_account": "119", "subsidiary": "2"}, "billing.invoice:12",
)  # fmt: skip
WANTED = {
    "number": "INV-7", "customer": "customers.customer:1", "date": "2026-11-02", "due": "2026-12-02",
    "posting_date": "2026-11-03", "reference": "PO 4711", "void": False, "loads": ["L-1", "L-2"], "total": "950",
    "tax": "0", "text": "Damaged", "applied": [{"invoice": "billing.invoice:9", "amount": "50.00"}],
}  # fmt: skip


@pytest.fixture
def stage():
    return NETSUITE


def line(net, **more):
    return {"item": "item:line_haul", "account": "account:3", "text": "Linehaul", "net": net, "tax": "0",
            "tax_code": "", **more}  # fmt: skip


def unknown(name, body):
    """The fields of a record that its list does not have."""
    for field, value in body.items():
        if field not in FIELDS[name]:
            yield f"{name}.{field}"
        elif isinstance(value, dict) and "items" in value:
            for each in value["items"]:
                yield from unknown(f"{name}-{field}", each)


def test_our_documents_as_their_records():
    lines = [line("1000", quantity="4", rate="250"), line("-50", item="item:7", tax_code="tax:1")]
    invoice = mapping.invoice({**WANTED, "lines": lines}, BOOK)
    assert invoice == {
        "tranId": "INV-7", "entity": {"id": "58"}, "tranDate": "2026-11-02", "dueDate": "2026-12-02",
        "account": {"id": "119"}, "memo": "Loads L-1, L-2", "otherRefNum": "PO 4711",
        "item": {"items": [
            {"item": {"id": "1"}, "quantity": "4", "rate": "250", "description": "Linehaul"},
            {"item": {"id": "22"}, "quantity": "1", "rate": "-50", "description": "Linehaul", "taxCode": {"id": "9"}},
        ]},
    }  # fmt: skip
    memo = mapping.credit_memo({**WANTED, "lines": [{**line("50"), "account": "account:3"}]}, BOOK)
    assert memo["apply"] == {"items": [{"doc": {"id": "147"}, "apply": True, "amount": "50.00"}]}
    payment = mapping.payment({**WANTED, "bank": "account:5", "amount": "50.00", "reference": ""}, BOOK)
    assert (payment["payment"], payment["account"], payment["checkNumber"]) == ("50.00", {"id": "35"}, "INV-7")
    entry = mapping.journal(
        {**WANTED, "lines": [{"account": "", "customer": True, "amount": "20"},
                             {"account": "account:5", "customer": False, "amount": "-20"}]}, BOOK)  # fmt: skip
    debit, credit = entry["line"]["items"]
    assert (debit["account"], debit["debit"], debit["entity"]) == ({"id": "119"}, "20", {"id": "58"})
    assert (credit["account"], credit["credit"]) == ({"id": "35"}, "20")
    address = {"name": "Acme", "email": "ap@acme.example", "phone": "1"}
    made = {"invoice": invoice, "creditMemo": memo, "customerPayment": payment, "journalEntry": entry,
            "customer": mapping.customer({**WANTED, **address}, BOOK)}  # fmt: skip
    assert [name for record, body in made.items() for name in unknown(record, body)] == []
    (step,) = planner.plan("invoice", {**WANTED, "lines": lines}, {}, BOOK)
    assert (step.operation, step.body["external"]) == ("put_invoice", "billing-invoice-12")


def test_a_field_that_their_form_asks_for_is_named():
    assert "custbody_region" in plain("USER_ERROR", "Please enter value(s) for: Region", "custbody_region")[1]


def test_the_assertion_is_signed_with_either_kind_of_key():
    def pem(key):
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    key = rsa.generate_private_key(65537, 2048)
    text = assertion({"private_key": pem(key), "client_id": "c", "certificate_id": "k"}, "https://audience")
    head, claims, signature = text.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    key.public_key().verify(raw, f"{head}.{claims}".encode(), pss, hashes.SHA256())
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"typ": "JWT", "alg": "PS256", "kid": "k"}
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (said["iss"], said["aud"], said["exp"] - said["iat"]) == ("c", "https://audience", 300)
    large = ec.generate_private_key(ec.SECP384R1())
    signed = assertion({"private_key": pem(large), "client_id": "c", "certificate_id": "k"}, "x").split(".")[2]
    assert len(base64.urlsafe_b64decode(signed + "==")) == 96
    with pytest.raises(ValueError, match=r"\w"):
        assertion({"private_key": "no key", "client_id": "c", "certificate_id": "k"}, "x")


def test_wherever_it_is_cut_nothing_is_twice_and_nothing_out(bob, connection, books, invoice, write_off):
    for fault in ("cut_before", "cut_after"):
        payment = pay(bob, invoice, "10")
        books.faults = [fault]
        sync(connection)
        assert Delivery.objects.get(source="collections.payment", source_id=payment.pk).state == State.UNCERTAIN
        sync(connection)
        assert books.receivable() == 990
        delete_payment(actor=bob, payment=payment, reason="Not ours")
        books.faults = [fault]
        sync(connection)
        sync(connection)
        assert (books.receivable(), books.live_payments()) == (1000, [])
    assert set(states(connection).values()) == {State.SYNCED}


def test_without_the_external_id_the_same_shows_a_double(bob, connection, books, invoice):
    """The control of the test above: the stand-in can hold a payment twice."""
    books.replay = False
    pay(bob, invoice, "400")
    books.faults = ["cut_after"]
    sync(connection)
    sync(connection)
    assert len(books.live_payments()) == 2


def test_a_property_that_they_do_not_know_is_refused_not_dropped(bob, connection, books, invoice, monkeypatch):
    known = planner.BODIES["payment"]
    monkeypatch.setitem(planner.BODIES, "payment", lambda wanted, book: {**known(wanted, book), "paymentNote": "x"})
    payment = pay(bob, invoice, "10")
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.system_text) == (State.ERROR, "Unknown property paymentNote (paymentNote)")


def test_what_was_deleted_there_is_not_made_again(bob, connection, books, invoice):
    payment = pay(bob, invoice, "100", applied="0")
    sync(connection)
    books.records["customerPayment"].clear()
    Delivery.objects.filter(source_id=payment.pk).update(state=State.QUEUED, payload_hash="earlier")
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.trouble, books.live_payments()) == (State.ERROR, "conflict", [])
    delete_payment(actor=bob, payment=payment, reason="Not ours")
    sync(connection)
    row.refresh_from_db()
    assert row.state == State.SYNCED


def test_their_tax_is_compared(bob, connection, books, invoice):
    tax = tax_code(bob, "2210", "State tax", "10")
    Mapping.objects.create(
        organization=bob.organization, connection=connection, what="tax", local_key=f"tax:{tax.pk}", remote_id="8"
    )
    generate_invoice(actor=bob, load=make_load(bob, invoice.account, "100", tax_code=tax))
    sync(connection)
    row = Delivery.objects.get(state=State.ERROR)
    assert (row.trouble, row.fix) == ("needs_person", "mapping")
    assert "110" in row.message
    books.taxes = {"8": 10}
    Delivery.objects.filter(pk=row.pk).update(state=State.QUEUED)
    sync(connection)
    assert (books.receivable(), books.live_documents()["invoices"]) == (1110, 2)


def test_limits_that_are_said_in_words(bob, connection, books, invoice):
    pay(bob, invoice, "10")
    busy = {"o:errorDetails": [{"o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED", "detail": "Too many"}]}
    books.faults = [Reply(400, busy)]
    sync(connection)
    connection.refresh_from_db()
    assert connection.paused_until is not None
    type(connection).objects.update(paused_until=None)
    sync(connection)
    assert books.receivable() == 990

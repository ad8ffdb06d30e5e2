"""What only Sage Intacct's REST interface does; its bodies against the published examples and fields."""

import json
from types import SimpleNamespace

import pytest

from receivables.integrations.models import Connection, Delivery
from receivables.integrations.registry import missing_settings
from receivables.integrations.systems.base import Book, Fault, Step
from receivables.integrations.systems.intacct import planner, rest_mapping
from receivables.integrations.systems.intacct.adapter import SageIntacct
from receivables.integrations.systems.intacct.rest_client import RestLink
from receivables.integrations.vault import sealed
from tests.builders import pay
from tests.integrations.conftest import sync
from tests.integrations.standins.intacct_rest import FIELDS, SageIntacctRest, faults_of
from tests.integrations.standins.intacct_shapes import GOLDEN
from tests.integrations.standins.server import Reply
from tests.integrations.test_sage_intacct import COMMON, SALE

State = Delivery.State
on_rest = pytest.mark.parametrize("stage", ["sage_intacct_rest"], indirect=True)
EXAMPLES = json.loads((GOLDEN / "rest_examples.json").read_text())
BOOK = Book(
    {"item:1": "5004", "tax:1": "2200", "account:1": "BOA", "account:2": "6103", "item:account:2": "6103"},
    {"customers.customer:1": {"Key": "C-00019"}, "billing.invoice:1": {"Key": "2085"}},
    {"interface": "rest", "financial_entity": "BOA", "location": "CA", "currencies": "EUR"}, home="USD",
)  # fmt: skip
EUROS = {"currency": "EUR", "home": "USD", "customer": "EUR", "other": "", "rate": "1.10"}
PAID = {**COMMON, "amount": "60", "method": "cash", "bank": "account:1", "reference": "", "number": "1567",
        "applied": [{"invoice": "billing.invoice:1", "amount": "60"}]}  # fmt: skip


def fields_of(value, path=""):
    """All fields of a body, lists as one."""
    if isinstance(value, dict):
        return {
            found for name, each in value.items() for found in (f"{path}/{name}", *fields_of(each, f"{path}/{name}"))
        }
    return {found for each in value for found in fields_of(each, path)} if isinstance(value, list) else set()


def test_published_examples_are_taken_and_ours_say_what_they_say():
    for name, action in (("invoice", "POST"), ("payment", "POST")):
        example = EXAMPLES[f"{action} /objects/accounts-receivable/{name}"]["request"]
        assert faults_of(FIELDS["objects"][name], example) == []
    invoice = rest_mapping.invoice({**SALE, "money": EUROS}, "INV-7", BOOK)
    example = EXAMPLES["POST /objects/accounts-receivable/invoice"]["request"]
    ours = fields_of(invoice) - {"/invoiceSummary", "/invoiceSummary/glPostingDate", "/currency/baseCurrency",
                                 "/lines/memo"}  # fmt: skip
    assert ours <= fields_of(example)
    published = EXAMPLES["POST /objects/accounts-receivable/payment"]["request"]
    assert rest_mapping.payment(PAID, "1567", BOOK) == {
        **published, "customer": {"id": "C-00019"}, "paymentSummary": {"receiptDate": "2026-12-01"},
    }  # fmt: skip
    line = rest_mapping.credit_memo({**SALE, "money": EUROS}, "CN-1", BOOK)["lines"][0]
    assert fields_of(line) <= fields_of(EXAMPLES["adjustment line"]) | {"/dimensions/location/id"}


def test_bodies_have_only_published_fields_and_values():
    entry = {**COMMON, "lines": [{"account": "account:2", "customer": False, "amount": amount} for amount in
                                 ("50", "-50")]}  # fmt: skip
    customer = {"number": "A1", "name": "Acme", "email": "a@b.example", "phone": "1", "tax_id": "X", "address": "1 Way",
                "city": "Reno", "region": "NV", "postal_code": "89501", "country": "US", "currency": "USD"}  # fmt: skip
    wrote = {
        "customer": rest_mapping.customer(customer, BOOK),
        "invoice": rest_mapping.invoice({**SALE, "money": EUROS}, "INV-7", BOOK),
        "adjustment": rest_mapping.credit_memo({**SALE, "money": EUROS}, "CN-1", BOOK),
        "payment": rest_mapping.payment({**PAID, "amount": "75"}, "PAY-1", BOOK),
        "journal-entry": rest_mapping.entry(entry, "JE-1", BOOK),
    }
    assert wrote["payment"]["overPaymentAmount"] == "15.00"
    wrote["invoice"]["currency"]["exchangeRate"]["rate"] = 1.1  # it leaves as a number
    for name, body in wrote.items():
        assert faults_of(FIELDS["objects"][name], body) == [], name
    spoilt = {**wrote["invoice"], "totalTxnAmount": "1", "dueDate": "12/20/2026",
              "lines": [{**wrote["invoice"]["lines"][0], "txnAmount": "1.005"}]}  # fmt: skip
    assert faults_of(FIELDS["objects"]["invoice"], spoilt) == [
        "/totalTxnAmount is not a valid field", "/dueDate has no valid value", "/lines/0/txnAmount has no valid value",
    ]  # fmt: skip


def test_a_payment_in_another_currency_and_a_refund_are_refused_in_words():
    for kind, wanted, document, said in (
        ("payment", {**PAID, "void": False, "money": EUROS}, "", "takes no rate for a payment over REST"),
        ("journal", {**COMMON, "money": EUROS, "lines": [{"account": "account:2", "customer": False, "amount": "1"}]},
         "", "no such entries in another currency"),
        ("journal", {**COMMON, "lines": []}, "collections.refund:1", "no refunds from outside"),
    ):  # fmt: skip
        book = Book(BOOK.mappings, BOOK.remotes, BOOK.options, document, "USD")
        with pytest.raises(Fault, match=said) as refused:
            planner.plan(kind, wanted, {}, book)
        assert refused.value.trouble == "needs_person"


def test_refusals_are_read_wherever_they_stand():
    link = object.__new__(RestLink)
    for error in EXAMPLES["errors"]:
        fault = link.refusal(error["body"], error["status"], {})
        assert fault is not None
    said = {"ia::result": {"ia::error": {"code": "invalidRequest", "message": "Payload contains errors", "details": [
        {"code": "invalidRequest", "message": "/x is not a valid field"}]}}}  # fmt: skip
    assert "/x is not a valid field" in link.refusal(said, 400, {}).system_text
    assert link.refusal({"ia::result": {"key": "1"}}, 201, {}) is None
    assert link.refusal(said, 500, {}) is None, "after a fault of theirs nobody knows"


def test_only_what_the_interface_needs_has_to_be_entered():
    common = {"company": "Ours", "financial_entity": "BOA"}
    for interface, secrets in (
        ("", {"user_id": "a", "user_password": "b", "sender_id": "c", "sender_password": "d"}),
        ("rest", {"user_id": "a", "client_id": "b", "client_secret": "c"}),
    ):
        made = Connection(system="sage_intacct", options={**common, "interface": interface}, secrets=sealed(secrets))
        assert missing_settings(made) == []
        made.secrets = ""
        assert {each.name for each in missing_settings(made)} == set(secrets)


def test_a_step_that_was_written_for_the_other_interface_is_planned_anew():
    step = Step("create_invoice", {"pairs": [], "number": "INV-7"})
    with pytest.raises(Fault, match="planned anew") as refused:
        SageIntacct().send(SimpleNamespace(writes="fields"), step, {})
    assert refused.value.trouble == "retryable"


@on_rest
def test_a_token_that_ended_is_renewed_and_lost_credentials_stop_the_connection(bob, connection, books, invoice):
    books.access = "ended meanwhile"
    pay(bob, invoice, "400")
    sync(connection)
    assert (books.receivable(), books.tokens) == (600, 2)
    books.faults = [Reply(429, {"ia::error": {"code": "GW-0010"}}, {"X-IA-Throttle-Limit-Retry-After": "7"})]
    pay(bob, invoice, "100")
    sync(connection)
    connection.refresh_from_db()
    assert connection.paused_until is not None
    Connection.objects.update(paused_until=None)
    books.access, books.secret = "gone", "changed"
    sync(connection)
    connection.refresh_from_db()
    assert connection.state == Connection.State.BROKEN
    assert Delivery.objects.filter(state=State.QUEUED).count() == 1


@on_rest
def test_without_asking_what_is_there_a_cut_connection_shows_a_double(bob, connection, books, invoice, monkeypatch):
    """The control of the stories about cut connections: nothing but the look-up keeps it single there."""
    monkeypatch.setattr(SageIntacct, "find", lambda *given: None)
    pay(bob, invoice, "400")
    books.faults = ["cut_after"]
    sync(connection)
    sync(connection)
    assert books.live_payments() == [400, 400]
    assert isinstance(books, SageIntacctRest)

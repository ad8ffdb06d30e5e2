"""What only Business Central does: what is posted stays, journals, look-ups in place of a key. Stories are shared."""

import json
from decimal import Decimal

import pytest

from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.operations import issue_credit_note
from receivables.billing.models import Invoice, Load
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice, void_invoice
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.integrations.models import Attempt, Delivery, Mapping
from receivables.integrations.queries import local_keys
from receivables.integrations.systems.base import Book
from receivables.integrations.systems.business_central import differences, mapping
from tests.builders import make_load, pay
from tests.integrations.conftest import states, sync
from tests.integrations.stages import BUSINESS_CENTRAL
from tests.integrations.standins.business_central import ORACLE
from tests.integrations.standins.server import Reply
from tests.writeoffs.cast import tax_code

State = Delivery.State
SETS = json.loads(ORACLE.read_text())["entities"]
BOOK = Book(
    {"item:line_haul": "4000", "item:7": "6100", "item:account:3": "4900", "account:5": "1010", "tax:1": "VAT20"},
    {"customers.customer:1": {"Id": "c-1"}}, {},
)  # fmt: skip
WANTED = {
    "number": "INV-7", "customer": "customers.customer:1", "date": "2026-11-02", "due": "2026-12-02",
    "posting_date": "2026-11-03", "reference": "PO 4711", "void": False,
}  # fmt: skip


@pytest.fixture
def stage():
    return BUSINESS_CENTRAL


def line(key, net, tax="0", **more):
    return {"key": key, "tax_code": "", "text": "Linehaul", "net": net, "tax": tax, **more}


def test_our_documents_as_their_entities():
    invoice = mapping.sales_invoice(
        "INV-7", WANTED, [line("item:line_haul", "1000", quantity="4", rate="250"), line("item:7", "-50")], BOOK
    )
    assert invoice == {
        "externalDocumentNumber": "INV-7", "invoiceDate": "2026-11-02", "postingDate": "2026-11-03",
        "dueDate": "2026-12-02", "customerId": "c-1", "customerPurchaseOrderReference": "PO 4711",
        "salesInvoiceLines": [
            {"lineType": "Account", "lineObjectNumber": "4000", "description": "Linehaul", "quantity": "4",
             "unitPrice": "250"},
            {"lineType": "Account", "lineObjectNumber": "6100", "description": "Linehaul", "quantity": "-1",
             "unitPrice": "50"},
        ],
    }  # fmt: skip
    memo = mapping.sales_credit_memo("INV-7/2", WANTED, [{**line("item:7", "50"), "tax_code": "tax:1"}], BOOK)
    assert memo["salesCreditMemoLines"][0]["taxCode"] == "VAT20"
    payment = mapping.payment_line({**WANTED, "number": "PAY-1", "reference": ""}, BOOK)
    entry = {**WANTED, "number": "REF-1", "text": "Refund", "lines": [
        {"account": "", "customer": True, "amount": "20"}, {"account": "account:5", "customer": False, "amount": "-20"},
    ]}  # fmt: skip
    debit, credit = mapping.journal_lines(entry, BOOK)
    assert (debit["accountType"], debit["accountId"], debit["amount"]) == ("Customer", "c-1", "20")
    assert (credit["accountNumber"], credit["amount"]) == ("1010", "-20")
    sent = {"salesInvoices": [invoice], "salesInvoiceLines": invoice["salesInvoiceLines"], "salesCreditMemos": [memo],
            "salesCreditMemoLines": memo["salesCreditMemoLines"], "customerPayments": [payment],
            "journalLines": [debit, credit]}  # fmt: skip
    for entity, bodies in sent.items():
        fields, parts = SETS[entity]["fields"], SETS[entity]["navigation"]
        wrong = [name for body in bodies for name in body if name not in parts and not fields.get(name, ["", False])[1]]
        assert wrong == [], entity


def test_only_differences_are_posted_and_a_credit_is_split_over_its_invoices():
    first = [line("item:line_haul", "900"), line("item:line_haul", "100")]
    assert differences.missing(first, [], "INV-7") == first
    posted = [{"Lines": first, "Total": "1000", "Invoice": ""}]
    now = [*first, line("item:7", "-50")]
    assert differences.missing(now, posted, "INV-7") == [line("item:7", "-50")]
    both = [*posted, {"Lines": [line("item:7", "-50")], "Total": "-50", "Invoice": ""}]
    assert differences.missing(now, both, "INV-7") == []
    back = differences.missing([], both, "INV-7")
    assert [(each["key"], each["net"]) for each in back] == [("item:line_haul", "-1000"), ("item:7", "50")]
    credits = [line("item:account:3", "-60.00", "-12.00"), line("item:7", "-28.00")]
    shares = {"billing.invoice:1": Decimal("36.00"), "billing.invoice:2": Decimal("64.00")}
    (one, first_part), (two, second_part) = differences.split(credits, shares)
    assert (one, two) == ("billing.invoice:1", "billing.invoice:2")
    assert [(each["net"], each["tax"]) for each in first_part] == [("-30.00", "-6.00")]
    assert [(each["net"], each["tax"]) for each in second_part] == [("-30.00", "-6.00"), ("-28.00", "0")]


def test_an_account_is_mapped_once_there(bob, connection):
    Mapping.objects.filter(local_key__startswith="item:account").delete()
    assert [each.key for each in local_keys(bob, connection) if each.key.startswith("item:account")] == []
    book = Book({"account:3": "4900"}, {}, {})
    assert mapping.account_number("item:account:3", book) == mapping.account_number("account:3", book) == "4900"


def test_the_story_synced_after_every_click(bob, connection, books, invoice, write_off):
    """The posted payment waits for the one that is recorded in its place, and stays."""
    first = pay(bob, invoice, "950")
    sync(connection)
    delete_payment(actor=bob, payment=first, reason="Short paid")
    sync(connection)
    held = Delivery.objects.get(source="collections.payment", source_id=first.pk)
    assert (held.state, books.receivable()) == (State.HELD, 50)
    assert "unapply and reverse it there" in held.message
    load = Load.objects.get(invoice=invoice)
    add_accessorial(actor=bob, load=load, type=write_off, entity="customer", amount=Decimal(50), note="Damaged")
    regenerate_invoice(actor=bob, load=load)
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (0, 50)
    second = pay(bob, Invoice.objects.get(pk=invoice.pk), "950")
    sync(connection)
    assert (books.receivable(), books.live_payments()) == (0, [950])
    assert set(states(connection).values()) == {State.SYNCED}
    assert Attempt.objects.get(operation="take_over").response == first.number
    bounce_payment(actor=bob, payment=second, reason="No funds")
    sync(connection)
    assert (books.receivable(), books.live_payments(), books.balance("bank")) == (950, [], 0)
    assert set(states(connection).values()) == {State.SYNCED}


def test_wherever_it_is_cut_nothing_is_twice_and_nothing_out(bob, connection, books, invoice):
    """A payment is four changes over there, an invoice two: each cut before and after it was done."""
    for place in range(4):
        for fault in ("cut_before", "cut_after"):
            payment = pay(bob, invoice, "10")
            books.faults = [*[None] * place, fault]
            sync(connection)
            assert Delivery.objects.get(source="collections.payment", source_id=payment.pk).state == State.UNCERTAIN
            sync(connection)
    assert (books.receivable(), books.live_payments()) == (920, [10] * 8)
    assert books.rows["customerPaymentJournals"] == {}
    for place in range(2):
        for fault in ("cut_before", "cut_after"):
            generate_invoice(actor=bob, load=make_load(bob, invoice.account, "100"))
            books.faults = [*[None] * place, fault]
            sync(connection)
            sync(connection)
    assert (books.receivable(), books.live_documents()["invoices"]) == (1320, 5)
    assert len(books.rows["salesInvoices"]) == 5  # no draft was left behind
    assert set(states(connection).values()) == {State.SYNCED}


def test_without_look_ups_the_same_shows_doubles(bob, connection, books, invoice):
    """The control of the test above: the stand-in can post a payment and an invoice twice."""
    books.replay = False
    pay(bob, invoice, "10")
    books.faults = [None, None, "cut_after"]
    sync(connection)
    sync(connection)
    assert books.receivable() == 980


def test_what_cannot_be_asked_is_not_sent_again(bob, connection, books, invoice, monkeypatch):
    pay(bob, invoice, "10")
    books.faults = [None, None, "cut_after"]
    sync(connection)
    handle = books.handle
    monkeypatch.setattr(books, "handle", lambda *args: Reply(429, "{}", {"Retry-After": "30"}))
    sync(connection)
    connection.refresh_from_db()
    assert (Delivery.objects.get(kind="payment").state, connection.paused_until is not None) == (State.UNCERTAIN, True)
    monkeypatch.setattr(books, "handle", handle)
    type(connection).objects.update(paused_until=None)
    sync(connection)
    assert (books.receivable(), set(states(connection).values())) == (990, {State.SYNCED})


def test_a_payment_that_pays_something_else_later_asks_a_person(bob, connection, books, invoice):
    payment = pay(bob, invoice, "100", applied="60")
    sync(connection)
    assert books.receivable() == 900
    Delivery.objects.filter(source="collections.payment").update(
        payload_hash="earlier",
        remote={"Posted": {"amount": "100", "bank": "", "applied": {}}, "Number": payment.number},
        state=State.QUEUED,
    )
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.trouble, books.receivable()) == (State.ERROR, "needs_person", 900)
    assert "handled outside" in row.message


def test_a_credit_note_over_two_invoices_is_applied_to_both_and_a_void_invoice_is_credited(
    bob, connection, books, invoice
):
    second = generate_invoice(actor=bob, load=make_load(bob, invoice.account, "500"))
    reason = Reason.objects.of(bob).get(kind="price_concession")
    parts = [(invoice, Decimal(80)), (second, Decimal(20))]
    issue_credit_note(actor=bob, account=invoice.account, reason=reason, parts=parts)
    sync(connection)
    left = sorted(books.ledger.open(row["number"]) for row in books.rows["salesInvoices"].values())
    assert (left, books.balance("concessions")) == ([480, 920], 100)
    third = generate_invoice(actor=bob, load=make_load(bob, invoice.account, "70"))
    sync(connection)
    void_invoice(actor=bob, load=third.loads.get(), reason="Never driven")
    sync(connection)
    assert (books.receivable(), set(states(connection).values())) == (1400, {State.SYNCED})


def test_their_tax_is_compared_before_anything_is_posted(bob, connection, books, invoice):
    tax = tax_code(bob, "2210", "State tax", "10")
    Mapping.objects.create(
        organization=bob.organization, connection=connection, what="tax", local_key=f"tax:{tax.pk}", remote_id="STATE"
    )
    generate_invoice(actor=bob, load=make_load(bob, invoice.account, "100", tax_code=tax))
    sync(connection)
    row = Delivery.objects.get(state=State.ERROR)
    assert (row.trouble, row.fix, books.receivable()) == ("needs_person", "mapping", 1000)
    assert "100" in row.message
    assert "110" in row.message
    books.taxes = {"STATE": 10}
    row.state, row.pending = State.QUEUED, None
    row.keep()
    sync(connection)
    assert (books.receivable(), len(books.rows["salesInvoices"])) == (1110, 2)

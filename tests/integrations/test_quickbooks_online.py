"""The published example on QuickBooks Online: what its books say after each step, and that nothing is there twice."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from accounts.roles import Role
from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.operations import issue_credit_note, reverse_credit_note
from receivables.billing.models import Invoice, Load
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import delete_payment, record_payment
from receivables.integrations.models import Attempt, Delivery
from receivables.integrations.systems.qbo.client import Client
from receivables.integrations.vault import opened
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import make_member, make_organization, make_type, pay, seed_load
from tests.integrations.conftest import connect, map_charges, states, sync
from tests.integrations.standins.server import Reply
from tests.writeoffs.cast import bankruptcy, pick
from tests.writeoffs.cast import write_off as written_off

State = Delivery.State


@pytest.fixture
def invoice(bob, connection):
    """1,000.00 for one load, delivered."""
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    sync(connection)
    return invoice


def reduce(bob, invoice, write_off):
    load = Load.objects.get(invoice=invoice)
    add_accessorial(actor=bob, load=load, type=write_off, entity="customer", amount=Decimal(50), note="Damaged")
    return load


def again(invoice):
    return Invoice.objects.get(pk=invoice.pk)


def live(books):
    return [(Decimal(row["TotalAmt"]), row["Line"]) for row in books.objects["Payment"].values()]


def test_the_published_example(bob, connection, quickbooks, invoice, write_off):
    assert (quickbooks.receivable(), quickbooks.balance("sales")) == (1000, -1000)
    payment = pay(bob, invoice, "950")
    sync(connection)
    assert quickbooks.receivable() == 50

    delete_payment(actor=bob, payment=payment, reason="Short paid")
    load = reduce(bob, invoice, write_off)
    regenerate_invoice(actor=bob, load=load)
    pay(bob, again(invoice), "950")
    sync(connection)

    assert (quickbooks.receivable(), quickbooks.balance("write-off"), quickbooks.balance("sales")) == (0, 50, -1000)
    assert [amount for amount, _lines in live(quickbooks)] == [950]
    assert {kind: len(rows) for kind, rows in quickbooks.objects.items()} == {
        "Customer": 1, "Invoice": 1, "CreditMemo": 0, "Payment": 1, "JournalEntry": 0,
    }  # fmt: skip
    assert set(states(connection).values()) == {State.SYNCED}

    writes = quickbooks.writes
    Delivery.objects.filter(connection=connection).update(state=State.QUEUED)
    sync(connection)
    assert quickbooks.writes == writes  # every job replayed: nothing unchanged is sent
    assert set(states(connection).values()) == {State.SYNCED}


def test_paid_again_before_regenerating_is_held_and_says_what_to_do(bob, connection, quickbooks, invoice, write_off):
    delete_payment(actor=bob, payment=pay(bob, invoice, "950"), reason="Short paid")
    load = reduce(bob, invoice, write_off)
    payment = pay(bob, again(invoice), "950")
    sync(connection)
    held = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (held.state, quickbooks.receivable(), live(quickbooks)) == (State.HELD, 1000, [])
    assert "before invoice" in held.message
    assert "regenerate" in held.message.lower()

    delete_payment(actor=bob, payment=payment, reason="Wrong order")
    regenerate_invoice(actor=bob, load=load)
    pay(bob, again(invoice), "950")
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("write-off")) == (0, 50)
    assert len(live(quickbooks)) == 1


def test_a_part_payment_stays_one(bob, connection, quickbooks, invoice):
    pay(bob, invoice, "300")
    sync(connection)
    assert quickbooks.receivable() == 700
    assert set(states(connection).values()) == {State.SYNCED}


def test_what_is_superseded_never_leaves(bob, connection, quickbooks, write_off):
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    reduce(bob, invoice, write_off)
    regenerate_invoice(actor=bob, load=Load.objects.get(pk=load.pk))
    delete_payment(actor=bob, payment=pay(bob, again(invoice), "10"), reason="Not ours")
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.writes) == (950, 2)  # the customer and the invoice as it is now


@pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
def test_a_cut_connection_leaves_nothing_twice_and_nothing_out(bob, connection, quickbooks, invoice, fault):
    payment = pay(bob, invoice, "950")
    quickbooks.faults = [fault]
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert row.state == State.UNCERTAIN
    sync(connection)
    row.refresh_from_db()
    assert (row.state, quickbooks.receivable(), len(live(quickbooks))) == (State.SYNCED, 50, 1)


def test_without_the_key_the_same_shows_a_double(bob, connection, quickbooks, invoice):
    """The control of the test above: that stand-in can hold a payment twice."""
    quickbooks.replay = False
    pay(bob, invoice, "400")
    quickbooks.faults = ["cut_after"]
    sync(connection)
    sync(connection)
    assert len(live(quickbooks)) == 2


def test_too_many_calls_pause_the_connection_and_lose_nothing(bob, connection, quickbooks, invoice):
    pay(bob, invoice, "950")
    quickbooks.faults = [Reply(429, "{}", {"Retry-After": "60"})]
    sync(connection)
    connection.refresh_from_db()
    assert connection.paused_until is not None
    connection.paused_until = None
    connection.save(update_fields=["paused_until"])
    sync(connection)
    assert quickbooks.receivable() == 50


def test_a_no_inside_a_yes_is_a_no(bob, connection, quickbooks, invoice):
    body = {"Fault": {"Error": [{"code": "6540", "Message": "Deposited", "Detail": "deposited"}]}}
    quickbooks.faults = [Reply(200, body)]
    payment = pay(bob, invoice, "950")
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.trouble, row.system_text) == (State.ERROR, "needs_person", "Deposited deposited")


def test_a_missing_mapping_is_named_before_anything_is_sent(bob, connection, quickbooks, write_off):
    load = seed_load(bob)  # its fuel surcharge is not mapped
    generate_invoice(actor=bob, load=load)
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble) == (State.ERROR, "needs_mapping")
    assert "Fuel surcharge" in row.message
    assert quickbooks.objects["Invoice"] == {}


def test_a_closed_period_over_there_is_said_in_plain_words(bob, connection, quickbooks, write_off):
    quickbooks.closed_before = "2030-01-01"
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    pay(bob, invoice, "950")
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble) == (State.ERROR, "period_closed")
    waiting = Delivery.objects.get(kind="payment")
    assert (waiting.state, waiting.message) == (State.HELD, f"Waits until {invoice.number} has been delivered.")


def test_changed_over_there_is_a_conflict_not_overwritten(bob, connection, quickbooks, invoice, write_off):
    theirs = next(iter(quickbooks.objects["Invoice"].values()))
    theirs["Line"][0]["Amount"] = Decimal(1)
    load = reduce(bob, invoice, write_off)
    regenerate_invoice(actor=bob, load=load)
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble) == (State.ERROR, "conflict")
    assert theirs["Line"][0]["Amount"] == 1


def test_a_lapsed_token_is_renewed_and_the_newest_kept(bob, connection, quickbooks, invoice):
    assert opened(type(connection).objects.get(pk=connection.pk).secrets)["refresh_token"] == "refresh-1"
    quickbooks.access = "revoked meanwhile"
    pay(bob, invoice, "950")
    sync(connection)
    assert quickbooks.receivable() == 50
    assert opened(type(connection).objects.get(pk=connection.pk).secrets)["refresh_token"] == "refresh-2"


def test_a_lost_grant_breaks_the_connection_and_loses_nothing(bob, connection, quickbooks, invoice):
    quickbooks.access = quickbooks.refresh = "gone"
    payment = pay(bob, invoice, "950")
    sync(connection)
    connection.refresh_from_db()
    assert connection.state == connection.State.BROKEN
    assert Delivery.objects.get(source="collections.payment", source_id=payment.pk).state == State.QUEUED


def test_no_secret_is_kept_with_an_attempt(bob, connection, quickbooks, invoice):
    pay(bob, invoice, "950")
    sync(connection)
    kept = " ".join(f"{each.request} {each.response}" for each in Attempt.objects.all())
    assert "access-" not in kept
    assert "hush" not in kept
    assert Payment.objects.get().number in kept


def test_a_credit_note_and_its_reversal(bob, connection, quickbooks, invoice):
    reason = Reason.objects.of(bob).get(kind="price_concession")
    note = issue_credit_note(actor=bob, account=invoice.account, reason=reason, parts=[(invoice, Decimal(80))])
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("concessions")) == (920, 80)
    reverse_credit_note(actor=bob, credit_note=note, reason="Agreed otherwise")
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("concessions")) == (1000, 0)
    assert quickbooks.objects["CreditMemo"] == quickbooks.objects["Payment"] == {}


def test_debt_written_off_recovered_and_the_write_off_taken_back(bob, connection, quickbooks, invoice):
    pay(bob, invoice, "400")
    write_off = written_off(bob, invoice.account)
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("write-off")) == (0, 600)

    recovery = record_payment(
        actor=bob, account=invoice.account, amount=Decimal(150), date=date(2026, 11, 10), method="check",
        bank_account=BankAccount.objects.of(bob).get(), assignments=[],
    )  # fmt: skip
    distribute_payment(actor=bob, payment=recovery)
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("write-off")) == (0, 450)

    delete_payment(actor=bob, payment=recovery, reason="Bounced")
    reverse_write_off(actor=bob, write_off=write_off, amount=Decimal(200), reason="Found assets")
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("write-off")) == (200, 400)
    assert set(states(connection).values()) == {State.SYNCED}


def test_a_bankruptcy_takes_off_only_what_was_not_written_off_before(bob, connection, quickbooks, invoice):
    written_off(bob, invoice.account, picks=pick(invoice, "400"))
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("write-off")) == (600, 400)
    bankruptcy(bob, invoice.account)
    sync(connection)
    assert (quickbooks.receivable(), quickbooks.balance("write-off")) == (0, 1000)
    assert set(states(connection).values()) == {State.SYNCED}


def test_a_payment_of_what_the_connection_never_got_asks_a_person(bob, connection, quickbooks, write_off):
    map_charges(connection)
    old = generate_invoice(actor=bob, load=seed_load(bob), issue_date=date(2025, 12, 1))
    sync(connection)
    assert states(connection) == {}
    payment = pay(bob, old, "950")
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.trouble, quickbooks.objects["Invoice"]) == (State.ERROR, "needs_person", {})
    assert old.number in row.message


def test_no_call_is_made_within_a_transaction(committed_db, quickbooks, monkeypatch):
    bob = make_member(make_organization(), Role.ADMIN, "Bob Biller")
    connection = connect(bob, quickbooks, make_type(bob))
    open_ones = []

    def watched(*args, **kwargs):
        open_ones.append(transaction.get_connection().in_atomic_block)
        return call(*args, **kwargs)

    call = Client.call
    monkeypatch.setattr(Client, "call", watched)
    load = seed_load(bob)
    map_charges(connection)
    pay(bob, generate_invoice(actor=bob, load=load), "950")
    sync(connection)
    assert (quickbooks.receivable(), set(open_ones)) == (50, {False})


def test_a_worker_that_dies_after_the_call_leaves_nothing_twice(bob, connection, quickbooks, invoice, monkeypatch):
    def died(*args, **kwargs):
        call(*args, **kwargs)
        raise SystemExit

    call = Client.call
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(Client, "call", died)
        pay(bob, invoice, "950")
        sync(connection)
    assert Delivery.objects.get(kind="payment").state == State.SENDING
    assert len(live(quickbooks)) == 1
    sync(connection)
    assert (quickbooks.receivable(), len(live(quickbooks)), set(states(connection).values())) == (50, 1, {State.SYNCED})

"""The published example on every accounting system: what its books say after each step, nothing there twice."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.roles import Role
from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.operations import issue_credit_note, reverse_credit_note
from receivables.billing.models import Invoice, Load
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import delete_payment, record_payment
from receivables.integrations.models import Attempt, Delivery
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import make_account, make_load, make_member, make_organization, make_type, pay, seed_load
from tests.integrations.conftest import connect, map_charges, states, sync
from tests.integrations.stages import VARIANTS
from tests.writeoffs.cast import bankruptcy, pick
from tests.writeoffs.cast import write_off as written_off

State = Delivery.State
pytestmark = pytest.mark.parametrize("stage", VARIANTS, indirect=True)


def reduce(bob, invoice, write_off):
    load = Load.objects.get(invoice=invoice)
    add_accessorial(actor=bob, load=load, type=write_off, entity="customer", amount=Decimal(50), note="Damaged")
    return load


def again(invoice):
    return Invoice.objects.get(pk=invoice.pk)


def test_the_published_example(bob, connection, books, invoice, write_off):
    assert (books.receivable(), books.balance("sales")) == (1000, -1000)
    payment = pay(bob, invoice, "950")
    sync(connection)
    assert books.receivable() == 50

    delete_payment(actor=bob, payment=payment, reason="Short paid")
    load = reduce(bob, invoice, write_off)
    regenerate_invoice(actor=bob, load=load)
    pay(bob, again(invoice), "950")
    sync(connection)

    assert (books.receivable(), books.balance("write-off"), books.balance("sales")) == (0, 50, -1000)
    assert books.live_payments() == [950]
    standing = books.live_documents()
    assert {kind: standing[kind] for kind in ("customers", "invoices", "journals")} == {
        "customers": 1, "invoices": 1, "journals": 0,
    }  # fmt: skip
    assert set(states(connection).values()) == {State.SYNCED}

    writes = books.writes
    Delivery.objects.filter(connection=connection).update(state=State.QUEUED)
    sync(connection)
    assert books.writes == writes  # every job replayed: nothing unchanged is sent
    assert set(states(connection).values()) == {State.SYNCED}


def test_paid_again_before_regenerating_is_held_and_says_what_to_do(bob, connection, books, invoice, write_off):
    delete_payment(actor=bob, payment=pay(bob, invoice, "950"), reason="Short paid")
    load = reduce(bob, invoice, write_off)
    payment = pay(bob, again(invoice), "950")
    sync(connection)
    held = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (held.state, books.receivable(), books.live_payments()) == (State.HELD, 1000, [])
    assert "before invoice" in held.message
    assert "regenerate" in held.message.lower()

    delete_payment(actor=bob, payment=payment, reason="Wrong order")
    regenerate_invoice(actor=bob, load=load)
    pay(bob, again(invoice), "950")
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (0, 50)
    assert len(books.live_payments()) == 1


def test_a_part_payment_stays_one(bob, connection, books, invoice):
    pay(bob, invoice, "300")
    sync(connection)
    assert books.receivable() == 700
    assert set(states(connection).values()) == {State.SYNCED}


def test_a_summary_invoice_paid_in_part(bob, connection, books, write_off):
    account = make_account(bob)
    loads = [make_load(bob, account, amount) for amount in ("1000", "2000", "500")]
    map_charges(connection)
    invoice = generate_summary_invoice(actor=bob, loads=loads)
    pay(bob, invoice, "1400", applied="1200")
    sync(connection)
    assert (books.receivable(), books.live_documents()["invoices"], books.live_payments()) == (2100, 1, [1400])
    assert set(states(connection).values()) == {State.SYNCED}


def test_what_is_superseded_never_leaves(bob, connection, books, write_off):
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    reduce(bob, invoice, write_off)
    regenerate_invoice(actor=bob, load=Load.objects.get(pk=load.pk))
    delete_payment(actor=bob, payment=pay(bob, again(invoice), "10"), reason="Not ours")
    sync(connection)
    standing = books.live_documents()
    assert (books.receivable(), standing["invoices"], standing["credits"], books.live_payments()) == (950, 1, 0, [])


def test_a_missing_mapping_is_named_before_anything_is_sent(bob, connection, books, write_off):
    load = seed_load(bob)  # its fuel surcharge is not mapped
    generate_invoice(actor=bob, load=load)
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble) == (State.ERROR, "needs_mapping")
    assert "Fuel surcharge" in row.message
    assert books.live_documents()["invoices"] == 0


def test_a_closed_period_over_there_is_said_in_plain_words(bob, connection, books, write_off):
    books.closed_before = "2030-01-01"
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    pay(bob, invoice, "950")
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble) == (State.ERROR, "period_closed")
    waiting = Delivery.objects.get(kind="payment")
    assert (waiting.state, waiting.message) == (State.HELD, f"Waits until {invoice.number} has been delivered.")


def test_a_credit_note_and_its_reversal(bob, connection, books, invoice):
    reason = Reason.objects.of(bob).get(kind="price_concession")
    note = issue_credit_note(actor=bob, account=invoice.account, reason=reason, parts=[(invoice, Decimal(80))])
    sync(connection)
    assert (books.receivable(), books.balance("concessions")) == (920, 80)
    reverse_credit_note(actor=bob, credit_note=note, reason="Agreed otherwise")
    sync(connection)
    assert (books.receivable(), books.balance("concessions")) == (1000, 0)
    assert books.live_documents()["credits"] == 0


def test_debt_written_off_recovered_and_the_write_off_taken_back(bob, connection, books, invoice):
    pay(bob, invoice, "400")
    write_off = written_off(bob, invoice.account)
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (0, 600)

    recovery = record_payment(
        actor=bob, account=invoice.account, amount=Decimal(150), date=date(2026, 11, 10), method="check",
        bank_account=BankAccount.objects.of(bob).get(), assignments=[],
    )  # fmt: skip
    distribute_payment(actor=bob, payment=recovery)
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (0, 450)

    delete_payment(actor=bob, payment=recovery, reason="Bounced")
    reverse_write_off(actor=bob, write_off=write_off, amount=Decimal(200), reason="Found assets")
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (200, 400)
    assert set(states(connection).values()) == {State.SYNCED}


def test_a_bankruptcy_takes_off_only_what_was_not_written_off_before(bob, connection, books, invoice):
    written_off(bob, invoice.account, picks=pick(invoice, "400"))
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (600, 400)
    bankruptcy(bob, invoice.account)
    sync(connection)
    assert (books.receivable(), books.balance("write-off")) == (0, 1000)
    assert set(states(connection).values()) == {State.SYNCED}


def test_a_payment_of_what_the_connection_never_got_asks_a_person(bob, connection, books, write_off):
    map_charges(connection)
    old = generate_invoice(actor=bob, load=seed_load(bob), issue_date=date(2025, 12, 1))
    sync(connection)
    assert states(connection) == {}
    payment = pay(bob, old, "950")
    sync(connection)
    row = Delivery.objects.get(source="collections.payment", source_id=payment.pk)
    assert (row.state, row.trouble, books.live_documents()["invoices"]) == (State.ERROR, "needs_person", 0)
    assert old.number in row.message


def test_changed_over_there_is_a_conflict_not_overwritten(bob, connection, books, invoice, write_off):
    books.change_the_invoice()
    theirs = books.receivable()
    regenerate_invoice(actor=bob, load=reduce(bob, invoice, write_off))
    sync(connection)
    row = Delivery.objects.get(kind="invoice")
    assert (row.state, row.trouble, books.receivable()) == (State.ERROR, "conflict", theirs)


def test_cuts_at_random_points_leave_nothing_twice_and_nothing_out(bob, connection, books, write_off):
    """Half of all changes lose their answer, half of those were done."""
    chance = Random(1000 - 950)
    account = make_account(bob)
    map_charges(connection)
    invoices = [generate_invoice(actor=bob, load=make_load(bob, account, f"{count}00")) for count in (1, 2, 3)]
    payments = [pay(bob, invoice, "50") for invoice in invoices]
    sync_through_cuts(connection, books, chance)
    assert (books.receivable(), books.live_payments()) == (450, [50, 50, 50])

    delete_payment(actor=bob, payment=payments[0], reason="Short paid")
    regenerate_invoice(actor=bob, load=reduce(bob, invoices[0], write_off))
    pay(bob, again(invoices[0]), "50")
    written_off(bob, account, picks=pick(invoices[2], "40"))
    sync_through_cuts(connection, books, chance)
    assert (books.receivable(), books.balance("write-off"), books.balance("sales")) == (360, 90, -600)
    assert books.live_payments() == [50, 50, 50]
    assert books.live_documents()["customers"] == 1


def sync_through_cuts(connection, books, chance):
    books.faults = [chance.choice(["cut_before", "cut_after", None, None]) for _count in range(40)]
    for _round in range(60):
        sync(connection)
        if set(states(connection).values()) == {State.SYNCED}:
            break
    books.faults = []
    assert set(states(connection).values()) == {State.SYNCED}, list(
        Delivery.objects.exclude(state=State.SYNCED).values_list("reference", "state", "message", "system_text")
    )


def test_no_secret_is_kept_with_an_attempt(bob, stage, connection, books, invoice):
    payment = pay(bob, invoice, "950")
    sync(connection)
    kept = " ".join(f"{each.request} {each.response}" for each in Attempt.objects.all())
    assert payment.number in kept
    for secret in (*stage.secrets.values(), *stage.never_kept):
        assert secret not in kept


def test_no_call_is_made_within_a_transaction(committed_db, stage, books, monkeypatch):
    if not stage.client:
        pytest.skip("it calls us")
    bob = make_member(make_organization(), Role.ADMIN, "Bob Biller")
    connection = connect(bob, stage, books, make_type(bob))
    open_ones = []

    def watched(*args, **kwargs):
        open_ones.append(transaction.get_connection().in_atomic_block)
        return call(*args, **kwargs)

    call = _method(stage.client)
    monkeypatch.setattr(stage.client, watched)
    load = seed_load(bob)
    map_charges(connection)
    pay(bob, generate_invoice(actor=bob, load=load), "950")
    sync(connection)
    assert (books.receivable(), set(open_ones)) == (50, {False})


def _method(path):
    owner, _dot, name = path.rpartition(".")
    return getattr(import_string(owner), name)


def test_a_worker_that_dies_after_the_call_leaves_nothing_twice(bob, stage, connection, books, invoice, monkeypatch):
    if not stage.client:
        pytest.skip("no worker of ours makes its calls")

    def died(*args, **kwargs):
        writes = books.writes
        answer = call(*args, **kwargs)
        if books.writes > writes:
            raise SystemExit
        return answer

    call = _method(stage.client)
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(stage.client, died)
        pay(bob, invoice, "950")
        sync(connection)
    assert Delivery.objects.get(kind="payment").state == State.SENDING
    sync(connection)
    assert (books.receivable(), len(books.live_payments()), set(states(connection).values())) == (50, 1, {State.SYNCED})

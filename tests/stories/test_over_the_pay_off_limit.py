"""Bad debt over the limit as an accountant reads it: the money is posted at once, the rest waits for somebody else."""

from datetime import date
from decimal import Decimal as D

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request, reject_request, withdraw_request
from receivables.billing.models import CreditNote, Invoice
from receivables.billing.operations import generate_invoice
from receivables.collections.models import BankAccount, PayOff, PayOffRequest
from receivables.collections.operations import Assignment, bounce_payment, delete_payment, record_payment
from receivables.collections.reversing import reverse_pay_off
from receivables.collections.unapplied.operations import unassign_payment
from receivables.core.errors import Refused
from receivables.core.registry import actions
from receivables.credit_control.queries import held_items
from receivables.credit_control.reminders.operations import send_reminder
from receivables.ledger.models import Allocation
from tests.billing.credit_notes import reason_of
from tests.builders import balances, make_load, make_member, make_organization, pay
from tests.collections.pay_offs import by_journal, limited
from tests.collections.recoveries import recover
from tests.collections.support import fresh, item_of
from tests.credit_control.support import found, overdue, process_of, reviewed
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 3)
OPEN = {"1000": 50, "1200": 80, "4000": -130}


@pytest.fixture
def bob():
    return make_member(make_organization("Najd Freight", "SAR"), Role.BILLER, "Bob Biller")


@pytest.fixture
def alice(bob):
    return make_member(bob.organization, Role.ADMIN, "Alice Admin")


@pytest.fixture
def invoice(bob):
    """Billed 130.00 SAR; the pay-off limit is 50.00 SAR."""
    limited(bob, "50")
    return generate_invoice(actor=bob, load=make_load(bob, line_haul="130"), issue_date=date(2026, 10, 5))


def asked(bob, invoice, amount="50", **wish):
    """50.00 received, and the rest asked for."""
    wanted = Assignment(invoice, D(amount), ask=True, **{"pay_bill": True, **wish})
    return record_payment(
        actor=bob, account=invoice.account, amount=D(amount), date=DAY, method="wire", why="Customer is closing",
        bank_account=BankAccount.objects.of(bob).get(), assignments=[wanted],
    )  # fmt: skip


def request():
    return ApprovalRequest.objects.get(verb="pay_bill")


def held(actor):
    invoices = Invoice.objects.of(actor)
    disputed, waiting = held_items(actor, invoices.values_list("account", flat=True))
    return list(invoices.filter(open_item__in=disputed | waiting))


def test_the_money_is_posted_now_and_only_the_bad_debt_waits(bob, alice, invoice):
    payment = asked(bob, invoice)
    assert balances(bob) == OPEN
    found = request()
    assert (found.amount, found.kind, found.reason, found.requested_by) == (
        80,
        "bad_debt",
        "Customer is closing",
        bob.user,
    )
    assert found.title.replace("\u00a0", " ") == f"Bad debt of 80.00 SAR on invoice {invoice.number}"
    assert "exceeds the pay off limit of 50.00" in found.preview[0]
    assert held(bob) == [invoice]
    approve_request(actor=alice, request=found)
    assert balances(bob) == {"1000": 50, "4000": -130, "6100": 80}
    given = PayOff.objects.get()
    assert (given.payment, given.asked, given.whole, given.credit_note.number) == (
        payment, PayOffRequest.objects.get(), True, "CN-000001",
    )  # fmt: skip
    assert given.credit_note.created_by == bob.user
    assert held(bob) == []
    assert broken() == {}


def test_rejected_nothing_is_posted_and_the_reason_is_kept(bob, alice, invoice):
    asked(bob, invoice)
    reject_request(actor=alice, request=request(), reason="They pay in December")
    assert balances(bob) == OPEN
    assert request().decision_note == "They pay in December"
    assert not PayOff.objects.exists()
    assert held(bob) == []


def test_while_it_waits_nobody_is_reminded_of_it(bob, alice):
    limited(bob, "50")
    late = overdue(bob, amount="130")
    reviewed(alice)
    process = process_of(late.account)
    asked(bob, late)
    with pytest.raises(Refused, match="it is paid, disputed, waits for approval, or is not asked for now"):
        send_reminder(actor=bob, process=process, method="post")
    assert [row[2:5] for row in found(reviewed(alice))] == [("skipped", "waiting", 80)]
    assert process_of(late.account) == process, "it rests until somebody has decided"
    reject_request(actor=alice, request=request(), reason="They pay in December")
    assert send_reminder(actor=bob, process=process, method="post").amount == 80


def test_if_the_rest_is_paid_meanwhile_the_decision_is_refused(bob, alice, invoice):
    asked(bob, invoice)
    pay(bob, fresh(invoice), "0.01")
    with pytest.raises(Refused) as caught:
        approve_request(actor=alice, request=request())
    assert caught.value.code == "facts_moved"
    assert str(caught.value).replace("\u00a0", " ") == (
        f"Only 79.99 SAR is open on invoice {invoice.number} by now; 80.00 SAR was asked for. Reject the request."
    )
    assert request().state == "waiting"
    assert balances(bob)["1200"] == D("79.99")


def test_while_it_waits_nothing_else_is_given_up_on_the_invoice(bob, invoice):
    asked(bob, invoice)
    with pytest.raises(Refused, match="waits for approval; that is decided first"):
        asked(bob, fresh(invoice), "79")
    withdraw_request(actor=bob, request=request(), reason="Typed wrongly")
    asked(bob, fresh(invoice), "79")
    assert balances(bob) == {"1000": 129, "4000": -130, "6100": 1}


def test_granted_it_stays_when_the_payment_is_deleted_and_is_reversed_beside_it(bob, alice, invoice):
    payment = asked(bob, invoice)
    approve_request(actor=alice, request=request())
    delete_payment(actor=bob, payment=payment)
    assert balances(bob) == {"1200": 50, "4000": -130, "6100": 80}
    reverse_pay_off(actor=bob, pay_off=PayOff.objects.get(), reason="They pay after all")
    assert balances(bob) == {"1200": 130, "4000": -130}
    with pytest.raises(Refused, match="was reversed already"):
        reverse_pay_off(actor=bob, pay_off=PayOff.objects.get(), reason="Again")
    assert broken() == {}


@pytest.mark.parametrize("journal", [False, True])
def test_a_bounce_of_the_payment_takes_what_was_granted_with_it(bob, alice, invoice, journal):
    if journal:
        by_journal(bob)
    payment = asked(bob, invoice)
    approve_request(actor=alice, request=request())
    assert CreditNote.objects.exists() is not journal
    bounce_payment(actor=bob, payment=payment, reason="No funds")
    assert balances(bob) == {"1200": 130, "4000": -130}
    assert broken() == {}


def test_what_was_recovered_of_it_goes_with_the_bounce_and_is_named_beforehand(bob, alice, invoice):
    payment = asked(bob, invoice)
    approve_request(actor=alice, request=request())
    made = recover(bob, invoice, "20")
    said = {verb: str(actions.by_verb[verb].confirm(payment, bob)) for verb in ("delete_payment", "bounce_payment")}
    assert [made.number in text for text in said.values()] == [False, True], "what was granted outlives a deletion"
    bounce_payment(actor=bob, payment=payment, reason="No funds")
    assert balances(bob) == {"1000": 20, "1200": 130, "2100": -20, "4000": -130}
    assert broken() == {}


def test_reverse_pay_off_by_journal_only(bob, alice, invoice):
    by_journal(bob)
    asked(bob, invoice)
    approve_request(actor=alice, request=request())
    assert balances(bob) == {"1000": 50, "4000": -130, "6100": 80}
    reverse_pay_off(actor=bob, pay_off=PayOff.objects.get(), reason="They pay after all")
    assert balances(bob) == OPEN


def take_off(bob, payment):
    unassign_payment(actor=bob, allocation=Allocation.objects.get(credit_item=payment.open_item), reason="Wrong")


def delete(bob, payment):
    delete_payment(actor=bob, payment=payment)


@pytest.mark.parametrize("undo", [delete, take_off])
def test_what_waits_goes_with_the_money_that_it_was_asked_for_with(bob, alice, invoice, undo):
    payment = asked(bob, invoice)
    undo(bob, payment)
    assert request().state == "withdrawn"
    assert item_of(invoice).balance == 130
    with pytest.raises(Refused):
        approve_request(actor=alice, request=request())


def test_a_fee_is_posted_now_and_the_bad_debt_beside_it_waits(bob, alice, invoice):
    """30.00 the bank kept, 50.00 the customer refuses, of a limit of 40.00."""
    limited(bob, "40")
    payment = asked(bob, invoice, parts=[(reason_of(bob, "bank_fee"), D(30))])
    assert balances(bob) == {"1000": 50, "1200": 50, "4000": -130, "6200": 30}
    assert request().amount == 50
    approve_request(actor=alice, request=request())
    assert balances(bob) == {"1000": 50, "4000": -130, "6100": 50, "6200": 30}
    delete_payment(actor=bob, payment=payment)
    assert balances(bob) == {"1200": 80, "4000": -130, "6100": 50}
    assert broken() == {}


def test_split_over_three_reasons_each_has_its_own_document_or_none(bob, invoice):
    """5.00 bank fee by the journal, 25.00 price concession by credit note, 50.00 bad debt by another."""
    parts = [(reason_of(bob, "bank_fee"), D(5)), (reason_of(bob, "price_concession"), D(25))]
    wanted = Assignment(invoice, D(50), pay_bill=True, parts=parts)
    payment = record_payment(
        actor=bob, account=invoice.account, amount=D(50), date=DAY, method="wire",
        bank_account=BankAccount.objects.of(bob).get(), assignments=[wanted],
    )  # fmt: skip
    assert balances(bob) == {"1000": 50, "4000": -130, "4900": 25, "6100": 50, "6200": 5}
    given = PayOff.objects.order_by("reason__kind")
    assert [(each.reason.kind, each.amount, each.credit_note and each.credit_note.total) for each in given] == [
        ("bad_debt", 50, 50), ("bank_fee", 5, None), ("price_concession", 25, 25),
    ]  # fmt: skip
    assert list(CreditNote.objects.order_by("pk").values_list("number", flat=True)) == ["CN-000001", "CN-000002"]
    concession = given.get(reason__kind="price_concession")
    reverse_pay_off(actor=bob, pay_off=concession, reason="Price was right")
    assert balances(bob) == {"1000": 50, "1200": 25, "4000": -130, "6100": 50, "6200": 5}
    delete_payment(actor=bob, payment=payment)
    assert balances(bob) == {"1200": 130, "4000": -130}
    assert broken() == {}

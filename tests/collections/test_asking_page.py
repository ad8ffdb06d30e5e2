"""Asking for approval and splitting a difference on their pages: for whom, what is shown, what is posted."""

import re
from decimal import Decimal as D

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request
from receivables.collections.models import BankAccount, Payment, PayOff, PayOffRequest
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.core.errors import NotPermitted
from receivables.core.transactions import sqlstate
from tests.billing.credit_notes import credit, reason_of
from tests.builders import balances, make_account, make_invoice, make_member
from tests.collections.desk import Desk, text
from tests.collections.pay_offs import limited
from tests.collections.support import fresh, item_of
from tests.support.attack import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(biller):
    return make_account(biller)


@pytest.fixture
def invoice(biller, account):
    limited(biller, "50")
    return make_invoice(biller, account, "130")


@pytest.fixture
def desk(browser_of, biller, account, invoice):
    return Desk(browser_of(biller), biller, account)


@pytest.fixture
def manager(biller):
    return make_member(biller.organization, Role.OPERATIONS_MANAGER, "Olga Manager")


def ask(desk, invoice):
    desk.type(invoice, applied="50", pay="1", amount="50.00")
    shown = desk.send("save")
    assert 'name="ask"' in text(shown)
    return desk.send("save", ask=invoice.pk)


def test_what_is_over_the_limit_is_asked_for_by_one_click(desk, invoice, biller):
    shown = ask(desk, invoice)
    assert "80.00 USD as “Bad debt” will wait for approval and stay open until then." in text(shown)
    assert not Payment.objects.exists()
    desk.type(why="They are closing")
    answer = desk.browser.post(desk.url, {**desk.data, "step": "save"}, follow=True)
    assert "80.00 USD on invoice INV-000001 waits, but nobody may approve this amount yet" in text(answer)
    assert "Waits for approval" in text(answer)
    assert balances(biller) == {"1000": 50, "1200": 80, "4000": -130}
    assert ApprovalRequest.objects.get().reason == "They are closing"


def test_asking_is_taken_back_by_one_click(desk, invoice):
    ask(desk, invoice)
    shown = desk.send("save", unask=invoice.pk)
    assert 'name="ask"' in text(shown)
    assert desk.send("save").status_code == 422
    assert not Payment.objects.exists()


def test_it_is_marked_on_the_grid_the_invoice_and_the_load(desk, invoice, browser_of, biller, manager):
    ask(desk, invoice)
    assert desk.send("save").status_code == 302
    request = ApprovalRequest.objects.get()
    for page in (invoice.get_absolute_url(), invoice.loads.get().get_absolute_url()):
        shown = [line for line in text(desk.browser.get(page)).splitlines() if "waits" in line]
        assert "80.00 USD</bdi> waits for approval" in " ".join(shown)
    assert "80.00 USD of it waits for approval." in text(desk.browser.get(desk.url))
    payment = Payment.objects.get()
    said = text(desk.browser.get(reverse("delete_payment", args=[payment.pk])))
    assert "80.00 USD on invoice INV-000001 as “Bad debt”, which waits for approval, is withdrawn." in said
    approve_request(actor=manager, request=request)
    said = text(desk.browser.get(reverse("delete_payment", args=[payment.pk])))
    assert "80.00 USD on invoice INV-000001 as “Bad debt” stays, since it was granted" in said
    said = text(desk.browser.get(reverse("bounce_payment", args=[payment.pk])))
    assert "Credit note CN-000001 is reversed, and with it 80.00 USD on invoice INV-000001." in said
    assert "</bdi> waits for approval" not in text(desk.browser.get(invoice.get_absolute_url()))


@pytest.mark.parametrize(("role", "status"), [(Role.BILLER, 302), (Role.COLLECTOR, 403), (Role.AUDITOR, 403)])
def test_reverse_pay_off_beside_a_payment_that_was_deleted(desk, invoice, browser_of, biller, manager, role, status):
    ask(desk, invoice)
    desk.send("save")
    approve_request(actor=manager, request=ApprovalRequest.objects.get())
    payment, given = Payment.objects.get(), PayOff.objects.get()
    delete_payment(actor=biller, payment=payment)
    page = text(desk.browser.get(payment.get_absolute_url()))
    where = reverse("reverse_pay_off", args=[given.pk])
    assert where in page
    assert "Granted" in page
    tab = browser_of(make_member(biller.organization, role, "Ron Role"))
    key = re.search(r'name="_key" value="([^"]+)"', text(desk.browser.get(where))).group(1)
    assert tab.post(where, {"reason": "They pay after all", "_key": key}).status_code == status
    assert item_of(invoice).balance == (130 if status == 302 else 50)


def test_reverse_pay_off_of_another_organization_is_not_there(desk, invoice, browser_of, biller, stranger):
    limited(biller, None)
    desk.send("recompute")
    desk.type(invoice, applied="50", pay="1", amount="50.00")
    desk.send("save")
    where = reverse("reverse_pay_off", args=[PayOff.objects.get().pk])
    assert browser_of(stranger).get(where).status_code == 404
    assert desk.browser.get(where).status_code == 200


def test_on_one_invoice_the_box_asks(browser_of, biller, invoice):
    tab = browser_of(biller)
    where = reverse("record_payment", args=[invoice.pk])
    page = text(tab.get(where))
    key = re.search(r'name="_key" value="([^"]+)"', page).group(1)
    bank = re.search(r'<option value="(\d+)" selected>Main bank', page).group(1)
    typed = {
        "amount": "50.00", "date": "2026-11-23", "method": "check", "reference": "", "note": "Shop closes",
        "posting_date": "", "bank_account": bank, "pay_bill": "on", "_key": key,
    }  # fmt: skip
    refused = tab.post(where, typed)
    assert refused.status_code == 422
    assert "exceeds the pay off limit of 50.00 USD" in text(refused)
    assert tab.post(where, {**typed, "ask": "on"}).status_code == 302
    assert balances(biller) == {"1000": 50, "1200": 80, "4000": -130}
    assert (PayOffRequest.objects.get().amount, ApprovalRequest.objects.get().reason) == (80, "Shop closes")


def test_a_split_is_filled_in_line_by_line_and_the_last_may_take_the_rest(desk, invoice, biller):
    desk.type(invoice, applied="50", amount="50.00")
    desk.send("save", split=invoice.pk)
    desk.part(invoice, 0, reason_of(biller, "bank_fee"), "5")
    desk.send("save", split=invoice.pk)
    desk.part(invoice, 1, reason_of(biller, "price_concession"), "")
    shown = text(desk.send("recompute"))
    assert "5.00 USD will be recorded as “Bank fee”. 75.00 USD will be recorded as “Price concession”." in shown
    answer = desk.browser.post(desk.url, {**desk.data, "step": "save"}, follow=True)
    said = str(next(iter(answer.context["messages"]))).replace("\u00a0", " ")
    assert said.endswith("5.00 USD was recorded as “Bank fee”. 75.00 USD was recorded as “Price concession”.")
    assert balances(biller) == {"1000": 50, "4000": -130, "4900": 75, "6200": 5}


def test_a_part_without_its_reason_is_refused_beside_its_row(desk, invoice):
    desk.type(invoice, applied="50", amount="50.00")
    desk.send("save", split=invoice.pk)
    desk.data[f"part_{invoice.pk}_0"] = "5"
    answer = desk.send("save")
    assert answer.status_code == 422
    assert "Choose the reason of each part." in text(answer)
    assert not Payment.objects.exists()


def test_what_corrects_the_invoice_is_offered_only_to_who_may_issue_credit_notes(browser_of, biller, account, invoice):
    bob = make_member(biller.organization, Role.BILLER, "Ben Biller", denied=["issue_credit_note"])
    desk = Desk(browser_of(bob), bob, account)
    desk.type(invoice, applied="50", amount="50.00")
    shown = text(desk.send("save", split=invoice.pk))
    assert "Bank fee" in shown
    assert "Price concession" not in shown
    with pytest.raises(NotPermitted):
        paid(bob, invoice, reason_of(bob, "price_concession"))


def paid(actor, invoice, reason):
    return record_payment(
        actor=actor, account=invoice.account, amount=D(50), date=fresh(invoice).issue_date, method="wire",
        bank_account=BankAccount.objects.of(actor).get(),
        assignments=[Assignment(invoice, D(50), parts=[(reason, D(5))])],
    )  # fmt: skip


def test_nothing_stands_as_granted_that_nobody_granted(biller, invoice):
    """A forged pay-off that names a request which still waits: refused at commit."""
    payment = paid(biller, invoice, reason_of(biller, "bank_fee"))
    note = credit(biller, fresh(invoice), "10")
    line = note.lines.get()
    asked = PayOffRequest.objects.create(
        organization=biller.organization, payment=payment, invoice=invoice, reason=note.reason, currency="USD",
        amount=D(10), created_by=biller.user,
    )  # fmt: skip
    columns = (
        "organization_id, payment_id, invoice_id, allocation_id, credit_note_id, reason_id, currency, amount, whole,"
        " created_at, asked_id"
    )
    values = [
        biller.organization_id, payment.pk, invoice.pk, line.allocation_id, note.pk, note.reason_id, "USD", 10, False,
        note.created_at,
    ]  # fmt: skip
    marks = ", ".join(["%s"] * 11)
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        sql(f"INSERT INTO collections_payoff ({columns}) VALUES ({marks})", *values, asked.pk)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert sqlstate(caught.value) == "RV007"

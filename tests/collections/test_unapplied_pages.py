"""The pages of money on account: what they show beforehand, what they refuse beside which field, who reaches them."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.collections.models import BankAccount, Refund
from receivables.collections.operations import record_payment
from receivables.ledger.models import Allocation
from tests.builders import make_account, make_invoice, make_member, pay
from tests.collections.recoveries import on_account
from tests.collections.support import item_of

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def money(biller):
    """300.00 on account, and two open invoices of 100.00 and 500.00."""
    account = make_account(biller)
    invoices = [make_invoice(biller, account, amount) for amount in ("100", "500")]
    payment = record_payment(
        actor=biller, account=account, amount=Decimal(300), date=date(2026, 11, 3), method="ach",
        bank_account=BankAccount.objects.of(biller).get(),
    )  # fmt: skip
    return payment, invoices


@pytest.fixture
def tab(browser_of, biller):
    return browser_of(biller)


def typed(invoices, *amounts, step=""):
    fields = {f"amount_{invoice.pk}": amount for invoice, amount in zip(invoices, amounts, strict=True)}
    return {"_key": str(uuid4()), "posting_date": "", "step": step, **fields}


class TestAssign:
    def test_suggested_is_the_oldest_first(self, tab, money):
        payment, _invoices = money
        page = tab.get(reverse("assign_payment", args=[payment.pk]))
        assert [row["field"].value() for row in page.context["form"].rows()] == ["100.00", "200.00"]
        assert "300.00 USD" in text_of(page)

    def test_checked_then_applied(self, tab, money):
        payment, invoices = money
        url = reverse("assign_payment", args=[payment.pk])
        page = tab.post(url, typed(invoices, "100.00", "150.00"))
        assert item_of(payment).balance == -300, "nothing is posted before it is confirmed"
        said = text_of(page)
        for sentence in (
            "Nothing has been changed yet.", f"Invoice {invoices[0].number} is settled.",
            f"Invoice {invoices[1].number} has an open balance of 350.00 USD.",
            f"50.00 USD of payment {payment.number} stays on account.", "Posted to the journal",
        ):  # fmt: skip
            assert sentence in said
        answer = tab.post(url, typed(invoices, "100.00", "150.00", step="confirm"))
        assert (answer.status_code, answer.url) == (302, payment.get_absolute_url())
        assert item_of(payment).balance == -50

    def test_an_invoice_that_was_paid_meanwhile_is_refused_not_passed_over(self, tab, biller, money):
        payment, invoices = money
        pay(biller, invoices[0], "100")
        page = tab.post(reverse("assign_payment", args=[payment.pk]), typed(invoices, "100", "150", step="confirm"))
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [f"amount_{invoices[0].pk}"]
        assert item_of(payment).balance == -300

    @pytest.mark.parametrize("step", ["", "confirm"])
    def test_a_refusal_stands_beside_its_row(self, tab, money, step):
        payment, invoices = money
        page = tab.post(reverse("assign_payment", args=[payment.pk]), typed(invoices, "100.01", "1", step=step))
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [f"amount_{invoices[0].pk}"]
        assert "is bigger than the invoice balance (100.00 USD)" in text_of(page)
        assert item_of(payment).balance == -300


def test_unassign_payment_says_what_will_happen(tab, biller):
    invoice = make_invoice(biller)
    payment = pay(biller, invoice, "300")
    row = Allocation.objects.get(credit_item=payment.open_item)
    page = tab.get(payment.get_absolute_url())
    url = reverse("unassign_payment", args=[row.pk])
    assert url in text_of(page)
    said = text_of(tab.get(url))
    assert f"Invoice {invoice.number} will be open again with a balance of 1,000.00 USD." in said
    refused = tab.post(url, {"_key": str(uuid4()), "reason": "", "posting_date": ""})
    assert refused.status_code == 422
    done = tab.post(url, {"_key": str(uuid4()), "reason": "Wrong invoice", "posting_date": ""})
    assert done.url == payment.get_absolute_url()
    assert item_of(invoice).balance == 1000
    again = tab.get(url)
    assert "was already taken off" in text_of(again)


def test_move_payment_assignment_to_another_invoice(tab, biller):
    account = make_account(biller)
    wrong, right = make_invoice(biller, account), make_invoice(biller, account, "300")
    payment = pay(biller, wrong, "300")
    row = Allocation.objects.get(credit_item=payment.open_item)
    url = reverse("move_payment_assignment", args=[row.pk])
    body = {"invoice": right.pk, "amount": "400.01", "reason": "Remittance", "posting_date": ""}
    page = tab.post(url, {**body, "_key": str(uuid4())})
    assert list(page.context["form"].errors) == ["amount"]
    sent = {**body, "amount": "300", "_key": str(uuid4())}
    assert [tab.post(url, sent).status_code for _twice in range(2)] == [302, 302], "the same form, the same answer"
    assert [item_of(each).balance for each in (wrong, right)] == [1000, 0]


def refund_form(payment, **values):
    return {
        "amount": "120", "date": "2026-11-10", "method": "ach", "bank_account": payment.bank_account_id,
        "reference": "", "reason": "Paid twice", "posting_date": "", "_key": str(uuid4()), **values,
    }  # fmt: skip


def test_refund_unapplied_asks_where_it_must(tab, biller, money):
    payment, _invoices = money
    make_member(biller.organization, Role.ADMIN, "Alice Owner")
    url = reverse("refund_unapplied", args=[payment.pk])
    page = tab.post(url, refund_form(payment))
    assert "it goes to Alice Owner for approval" in text_of(page)
    tab.post(url, refund_form(payment, step="confirm"))
    assert ApprovalRequest.objects.get().amount == 120
    assert "A refund waits for approval." in text_of(tab.get(payment.get_absolute_url()))


def test_deleting_says_what_becomes_of_the_refund_that_waits(tab, biller, money):
    payment, _invoices = money
    tab.post(reverse("refund_unapplied", args=[payment.pk]), refund_form(payment, step="confirm"))
    for verb in ("delete_payment", "bounce_payment"):
        said = text_of(tab.get(reverse(verb, args=[payment.pk])))
        assert "The refund of 120.00 USD that waits for approval is withdrawn." in said


def test_why_a_payment_stays_is_said_once(browser_of, biller, money):
    payment, _invoices = money
    tab = browser_of(make_member(biller.organization, Role.ADMIN, "Alice Owner"))
    tab.post(reverse("refund_unapplied", args=[payment.pk]), refund_form(payment, step="confirm"))
    said = text_of(tab.get(payment.get_absolute_url()))
    assert said.count("Reverse the refund first.") == 1
    assert said.count('aria-describedby="stands"') == 2
    assert said.count('id="stands"') == 1


def test_reverse_refund_from_the_payment(browser_of, biller, money):
    payment, _invoices = money
    tab = browser_of(make_member(biller.organization, Role.ADMIN, "Alice Owner"))
    url = reverse("refund_unapplied", args=[payment.pk])
    assert "180.00 USD of payment" in text_of(tab.post(url, refund_form(payment)))
    tab.post(url, refund_form(payment, step="confirm"))
    refund = Refund.objects.get()
    assert refund.number in text_of(tab.get(payment.get_absolute_url()))
    back = reverse("reverse_refund", args=[refund.pk])
    assert "is on account again" in text_of(tab.get(back))
    tab.post(back, {"reason": "Returned", "posting_date": "", "_key": str(uuid4())})
    assert item_of(payment).balance == -300
    assert "Returned" in text_of(tab.get(payment.get_absolute_url()))


def test_money_on_account_is_shown_where_the_customer_is(tab, money):
    payment, _invoices = money
    for page in (payment.account, payment.account.customer):
        said = text_of(tab.get(page.get_absolute_url()))
        assert "Money on account" in said
        assert reverse("assign_payment", args=[payment.pk]) in said


def test_more_money_on_account_asks_no_more(tab, biller, money):
    payment, _invoices = money
    counts = []
    for more in (0, 3):
        for _each in range(more):
            on_account(biller, payment.account, "50")
        pages = [payment.account.get_absolute_url(), payment.account.customer.get_absolute_url()]
        [tab.get(page) for page in pages]
        with CaptureQueriesContext(connection) as asked:
            assert [tab.get(page).status_code for page in pages] == [200, 200]
        counts.append(len(asked))
    assert counts[0] == counts[1]


VERBS = {
    Role.ADMIN: {"assign_payment", "refund_unapplied", "unassign_payment", "move_payment_assignment"},
    Role.BILLER: {"assign_payment", "refund_unapplied", "unassign_payment", "move_payment_assignment"},
    Role.COLLECTOR: {"assign_payment"},
    Role.AUDITOR: set(),
}


@pytest.mark.parametrize("role", VERBS)
def test_who_reaches_them(browser_of, biller, role):
    account = make_account(biller)
    invoice = make_invoice(biller, account)
    payment = pay(biller, invoice, "300", applied="200")
    row = Allocation.objects.get(credit_item=payment.open_item)
    urls = {
        "assign_payment": payment.pk, "refund_unapplied": payment.pk, "unassign_payment": row.pk,
        "move_payment_assignment": row.pk,
    }  # fmt: skip
    tab = browser_of(make_member(biller.organization, role, "Somebody"))
    shown = text_of(tab.get(payment.get_absolute_url()))
    for verb, pk in urls.items():
        url = reverse(verb, args=[pk])
        assert tab.get(url).status_code == (200 if verb in VERBS[role] else 403)
        assert (url in shown) == (verb in VERBS[role])


def test_another_organization(browser_of, stranger, money):
    payment, invoices = money
    tab = browser_of(stranger)
    for verb in ("assign_payment", "refund_unapplied"):
        assert tab.post(reverse(verb, args=[payment.pk]), typed(invoices, "1", "1")).status_code == 404
    assert item_of(payment).balance == -300

"""Money on invoices in another currency, in the grid itself: what is shown, posted, refused, and taken off again."""

from decimal import Decimal as D

import pytest

from accounts.roles import Role
from receivables.collections.assigning import across
from receivables.collections.assigning.across import moved_blocker
from receivables.collections.models import Payment, PaymentDraft
from receivables.collections.operations import delete_payment
from receivables.collections.unapplied.operations import unassign_payment
from receivables.ledger.models import Allocation
from tests.builders import balances, make_account, make_invoice, make_member, pay
from tests.collections.desk import Desk, text
from tests.collections.pay_offs import limited
from tests.collections.support import bank_in, fresh, item_of, rate
from tests.stories.test_payment_in_another_currency import ISSUED, PAID, invoice_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser_of, biller):
    """Acme owes 100.00 USD and, booked at 1.10, 100.00 EUR; on the day of the money a euro is worth 1.25 USD."""
    rate(biller, "EUR", ISSUED, "1.10")
    rate(biller, "EUR", PAID, "1.25")
    account = make_account(biller)
    desk = Desk(browser_of(biller), biller, account)
    desk.own, desk.euros = make_invoice(biller, account, "100"), invoice_in(biller, account, "EUR", "100")
    return desk


def test_it_is_shown_with_its_rate_and_what_it_takes(desk):
    desk.send("recompute")
    [row] = desk.page.context["grid"].across.rows
    assert (row.invoice, row.rate) == (desk.euros, "1 EUR = 1.25 USD")
    answer = desk.type(amount="200.00", **{row.name: "80"}).send("preview", row="across")
    assert "100.00 USD of the money pays 80.00 EUR; 20.00 EUR stays open on this invoice." in text(answer)
    assert f'id="new-{desk.own.pk}"' not in text(answer), "the other rows are not sent"
    assert f'id="id_{row.name}"' not in text(answer), "what is typed is never rewritten"
    assert (answer.context["grid"].totals.crossed, answer.context["grid"].totals.left) == (100, 100)


def test_one_save_pays_both_currencies_and_each_is_taken_off_alone(desk, biller):
    desk.send("recompute")
    [row] = desk.page.context["grid"].across.rows
    desk.type(desk.own, applied="100", amount="225.00", **{row.name: "100", f"was_{desk.euros.pk}": row.seen})
    assert desk.send("save").status_code == 302
    payment = Payment.objects.get()
    assert [item_of(each).balance for each in (desk.own, desk.euros, payment)] == [0, 0, 0]
    # 125.00 USD came for what is booked at 110.00 USD.
    assert balances(biller) == {"1000": 225, "4000": -210, "7000": -15}
    crossed = Allocation.objects.get(taken__isnull=False)
    page = text(desk.browser.get(payment.get_absolute_url()))
    assert "125.00" in page.partition(">takes ")[2][:200]
    assert "/move/" in page, "what is in one currency moves"
    assert f"/assignments/{crossed.pk}/move/" not in page, "what is converted is taken off and applied anew"
    moved = text(desk.browser.get(f"/assignments/{crossed.pk}/move/"))
    assert "is in another currency than invoice" in moved
    unassign_payment(actor=biller, allocation=crossed, reason="Wrong invoice")
    assert [item_of(each).balance for each in (desk.own, desk.euros, payment)] == [0, 100, -125]
    delete_payment(actor=biller, payment=payment)
    assert balances(biller) == {"1200": 210, "4000": -210}


@pytest.fixture
def own_rates(desk, biller, browser_of):
    """The same desk, of somebody who may give a payment a rate of its own."""
    ann = make_member(biller.organization, Role.BILLER, "Ann", granted=["override_exchange_rate"])
    desk.browser, desk.actor = browser_of(ann), ann
    return desk


def test_a_document_rate_of_its_own_is_what_is_shown(desk, own_rates, biller):
    desk.data["bank_account"] = bank_in(biller, "EUR").pk
    desk.type(amount="100.00", own_rate="1.20")
    desk.send("recompute")
    [row] = desk.page.context["grid"].across.rows
    assert (row.invoice, row.rate) == (desk.own, "1 USD = 0.833333 EUR")


def test_the_limit_is_tested_at_the_rate_that_posts(desk, own_rates, biller):
    """30.00 EUR are left: 37.50 USD by the table, 36.00 USD at the payment's own rate, which is within the limit."""
    desk.data["bank_account"] = bank_in(biller, "EUR").pk
    limited(biller, "36")
    desk.send("recompute")
    desk.type(desk.euros, applied="70", pay="1", amount="70.00")
    assert "30.00 EUR (37.50 USD) exceeds the pay off limit of 36.00 USD" in text(desk.send("preview"))
    desk.type(own_rate="1.20", rate_reason="The bank's note")
    assert "30.00 EUR will be recorded as bad debt and the invoice paid off." in text(desk.send("preview"))
    assert PaymentDraft.objects.get().data["own_rate"] == "1.20"
    assert desk.send("save").status_code == 302
    assert item_of(desk.euros).balance == 0


def test_what_is_typed_is_saved_however_many_others_are_open(desk, monkeypatch):
    monkeypatch.setattr(across, "SHOWN", 0)
    desk.send("recompute")
    assert desk.page.context["grid"].across.rows == []
    desk.type(amount="125.00", **{f"amount_{desk.euros.pk}": "100"})
    assert desk.send("save").status_code == 302
    assert item_of(desk.euros).balance == 0


def test_more_than_owed_or_received_saves_nothing(desk):
    desk.send("recompute")
    [row] = desk.page.context["grid"].across.rows
    answer = desk.type(amount="200.00", **{row.name: "100.01"}).send("save")
    assert answer.status_code == 422
    assert "The amount to apply (100.01 EUR) is bigger than the invoice balance (100.00 EUR)." in text(answer)
    answer = desk.type(amount="100.00", **{row.name: "100"}).send("save")
    assert answer.status_code == 422
    assert "Take 25.00 USD off." in text(answer)
    assert not Payment.objects.exists()


def test_what_moved_since_it_was_shown_is_shown_anew(desk, biller):
    desk.send("recompute")
    [row] = desk.page.context["grid"].across.rows
    desk.type(amount="125.00", **{row.name: "50", f"was_{desk.euros.pk}": row.seen})
    pay(biller, fresh(desk.euros), "10", bank_account=bank_in(biller, "EUR"))
    answer = desk.send("save")
    assert answer.status_code == 409
    assert f"Invoice {desk.euros.number} changed while you were working." in text(answer)
    [row] = desk.page.context["grid"].across.rows
    assert (row.seen, Payment.objects.count()) == ("90", 1)
    desk.type(**{f"was_{desk.euros.pk}": row.seen})
    assert desk.send("save").status_code == 302
    assert item_of(desk.euros).balance == 40


def test_what_was_paid_meanwhile_is_not_passed_over(desk, biller):
    """Its row would not be offered any more; the money typed beside it must not go on account unsaid."""
    desk.send("recompute")
    [row] = desk.page.context["grid"].across.rows
    desk.type(desk.own, applied="50", amount="175.00", **{row.name: "100", f"was_{desk.euros.pk}": row.seen})
    pay(biller, fresh(desk.euros), "100", bank_account=bank_in(biller, "EUR"))
    answer = desk.send("save")
    assert (answer.status_code, Payment.objects.count()) == (409, 1)
    assert f"Invoice {desk.euros.number} changed while you were working." in text(answer)
    desk.type(date="2026-01-05")
    answer = desk.send("save")
    assert answer.status_code == 422
    assert "There is no exchange rate for EUR" in text(answer)


def test_the_same_form_sent_twice_gets_the_same_answer(desk):
    desk.send("recompute")
    [row] = desk.page.context["grid"].across.rows
    desk.type(amount="100.00", **{row.name: "60", f"was_{desk.euros.pk}": row.seen})
    first, again = desk.send("save"), desk.send("save")
    assert (first.status_code, again.status_code, again["Location"]) == (302, 302, first["Location"])
    assert Payment.objects.count() == 1


def test_what_is_typed_stays_where_another_bank_account_is_chosen_afterwards(desk, biller):
    """Applied to a dollar invoice, then the money turns out to be in euros: said at once, and nothing is saved."""
    desk.send("recompute")
    desk.type(desk.own, applied="100", amount="100.00", bank_account=bank_in(biller, "EUR").pk)
    said = f"Invoice {desk.own.number} is in USD."
    for step, status in (("preview", 200), ("recompute", 200), ("save", 422)):
        answer = desk.send(step)
        assert answer.status_code == status
        assert said in text(answer)
        assert answer.context["grid"].totals.applied == 0
    desk.send("oldest")
    assert [row.typed.applied for row in desk.page.context["grid"].rows] == ["100.00"]
    desk.type(desk.own, applied="")  # a browser holds no fields of rows that are not shown
    assert desk.send("save").status_code == 302
    assert [item_of(each).balance for each in (desk.own, desk.euros)] == [100, 0]


def test_moved_blocker():
    assert moved_blocker("INV-1", seen="", balance=D(9), field="x") is None
    assert moved_blocker("INV-1", seen="9", balance=D("9.00"), field="x") is None
    assert moved_blocker("INV-1", seen="9", balance=D("8.99"), field="x").code == "stale"


def test_without_a_rate_it_is_said(desk):
    desk.data["date"] = "2026-01-05"
    assert "Invoices in EUR are not shown: there is no exchange rate" in text(desk.send("recompute"))

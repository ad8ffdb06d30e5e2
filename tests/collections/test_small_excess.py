"""A little more was paid than is owed: booked as income within a limit of its own, by choice, and taken out again."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.excess.operations import book_small_excess, reverse_small_excess
from receivables.collections.excess.rules import ExcessFacts, book_small_excess_blocker, reverse_small_excess_blocker
from receivables.collections.models import Payment, PayOff, PayOffPolicy, SmallExcess
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.collections.recoveries.operations import reverse_recovery
from receivables.core.errors import NotPermitted, Refused
from receivables.core.money import DEFAULT_FORMAT
from receivables.ledger.models import GLAccount
from tests.builders import balances, make_account, make_invoice, make_member, pay
from tests.collections.desk import Desk, text
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import on_account, recover
from tests.collections.support import item_of, refused
from tests.collections.test_record_payment_currencies import PAID, euros, foreign_invoice  # noqa: F401  a fixture

NONE = None


def facts(excess, limit, *, currency="SAR", own="SAR", rate="1", **more):
    limit = None if limit is None else D(limit)
    return ExcessFacts("PAY-1", currency, D(excess), D(rate), own, limit, DEFAULT_FORMAT, **more)


# excess, limit, more -> code of the refusal
USD, KWD, JPY = (
    {"currency": "USD", "rate": "3.75"},
    {"currency": "KWD", "own": "KWD"},
    {"currency": "JPY", "own": "JPY"},
)
TABLE = [
    ("0.40", "5", {}, ""),
    ("5.00", "5", {}, ""),
    ("5.01", "5", {}, "above_over_limit"),
    ("0.01", "0", {}, "above_over_limit"),
    ("0.01", "0.01", {}, ""),
    ("0.01", NONE, {}, "no_over_limit"),
    ("0.01", "5", {"income": False}, "no_over_limit"),
    ("0", "5", {}, "nothing_left"),
    ("-1", "5", {}, "nothing_left"),
    # Compared unrounded, at the rate of the payment's day: 13.33 x 3.75 = 49.9875, 13.34 x 3.75 = 50.025.
    ("13.33", "50", USD, ""),
    ("13.34", "50", USD, "above_over_limit"),
    ("0.01", "0.03", USD, "above_over_limit"),
    ("0.500", "0.500", KWD, ""),
    ("0.501", "0.500", KWD, "above_over_limit"),
    ("5", "5", JPY, ""),
    ("6", "5", JPY, "above_over_limit"),
    # Only what is truly too much.
    ("0.40", "5", {"applied": False}, "nothing_applied"),
    ("0.40", "5", {"still_open": "INV-1"}, "still_owed"),
    ("0.40", "5", {"asked": True}, "already_asked"),
    ("0.40", "5", {"undone": True}, "undone"),
    ("9", "5", {"still_open": "INV-1"}, "still_owed"),
    ("9", NONE, {"still_open": "INV-1"}, "no_over_limit"),
]


def test_book_small_excess_as_a_truth_table():
    for excess, limit, more, code in TABLE:
        found = book_small_excess_blocker(facts(excess, limit, **more))
        assert (found.code if found else "") == code, (excess, limit, more)
    said = str(book_small_excess_blocker(facts("13.34", "50", **USD)).message).replace("\u00a0", " ")
    assert said.startswith("13.34 USD (50.025 SAR) can't be booked as income")
    assert "the over-payment limit of 50.00 SAR" in said


def test_reverse_small_excess_once():
    assert reverse_small_excess_blocker(number="PAY-1", reversed_already=False) is None
    assert reverse_small_excess_blocker(number="PAY-1", reversed_already=True).code == "already_reversed"


pytestmark = pytest.mark.django_db


def over_limited(actor, maximum, code="4100"):
    """Set the over-payment limit and its account."""
    account = GLAccount.objects.of(actor).get(code=code)
    PayOffPolicy.objects.of(actor).update(over_maximum=maximum and D(maximum), over_account=account)


@pytest.fixture
def account(biller):
    return make_account(biller)


@pytest.fixture
def desk(browser_of, biller, account):
    make_invoice(biller, account, "130")
    desk = Desk(browser_of(biller), biller, account)
    desk.account = account
    return desk


def test_in_the_grid_it_is_ticked_said_and_booked(desk, biller):
    over_limited(biller, "5")
    shown = text(desk.send("recompute"))
    assert "Book what is left over as income" in shown
    [row] = desk.page.context["grid"].rows
    answer = desk.type(row.invoice, applied="130", amount="130.40", excess="1").send("preview", row="excess")
    assert "0.40 USD is more than is owed and will be booked as income; nothing stays on account." in text(answer)
    assert desk.send("save").status_code == 302
    payment = Payment.objects.get()
    assert (item_of(payment).balance, item_of(payment).amount, item_of(row.invoice).balance) == (0, -130, 0)
    assert balances(biller) == {"1000": D("130.40"), "4000": -130, "4100": D("-0.40")}
    page = text(desk.browser.get(payment.get_absolute_url()))
    assert "Paid too much, booked as income" in page
    assert "Over-payment booked as income" in page


def test_after_a_recovery_alone_the_grid_says_what_the_save_does(desk, biller):
    """Money that only recovers bad debt pays something, too."""
    over_limited(biller, "5")
    paid_off(biller, make_invoice(biller, desk.account, "100"), "80")
    name = f"recover_s{PayOff.objects.get().allocation_id}"
    desk.send("recompute")
    desk.type(amount="21.00", excess="1", **{name: "20.00"})
    assert "1.00 USD is more than is owed and will be booked as income" in text(desk.send("preview"))
    assert desk.send("save").status_code == 302
    assert SmallExcess.objects.get().amount == 1


def test_above_the_limit_nothing_is_saved_and_the_limit_is_named(desk, biller):
    over_limited(biller, "5")
    [row] = desk.send("recompute").context["grid"].rows
    desk.type(row.invoice, applied="130", amount="140.00", excess="1")
    answer = desk.send("save")
    assert answer.status_code == 422
    assert "it exceeds the over-payment limit of 5.00 USD. It stays on account." in text(answer)
    assert not Payment.objects.exists()


def test_an_invoice_that_is_not_paid_off_is_paid_first(desk, biller):
    over_limited(biller, "5")
    [row] = desk.send("recompute").context["grid"].rows
    desk.type(row.invoice, applied="128", amount="130.00", excess="1")
    assert f"Invoice {row.invoice.number} is not paid off; apply the remaining 2.00 USD there first." in text(
        desk.send("save")
    )
    desk.type(row.invoice, applied="128", amount="128.40", excess="1", pay="1").send("save")
    assert Payment.objects.exists(), "what is given up counts as paid off"


def test_without_a_limit_the_choice_does_not_exist(desk, biller):
    assert "Book what is left over as income" not in text(desk.send("recompute"))
    [row] = desk.page.context["grid"].rows
    desk.type(row.invoice, applied="130", amount="130.40", excess="1")
    assert "No over-payment limit is set" in text(desk.send("save"))
    assert not Payment.objects.exists()


@pytest.mark.parametrize("undo", [delete_payment, bounce_payment])
def test_delete_and_bounce_take_it_out_of_income(biller, account, undo):
    over_limited(biller, "5")
    payment = pay(biller, make_invoice(biller, account, "130"), "130.40", "130")
    book_small_excess(actor=biller, payment=payment)
    undo(actor=biller, payment=payment, reason="Wrong customer")
    assert balances(biller) == {"1200": 130, "4000": -130}
    assert SmallExcess.objects.get().reversal.reason == "Wrong customer"


def test_book_and_reverse_small_excess_from_the_payments_page(biller, account, browser_of):
    over_limited(biller, "5")
    payment = pay(biller, make_invoice(biller, account, "130"), "130.40", "130")
    browser = browser_of(biller)
    assert "Book as income" in text(browser.get(payment.get_absolute_url()))
    url = reverse("book_small_excess", args=[payment.pk])
    shown = browser.get(url)
    assert "0.40 USD is more than is owed" in text(shown)
    key = shown.content.decode().partition('name="_key" value="')[2].partition('"')[0]
    assert browser.post(url, {"_key": key}).status_code == 302
    excess = SmallExcess.objects.get()
    reverse_small_excess(actor=biller, excess=excess, reason="Owed after all")
    assert item_of(payment).balance == D("-0.40")
    with pytest.raises(Refused) as refused:
        reverse_small_excess(actor=biller, excess=excess, reason="Again")
    assert refused.value.code == "already_reversed"
    book_small_excess(actor=biller, payment=payment)
    assert item_of(payment).balance == 0


def test_book_small_excess_in_another_currency_moves_no_exchange_difference(biller, euros):  # noqa: F811
    """1.25 on the payment's day: 1.60 EUR are 2.00 USD and allowed, 1.61 EUR are 2.0125 USD and not."""
    over_limited(biller, "2")
    payment = pay(biller, foreign_invoice(biller, "EUR", "100"), "101.60", "100", bank_account=euros)
    book_small_excess(actor=biller, payment=payment)
    assert balances(biller) == {"1000": 127, "4000": -110, "4100": -2, "7000": -15}
    over = pay(biller, foreign_invoice(biller, "EUR", "100"), "101.61", "100", bank_account=euros)
    with pytest.raises(Refused) as refused:
        book_small_excess(actor=biller, payment=over)
    assert refused.value.code == "above_over_limit"


def test_book_small_excess_takes_its_permission(biller, account):
    over_limited(biller, "5")
    payment = pay(biller, make_invoice(biller, account, "130"), "130.40", "130")
    with pytest.raises(NotPermitted):
        book_small_excess(actor=make_member(biller.organization, Role.AUDITOR), payment=payment)


def test_book_small_excess_not_of_money_that_pays_nothing_any_more(biller, account):
    over_limited(biller, "5")
    invoice = make_invoice(biller, account, "100")
    paid_off(biller, invoice, "98")
    money = on_account(biller, account, "3")
    reverse_recovery(actor=biller, recovery=recover(biller, invoice, "2", money=money), reason="Wrong customer")
    assert refused(book_small_excess, actor=biller, payment=money).code == "nothing_applied"

"""Deposits, overpayments and recoveries, each with the trial balance an accountant would draw up.

1000 bank, 1200 receivables, 2100 unapplied money, 2300 deposits, 2400 overpayments, 4000 revenue,
6150 write-off expense.
"""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.held.operations import (
    apply_deposit,
    hold_overpayment,
    record_deposit,
    release_held_money,
)
from receivables.collections.models import BankAccount
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.collections.unapplied.refunds import refund_unapplied
from receivables.core.dates import today
from receivables.customers.models import Agreement
from receivables.customers.operations import stop_agreement
from receivables.ledger.models import JournalEntry, OpenItem
from receivables.ledger.standing import ageing, standings
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.operations import write_off_debt
from tests.builders import balances, make_member, make_organization
from tests.collections.conftest import browser_of  # noqa: F401
from tests.collections.support import refused
from tests.support.barred import Barred
from tests.support.invariants import broken
from tests.support.written_off import written_off

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 3)


@pytest.fixture
def house():
    """An account with one invoice of 100.00 for freight."""
    return Barred(make_member(make_organization(), Role.ADMIN), barred=False)


def deposit(house, amount, **more):
    return record_deposit(
        actor=house.actor, account=house.account, amount=D(amount), date=DAY, method="wire",
        bank_account=BankAccount.objects.of(house.actor).get(), **more,
    )  # fmt: skip


def both(agreement):
    """Payoff, current and state of an agreement as it is now."""
    now = Agreement.objects.get(pk=agreement.pk)
    return now.payoff_balance, now.current_balance, now.state


def lines(kind):
    entry = JournalEntry.objects.filter(kind__startswith=kind).latest("pk")
    return [(line.gl_account.code, line.amount) for line in entry.lines.order_by("line_no")]


def test_a_deposit_pays_the_final_bill_and_the_rest_goes_back(house):
    """130.00 are required, 80.00 and 50.00 come; 100.00 are the final bill; 30.00 are given back."""
    first = deposit(house, "80", required=D(130))
    held = first.agreement
    assert both(held) == (-80, 50, "active"), "payoff is the credit held, current what is required and not paid"
    assert balances(house.actor) == {"1000": 80, "1200": 100, "2300": -80, "4000": -100}
    deposit(house, "50")
    assert both(held) == (-130, 0, "active")

    assert refused(apply_deposit, actor=house.actor, agreement=held).code == "service_runs"
    stop_agreement(actor=house.actor, agreement=house.plain.agreement)
    apply_deposit(actor=house.actor, agreement=held)
    assert lines("released") == [("2300", 20), ("2100", -20)]
    assert lines("application") == [("2100", 20), ("1200", -20)]
    assert balances(house.actor) == {"1000": 130, "2300": -30, "4000": -100}
    assert both(held) == (-30, -30, "stopped"), "what is asked for follows what is owed once service stopped"
    assert both(house.plain.agreement) == (0, 0, "closed")

    release_held_money(actor=house.actor, agreement=held, amount=D(30), reason="Final bill is paid")
    payment = house.account.payments.latest("pk")
    refund_unapplied(
        actor=house.actor, payment=payment, amount=D(30), bank_account=payment.bank_account, date=date(2026, 11, 30),
        method="wire", reason="Deposit",
    )  # fmt: skip
    assert both(held) == (0, 0, "closed")
    assert balances(house.actor) == {"1000": 100, "4000": -100}
    assert broken() == {}


def test_a_deposit_that_bounces_after_it_paid(house):
    """The final bill is owed again and its agreement comes back; nothing is held any more."""
    held = deposit(house, "130").agreement
    assert both(held) == (-130, 0, "active")
    stop_agreement(actor=house.actor, agreement=house.plain.agreement)
    apply_deposit(actor=house.actor, agreement=held)
    bounce_payment(actor=house.actor, payment=house.account.payments.get(), reason="No funds")
    assert balances(house.actor) == {"1200": 100, "4000": -100}
    assert both(house.plain.agreement) == (100, 100, "reactivated")
    assert both(held) == (0, 0, "closed")
    assert broken() == {}


def test_a_deposit_that_is_returned_while_service_runs_is_not_asked_for_again(house):
    held = deposit(house, "80", required=D(80)).agreement
    release_held_money(actor=house.actor, agreement=held, amount=D(80), reason="Pays well")
    assert both(held) == (0, 0, "active")
    distribute_payment(actor=house.actor, payment=house.account.payments.get())
    assert balances(house.actor) == {"1000": 80, "1200": 20, "4000": -100}
    again = deposit(house, "10", required=D(25)).agreement
    assert again == held
    assert both(held) == (-10, 15, "active")
    delete_payment(actor=house.actor, payment=house.account.payments.latest("pk"))
    assert both(held) == (0, 25, "active"), "the deposit is required still, and nothing of it is there"
    assert broken() == {}


def test_an_overpayment_is_held_used_first_and_given_back(house):
    """500.00 come for 100.00; the next invoice takes the rest of it first; what is left after that goes back."""
    first = house.received("500")
    paid = distribute_payment(actor=house.actor, payment=first, keep_rest=True)
    over = paid.holding.agreement
    assert balances(house.actor) == {"1000": 500, "2400": -400, "4000": -100}
    assert both(over) == (-400, -400, "active")

    invoice = house.freight("450")
    second = house.received("200")
    distribute_payment(actor=house.actor, payment=second)
    assert both(over) == (0, 0, "closed"), "made for one charge: it closes when it is drained"
    assert balances(house.actor) == {"1000": 700, "2100": -150, "4000": -550}

    rest = hold_overpayment(actor=house.actor, payment=second, amount=D(150))
    assert rest.agreement != over, "what closed stays closed"
    release_held_money(actor=house.actor, agreement=rest.agreement, amount=D(150), reason="Wants it back")
    refund_unapplied(
        actor=house.actor, payment=second, amount=D(150), bank_account=second.bank_account, date=date(2026, 11, 30),
        method="wire", reason="Paid too much",
    )  # fmt: skip
    assert balances(house.actor) == {"1000": 550, "4000": -550}

    bounce_payment(actor=house.actor, payment=first, reason="No funds")
    assert OpenItem.objects.get(pk=invoice.open_item_id).balance == 400
    assert balances(house.actor) == {"1000": 50, "1200": 500, "4000": -550}
    assert broken() == {}


def test_a_bounce_takes_back_what_is_still_held(house):
    payment = house.received("500")
    over = distribute_payment(actor=house.actor, payment=payment, keep_rest=True).holding.agreement
    bounce_payment(actor=house.actor, payment=payment, reason="No funds")
    assert both(over) == (0, 0, "closed")
    assert balances(house.actor) == {"1200": 100, "4000": -100}
    assert broken() == {}


def test_money_comes_for_written_off_debt(house):
    """1,000.00 were written off; 1,050.00 come: the expense shrinks to nothing, 50.00 are paid too much."""
    lost = house.freight("1000")
    item = written_off(house.actor, lost)
    assert balances(house.actor) == {"1200": 100, "4000": -1100, "6150": 1000}

    first = house.received("400")
    distribute_payment(actor=house.actor, payment=first, amounts={item.pk: D(400)})
    assert lines("recovered") == [("2100", 400), ("6150", -400)]
    assert balances(house.actor) == {"1000": 400, "1200": 100, "4000": -1100, "6150": 600}

    second = house.received("750")
    distribute_payment(actor=house.actor, payment=second, keep_rest=True)
    assert balances(house.actor) == {"1000": 1150, "2400": -50, "4000": -1100}
    assert both(item.agreement) == (0, 0, "active"), "it stays open for more written-off debt"

    bounce_payment(actor=house.actor, payment=second, reason="No funds")
    assert balances(house.actor) == {"1000": 400, "1200": 100, "4000": -1100, "6150": 600}
    assert both(item.agreement) == (600, 600, "active")
    assert broken() == {}


def test_only_bankrupt_debt_is_left(house):
    """The whole payment is an overpayment: nothing is set off against debt that is legally uncollectable."""
    item = written_off(house.actor, house.plain, code="WO-BKR")
    payment = house.received("70")
    assert refused(distribute_payment, actor=house.actor, payment=payment).code == "nothing_chosen"
    hold_overpayment(actor=house.actor, payment=payment, amount=D(70))
    assert balances(house.actor) == {"1000": 70, "2400": -70, "4000": -100, "6150": 100}
    assert both(item.agreement) == (100, 100, "active")
    assert broken() == {}


def test_what_the_customer_has_with_us_pays_before_anything_is_written_off(house):
    """Of 100.00, 10.00 were overpaid before and 30.00 are a deposit: 60.00 are written off."""
    hold_overpayment(actor=house.actor, payment=house.received("10"), amount=D(10))
    held = deposit(house, "30").agreement
    stop_agreement(actor=house.actor, agreement=house.plain.agreement)
    write_off_debt(actor=house.actor, wanted=Wanted(house.account, "Gone away"))
    assert balances(house.actor) == {"1000": 40, "4000": -100, "6150": 60}
    assert both(held) == (0, 0, "closed")
    assert both(house.plain.agreement) == (0, 0, "closed")
    assert broken() == {}


def test_nobody_looks_as_if_owing_less_for_a_deposit_or_money_on_account(house, browser_of):  # noqa: F811
    """100.00 owed, 130.00 deposit, 20.00 on account, 7.00 held as overpaid: 100.00 are owed, 27.00 and 130.00 apart."""
    deposit(house, "130")
    house.received("20")
    hold_overpayment(actor=house.actor, payment=house.received("7"), amount=D(7))
    written_off(house.actor, house.freight("40"))
    day = today(house.actor.organization)
    found = ageing(OpenItem.objects.of(house.actor), day)[0]
    assert (found.total, found.on_account, found.deposits, found.written_off) == (100, 27, 130, 40)
    customer = house.account.customer
    stands = standings(house.actor, [customer.pk], day)[customer.pk]
    assert (stands.owed, stands.on_account, stands.deposits) == ({"USD": 100}, {"USD": 27}, {"USD": 130})
    browser = browser_of(house.actor)
    for url in (customer.get_absolute_url(), house.account.get_absolute_url(), reverse("customers"),
                reverse("account_ledger", args=[house.account.pk])):  # fmt: skip
        page = browser.get(url).content.decode()
        assert all(amount in page for amount in ("100.00", "27.00", "130.00")), url
    only = browser.get(reverse("customers"), {"owing": "deposit"}).content.decode()
    assert customer.number in only

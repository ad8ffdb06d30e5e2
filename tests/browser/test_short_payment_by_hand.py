"""The published five steps in a real browser, as a Biller does them: with the mouse, then on a phone."""

import re

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from tests.builders import make_member, make_organization, make_type, pay, seed_load
from tests.support.accessibility import PHONE, looks_right


@pytest.fixture
def bob(visitor):
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def short_paid(bob):
    """Invoice 1,000.00, paid 950.00, and a Write-Off type to take 50.00 off with."""
    load = seed_load(bob)
    make_type(bob)
    payment = pay(bob, generate_invoice(actor=bob, load=load), "950")
    return load, payment


def send(page):
    page.locator("main form button[type=submit]").last.click()


def test_five_steps_settle_a_short_payment(visitor, bob, short_paid):
    load, payment = short_paid
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(load.get_absolute_url())
    regenerate = page.get_by_role("button", name="Regenerate invoice")
    expect(regenerate).to_have_attribute("aria-disabled", "true")
    reason = page.locator(f"#{regenerate.get_attribute('aria-describedby')}")
    expect(reason).to_contain_text(f"Delete payment {payment.number} first")
    regenerate.click(force=True)
    expect(reason).to_be_focused()

    page.get_by_role("link", name="Delete payment").click()
    expect(page.locator("main")).to_contain_text("The payment stays in the history")
    send(page)
    expect(page).to_have_url(re.compile(load.get_absolute_url()))

    page.get_by_role("link", name="Add accessorial").click()
    page.get_by_label("Entity").select_option("customer")
    page.get_by_label("Type").select_option(label="Write-Off")
    page.get_by_label("Amount").fill("50")
    send(page)
    expect(page.locator("main")).to_contain_text("Not on the invoice yet")

    page.get_by_role("link", name="Regenerate invoice").click()
    expect(page.locator("main")).to_contain_text("950.00")
    looks_right(page)
    send(page)
    expect(page.locator("main")).to_contain_text("revision 2")

    page.get_by_role("link", name="Record payment").click()
    expect(page.get_by_label("Amount")).to_have_value("950.00")
    page.get_by_label("Reference").fill("CHQ 20817")
    send(page)
    expect(page.locator("main")).to_contain_text("Settled – written off")
    expect(page.locator("main")).not_to_contain_text(re.compile(r"\bPart paid\b"))
    looks_right(page)
    invoice = Invoice.objects.select_related("open_item").get()
    assert (invoice.current_revision, invoice.open_item.balance, invoice.open_item.paid) == (2, 0, 950)


def test_keys_alone_open_the_load_and_delete_its_payment(visitor, bob, short_paid):
    load, _ = short_paid
    page = visitor.open(bob.user)
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("/loads/"))
    page.goto(load.get_absolute_url())
    link = page.get_by_role("link", name="Delete payment")
    link.focus()
    page.keyboard.press("Enter")
    button = page.locator("main form button[type=submit]").last
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Record payment")
    assert Invoice.objects.get().open_item.live_payments == 0


def test_back_and_send_again_has_one_effect(visitor, bob, short_paid):
    load, _ = short_paid
    page = visitor.open(bob.user)
    page.goto(load.get_absolute_url())
    page.get_by_role("link", name="Add accessorial").click()
    page.get_by_label("Entity").select_option("customer")
    page.get_by_label("Type").select_option(label="Write-Off")
    page.get_by_label("Amount").fill("50")
    send(page)
    expect(page.locator("main")).to_contain_text("Not on the invoice yet")
    page.go_back()
    if page.get_by_label("Amount").input_value() == "50":
        send(page)
        expect(page.locator("main")).to_contain_text("Not on the invoice yet")
    assert load.accessorials.filter(type__name="Write-Off").count() == 1


def test_a_collector_may_look_and_is_told_whom_to_ask(visitor, bob, short_paid):
    load, _ = short_paid
    collector = make_member(bob.organization, Role.COLLECTOR, "Cora Collector")
    page = visitor.open(collector.user)
    page.goto(load.get_absolute_url())
    expect(page.get_by_role("link", name="Delete payment")).to_have_count(0)
    expect(page.get_by_role("link", name="Record payment")).to_have_count(1)
    answer = page.goto(f"{load.get_absolute_url()}regenerate-invoice/")
    assert answer.status == 403
    visitor.complaints.clear()


def test_another_organization_gets_a_404(visitor, short_paid):
    load, _ = short_paid
    charlie = make_member(make_organization("Rival"), Role.BILLER, "Charlie")
    page = visitor.open(charlie.user)
    assert page.goto(load.get_absolute_url()).status == 404
    visitor.complaints.clear()

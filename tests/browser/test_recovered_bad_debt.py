"""Bad debt that is paid after all, from the invoice's page, on a phone; then taken back."""

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.collections.models import Recovery
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import on_account
from tests.support.accessibility import scrolls_sideways, violations

PHONE = {"width": 390, "height": 844}


def looks_right(page):
    assert not violations(page)
    assert not scrolls_sideways(page)


def test_recorded_from_the_invoice_and_reversed(visitor):
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller")
    account = make_account(bob)
    invoice = make_invoice(bob, account, "1000")
    paid_off(bob, invoice, "950")
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(invoice.get_absolute_url())
    page.locator("#bad-debt").get_by_role("link", name="Record recovery").click()
    typed = page.get_by_label(f"Recover on {invoice.number}")
    expect(typed).to_have_value("50.00")
    looks_right(page)
    page.get_by_label("Amount received").fill("45")
    typed.fill("30")
    expect(page.locator("#assign-totals")).to_contain_text("15.00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#recoveries")).to_contain_text("RCV-000001")
    looks_right(page)
    page.locator("#recoveries").get_by_role("link", name=invoice.number).click()
    expect(page.locator("#bad-debt dl")).to_contain_text("30.00")
    looks_right(page)
    page.locator("#bad-debt").get_by_role("link", name="Reverse recovery").click()
    page.get_by_label("Reason").fill("Meant for another invoice")
    looks_right(page)
    page.get_by_role("button", name="Reverse recovery").click()
    expect(page.locator("#bad-debt")).to_contain_text("Meant for another invoice")
    payment = on_account(bob, account, "50")
    page.goto(payment.get_absolute_url())
    page.get_by_role("link", name="Recover bad debt").click()
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    looks_right(page)
    page.get_by_role("button", name="Recover").click()
    expect(page.locator("#recoveries")).to_contain_text("RCV-000002")
    assert Recovery.objects.count() == 2

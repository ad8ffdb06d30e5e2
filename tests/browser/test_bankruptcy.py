"""A bankruptcy is started from an account's page, on a desk and on a phone; the trustee's dividend is recorded, and
what comes back when its cheque bounces follows to the bankruptcy."""

from playwright.sync_api import expect

from receivables.collections.operations import bounce_payment
from receivables.core.dates import today
from receivables.customers.models import Account
from tests.browser.test_write_off import somebody_who_may
from tests.builders import pay
from tests.support.accessibility import PHONE, looks_right
from tests.writeoffs.cast import bill


def test_started_from_an_account_and_a_dividend_recorded(visitor):
    alice = somebody_who_may()
    invoice = bill(alice)
    paid = pay(alice, invoice, "150", "50")
    account = Account.objects.get(pk=invoice.account_id)
    page = visitor.open(alice.user, viewport=PHONE)
    page.goto(account.get_absolute_url())
    page.get_by_role("link", name="Start bankruptcy").click()
    page.get_by_label("Filing date").fill(today(alice.organization).isoformat())
    page.get_by_label("Court and case number").fill("Northern District, 24-1")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    expect(page.locator("main")).to_contain_text("950.00")
    looks_right(page)
    page.get_by_role("button", name="Start bankruptcy").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Bankruptcy of account {account.number}")
    looks_right(page)
    page.get_by_role("link", name="Record dividend").click()
    page.get_by_label("Payment of the trustee").select_option(index=1)
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("850.00")
    looks_right(page)
    page.get_by_role("button", name="Record dividend").click()
    expect(page.locator("main")).to_contain_text("850.00")
    page.goto(account.get_absolute_url())
    expect(page.locator("main")).to_contain_text("Northern District, 24-1")
    looks_right(page)
    bounce_payment(actor=alice, payment=paid, reason="The cheque came back")
    page.reload()
    expect(page.locator("#bankruptcy-notice")).to_contain_text("owed outside the bankruptcy type")
    looks_right(page)
    page.locator("#bankruptcy-notice").get_by_role("link").click()
    page.get_by_role("link", name="Move debt to bankruptcy").click()
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("1,000.00 USD is then owed of this bankruptcy.")
    looks_right(page)
    page.get_by_role("button", name="Move debt to bankruptcy").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Bankruptcy of account {account.number}")
    expect(page.locator("main")).not_to_contain_text("owed outside the bankruptcy type")

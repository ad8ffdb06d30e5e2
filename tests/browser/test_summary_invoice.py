"""A summary invoice on a desk and on a phone: made from the list, paid short on one load, resolved on that load."""

import re

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.models import Invoice
from tests.builders import make_account, make_load, make_member, make_organization, make_type
from tests.support.accessibility import PHONE, looks_right


def test_three_loads_one_of_them_short(visitor):
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller")
    make_type(bob)
    account = make_account(bob)
    loads = [make_load(bob, account, amount) for amount in ("1000", "2000", "500")]
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto("/loads/?status=draft")
    looks_right(page)
    for load in loads:
        page.locator(f"input.row-select[value='{load.pk}']").check()
    page.get_by_role("button", name="Summary invoice").click()
    expect(page.locator("main")).to_contain_text("3,500.00")
    looks_right(page)
    page.get_by_role("button", name="Generate invoice").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice INV-000001")
    page.get_by_role("link", name="Record payment").click()
    page.get_by_label("Amount received").fill("3380")
    page.get_by_label("Short on load").select_option(label=loads[1].number)
    looks_right(page)
    page.get_by_role("button", name="Record payment").click()
    row = page.locator("tr", has=page.get_by_role("link", name=loads[1].number, exact=True))
    expect(row).to_contain_text("120.00")
    looks_right(page)
    page.get_by_role("link", name=f"Resolve {loads[1].number}").click()
    page.get_by_label("Rate not agreed").check()
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Reduce the invoice").click()
    expect(page).to_have_url(re.compile("/done/$"))
    page.goto(Invoice.objects.get().get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Settled – written off")
    expect(page.locator("#summary-loads")).to_contain_text("3 loads")
    looks_right(page)

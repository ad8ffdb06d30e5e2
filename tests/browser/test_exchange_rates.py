"""Exchange rates on a phone: added, corrected, and imported from a file after a look at what it would do."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from tests.builders import make_member, make_organization
from tests.support.accessibility import scrolls_sideways, violations


def looks_right(page):
    assert not violations(page)
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_added_corrected_and_imported(visitor, language, tmp_path):
    alice = make_member(make_organization(), Role.OPERATIONS_MANAGER, "Alice")
    alice.user.language = language
    alice.user.save(update_fields=["language"])
    page = visitor.open(alice.user, viewport={"width": 390, "height": 844})
    page.goto("/ledger/rates/add/?currency=EUR&date=2026-11-02")
    page.locator("[name=rate]").fill("1.10")
    looks_right(page)
    page.locator("main button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("1 EUR = 1.10 USD")
    looks_right(page)
    page.locator("td.cell-actions a").click()
    page.locator("[name=rate]").fill("1.11")
    page.locator("[name=reason]").fill("Typing error")
    looks_right(page)
    page.locator("main button[type=submit]").click()
    file = tmp_path / "rates.csv"
    file.write_text("Currency,Date,Rate\nEUR,2026-11-02,1.12\nEUR,2026-11-03,0.9\nEUR,2026-11-04,x\n")
    page.goto("/ledger/rates/import/")
    looks_right(page)
    page.locator("[name=file]").set_input_files(file)
    page.locator("main button[type=submit]").click()
    looks_right(page)
    page.locator("[name=replace]").check()
    page.locator("[name=reason]").fill("The bank's")
    page.locator("[name=sure]").check()
    page.locator("main button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("1 EUR = 0.90 USD")
    looks_right(page)

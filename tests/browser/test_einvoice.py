"""An e-invoice exported in a real browser: at a desk, looked at on a phone."""

import pytest
from playwright.sync_api import expect

from receivables.billing.einvoice.operations import export_einvoice
from tests.billing.credit_notes import credit
from tests.builders import make_invoice
from tests.support.accessibility import scrolls_sideways, violations
from tests.support.einvoices import make_house


@pytest.fixture
def house(visitor):
    return make_house()


def test_an_invoice_is_exported_and_its_file_downloaded(visitor, house):
    invoice = make_invoice(house.alice, house.account)
    page = visitor.open(house.bob.user, viewport={"width": 1440, "height": 900})
    page.goto(invoice.get_absolute_url())
    page.get_by_role("link", name="Export UBL").click()
    expect(page.locator("main")).to_contain_text("never e-invoiced again")
    assert violations(page) == []
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("main")).to_contain_text("Exported")
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations(page) == []
    assert not scrolls_sideways(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="INV-000001.xml").click()
    assert download.value.suggested_filename == "INV-000001.xml"
    page.goto("/invoices/einvoices/")
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_a_credit_note_is_exported_on_a_phone(visitor, house):
    invoice = make_invoice(house.alice, house.account)
    note = credit(house.alice, invoice, "50", "price_concession")
    page = visitor.open(house.bob.user, viewport={"width": 390, "height": 844})
    page.goto(note.get_absolute_url())
    expect(page.get_by_text("Invoice INV-000001 was never exported as an e-invoice")).to_have_count(1)
    export_einvoice(actor=house.alice, invoice=invoice)
    page.reload()
    page.get_by_role("link", name="Export UBL").click()
    assert violations(page) == []
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("link", name="CN-000001.xml")).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)

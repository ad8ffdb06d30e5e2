"""A credit note from an invoice's page, on a desk and on a phone: typed, added up, checked, issued, reversed."""

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.credit_notes.models import CreditNote
from tests.billing.credit_notes import tax_code
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.support.accessibility import PHONE, looks_right


def test_issued_over_two_invoices_and_reversed(visitor):
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller")
    account = make_account(bob)
    first = make_invoice(bob, account, "1000", tax_code=tax_code(bob, "8"))
    second = make_invoice(bob, account, "400")
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(first.get_absolute_url())
    page.get_by_role("link", name="Issue credit note").click()
    expect(page.get_by_label(f"Amount on {first.number}")).to_have_value("1080.00")
    page.get_by_label(f"Amount on {first.number}").fill("50")
    page.get_by_label(f"Amount on {second.number}").fill("20")
    expect(page.locator("#credit-total")).to_contain_text("70.00")
    page.get_by_label("Reason").select_option(label="Price concession")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    looks_right(page)
    page.get_by_role("button", name="Issue credit note").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Credit note CN-000001")
    looks_right(page)
    page.get_by_role("link", name="Reverse credit note").click()
    page.get_by_label("Reason").fill("Wrong customer")
    page.get_by_role("button", name="Reverse credit note").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reversed")
    looks_right(page)
    assert CreditNote.objects.get().reversal.reason == "Wrong customer"

"""Debt is written off from an invoice's page, on a desk and on a phone: ticked, checked, written off, taken back."""

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.approvals.models import AuthorityLimit
from tests.builders import make_invoice, make_member, make_organization
from tests.support.accessibility import PHONE, looks_right
from tests.writeoffs.cast import bill


def somebody_who_may():
    """A biller who was given the permission and may decide any amount."""
    organization = make_organization()
    AuthorityLimit.objects.create(organization=organization, role=Role.BILLER, kind="write_off", currency="USD")
    return make_member(organization, Role.BILLER, "Alice Biller", granted=["write_offs"])


def test_written_off_from_an_invoice_and_taken_back_in_part(visitor):
    alice = somebody_who_may()
    invoice = bill(alice)
    late = make_invoice(alice, invoice.account, "50")
    page = visitor.open(alice.user, viewport=PHONE)
    page.goto(invoice.get_absolute_url())
    page.get_by_role("link", name="Write off debt").click()
    expect(page.get_by_label(f"All of {invoice.number}")).to_be_checked()
    page.get_by_label(f"Amount of {late.number}").fill("20")
    expect(page.locator("#write-off-total")).to_contain_text("1,020.00")
    page.get_by_label("Reason").fill("Out of business")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    expect(page.locator("main")).to_contain_text("still owes 30.00")
    looks_right(page)
    page.get_by_role("button", name="Write off debt").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Write-off WO-000001")
    looks_right(page)
    page.get_by_role("link", name="Reverse write-off").click()
    page.get_by_label("Amount").fill("500")
    page.get_by_label("Reason").fill("Paid after all")
    page.get_by_role("button", name="Check").click()
    looks_right(page)
    page.get_by_role("button", name="Reverse write-off").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Partly reversed")
    page.goto("/write-offs/")
    expect(page.locator("main")).to_contain_text("Paid after all")
    looks_right(page)

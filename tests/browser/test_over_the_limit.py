"""Keyboard only: a payment over five invoices, one with bad debt over the limit, which is asked for and granted."""

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.collections.models import Payment, PayOff
from tests.builders import balances, make_account, make_invoice, make_member, make_organization
from tests.collections.pay_offs import limited
from tests.support.accessibility import PHONE, looks_right


def test_five_invoices_by_keyboard_and_the_bad_debt_is_asked_for(visitor):
    bob = make_member(make_organization("Najd Freight", "SAR"), Role.BILLER, "Bob Biller")
    olga = make_member(bob.organization, Role.OPERATIONS_MANAGER, "Olga Manager")
    account = make_account(bob, "Najd Foods")
    invoices = [make_invoice(bob, account, amount) for amount in ("100", "200", "300", "400", "130")]
    limited(bob, "50")
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(f"/payments/new/{account.pk}/")
    page.get_by_label("Amount received").fill("1050")
    page.get_by_label(f"Applied to {invoices[0].number}").focus()
    for invoice in invoices[:4]:
        page.keyboard.press("=")
        expect(page.locator(f"#new-{invoice.pk}")).to_have_text("0.00")
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label(f"Applied to {invoices[4].number}")).to_be_focused()
    page.keyboard.type("50")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    said = page.locator(f"#said-{invoices[4].pk}")
    expect(said).to_contain_text("exceeds the pay off limit of 50.00")
    expect(page.locator(".htmx-request, .htmx-settling, .htmx-added")).to_have_count(0)  # it is there before it can act
    said.get_by_role("button", name="Ask for approval").focus()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("80.00\u00a0SAR as “Bad debt” will wait for approval and stay open until then.")
    looks_right(page)
    page.get_by_label("Why the rest should be given up").fill("The shop is closing")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("PMT-000001")
    looks_right(page)
    assert balances(bob) == {"1000": 1050, "1200": 80, "4000": -1130}
    page.goto(invoices[4].get_absolute_url())
    expect(page.get_by_text("waits for approval")).to_be_visible()
    other = visitor.open(olga.user, viewport=PHONE)
    other.goto(ApprovalRequest.objects.get().get_absolute_url())
    looks_right(other)
    other.get_by_role("link", name="Approve").click()
    other.get_by_role("button", name="Approve").click()
    expect(other.get_by_text("Approved and done")).to_be_visible()
    assert PayOff.objects.get().amount == 80
    other.goto(Payment.objects.get().get_absolute_url())
    expect(other.get_by_text("Granted")).to_be_visible()
    other.get_by_role("link", name="Reverse", exact=True).click()
    looks_right(other)


def test_a_difference_is_split_over_three_reasons(visitor):
    bob = make_member(make_organization("Najd Freight", "SAR"), Role.BILLER, "Bob Biller")
    account = make_account(bob, "Najd Foods")
    invoice = make_invoice(bob, account, "130")
    limited(bob, "50")
    page = visitor.open(bob.user, viewport={"width": 1440, "height": 900})
    page.goto(f"/payments/new/{account.pk}/")
    page.get_by_label("Amount received").fill("50")
    page.get_by_label(f"Applied to {invoice.number}").fill("50")
    said = page.locator(f"#said-{invoice.pk}")
    for n, (reason, amount) in enumerate([("Bank fee", "5"), ("Price concession", "25")]):
        said.get_by_role("button", name="Split the difference").click()
        page.locator(f"#why-{invoice.pk}-{n}").select_option(label=reason)
        page.locator(f"#part-{invoice.pk}-{n}").fill(amount)
        expect(said).to_contain_text(f"{amount}.00\u00a0SAR will be recorded as “{reason}”.")
    page.get_by_label(f"Pay bill {invoice.number}?").check()
    expect(said).to_contain_text("50.00\u00a0SAR will be recorded as “Bad debt”.")
    expect(page.locator("#assign-totals")).to_contain_text("Other reasons")
    looks_right(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("PMT-000001")
    assert balances(bob) == {"1000": 50, "4000": -130, "4900": 25, "6100": 50, "6200": 5}

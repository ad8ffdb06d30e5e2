"""Collections and assignments in a browser: live messages while one types, what is typed is never rewritten."""

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.collections.models import Payment
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.collections.pay_offs import limited
from tests.support.accessibility import PHONE, looks_right


def test_over_the_limit_within_it_and_too_much(visitor):
    bob = make_member(make_organization("Najd Freight", "SAR"), Role.BILLER, "Bob Biller")
    account = make_account(bob, "Najd Foods")
    first, second = make_invoice(bob, account, "130"), make_invoice(bob, account, "500")
    limited(bob, "50")
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(f"/payments/new/{account.pk}/")
    page.get_by_label("Amount received").fill("150")
    page.get_by_label("Reference", exact=True).fill("CHQ 1")
    applied = page.get_by_label(f"Applied to {first.number}")
    applied.fill("50")
    page.get_by_label(f"Pay bill {first.number}?").check()
    said = page.locator(f"#said-{first.pk}")
    expect(said).to_contain_text("the pending balance of 80.00\u00a0SAR exceeds the pay off limit of 50.00\u00a0SAR.")
    looks_right(page)
    applied.press("End")
    applied.press_sequentially(".5")
    expect(said).to_contain_text("79.50")
    expect(applied).to_have_value("50.5")
    applied.fill("150")
    expect(said).to_contain_text("is bigger than the invoice balance (130.00\u00a0SAR)")
    expect(page.locator(f"#new-{first.pk}")).to_have_text("\u221220.00")
    looks_right(page)
    said.get_by_role("button", name="Apply 130.00").click()
    expect(page.get_by_label(f"Applied to {first.number}")).to_have_value("130.00")
    page.get_by_label(f"Applied to {first.number}").fill("90")
    expect(page.locator(f"#loss-{first.pk}")).to_have_text("40.00")
    expect(page.locator("#live")).to_contain_text("40.00")
    page.get_by_label(f"Pay bill {second.number}?").check()
    filled = page.get_by_label(f"Applied to {second.number}")
    expect(filled).to_have_value("60.00")
    page.get_by_label(f"Pay bill {second.number}?").uncheck()
    filled.fill("20")
    expect(page.locator("#assign-totals")).to_contain_text("40.00\u00a0SAR")
    looks_right(page)
    assert not Payment.objects.exists()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("PMT-000001")
    looks_right(page)
    assert Payment.objects.get().pay_offs.get().amount == 40

"""A payment in dollars over an invoice in dollars and one in euros, a little too much, with its advice attached."""

from decimal import Decimal

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.collections.models import Payment, PaymentAttachment
from tests.builders import balances, make_account, make_invoice, make_member, make_organization
from tests.collections.support import rate
from tests.collections.test_small_excess import over_limited
from tests.stories.test_payment_in_another_currency import ISSUED, PAID, invoice_in
from tests.support.accessibility import looks_right


def test_two_currencies_too_much_and_a_file(visitor):
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller")
    rate(bob, "EUR", ISSUED, "1.10")
    rate(bob, "EUR", PAID, "1.25")
    over_limited(bob, "5")
    account = make_account(bob)
    dollars, euros = make_invoice(bob, account, "100"), invoice_in(bob, account, "EUR", "100")
    page = visitor.open(bob.user)
    page.goto(f"/payments/new/{account.pk}/")
    page.get_by_label("Amount received").fill("225.40")
    page.get_by_label(f"Applied to {dollars.number}").fill("100")
    page.get_by_label(f"Amount in EUR applied to {euros.number}").fill("100")
    expect(page.locator(f"#across-taken-{euros.pk}")).to_contain_text("125.00")
    expect(page.locator(f"#across-new-{euros.pk}")).to_contain_text("0.00")
    page.get_by_label("Book what is left over as income").check()
    expect(page.locator("#excess-said")).to_contain_text("will be booked as income; nothing stays on account.")
    looks_right(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("PMT-000001")
    assert balances(bob) == {
        "1000": Decimal("225.40"), "4000": -210, "4100": Decimal("-0.40"), "7000": -15,
    }  # fmt: skip
    page.get_by_role("link", name="Attach file").click()
    looks_right(page)
    advice = {"name": "advice.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("input[type=file]").set_input_files(advice)
    page.get_by_role("button", name="Attach file").click()
    expect(page.get_by_role("link", name="advice.pdf")).to_be_visible()
    looks_right(page)
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("Reason").fill("Another customer's advice")
    looks_right(page)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Another customer's advice").first).to_be_visible()
    assert PaymentAttachment.objects.filter(withdrawal__isnull=False, payment=Payment.objects.get()).exists()
    page.goto("/reports/over-payments/")
    expect(page.get_by_text("PMT-000001")).to_be_visible()
    looks_right(page)

"""Money on account from the payment's page, on a desk and on a phone: applied, moved, taken off, given back."""

from datetime import date
from decimal import Decimal

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.approvals.models import AuthorityLimit
from receivables.collections.models import BankAccount, Refund
from receivables.collections.operations import record_payment
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.support.accessibility import PHONE, looks_right


def test_applied_moved_taken_off_and_given_back(visitor):
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller")
    AuthorityLimit.objects.create(
        organization=bob.organization, role=Role.BILLER, kind="refund", currency="USD", maximum=Decimal(500)
    )
    account = make_account(bob)
    first, second = make_invoice(bob, account, "100"), make_invoice(bob, account, "500")
    payment = record_payment(
        actor=bob, account=account, amount=Decimal(300), date=date(2026, 11, 3), method="ach",
        bank_account=BankAccount.objects.of(bob).get(),
    )  # fmt: skip
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(account.get_absolute_url())
    page.locator("#on-account").get_by_role("link", name="Apply to invoices").click()
    expect(page.get_by_label(f"Amount on {second.number}")).to_have_value("200.00")
    looks_right(page)
    page.get_by_label(f"Amount on {second.number}").fill("150")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    looks_right(page)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(payment.number)
    looks_right(page)
    page.get_by_role("link", name=f"Remove {first.number}").click()
    page.get_by_label("Reason").fill("Meant for another")
    looks_right(page)
    page.get_by_role("button", name="Take off").click()
    page.get_by_role("link", name=f"Move {second.number}", exact=True).click()
    page.get_by_label("To invoice").select_option(index=1)
    page.get_by_label("Amount").fill("100")
    page.get_by_label("Reason").fill("As the remittance says")
    looks_right(page)
    page.get_by_role("button", name="Move").click()
    page.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_label("Reason").fill("Paid twice")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    looks_right(page)
    page.get_by_role("button", name="Refund").click()
    expect(page.locator("#refunds")).to_contain_text("RF-000001")
    looks_right(page)
    assert Refund.objects.get().amount == 200

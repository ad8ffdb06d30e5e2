"""A charge and a billing run on a desk and on a phone."""

from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.models import BillingRun, Invoice
from tests.billing.recurring import service_of, work_off
from tests.builders import make_account, make_member, make_organization, make_type
from tests.credit_control.support import written_off
from tests.support.accessibility import PHONE, looks_right


def test_charged_and_billed(visitor):
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller")
    account = make_account(bob, "Acme Foods")
    written_off(bob, account, "1050")
    make_type(bob, "Storage", "charge")
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(service_of(account).get_absolute_url())
    page.get_by_role("link", name="Add charge").click()
    page.get_by_label("Amount").fill("310")
    page.get_by_label("From").fill("2026-01-01")
    looks_right(page)
    page.get_by_role("button", name="Add charge").click()
    expect(page.locator("#charges")).to_contain_text("310.00")
    looks_right(page)
    page.goto(reverse("billing_runs"))
    page.get_by_role("link", name="New billing run").click()
    page.get_by_label("Bill what is due up to").fill("2026-02-10")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Agreements of this type are not billed.")
    looks_right(page)
    page.get_by_role("button", name="Bill 1 agreement").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Billing up to")
    work_off(BillingRun.objects.get())
    page.reload()
    looks_right(page)
    assert Invoice.objects.filter(account=account).count() == 2

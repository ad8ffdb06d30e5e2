"""The worksheet of tax relief on a phone: a day is chosen, one bad debt claimed, its relief taken back."""

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.models import Reason
from tests.billing.credit_notes import tax_code
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.collections.pay_offs import paid_off
from tests.support.accessibility import scrolls_sideways, violations


def looks_right(page):
    assert not violations(page)
    assert not scrolls_sideways(page)


def test_claimed_and_taken_back(visitor):
    olga = make_member(make_organization(), Role.OPERATIONS_MANAGER, "Olga Manager")
    Reason.objects.of(olga).filter(kind="bad_debt").update(tax_rule="relief_later", relief_days=0)
    account = make_account(olga)
    first, second = (make_invoice(olga, account, "1000", tax_code=tax_code(olga, "15")) for _each in range(2))
    for invoice in (first, second):
        paid_off(olga, invoice, "1070")
    page = visitor.open(olga.user, viewport={"width": 390, "height": 844})
    page.goto("/tax-relief/")
    looks_right(page)
    page.get_by_label(f"Claim {first.number}").uncheck()
    page.get_by_role("button", name="Claim tax relief").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("TR-000001")
    expect(page.locator("main table")).to_contain_text(second.number)
    looks_right(page)
    page.get_by_role("link", name="Take back").click()
    page.get_by_label("Reason").fill("Too early")
    looks_right(page)
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("main table")).to_contain_text("Too early")

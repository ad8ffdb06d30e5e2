"""A payment distributed over the agreements of an account, and a deposit, on a desk and on a phone."""

from playwright.sync_api import expect

from accounts.roles import Role
from receivables.customers.operations import stop_agreement
from tests.builders import make_member, make_organization
from tests.support.accessibility import PHONE, looks_right
from tests.support.barred import Barred
from tests.support.written_off import written_off


def test_distributed_recovered_and_held(visitor):
    house = Barred(make_member(make_organization(), Role.BILLER))
    item = written_off(house.actor, house.freight("200"))
    payment = house.received("450")
    page = visitor.open(house.actor.user, viewport=PHONE)
    page.goto(payment.get_absolute_url())
    page.get_by_role("link", name="Distribute payment").click()
    expect(page.get_by_label(f"Amount on {item.number} on agreement")).to_have_value("200.00")
    page.get_by_label("Hold what is left as an overpayment").check()
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("150.00 USD is held as an overpayment")
    looks_right(page)
    page.get_by_role("button", name="Distribute payment").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(payment.number)
    expect(page.locator("main")).to_contain_text("Recovery")
    looks_right(page)
    page.get_by_role("link", name="Overpayment", exact=False).click()
    looks_right(page)
    page.goto(item.agreement.get_absolute_url())
    expect(page.locator("#recoveries")).to_contain_text("200.00")
    looks_right(page)


def test_a_deposit_is_taken_and_pays_the_final_bill(visitor):
    house = Barred(make_member(make_organization(), Role.BILLER), barred=False)
    page = visitor.open(house.actor.user, viewport=PHONE)
    page.goto(house.account.get_absolute_url())
    page.get_by_role("link", name="Record deposit").click()
    page.get_by_label("Amount received").fill("130")
    page.get_by_label("Deposit required in all").fill("150")
    looks_right(page)
    page.get_by_role("button", name="Record deposit").click()
    expect(page.locator("main")).to_contain_text("20.00 USD of the deposit is still asked for.")
    looks_right(page)
    stop_agreement(actor=house.actor, agreement=house.plain.agreement)
    page.reload()
    page.get_by_role("link", name="Apply deposit").click()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text(f"Invoice {house.plain.number} is settled.")
    looks_right(page)
    page.get_by_role("button", name="Apply deposit").click()
    page.get_by_role("link", name="Put back on account").click()
    page.get_by_label("Reason").fill("The final bill is paid")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Put back on account").click()
    expect(page.locator("#held")).to_contain_text("0.00")
    looks_right(page)

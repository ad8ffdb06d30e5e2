"""Debt moved and taken back, a small difference taken back, a bankruptcy withdrawn: on a desk and on a phone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from receivables.core.dates import today
from receivables.writeoffs.automated.models import WriteDown
from tests.builders import make_member, make_organization
from tests.support.accessibility import PHONE, looks_right
from tests.writeoffs.automation import monitored, owing
from tests.writeoffs.cast import bankruptcy, bill, second


@pytest.fixture
def alice(visitor, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    return make_member(make_organization())


@pytest.fixture
def page(visitor, alice):
    return visitor.open(alice.user, viewport=PHONE)


def test_debt_is_moved_and_taken_back(page, alice):
    invoice = bill(alice)
    target = second(alice, invoice.account)
    page.goto(invoice.agreement.get_absolute_url())
    page.get_by_role("link", name="Transfer debt").click()
    page.get_by_label("To agreement").select_option(str(target.pk))
    page.get_by_label(f"Amount of {invoice.number}").fill("400")
    page.get_by_label("Reason").fill("Same service")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("600.00")
    looks_right(page)
    page.get_by_role("button", name="Transfer debt").click()
    expect(page.locator("main")).to_contain_text("Same service")
    looks_right(page)
    page.get_by_role("link", name="Reverse transfer").click()
    page.get_by_label("Reason").fill("A mistake")
    page.get_by_role("button", name="Check").click()
    looks_right(page)
    page.get_by_role("button", name="Reverse transfer").click()
    expect(page.locator("main")).to_contain_text("A mistake")
    looks_right(page)


def test_a_small_difference_is_taken_back(page, alice):
    account = owing(alice, "Small Rest", "5", today(alice.organization) - timedelta(days=61))
    monitored(alice)
    page.goto(WriteDown.objects.get().get_absolute_url())
    looks_right(page)
    page.get_by_role("link", name="Reverse small difference").click()
    page.get_by_label("Reason").fill("They pay after all")
    looks_right(page)
    page.get_by_role("button", name="Reverse small difference").click()
    expect(page.locator("#write-downs")).to_contain_text("They pay after all")
    assert account.agreements.get().payoff_balance == 5
    looks_right(page)


def test_a_bankruptcy_is_withdrawn(page, alice):
    invoice = bill(alice)
    found = bankruptcy(alice, invoice.account)
    page.goto(found.get_absolute_url())
    looks_right(page)
    page.get_by_role("link", name="Withdraw bankruptcy").click()
    page.get_by_label("Reason").fill("Another customer of that name")
    looks_right(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    looks_right(page)
    page.get_by_role("button", name="Withdraw bankruptcy").click()
    expect(page.locator("main")).to_contain_text("This bankruptcy was withdrawn.")
    looks_right(page)
    page.goto(invoice.account.get_absolute_url())
    expect(page.locator("main")).to_contain_text("Withdrawn")
    looks_right(page)

"""A short payment resolved in one step from the load's page, on a desk and on a phone, with and without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from tests.builders import make_member, make_organization, make_type, pay, seed_load
from tests.support.accessibility import scrolls_sideways, violations

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def bob(visitor):
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def load(bob):
    load = seed_load(bob)
    make_type(bob)
    pay(bob, generate_invoice(actor=bob, load=load), "950")
    return load


@pytest.mark.parametrize("size", SIZES)
def test_resolved_in_one_step_and_undone(visitor, bob, load, size):
    page = visitor.open(bob.user, viewport=SIZES[size])
    page.goto(load.get_absolute_url())
    page.get_by_role("link", name="Resolve short payment").click()
    expect(page.get_by_label("Amount to take off")).to_have_value("50.00")
    assert not violations(page)
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    assert not violations(page)
    assert not scrolls_sideways(page)
    assert Invoice.objects.get().current_revision == 1

    page.get_by_role("button", name="Back").click()
    page.get_by_label("Note").fill("Damaged carton")
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Resolve short payment").click()
    expect(page.locator("main")).to_contain_text("Settled – written off")
    assert not violations(page)
    assert not scrolls_sideways(page)
    invoice = Invoice.objects.select_related("open_item").get()
    assert (invoice.current_revision, invoice.open_item.balance, invoice.open_item.paid) == (2, 0, 950)

    page.get_by_role("link", name="Undo resolution").click()
    page.get_by_label("Reason").fill("They paid the rest")
    page.get_by_role("button", name="Undo resolution").click()
    expect(page.locator("main")).to_contain_text("Part paid")
    assert Invoice.objects.get().open_item.balance == 50


def test_it_works_without_scripts(visitor, bob, load):
    page = visitor.open(bob.user, java_script_enabled=False)
    page.goto(load.get_absolute_url())
    page.get_by_role("link", name="Resolve short payment").click()
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Resolve short payment").click()
    expect(page.locator("main")).to_contain_text("Settled – written off")

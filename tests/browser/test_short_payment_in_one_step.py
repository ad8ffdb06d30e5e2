"""A short payment resolved in one step from the load's page, on a desk and on a phone, with and without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from tests.builders import make_member, make_organization, make_type, pay, seed_load
from tests.support.accessibility import PHONE, looks_right


@pytest.fixture
def bob(visitor):
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def load(bob):
    load = seed_load(bob)
    make_type(bob)
    pay(bob, generate_invoice(actor=bob, load=load), "950")
    return load


def clean(page):
    """Nothing for axe to complain about, and nothing that scrolls sideways."""
    looks_right(page)


def test_resolved_in_one_step_and_undone(visitor, bob, load):
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(load.get_absolute_url())
    page.get_by_role("link", name="Resolve short payment").first.click()
    expect(page.get_by_label("Amount to take off")).to_have_value("50.00")
    clean(page)
    page.get_by_label("Damaged or missing goods").check()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    clean(page)
    assert Invoice.objects.get().current_revision == 1

    page.get_by_role("link", name="Back").click()
    expect(page.get_by_label("Damaged or missing goods")).to_be_checked()
    page.get_by_label("Note").fill("Damaged carton")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("main")).to_contain_text("Nothing has been changed yet.")
    page.go_back()
    expect(page.get_by_label("Note")).to_have_value("Damaged carton")
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Reduce the invoice").click()
    expect(page.locator("main")).to_contain_text("Damaged or missing goods")
    clean(page)
    invoice = Invoice.objects.select_related("open_item").get()
    assert (invoice.current_revision, invoice.open_item.balance, invoice.open_item.paid) == (2, 0, 950)

    page.get_by_role("link", name=str(load), exact=True).last.click()
    expect(page.locator("main")).to_contain_text("Settled – written off")
    clean(page)
    page.get_by_role("link", name="Undo resolution").click()
    page.get_by_label("Reason").fill("They paid the rest")
    page.get_by_role("button", name="Undo resolution").click()
    expect(page.locator("main")).to_contain_text("Part paid")
    assert Invoice.objects.get().open_item.balance == 50


class Hands:
    """Uses a page and counts: presses of the mouse, and fields that are typed into or chosen from."""

    def __init__(self, page):
        self.page, self.clicks, self.fields = page, 0, 0

    def click(self, role, name):
        self.clicks += 1
        self.page.get_by_role(role, name=name).first.click()

    def fill(self, label, text):
        self.fields += 1
        self.page.get_by_label(label).first.fill(text)

    def choose(self, label, text):
        self.fields += 1
        self.page.get_by_label(label).first.select_option(label=text)

    def send(self):
        self.clicks += 1
        self.page.locator("main form button[type=submit]").last.click()


def by_hand(hands):
    """The published five steps."""
    hands.click("link", "Delete payment")
    hands.send()
    hands.click("link", "Add accessorial")
    hands.choose("Type", "Write-Off")
    hands.fill("Amount", "50")
    hands.send()
    hands.click("link", "Regenerate invoice")
    hands.send()
    hands.click("link", "Record payment")
    hands.fill("Date received", "2026-11-03")
    hands.fill("Reference", "CHQ 20817")
    hands.send()


def in_one_step(hands):
    """Open it, say why, check, confirm: the amount and the only type stand there already."""
    hands.click("link", "Resolve short payment")
    hands.click("radio", "Damaged or missing goods")
    hands.click("button", "Check")
    hands.click("button", "Reduce the invoice")


@pytest.mark.parametrize(("way", "clicks", "fields"), [(by_hand, 8, 4), (in_one_step, 4, 0)])
def test_one_step_is_four_clicks_and_nothing_to_type(visitor, bob, load, way, clicks, fields):
    page = visitor.open(bob.user)
    page.goto(load.get_absolute_url())
    hands = Hands(page)
    way(hands)
    page.goto(load.get_absolute_url())
    expect(page.locator("main")).to_contain_text("Settled – written off")
    assert (hands.clicks, hands.fields) == (clicks, fields)


MOST_TABS = 80


def tab_to(page, text):
    """Go on with the Tab key to what is called so; it has the focus then, and one can see it."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const at = document.activeElement;"
            " return (at.labels && at.labels.length ? at.labels[0] : at).textContent.trim(); }"
        )
        if found == text:
            return
    raise AssertionError(f"{text!r} was not reached by the keyboard")


def test_the_keyboard_alone_is_enough(visitor, bob, load):
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(load.get_absolute_url())
    tab_to(page, "Resolve short payment")
    page.keyboard.press("Enter")
    page.wait_for_url("**/what/")
    tab_to(page, "Damaged or missing goods")
    page.keyboard.press("Space")
    tab_to(page, "Check")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/")
    tab_to(page, "Reduce the invoice")
    page.keyboard.press("Space")
    page.wait_for_url("**/done/")
    assert Invoice.objects.get().open_item.balance == 0


def test_it_works_without_scripts(visitor, bob, load):
    page = visitor.open(bob.user, java_script_enabled=False)
    page.goto(load.get_absolute_url())
    in_one_step(Hands(page))
    expect(page.locator("main")).to_contain_text("Damaged or missing goods")
    assert Invoice.objects.get().open_item.balance == 0

"""Short payments found by a filter, resolved all at once after a dry run, and undone; on a desk and on a phone."""

from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.operations import void_invoice
from receivables.collections.operations import delete_payment
from receivables.collections.short_payments.models import BatchResolution
from receivables.core import tasks
from receivables.ledger.models import OpenItem
from tests.builders import make_account, make_invoice, make_member, make_organization, make_type, pay
from tests.support.accessibility import PHONE, looks_right


@pytest.fixture
def bob(visitor):
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def shorts(bob):
    """Three of Acme's that are short, the last by much, and one of another customer."""
    make_type(bob)
    acme, other = make_account(bob), make_account(bob, "Borealis")
    found = []
    for account, paid in ((acme, "950"), (acme, "960"), (acme, "400"), (other, "900")):
        invoice = make_invoice(bob, account)
        pay(bob, invoice, paid)
        found.append(invoice)
    return found


def fine(page):
    looks_right(page)


def work_off():
    """What the worker does."""
    job = BatchResolution.objects.get().job
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=job.pk)


def open_balances():
    return sorted(OpenItem.objects.filter(kind="invoice").values_list("balance", flat=True))


def test_filtered_tried_resolved_and_undone(visitor, bob, shorts):
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(reverse("short_payments") + "?customer=Acme")
    fine(page)
    page.locator("input.row-select").first.check()
    page.get_by_label("All 3 rows").check()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # until then the bar lies over a row
    fine(page)
    page.get_by_role("button", name="Resolve selected").click()
    expect(page.locator("main")).to_contain_text("3 invoices")
    fine(page)
    page.get_by_label("Type").select_option(label="Write-Off")
    page.get_by_label("Only if short by at most", exact=True).fill("100")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("main")).to_contain_text("Will change 2. Skipped 1.")
    expect(page.locator("main")).to_contain_text("more than the 100.00 USD of this batch")
    fine(page)
    assert not BatchResolution.objects.exists()
    page.get_by_role("button", name="Resolve 2 invoices").click()
    expect(page.locator("#job-progress")).to_contain_text("Waiting for its turn")
    fine(page)
    work_off()
    expect(page.locator("#job-progress")).to_contain_text("Done in")
    expect(page.locator("h1")).to_contain_text("Done")
    fine(page)
    assert open_balances() == [0, 0, 100, 600]

    page.get_by_role("link", name="Skipped 1").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Undo batch").click()
    page.get_by_label("Reason").fill("They paid after all")
    fine(page)
    page.get_by_role("button", name="Undo batch").click()
    work_off()
    expect(page.locator("h1")).to_contain_text("Undone")
    assert open_balances() == [40, 50, 100, 600]


def test_it_works_without_scripts(visitor, bob, shorts):
    delete_payment(actor=bob, payment=shorts[0].open_item.settlements.get().credit_item.payment)
    void_invoice(actor=bob, load=shorts[0].loads.get(), reason="Billed twice")
    page = visitor.open(bob.user, java_script_enabled=False)
    page.goto(reverse("short_payments"))
    for row in page.locator("input.row-select").all():
        row.check()
    page.get_by_role("button", name="Resolve selected").click()
    page.get_by_label("Type").select_option(label="Write-Off")
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("button", name="Resolve 3 invoices").click()
    expect(page.locator("h1")).to_contain_text("At work")

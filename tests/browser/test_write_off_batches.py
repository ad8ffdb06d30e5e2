"""Debts chosen by a filter, worked out, written off at once and taken back; on a desk and a phone, by keyboard too."""

import os
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from receivables.core import tasks
from receivables.writeoffs.bulk.models import WriteOffBatch
from receivables.writeoffs.models import WriteOff
from tests.builders import balances, make_account, make_invoice, make_member, make_organization, pay
from tests.support.accessibility import PHONE, looks_right


@pytest.fixture
def alice(visitor, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    alice = make_member(make_organization())
    for name, amount in (("Acme", "40"), ("Borealis", "60"), ("Crown", "900")):
        make_invoice(alice, make_account(alice, name), amount)
    covered = make_account(alice, "Delta")
    pay(alice, make_invoice(alice, covered, "50"), "50", applied="0")
    return alice


def fine(page, name=""):
    looks_right(page)
    if name and os.environ.get("PICTURES"):
        page.screenshot(path=f"{os.environ['PICTURES']}/{name}-{page.viewport_size['width']}.png", full_page=True)


def work_off():
    """What the worker does."""
    job = WriteOffBatch.objects.get().job
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=job.pk)


def test_chosen_worked_out_written_off_and_taken_back(visitor, alice):
    page = visitor.open(alice.user, viewport=PHONE)
    page.goto(reverse("write_offs"))
    page.get_by_role("link", name="Write off many").click()
    page.goto(reverse("debts_to_write_off") + "?most=500")
    fine(page, "debts")
    page.locator("input.row-select").first.check()
    page.get_by_label("All 3 rows").check()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # until then the bar lies over a row
    page.get_by_role("button", name="Write off selected").click()
    expect(page.locator("main")).to_contain_text("3 debts, 150.00 USD")
    page.get_by_label("Reason").fill("Small and old")
    fine(page, "plan")
    page.get_by_role("button", name="Work it out").press("Enter")
    expect(page.locator("h1")).to_contain_text("Being worked out")
    work_off()
    expect(page.locator("h1")).to_contain_text("To be confirmed")
    expect(page.locator("main")).to_contain_text("Nothing has been written off yet")
    expect(page.locator("main")).to_contain_text("The customer's own money covers it")
    fine(page, "preview")
    page.get_by_role("link", name="Write off", exact=True).press("Enter")
    expect(page.locator("main")).to_contain_text("100.00 USD of 2 accounts is written off")
    fine(page, "confirm")
    assert not WriteOff.objects.exists()
    page.get_by_role("button", name="Write off").press("Enter")
    expect(page.locator("#job-progress")).to_contain_text("Waiting for its turn")
    fine(page, "waiting")
    work_off()
    expect(page.locator("h1")).to_contain_text("Done")
    fine(page, "done")
    assert balances(alice)["6150"] == 100

    page.get_by_role("link", name="Take batch back").click()
    expect(page.locator("main")).to_contain_text("2 write-offs are taken back, each by a reversal of its own, 100.00")
    page.get_by_label("Reason").fill("They pay after all")
    fine(page, "undo")
    page.get_by_role("button", name="Take batch back").click()
    work_off()
    expect(page.locator("h1")).to_contain_text("Taken back")
    fine(page, "taken-back")
    assert "6150" not in balances(alice)
    page.goto(reverse("write_off_batches"))
    fine(page, "batches")

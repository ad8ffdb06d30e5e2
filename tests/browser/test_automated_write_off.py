"""A write-off process on a desk and on a phone: a review, what it found, the process and its timeline."""

from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import expect

from receivables.core import dates
from receivables.writeoffs.automated.models import AutomatedRun, WriteOffProcess
from receivables.writeoffs.automated.operations import add_process_event
from tests.builders import make_member, make_organization
from tests.support.accessibility import PHONE, looks_right
from tests.writeoffs.automation import activated, owing, worked_off


def test_reviewed_begun_and_ticked_off(visitor, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    alice = make_member(make_organization())
    billed = dates.today(alice.organization) - timedelta(days=61)
    account = owing(alice, "Acme Foods", "100", billed)
    page = visitor.open(alice.user, viewport=PHONE)
    page.goto(reverse("write_off_processes"))
    page.get_by_role("link", name="Review debt now").click()
    looks_right(page)
    page.get_by_role("button", name="Review debt to be written off").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Monitor of")
    worked_off(AutomatedRun.objects.get())
    page.reload()
    expect(page.locator("main")).to_contain_text("Process started")
    looks_right(page)
    process = WriteOffProcess.objects.get()
    add_process_event(actor=alice, process=process, kind="to_do", text="Call the receiver")
    add_process_event(actor=alice, process=process, kind="credit_rating", points=40, months=6)
    activated(alice)
    page.goto(process.get_absolute_url())
    looks_right(page)
    page.goto(account.get_absolute_url())
    looks_right(page)
    page.goto(reverse("write_off_to_dos"))
    looks_right(page)
    page.get_by_role("link", name="Tick off").click()
    page.get_by_role("button", name="Tick off").click()
    expect(page.locator("main")).to_contain_text("ticked off")
    page.goto(reverse("write_off_processes"))
    expect(page.locator("main")).to_contain_text(account.number)
    looks_right(page)

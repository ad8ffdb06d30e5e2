"""The worklist on a desk and on a phone: a review, what it found, a process, a reminder by post."""

from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.credit_control.models import MonitorRun, Reminder
from tests.builders import make_account, make_member, make_organization
from tests.credit_control.support import overdue, work_off, written_off
from tests.support.accessibility import PHONE, looks_right


def test_reviewed_and_reminded(visitor):
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller", granted=["daily_work"])
    account = make_account(bob, "Acme Foods")
    written_off(bob, account, "1050")
    overdue(bob, account, "100", days=30)
    page = visitor.open(bob.user, viewport=PHONE)
    page.goto(reverse("worklist"))
    page.get_by_role("link", name="Review debt now").click()
    looks_right(page)
    page.get_by_role("button", name="Review debt now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review of")
    work_off(MonitorRun.objects.get())
    page.reload()
    expect(page.locator("main")).to_contain_text("The debt class is not subject to collection.")
    looks_right(page)
    page.goto(account.get_absolute_url())
    looks_right(page)
    page.goto(reverse("worklist"))
    looks_right(page)
    page.get_by_role("link", name=account.number).click()
    page.get_by_role("link", name="Send reminder").click()
    looks_right(page)
    page.get_by_label("Print and post").check()
    page.get_by_role("button", name="Send reminder").click()
    expect(page.locator("main")).to_contain_text("Print and post")
    looks_right(page)
    assert Reminder.objects.get().amount == 100

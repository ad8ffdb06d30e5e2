"""Sending an invoice in a real browser, on a phone: sent, failed and retried, bounced; many from the list."""

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.billing.delivery import mailing
from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import edit_delivery
from receivables.core.mail import NoMailServer
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.support.accessibility import scrolls_sideways, violations
from tests.support.workers import work_here


@pytest.fixture
def house(live_app, monkeypatch):
    monkeypatch.setattr(mailing, "invoice_pdf", lambda invoice, revision: b"%PDF-1.7")
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller")
    account = make_account(bob)
    edit_delivery(actor=bob, customer=account.customer, to=["accounts.payable@a-long-name.acme.example"])
    return bob, make_invoice(bob, account), make_invoice(bob, account)


def fine(page):
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_an_invoice_is_sent_fails_is_retried_and_bounces(visitor, house, monkeypatch):
    bob, invoice, _other = house
    page = visitor.open(bob.user, viewport={"width": 390, "height": 844})
    page.goto(invoice.get_absolute_url())
    page.get_by_role("link", name="Send invoice").click()
    fine(page)
    page.get_by_label("Copy to").fill("boss@acme.example")
    page.get_by_role("button", name="Send invoice").click()
    expect(page.get_by_text("is on its way").first).to_be_visible()

    def no_server():
        raise NoMailServer

    with monkeypatch.context() as patched:
        patched.setattr(mailing, "get_connection", no_server)
        work_here("mail")
    page.reload()
    expect(page.get_by_text("This site has no mail server yet.").first).to_be_visible()
    fine(page)
    page.get_by_role("link", name="Retry").click()
    fine(page)
    page.get_by_role("button", name="Retry").click()
    work_here("mail")
    page.reload()
    expect(page.get_by_text("Revision 1 sent").first).to_be_visible()
    assert mail.outbox[0].recipients() == ["accounts.payable@a-long-name.acme.example", "boss@acme.example"]
    page.get_by_role("link", name="It came back").click()
    page.get_by_label("What the returned mail says").fill("No such mailbox")
    page.get_by_role("button", name="It came back").click()
    expect(page.get_by_text("It came back: No such mailbox").first).to_be_visible()
    fine(page)
    page.goto(invoice.account.customer.get_absolute_url())
    expect(page.get_by_text("No such mailbox").first).to_be_visible()
    fine(page)
    page.goto(reverse("edit_delivery", args=[invoice.account.customer_id]))
    fine(page)


def test_many_are_sent_from_the_list(visitor, house):
    bob, *invoices = house
    page = visitor.open(bob.user, viewport={"width": 1280, "height": 900})
    page.goto("/invoices/?sending=not_sent")
    page.get_by_label("Select page").check()
    fine(page)
    page.get_by_role("button", name="Send …").click()
    expect(page.get_by_text("2 invoices will be e-mailed.")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="Send 2 invoices").click()
    work_here("jobs")
    page.reload()
    expect(page.get_by_role("heading", name="E-mails on their way")).to_be_visible()
    fine(page)
    work_here("mail")
    assert Dispatch.objects.filter(state="sent").count() == len(invoices)

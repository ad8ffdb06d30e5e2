"""Every page in a real browser, wide and narrow, light and dark: nothing for axe, for the console, or sideways; and
whole before any script has run."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from lxml import html
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.billing.models import Load
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.operations import delete_payment
from receivables.credit_control.operations import open_dispute
from receivables.ledger.models import GLAccount, JournalEntry
from tests.builders import make_load, make_member, make_organization, make_type, pay, seed_load
from tests.support.accessibility import FRAME, RULES, scrolls_sideways, violations

LISTS = [
    "home", "loads", "invoices", "payments", "customers", "approvals", "books", "journal", "periods", "jobs",
    "import_receivables", "create_load", "new_payment", "create_customer", "help", "profile", "preferences", "sessions",
    "password_change", "search", "short_payments", "resolve_short_payments", "short_payment_batches", "delegations",
    "reports", "pay_off_report", "pay_off_repeaters", "excess_report", "bad_debt_report",
]  # fmt: skip


@pytest.fixture
def house(visitor):
    """An organization in which every page has something to show: (member, addresses)."""
    bob = make_member(make_organization(), Role.BILLER, "Bob Biller", granted=["settings_look"])
    write_off = make_type(bob)
    load = seed_load(bob)
    invoice = generate_invoice(actor=bob, load=load)
    delete_payment(actor=bob, payment=pay(bob, invoice, "950"), reason="Recorded too early")
    add_accessorial(actor=bob, load=load, type=write_off, entity="customer", amount=Decimal(50), note="Damaged carton")
    regenerate_invoice(actor=bob, load=load)
    payment = pay(bob, invoice, "900")
    AuthorityLimit.objects.create(
        organization=bob.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=Decimal(1)
    )
    add_accessorial(actor=bob, load=load, type=write_off, entity="customer", amount=Decimal(20))
    draft = make_load(bob, origin="Dallas, TX", destination="Reno, NV", delivery_date=date(2026, 11, 2))
    return bob, [reverse(name) for name in LISTS] + details(bob, load, invoice, payment, draft)


def details(bob, load, invoice, payment, draft):
    account, agreement = load.account, load.agreement
    dispute = open_dispute(actor=bob, invoice=invoice, amount=Decimal(10), why="damage", note="Two pallets wet")
    ids = {
        "load": load.pk, "invoice": invoice.pk, "payment": payment.pk, "customer": account.customer_id,
        "account": account.pk, "account_ledger": account.pk, "agreement": agreement.pk, "invoice_revisions": invoice.pk,
        "approval": ApprovalRequest.objects.get().pk, "journal_entry": JournalEntry.objects.first().pk,
        "gl_account": GLAccount.objects.of(bob).get(role="receivables").pk, "regenerate_invoice": load.pk,
        "delete_payment": payment.pk, "add_accessorial": load.pk, "record_payment": invoice.pk, "edit_load": load.pk,
        "void_invoice": load.pk, "generate_invoice": draft.pk, "edit_customer": account.customer_id,
        "withdraw_request": ApprovalRequest.objects.get().pk, "bounce_payment": payment.pk,
        "open_dispute": invoice.pk, "resolve_dispute": dispute.pk, "resolve_short_payment": load.pk,
    }  # fmt: skip
    return [reverse(name, args=[pk]) for name, pk in ids.items()] + [Load.objects.get(pk=draft.pk).get_absolute_url()]


# How each page is seen: in the dark only colours are others.
SEEN = [("light", 1440, RULES), ("light", 390, RULES), ("dark", 1440, ["color-contrast"])]


def complaints(page, address, without=()):
    """What is wrong with a page in each of the windows; it is loaded once and then seen in all of them."""
    page.emulate_media(color_scheme="light")
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        yield f"{address}: answered {answer.status if answer else 'nothing'}"
        return
    headings = len(html.fromstring(answer.text()).xpath("//h1"))
    if headings != 1:
        yield f"{address}: {headings} headings where there is no JavaScript"
    for scheme, width, rules in SEEN:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        for violation in violations(page, rules, without):
            yield f"{address} {scheme} {width}: {violation}"
        if scrolls_sideways(page):
            yield f"{address} {scheme} {width}: scrolls sideways"


def test_no_page_has_anything_to_complain_about(visitor, house):
    bob, addresses = house
    page = visitor.open(bob.user)
    seen = [complaints(page, address, FRAME if at else ()) for at, address in enumerate(addresses)]
    found = [complaint for each in seen for complaint in each]
    assert not found, "\n".join(found)


def test_pages_open_to_all_have_nothing_to_complain_about(visitor):
    page = visitor.open()
    found = []
    for name in ("sign_in", "password_reset"):
        page.goto(reverse(name))
        found += [f"{name}: {violation}" for violation in violations(page)]
    assert not found, "\n".join(found)


PLANTED = """<!doctype html><html lang="en"><head><title>Planted</title></head><body>
<header class="topbar"><button></button></header><main><h1>Planted</h1><button></button></main></body></html>"""


def test_a_nameless_button_is_found_wherever_axe_is_to_look(visitor):
    page = visitor.open()
    page.set_content(PLANTED)
    [everywhere] = violations(page, ["button-name"])
    [inside] = violations(page, ["button-name"], [".rail", ".topbar"])
    assert ("header" in everywhere, "header" in inside) == (True, False)
    assert "main" in inside

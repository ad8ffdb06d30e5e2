"""Pages of loads and invoices, for each role and for strangers."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from receivables.billing.filters import invoice_keys
from receivables.billing.models import Invoice, Load
from receivables.billing.operations import (
    add_accessorial,
    edit_load,
    generate_invoice,
    regenerate_invoice,
    send_invoice,
)
from receivables.collections.operations import delete_payment
from tests.billing.conftest import browser
from tests.builders import make_account, make_invoice, make_load, make_type, pay, seed_load


def page(member, address):
    response = browser(member).get(address)
    return response.status_code, response.content.decode()


@pytest.fixture
def seeded(cast):
    """The published example: 1,000.00 invoiced, 950.00 received, −50.00 added, not regenerated."""
    load = seed_load(cast.alice)
    invoice = generate_invoice(actor=cast.alice, load=load)
    payment = pay(cast.alice, invoice, "950")
    row = add_accessorial(
        actor=cast.alice,
        load=load,
        type=make_type(cast.alice),
        entity="customer",
        amount=Decimal(50),
        note="claim C-118",
    )
    cast.load, cast.invoice, cast.payment, cast.row = load, invoice, payment, row
    return cast


def addresses(seeded):
    load, invoice = seeded.load.pk, seeded.invoice.pk
    return [
        "/", "/loads/", "/invoices/", "/search/?q=INV", f"/loads/{load}/", f"/invoices/{invoice}/",
        f"/invoices/{invoice}/revisions/",
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["alice", "bob", "cora", "audrey"])
def test_show_every_page_to_every_role(seeded, who):
    for address in addresses(seeded):
        status, _text = page(getattr(seeded, who), address)
        assert status in (200, 302), address


def test_show_nothing_to_another_organization(seeded):
    for address in addresses(seeded)[4:]:
        assert page(seeded.ray, address)[0] == 404, address
    for address in addresses(seeded)[:4]:
        assert seeded.invoice.number + "</" not in page(seeded.ray, address)[1]


def test_show_both_conditions_under_regenerate_invoice(seeded):
    _status, text = page(seeded.bob, f"/loads/{seeded.load.pk}/")
    assert 'aria-disabled="true"' in text
    assert "You can&#x27;t regenerate this invoice yet." in text
    assert "The charges have changed" in text
    assert f"A payment is recorded: {seeded.payment.number}" in text
    assert "Not on the invoice yet" in text
    assert "Out of date: invoice" in text
    assert "nothing is sent to accounting meanwhile" in text
    assert f"Delete payment {seeded.payment.number}." in text


def test_show_what_regenerating_does_once_the_payment_is_gone(seeded):
    delete_payment(actor=seeded.alice, payment=seeded.payment)
    _status, text = page(seeded.bob, f"/loads/{seeded.load.pk}/")
    assert "You can regenerate this invoice." in text
    assert reverse("regenerate_invoice", args=[seeded.load.pk]) in text
    _status, text = page(seeded.bob, reverse("regenerate_invoice", args=[seeded.load.pk]))
    assert "Bad debt expense" in text
    assert "Accounts receivable" in text


def test_show_whom_to_ask_without_the_permission(seeded):
    _status, text = page(seeded.cora, f"/loads/{seeded.load.pk}/")
    assert "You need the “Billing” permission. Ask Alice Owner." in text
    assert "You need the “Accessorials” permission. Ask Alice Owner." in text
    assert reverse("add_accessorial", args=[seeded.load.pk]) not in text


def test_show_what_changed_between_two_revisions(seeded):
    delete_payment(actor=seeded.alice, payment=seeded.payment)
    regenerate_invoice(actor=seeded.alice, load=seeded.load)
    _status, text = page(seeded.bob, f"/invoices/{seeded.invoice.pk}/revisions/")
    assert "Added" in text
    assert "Write-Off: claim C-118" in text
    assert "Revision 1" in text
    assert "Revision 2" in text
    assert page(seeded.bob, f"/invoices/{seeded.invoice.pk}/revisions/?from=1&to=9")[0] == 404
    assert page(seeded.bob, f"/invoices/{seeded.invoice.pk}/revisions/?from=x&to=%20")[0] == 200


def test_show_a_written_off_invoice_never_as_paid(seeded):
    delete_payment(actor=seeded.alice, payment=seeded.payment)
    regenerate_invoice(actor=seeded.alice, load=seeded.load)
    pay(seeded.alice, seeded.invoice, "950")
    for address in (f"/loads/{seeded.load.pk}/", f"/invoices/{seeded.invoice.pk}/", "/invoices/", "/loads/"):
        text = page(seeded.bob, address)[1]
        assert "Settled – written off" in text, address
        assert 'badge-success">Paid' not in text, address
    listed = page(seeded.bob, "/invoices/?status=paid")[1]
    assert seeded.invoice.number not in listed
    assert seeded.invoice.number in page(seeded.bob, "/invoices/?status=settled_written_off")[1]


def test_show_that_a_newer_revision_was_not_sent(seeded):
    send_invoice(actor=seeded.alice, load=seeded.load)
    delete_payment(actor=seeded.alice, payment=seeded.payment)
    regenerate_invoice(actor=seeded.alice, load=seeded.load)
    assert "Revision 2 is internal; 1 was sent" in page(seeded.bob, f"/loads/{seeded.load.pk}/")[1]
    edit_load(actor=seeded.alice, load=seeded.load, line_haul=Decimal(850))
    regenerate_invoice(actor=seeded.alice, load=seeded.load)
    assert "Revision 3 not sent" in page(seeded.bob, f"/loads/{seeded.load.pk}/")[1]
    lost = make_type(seeded.alice, "Damage", "bad_debt")
    add_accessorial(actor=seeded.alice, load=seeded.load, type=lost, entity="customer", amount=Decimal(-5))
    assert regenerate_invoice(actor=seeded.alice, load=seeded.load).internal
    assert "Revision 4 not sent" in page(seeded.bob, f"/loads/{seeded.load.pk}/")[1], "3 is owed to the customer still"
    assert seeded.load.number in page(seeded.bob, "/loads/?status=to_send")[1]


def queries(member, address):
    client = browser(member)
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_show_lists_in_the_same_number_of_queries(cast):
    account = make_account(cast.alice)
    make_invoice(cast.alice, account)
    one = {address: queries(cast.bob, address) for address in ("/", "/loads/", "/invoices/", "/search/?q=I")}
    for _each in range(2):
        pay(cast.alice, make_invoice(cast.alice, account), "10")
    assert {address: queries(cast.bob, address) for address in one} == one
    assert max(one.values()) < 25


def test_show_a_load_in_the_same_number_of_queries(cast):
    load = seed_load(cast.alice)
    generate_invoice(actor=cast.alice, load=load)
    address = f"/loads/{load.pk}/"
    one = queries(cast.bob, address)
    kind = make_type(cast.alice, "Detention", "charge")
    for _each in range(3):
        add_accessorial(actor=cast.alice, load=load, type=kind, entity="customer", amount=Decimal(5))
    assert queries(cast.bob, address) == one
    assert one < 35


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=draft", {"draft"}),
        ("status=queued", {"queued", "short", "stale"}),
        ("status=invoiced", {"sent"}),
        ("status=completed", {"paid"}),
        ("status=short_paid", {"short"}),
        ("status=to_send", {"queued", "short", "stale", "paid"}),
        ("out_of_date=yes", {"stale"}),
        ("q=ref-queued", {"queued"}),
        ("customer=Zebra", {"draft"}),
        ("q=zebra", {"draft"}),
    ],
)
def test_filter_loads(cast, query, found):
    account = make_account(cast.alice)
    zebra = make_account(cast.alice, "Zebra Shipping")
    loads = {"draft": make_load(cast.alice, zebra)}
    for name in ("queued", "sent", "paid", "short", "stale"):
        loads[name] = make_load(cast.alice, account, reference=f"REF-{name}")
        generate_invoice(actor=cast.alice, load=loads[name])
    send_invoice(actor=cast.alice, load=loads["sent"])
    pay(cast.alice, Invoice.objects.get(loads=loads["paid"]), "1000")
    pay(cast.alice, Invoice.objects.get(loads=loads["short"]), "10")
    add_accessorial(
        actor=cast.alice, load=loads["stale"], type=make_type(cast.alice, "Fuel", "charge"), entity="customer",
        amount=Decimal(5),
    )  # fmt: skip
    text = page(cast.bob, f"/loads/?{query}")[1]
    shown = {name for name, load in loads.items() if f"/loads/{load.pk}/" in text}
    assert shown == found


def test_search_opens_an_exact_number_at_once(cast):
    load = make_load(cast.alice, number="48213")
    response = browser(cast.bob).get("/search/?q=48213")
    assert response.status_code == 302
    assert response.url == f"/loads/{load.pk}/"
    assert f"/loads/{load.pk}/" in page(cast.bob, "/search/?q=4821")[1]


@pytest.mark.parametrize("q", ["", "%25", "x" * 5000, "'; --", "\\", "🚚"])
def test_search_bears_any_text(cast, q):
    make_load(cast.alice)
    assert browser(cast.bob).get("/search/", {"q": q}).status_code == 200


def test_search_refuses_nul(cast):
    assert browser(cast.bob).get("/search/?q=%00").status_code == 400


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("address", ["/loads/", "/invoices/"])
def test_export_lists(cast, address, kind):
    pay(cast.alice, make_invoice(cast.alice), "10")
    response = browser(cast.bob).get(f"{address}?export={kind}")
    assert response.status_code == 200
    assert b"".join(response) if response.streaming else response.content


def test_show_lists_page_by_page(cast):
    account = make_account(cast.alice)
    for _each in range(27):
        make_load(cast.alice, account)
    first = browser(cast.bob).get("/loads/").context
    assert len(first["table"].rows) == 25
    second = browser(cast.bob).get(first["pager"]["next_url"]).context
    assert len(second["table"].rows) == 2
    assert Load.objects.count() == 27


def test_a_filter_that_cannot_be_read_chooses_nothing_to_be_sent(cast):
    """It would be left out, and every invoice go to its customer."""
    invoice = make_invoice(cast.alice)
    for query, chosen in ((f"q={invoice.number}", [invoice.pk]), ("status=nonsense", [])):
        request = RequestFactory().get(f"/invoices/?{query}")
        request.actor = cast.alice
        assert invoice_keys(request, 5) == chosen, query

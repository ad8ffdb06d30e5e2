"""Disputes as they are clicked: from the invoice, as a way to end a short payment, and who may."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.models import Invoice
from receivables.collections.models import ShortPaymentNote
from receivables.credit_control.models import Dispute
from receivables.credit_control.operations import open_dispute
from tests.builders import make_member, pay
from tests.support.forms import own_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(load):
    return Invoice.objects.select_related("account").get(loads=load.pk)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"</?bdi[^>]*>", "", response.content.decode().replace("\u00a0", " ")))


def send(client, address, **typed):
    return client.post(address, {**own_fields(client.get(address).content.decode()), **typed})


def test_open_dispute_and_resolve_dispute_from_the_invoice(collector, browser_of, load, invoice):
    client, address = browser_of(collector), reverse("open_dispute", args=[invoice.pk])
    assert address in text_of(client.get(invoice.get_absolute_url()))
    assert send(client, address, amount="120.01", why="damage").status_code == 422
    assert send(client, address, amount="100", why="").status_code == 422
    response = send(client, address, amount="100", why="damage", note="Two pallets wet", next_step_on="2026-12-01")
    assert response.url == f"{invoice.get_absolute_url()}#disputes"
    account, customer = invoice.account, invoice.account.customer
    for page in (invoice, load, account, customer):
        text = text_of(client.get(page.get_absolute_url()))
        assert "Disputed 100.00 USD" in text, page
        assert "Two pallets wet" in text, page
        assert "Dispute opened" in text, page
    closing = reverse("resolve_dispute", args=[Dispute.objects.get().pk])
    assert send(client, closing, decision="partly", reason=" ").status_code == 422
    response = send(client, closing, decision="partly", reason="Half of it")
    text = text_of(client.get(response.url))
    assert "Disputed 100.00 USD" not in text
    assert "The customer is partly right: Half of it" in text


def test_a_settled_invoice_says_so_on_its_dispute(biller, browser_of, invoice):
    open_dispute(actor=biller, invoice=invoice, amount=100, why="damage")
    pay(biller, invoice, "120")
    text = text_of(browser_of(biller).get(invoice.get_absolute_url()))
    assert "The invoice is settled; the dispute can be closed." in text
    assert "Disputed 100.00 USD" not in text


def test_invoices_are_listed_by_being_disputed(biller, browser_of, invoice):
    client, address = browser_of(biller), reverse("invoices") + "?status=disputed"
    assert invoice.number not in text_of(client.get(address))
    open_dispute(actor=biller, invoice=invoice, amount=100, why="damage")
    text = text_of(client.get(address))
    assert invoice.number in text
    assert "Disputed" in text


def test_a_short_payment_may_be_kept_open_as_a_dispute(biller, browser_of, load, invoice):
    client = browser_of(biller)
    first, second = (reverse("short_payment_step", args=[load.pk, step]) for step in ("what", "check"))
    assert "Keep the balance open as a dispute" in text_of(client.get(first))
    typed = {"outcome": "open_dispute", "why": "rate", "details": "They say 900", "step": "check"}
    refused = send(client, first, **typed, **{"open_dispute-amount": "120.01"})
    assert (refused.status_code, list(refused.context["answers"].way.form.errors)) == (422, ["amount"])
    assert send(client, first, **typed, **{"open_dispute-amount": "100"}).status_code == 302
    text = text_of(client.get(second))
    assert "Open a dispute about 100.00 USD of invoice INV-000001." in text
    assert not Dispute.objects.exists(), "the preview is rolled back"
    body = own_fields(client.get(second).content.decode())
    done, again = client.post(second, body), client.post(second, body)
    assert (done.status_code, again.status_code) == (302, 302)
    dispute = Dispute.objects.get()
    assert (dispute.load, dispute.amount, dispute.why, dispute.note) == (load, 100, "rate", "They say 900")
    assert ShortPaymentNote.objects.get().outcome == "open_dispute"
    assert "Disputed 100.00 USD" in text_of(client.get(load.get_absolute_url()))


def test_a_dispute_previewed_under_other_figures_is_shown_anew(biller, browser_of, load, invoice):
    client, second = browser_of(biller), reverse("short_payment_step", args=[load.pk, "check"])
    first = reverse("short_payment_step", args=[load.pk, "what"])
    send(client, first, outcome="open_dispute", why="rate", step="check", **{"open_dispute-amount": "50"})
    body = own_fields(client.get(second).content.decode())
    pay(biller, invoice, "20")
    assert client.post(second, body).status_code == 409
    assert not Dispute.objects.exists()


def test_who_may_not_open_disputes_is_not_offered_it(biller, browser_of, load, invoice):
    client = browser_of(make_member(biller.organization, Role.BILLER, "Bea Biller", denied=["open_dispute"]))
    text = text_of(client.get(reverse("short_payment_step", args=[load.pk, "what"])))
    assert "Keep the balance open as a dispute" not in text
    assert reverse("open_dispute", args=[invoice.pk]) not in text_of(client.get(invoice.get_absolute_url()))


@pytest.mark.parametrize(("role", "status"), [(Role.COLLECTOR, 200), (Role.BILLER, 200), (Role.AUDITOR, 403)])
def test_open_dispute_needs_its_permission(biller, browser_of, invoice, role, status):
    client = browser_of(make_member(biller.organization, role, "Olga Other"))
    assert client.get(reverse("open_dispute", args=[invoice.pk])).status_code == status


def test_another_organizations_invoice_and_dispute_are_not_found(biller, stranger, browser_of, invoice):
    dispute = open_dispute(actor=biller, invoice=invoice, amount=1, why="damage")
    client = browser_of(stranger)
    for address in (reverse("open_dispute", args=[invoice.pk]), reverse("resolve_dispute", args=[dispute.pk])):
        assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)


def test_the_panel_asks_the_same_number_of_queries_however_many_disputes(biller, browser_of, load, invoice):
    client = browser_of(biller)

    def count(page):
        client.get(page)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    pages = [each.get_absolute_url() for each in (invoice, load, invoice.account, invoice.account.customer)]
    open_dispute(actor=biller, invoice=invoice, amount=1, why="damage")
    before = [count(page) for page in pages]
    for _each in range(4):
        open_dispute(actor=biller, invoice=invoice, amount=1, why="damage")
    assert [count(page) for page in pages] == before

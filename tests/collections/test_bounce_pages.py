"""A bounce, and deleting with the reduction, as they are clicked: what is said beforehand, what happens, who may."""

import re

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from receivables.collections.resolution import resolve_short_payment
from tests.builders import make_load, make_member, make_type, pay
from tests.collections.support import item_of
from tests.support.forms import own_fields

pytestmark = pytest.mark.django_db
OFFER = "Also take back the reduction that was given with it"


@pytest.fixture
def payment(biller):
    """950.00 on an invoice of 1,000.00, the rest given away in one step."""
    load = make_load(biller)
    payment = pay(biller, generate_invoice(actor=biller, load=load), "950")
    resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    return payment


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def send(client, verb, payment, **typed):
    address = reverse(verb, args=[payment.pk])
    return client.post(address, {**own_fields(client.get(address).content.decode()), **typed})


def test_bounce_payment_says_beforehand_what_it_does(browser_of, biller, payment):
    client = browser_of(biller)
    address = reverse("bounce_payment", args=[payment.pk])
    assert address in text_of(client.get(payment.get_absolute_url()))
    text = text_of(client.get(address))
    for said in (
        "Write-Off −50.00 USD on load L-000001, given with it, is taken back and the invoice regenerated.",
        "Invoice INV-000001 will be open again with a balance of 1,000.00 USD.",
        "This can&#x27;t be undone",
    ):
        assert said in text, said
    assert send(client, "bounce_payment", payment, reason=" ").status_code == 422
    response = send(client, "bounce_payment", payment, reason="Returned by the bank")
    text = text_of(client.get(response.url))
    assert "is recorded as bounced" in text
    assert "Bounced" in text
    assert item_of(Invoice.objects.get()).balance == 1000
    assert "1 payment taken back" in text_of(client.get(Invoice.objects.get().get_absolute_url()))


def test_delete_payment_offers_the_reduction_unticked(browser_of, biller, payment):
    client = browser_of(biller)
    page = client.get(reverse("delete_payment", args=[payment.pk])).content.decode()
    assert OFFER in page
    assert "with_reductions" not in own_fields(page), "unticked"
    done = send(client, "delete_payment", payment, with_reductions="on")
    assert "INV-000001 is open again with a balance of 1,000.00 USD." in text_of(client.get(done.url))
    assert item_of(Invoice.objects.get()).balance == 1000


def test_it_is_offered_only_where_there_is_one_and_to_those_who_may_undo_it(browser_of, biller, payment):
    clerk = make_member(biller.organization, Role.BILLER, "Clea Clerk", denied=["accessorials"])
    assert OFFER not in text_of(browser_of(clerk).get(reverse("delete_payment", args=[payment.pk])))
    plain = pay(biller, generate_invoice(actor=biller, load=make_load(biller)), "10")
    assert OFFER not in text_of(browser_of(biller).get(reverse("delete_payment", args=[plain.pk])))


@pytest.mark.parametrize(("role", "status"), [(Role.COLLECTOR, 403), (Role.AUDITOR, 403), (Role.ADMIN, 200)])
def test_bounce_payment_needs_its_permission(browser_of, biller, payment, role, status):
    client = browser_of(make_member(biller.organization, role, "Olga Other"))
    assert client.get(reverse("bounce_payment", args=[payment.pk])).status_code == status


def test_another_organizations_payment_is_not_found(browser_of, stranger, payment):
    assert browser_of(stranger).get(reverse("bounce_payment", args=[payment.pk])).status_code == 404

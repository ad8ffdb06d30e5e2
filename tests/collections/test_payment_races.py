"""Two people, two tabs, two clicks at the same instant, on real commits."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from receivables.billing.models import Invoice
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.models import BankAccount, Payment, PaymentReversal
from receivables.collections.operations import delete_payment
from receivables.core.errors import Refused
from tests.builders import balances, make_invoice, make_load, make_member, make_organization, make_type, pay
from tests.collections.support import form, item_of
from tests.support.races import race


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


def codes(results):
    return sorted(each.code for each in results if isinstance(each, Refused))


def test_two_payments_never_take_more_than_is_owed(admin):
    invoice = make_invoice(admin)
    results = race(lambda: pay(admin, invoice, "700"), lambda: pay(admin, invoice, "700"))
    assert codes(results) == ["more_than_owed"]
    assert item_of(invoice).balance == 300
    assert Payment.objects.count() == 1


def test_two_deletions(admin):
    payment = pay(admin, make_invoice(admin), "700")
    results = race(*[lambda: delete_payment(actor=admin, payment=payment)] * 2)
    assert codes(results) == ["already_deleted"]
    assert PaymentReversal.objects.count() == 1


def test_recording_while_regenerating(admin):
    """Whoever comes first: never a new revision under a payment."""
    load = make_load(admin)
    invoice = generate_invoice(actor=admin, load=load)
    add_accessorial(actor=admin, load=load, type=make_type(admin), entity="customer", amount=Decimal(-50), note="")
    results = race(lambda: regenerate_invoice(actor=admin, load=load), lambda: pay(admin, invoice, "950"))
    assert not any(isinstance(each, Exception) and not isinstance(each, Refused) for each in results)
    revision, item = Invoice.objects.get(pk=invoice.pk).current_revision, item_of(invoice)
    assert (revision, item.balance, codes(results)) in [(2, 0, []), (1, 50, ["payment_exists"])]
    assert sum(balances(admin).values()) == 0


def test_payments_across_accounts_in_opposite_order_do_not_deadlock(admin):
    first, second = make_invoice(admin), make_invoice(admin)
    payments = [pay(admin, first, "10"), pay(admin, second, "10")]
    results = race(
        lambda: delete_payment(actor=admin, payment=payments[0]),
        lambda: delete_payment(actor=admin, payment=payments[1]),
        lambda: pay(admin, second, "20"),
        lambda: pay(admin, first, "20"),
    )
    assert [each for each in results if isinstance(each, Exception)] == []
    assert [item_of(each).balance for each in (first, second)] == [980, 980]


@pytest.fixture
def click(admin, settings):
    """Sends the form of a payment on an invoice: `click(invoice, **typed)`, from any thread."""
    settings.REQUIRE_SECOND_FACTOR = False
    client, bank = Client(), BankAccount.objects.of(admin).get().pk
    client.force_login(admin.user, backend="accounts.backends.MembershipBackend")
    client.get("/payments/")

    def send(invoice, **typed):
        twin = Client()
        twin.cookies = client.cookies
        return twin.post(reverse("record_payment", args=[invoice.pk]), form(bank_account=bank, **typed))

    return send


def test_the_same_check_recorded_by_two_people(admin, click):
    invoice = make_invoice(admin)
    for n in range(5):
        sent = {"amount": "10", "reference": f"CHQ {n}"}
        results = race(lambda sent=sent: click(invoice, **sent), lambda sent=sent: click(invoice, **sent))
        assert sorted(each.status_code for each in results) == [302, 422]
    assert Payment.objects.count() == 5


def test_a_double_click(admin, click):
    invoice, key = make_invoice(admin), str(uuid4())
    first, second = race(*[lambda: click(invoice, amount="1000", _key=key)] * 2)
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert Payment.objects.count() == 1

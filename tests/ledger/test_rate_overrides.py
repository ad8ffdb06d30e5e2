"""A rate of a document's own: by permission, with a reason, near the table's or confirmed, and kept in the history."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.core.money import DEFAULT_FORMAT
from receivables.ledger.rates.overriding import Override
from receivables.ledger.rates.rules import override_exchange_rate_blocker
from tests.builders import balances, make_account, make_load, make_member, make_organization, pay
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import came, recover
from tests.collections.support import bank_in, rate

ISSUED, PAID = date(2026, 10, 1), date(2026, 11, 3)


@pytest.fixture
def alice(db, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    actor = make_member(make_organization())
    rate(actor, "SAR", ISSUED, "0.2667")
    return actor


@pytest.fixture
def load(alice):
    return make_load(alice, make_account(alice, currency="SAR"), "375")


def own(value, reason="Agreed with the customer", *, sure=False):
    return Override(Decimal(value), reason, sure)


@pytest.mark.parametrize(
    ("value", "table", "reason", "sure", "code"),
    [
        ("0.27", "0.2667", "Agreed", False, None),
        ("0.27", None, "No rate yet", False, None),
        ("0.27", "0.2667", " ", False, "no_rate_reason"),
        ("0", "0.2667", "Agreed", False, "not_positive"),
        ("3.75", "0.2667", "Agreed", False, "off_table"),
        ("3.75", "0.2667", "Agreed", True, None),
    ],
)
def test_override_exchange_rate_blocker(value, table, reason, sure, code):
    blocker = override_exchange_rate_blocker(
        Decimal(value), table=Decimal(table) if table else None, tolerance=Decimal(10), reason=reason, sure=sure,
        fmt=DEFAULT_FORMAT,
    )  # fmt: skip
    assert (blocker.code if blocker else None) == code


def test_override_exchange_rate_on_an_invoice_and_its_payment(alice, load):
    """375.00 SAR booked at 0.28 = 105.00 USD and paid at 0.26 = 97.50 USD: 7.50 USD lost on the exchange account."""
    invoice = generate_invoice(actor=alice, load=load, issue_date=ISSUED, override=own("0.28"))
    payment = pay(alice, invoice, "375", bank_account=bank_in(alice, "SAR"), override=own("0.26", "The bank's slip"))
    assert (invoice.rate, payment.rate) == (Decimal("0.28"), Decimal("0.26"))
    assert balances(alice) == {"1000": Decimal("97.50"), "4000": -105, "7000": Decimal("7.50")}
    kept = Event.objects.of(alice).get(name="record_payment").data
    assert (kept["rate"], kept["rate_reason"]) == ("0.26", "The bank's slip")


def test_override_exchange_rate_holds_where_the_money_is_for_bad_debt(alice, load):
    invoice = generate_invoice(actor=alice, load=load, issue_date=ISSUED)
    paid_off(alice, invoice, "300", bank_account=bank_in(alice, "SAR"))
    account = invoice.account
    money = replace(came(alice, account, "75", BankAccount.objects.get(currency="SAR")), override=own("0.28"))
    assert recover(alice, invoice, "75", money).payment.rate == Decimal("0.28")


def test_override_exchange_rate_needs_its_permission(alice, load):
    bob = make_member(alice.organization, Role.BILLER, "Bob")
    with pytest.raises(NotPermitted):
        generate_invoice(actor=bob, load=load, issue_date=ISSUED, override=own("0.28"))
    assert generate_invoice(actor=bob, load=load, issue_date=ISSUED).rate == Decimal("0.2667")


def test_override_exchange_rate_in_ones_own_currency_is_none(alice):
    own_load = make_load(alice)
    with pytest.raises(Refused) as caught:
        generate_invoice(actor=alice, load=own_load, override=own("1.1"))
    assert caught.value.field == "own_rate"


def test_the_pages_offer_an_own_rate_to_whom_it_is_given(alice, load):
    def browser(member):
        client = Client()
        client.force_login(member.user, backend="accounts.backends.MembershipBackend")
        return client

    def send(client, page, **values):
        return client.post(page, {"_key": str(uuid4()), **values})

    bob = make_member(alice.organization, Role.BILLER, "Bob")
    page = f"/loads/{load.pk}/generate-invoice/"
    assert "own_rate" not in browser(bob).get(page).content.decode()
    client = browser(alice)
    assert "own_rate" in client.get(page).content.decode()
    form = {"issue_date": "2026-10-01", "own_rate": "3.75"}
    assert list(send(client, page, **form).context["form"].errors) == ["rate_reason"]
    far = send(client, page, **form, rate_reason="Agreed")
    assert list(far.context["form"].errors) == ["rate_sure"]
    near = {"issue_date": "2026-10-01", "own_rate": "0.28", "rate_reason": "Agreed with the customer"}
    assert send(client, page, **near).status_code == 302
    load.refresh_from_db()
    assert load.invoice.rate == Decimal("0.28")
    assert "Agreed with the customer" in client.get(load.get_absolute_url()).content.decode()
    bank = bank_in(alice, "SAR")
    paid = {
        "amount": "375", "date": "2026-11-03", "method": "wire", "bank_account": bank.pk, "reference": "", "note": "",
        "posting_date": "", "own_rate": "0.26", "rate_reason": "The bank's slip",
    }  # fmt: skip
    assert send(client, f"/invoices/{load.invoice.pk}/record-payment/", **paid).status_code == 302
    payment = Payment.objects.of(alice).get()
    assert payment.rate == Decimal("0.26")
    assert "The bank&#x27;s slip" in client.get(payment.get_absolute_url()).content.decode()

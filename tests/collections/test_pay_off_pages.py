"""Pay bill? on the page of one invoice, and what the pages of a payment say of what was given up with it."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.models import CreditNote
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import delete_payment
from tests.billing.credit_notes import credit
from tests.builders import make_invoice, make_member
from tests.collections.pay_offs import by_journal, limited, paid_off
from tests.collections.support import form, fresh, item_of

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


@pytest.fixture
def tab(browser_of, biller):
    return browser_of(biller)


@pytest.fixture
def invoice(biller):
    return make_invoice(biller, line_haul="130")


def send(tab, biller, invoice, **values):
    bank = BankAccount.objects.of(biller).get().pk
    return tab.post(
        reverse("record_payment", args=[invoice.pk]), form(amount="50.00", bank_account=bank, **values), follow=True
    )


def test_pay_bill_on_one_invoice(tab, biller, invoice):
    limited(biller, "80")
    assert "Pay-off limit: up to 80.00 USD." in text(tab.get(reverse("record_payment", args=[invoice.pk])))
    said = text(send(tab, biller, invoice, pay_bill="on"))
    assert "80.00 USD was recorded as bad debt." in said
    assert (item_of(invoice).balance, CreditNote.objects.get().total) == (0, 80)


def test_pay_bill_beyond_the_limit_is_said_beside_its_field(tab, biller, invoice):
    limited(biller, "50")
    answer = send(tab, biller, invoice, pay_bill="on")
    assert answer.status_code == 422
    assert "exceeds the pay off limit of 50.00 USD." in str(answer.context["form"].errors["pay_bill"]).replace(
        "\u00a0", " "
    )
    assert not Payment.objects.exists()


def test_who_may_not_pay_bills_is_not_offered_it(browser_of, biller, invoice):
    collector = make_member(biller.organization, Role.COLLECTOR)
    assert "Pay bill?" not in text(browser_of(collector).get(reverse("record_payment", args=[invoice.pk])))


def test_what_was_given_alone_stays_and_is_listed(tab, biller, invoice):
    payment = paid_off(biller, invoice, "50", "20", date=date(2026, 11, 3))
    alone = credit(biller, fresh(invoice), "10")
    said = text(tab.get(reverse("delete_payment", args=[payment.pk])))
    assert "Credit note CN-000001 is reversed, and with it 20.00 USD" in said
    assert f"Credit note {alone.number} of 10.00 USD stays, since it was issued on its own" in said
    delete_payment(actor=biller, payment=payment)
    assert item_of(invoice).balance == 120


@pytest.mark.parametrize(
    ("journal", "said"), [(False, "Credit note CN-000001 is reversed"), (True, "The bad debt of 80.00 USD on invoice")]
)
@pytest.mark.parametrize("verb", ["delete_payment", "bounce_payment"])
def test_what_falls_with_a_payment_is_said_before(tab, biller, invoice, verb, journal, said):
    if journal:
        by_journal(biller)
    payment = paid_off(biller, invoice, "50", date=date(2026, 11, 3))
    assert "80.00 USD" in text(tab.get(payment.get_absolute_url()))
    shown = text(tab.get(reverse(verb, args=[payment.pk])))
    assert said in shown
    assert f"Invoice {invoice.number} will be open again with a balance of 130.00 USD." in shown


def test_what_was_deleted_is_said_with_the_whole_balance(tab, biller, invoice):
    payment = paid_off(biller, invoice, "50", date=date(2026, 11, 3))
    where = reverse("delete_payment", args=[payment.pk])
    shown = text(tab.post(where, {"reason": "", "_key": "8a4ff5a4-3d54-4c4c-9f42-0d8f0a3d6c11"}, follow=True))
    assert "is open again with a balance of 130.00 USD" in shown
    assert "<del>" in text(tab.get(payment.get_absolute_url()))

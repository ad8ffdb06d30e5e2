"""The form of a payment: what it suggests, what it refuses beside which field, and one click that repairs."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.operations import add_accessorial, generate_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import delete_payment
from receivables.core.dates import today
from tests.builders import make_account, make_invoice, make_load, make_member, make_type, pay
from tests.collections.support import bank_in, close_month, form, item_of, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def tab(browser_of, biller):
    return browser_of(biller)


def url(invoice):
    return reverse("record_payment", args=[invoice.pk])


def send(tab, invoice, **values):
    bank = values.pop("bank_account", None) or invoice_bank(invoice).pk
    return tab.post(url(invoice), form(bank_account=bank, **values))


def invoice_bank(invoice):
    return BankAccount.objects.filter(organization=invoice.organization, currency=invoice.currency).first()


def said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request)).replace("\u00a0", " ")


def errors(response, field):
    return " ".join(map(str, response.context["form"].errors.get(field, []))).replace("\u00a0", " ")


def test_the_form_suggests_what_is_most_likely(tab, biller):
    invoice = make_invoice(biller, line_haul="130")
    shown = tab.get(url(invoice)).context["form"]
    assert shown["amount"].value() == "130.00"
    assert shown["date"].value() == today(biller.organization)
    assert shown["bank_account"].value() == invoice_bank(invoice).pk
    assert [str(choice[1]) for choice in shown.fields["bank_account"].choices] == ["Main bank (USD)"]


def test_only_bank_accounts_of_the_invoices_currency_are_offered(tab, biller):
    rate(biller, "EUR", date(2026, 1, 1), "1.1")
    euros = bank_in(biller, "EUR")
    invoice = make_invoice(biller, make_account(biller, currency="EUR"))
    assert [bank.pk for bank in tab.get(url(invoice)).context["form"].fields["bank_account"].queryset] == [euros.pk]


def test_no_bank_account_in_the_currency_is_said_before_anything_is_typed(tab, biller):
    rate(biller, "EUR", date(2026, 1, 1), "1.1")
    invoice = make_invoice(biller, make_account(biller, currency="EUR"))
    assert tab.get(url(invoice)).context["blocker"].code == "no_bank_account"


def test_recording_says_what_stays_open_and_leads_back_to_the_load(tab, biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    response = send(tab, invoice, amount="950.00")
    payment = Payment.objects.get()
    assert response.url == load.get_absolute_url()
    assert (
        said(response) == f"Payment {payment.number} of 950.00 USD was recorded. 50.00 USD stays open on this invoice."
    )
    assert (payment.reference, payment.method, payment.created_by) == ("CHQ 20817", "check", biller.user)


def test_paid_in_full(tab, biller):
    response = send(tab, make_invoice(biller), amount="1000")
    assert said(response).endswith("was recorded. Paid in full.")


def test_a_payment_of_zero_is_allowed_and_said_so(tab, biller):
    invoice = make_invoice(biller)
    assert "0.00 is a payment too" in tab.get(url(invoice)).content.decode()
    assert send(tab, invoice, amount="0").status_code == 302
    assert item_of(invoice).live_payments == 1


class TestMoreThanTheBalance:
    def test_is_refused_with_one_click_that_repairs(self, tab, biller):
        invoice = make_invoice(biller, line_haul="130")
        response = send(tab, invoice, amount="150.00")
        assert response.status_code == 422
        refusal = "The amount to apply (150.00 USD) is bigger than the invoice balance (130.00 USD)."
        assert errors(response, "amount") == refusal
        page = response.content.decode().replace("\u00a0", " ")
        assert "Apply 130.00 USD here, keep 20.00 USD on account" in page
        assert 'value="150.00"' in page, "what was typed stays"
        assert not Payment.objects.exists()

    def test_the_click_keeps_the_rest_on_account(self, tab, biller):
        invoice = make_invoice(biller, line_haul="130")
        response = send(tab, invoice, amount="150.00", keep_rest="1")
        payment = Payment.objects.get()
        assert (payment.amount, item_of(payment).balance, item_of(invoice).balance) == (150, -20, 0)
        assert said(response).endswith("Paid in full. 20.00 USD stays on account for Acme Foods.")

    def test_on_a_settled_invoice_all_of_it_is_kept(self, tab, biller):
        invoice = make_invoice(biller, line_haul="130")
        pay(biller, invoice, "130")
        send(tab, invoice, amount="150.00", keep_rest="1", reference="second")
        payment = Payment.objects.get(reference="second")
        assert item_of(payment).balance == -150
        assert item_of(invoice).live_payments == 1, "nothing was applied, so nothing stands on the invoice"

    def test_a_balance_that_shrank_meanwhile_is_noticed(self, tab, biller):
        invoice = make_invoice(biller, line_haul="130")
        pay(biller, invoice, "100")
        response = send(tab, invoice, amount="130.00")
        assert "is bigger than the invoice balance (30.00 USD)" in errors(response, "amount")


class TestDuplicates:
    """The same account, amount and reference within seven days is shown, and needs a tick."""

    @pytest.fixture
    def invoice(self, biller):
        invoice = make_invoice(biller)
        pay(biller, invoice, "100", date=date(2026, 11, 3), reference="CHQ 1")
        return invoice

    def test_needs_a_tick(self, tab, invoice):
        response = send(tab, invoice, amount="100", reference="chq 1", date="2026-11-10")
        assert response.status_code == 422
        known = Payment.objects.get()
        assert f"was recorded on 3 Nov 2026 ({known.number})" in errors(response, "again")
        assert send(tab, invoice, amount="100", reference="chq 1", date="2026-11-10", again="on").status_code == 302
        assert Payment.objects.count() == 2

    @pytest.mark.parametrize(
        "other", [{"amount": "100.01"}, {"reference": "CHQ 2"}, {"date": "2026-11-11"}, {"date": "2026-10-26"}]
    )
    def test_another_amount_reference_or_week_is_none(self, tab, invoice, other):
        assert send(tab, invoice, **{"amount": "100", "reference": "CHQ 1", **other}).status_code == 302

    def test_a_deleted_one_is_none(self, tab, biller, invoice):
        delete_payment(actor=biller, payment=Payment.objects.get())
        assert send(tab, invoice, amount="100", reference="CHQ 1").status_code == 302


class TestOutOfDate:
    """Recorded before regenerating, the page says so beforehand and afterwards, with the cure."""

    @pytest.fixture
    def invoice(self, biller):
        load = make_load(biller)
        invoice = generate_invoice(actor=biller, load=load)
        add_accessorial(
            actor=biller, load=load, type=make_type(biller), entity="customer", amount=Decimal(-50), note=""
        )
        return invoice

    def test_beforehand(self, tab, invoice):
        warning = tab.get(url(invoice)).context["warning"]
        title = str(warning.title).replace("\u00a0", " ")
        assert "it says 1,000.00 USD, the charges of load" in title
        assert "add up to 950.00 USD" in title
        assert "Regenerate the invoice first" in str(warning.message)

    def test_afterwards(self, tab, invoice):
        text = said(send(tab, invoice, amount="950"))
        assert "delete the payment, regenerate the invoice, then record the payment again" in text

    def test_not_otherwise(self, tab, biller):
        assert tab.get(url(make_invoice(biller))).context["warning"] is None


class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("amount", ""), ("amount", "ten"), ("amount", "1,23"), ("amount", "10.001"), ("amount", "-1"),
            ("amount", "1e9"), ("amount", "9" * 16), ("date", ""), ("date", "2026-02-30"), ("date", "1026-11-03"),
            ("method", "barter"), ("bank_account", "999999"), ("reference", "x" * 81), ("note", "x" * 201),
            ("posting_date", "never"),
        ],
    )  # fmt: skip
    def test_is_said_beside_its_field_and_nothing_is_saved(self, tab, biller, field, value):
        response = send(tab, make_invoice(biller), **{field: value})
        assert response.status_code == 422
        assert errors(response, field)
        assert not Payment.objects.exists()

    def test_another_organizations_bank_account(self, tab, biller, stranger):
        theirs = bank_in(stranger, "USD", "Theirs")
        assert errors(send(tab, make_invoice(biller), bank_account=theirs.pk), "bank_account")

    def test_a_closed_posting_date(self, tab, biller):
        invoice = make_invoice(biller)
        close_month(biller, date(2026, 9, 1))
        response = send(tab, invoice, posting_date="2026-09-30")
        assert errors(response, "posting_date") == "2026-09 is closed. Choose a date in an open month."

    def test_a_closed_document_date_moves_the_posting_and_says_so(self, tab, biller):
        invoice = make_invoice(biller)
        close_month(biller, date(2026, 9, 1))
        assert said(send(tab, invoice, date="2026-09-30")).endswith("It is posted on 1 Oct 2026.")


class TestSentTwice:
    def test_the_same_form_makes_one_payment_and_the_same_answer(self, tab, biller):
        invoice, key = make_invoice(biller), str(uuid4())
        first, second = (send(tab, invoice, amount="100", _key=key) for _again in range(2))
        assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)
        assert Payment.objects.count() == 1

    def test_also_when_the_first_has_changed_what_the_second_sees(self, tab, biller):
        """Settled by the first, the second neither exceeds the balance nor looks like a duplicate of itself."""
        invoice, key = make_invoice(biller), str(uuid4())
        first, second = (send(tab, invoice, amount="1000", _key=key) for _again in range(2))
        assert (second.status_code, second.url) == (302, first.url)
        assert Payment.objects.count() == 1

    def test_the_same_key_with_another_amount_is_refused(self, tab, biller):
        invoice, key = make_invoice(biller), str(uuid4())
        send(tab, invoice, amount="100", _key=key)
        assert send(tab, invoice, amount="200", _key=key).status_code == 422
        assert Payment.objects.count() == 1

    def test_two_forms_make_two_payments(self, tab, biller):
        invoice = make_invoice(biller)
        for reference in ("one", "two"):
            send(tab, invoice, amount="100", reference=reference)
        assert Payment.objects.count() == 2


class TestWho:
    def test_another_organizations_invoice_does_not_exist(self, tab, stranger):
        theirs = make_invoice(stranger)
        assert tab.get(url(theirs)).status_code == 404
        assert tab.post(url(theirs), form(bank_account="1")).status_code == 404

    def test_an_auditor_may_not(self, browser_of, biller):
        invoice = make_invoice(biller)
        auditor = browser_of(make_member(biller.organization, Role.AUDITOR, "Audrey"))
        assert auditor.get(url(invoice)).status_code == 403
        assert send(auditor, invoice).status_code == 403
        assert not Payment.objects.exists()


class TestOnAccount:
    """Money of a customer that is for no invoice yet."""

    def test_is_recorded_for_the_account(self, tab, biller):
        account = make_account(biller)
        where = reverse("payment_on_account", args=[account.pk])
        bank = tab.get(where).context["form"]["bank_account"].value()
        response = tab.post(where, form(amount="75.10", bank_account=bank))
        payment = Payment.objects.get()
        assert response.url == payment.get_absolute_url()
        assert item_of(payment).balance == Decimal("-75.10")
        assert said(response).endswith("75.10 USD stays on account for Acme Foods.")

    def test_zero_belongs_on_an_invoice(self, tab, biller):
        account = make_account(biller)
        where = reverse("payment_on_account", args=[account.pk])
        bank = tab.get(where).context["form"]["bank_account"].value()
        assert "above zero" in errors(tab.post(where, form(amount="0", bank_account=bank)), "amount")

    def test_its_decimals_are_those_of_the_bank_account(self, tab, biller):
        account, yen = make_account(biller), bank_in(biller, "JPY")
        where = reverse("payment_on_account", args=[account.pk])
        assert "JPY has 0 decimals" in errors(tab.post(where, form(amount="75.10", bank_account=yen.pk)), "amount")

    def test_another_organizations_account_does_not_exist(self, tab, stranger):
        assert tab.get(reverse("payment_on_account", args=[make_account(stranger).pk])).status_code == 404


class TestFinding:
    """A new payment begins with what a person has before them: a number, a reference, a name."""

    def find(self, tab, text):
        return tab.get(reverse("new_payment"), {"find": text}).context["found"]

    def test_by_invoice_load_reference_and_customer(self, tab, biller):
        account = make_account(biller, "Acme Foods")
        load = make_load(biller, account, reference="PO 4711")
        invoice = generate_invoice(actor=biller, load=load)
        make_invoice(biller, make_account(biller, "Baker Street"))
        for text in (invoice.number.lower(), load.number, "po 4711"):
            assert self.find(tab, text).invoices == [invoice]
        found = self.find(tab, "acme")
        assert (found.accounts, found.invoices) == ([account], [])

    def test_by_amount_and_by_who_paid_before(self, tab, biller):
        account = make_account(biller, "Acme Foods")
        first, second = make_invoice(biller, account, "1234.50"), make_invoice(biller, account, "77")
        payment = pay(biller, second, "70", reference="WIRE 88")
        assert self.find(tab, "1,234.50").invoices == [first]
        assert self.find(tab, "7.00").invoices == [second]
        assert [self.find(tab, text).payments for text in ("wire 8", "70.00", payment.number)] == [[payment]] * 3

    def test_what_is_open_comes_first(self, tab, biller):
        first, second = make_invoice(biller), make_invoice(biller)
        pay(biller, second, "1000")
        assert self.find(tab, "INV-").invoices == [first, second]

    def test_too_little_and_nothing(self, tab):
        assert self.find(tab, "a") is None
        assert self.find(tab, "no such thing").nothing

    def test_never_another_organizations(self, tab, stranger):
        invoice = make_invoice(stranger)
        assert self.find(tab, invoice.number).nothing
        assert self.find(tab, "Acme").nothing

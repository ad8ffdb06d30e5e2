"""The list of payments, one payment, its deletion and the section on load and invoice: figures, words, queries."""

from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.operations import generate_invoice, void_invoice
from receivables.collections.models import Payment, PayOff
from receivables.collections.operations import delete_payment
from receivables.core.registry import panels
from receivables.ledger.queries import entries_of
from tests.builders import make_account, make_invoice, make_load, make_member, pay
from tests.collections.support import bank_in, form, item_of, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def tab(browser_of, biller):
    return browser_of(biller)


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


def rows_of(response):
    return [row.record for row in response.context["table"].rows]


def queries(tab, where):
    tab.get(where)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert tab.get(where).status_code == 200
    return len(seen)


def test_the_entries_of_many_documents_are_asked_for_at_once(biller):
    """One condition for each kind of document, not for each: with hundreds that alone took seconds."""
    asked = [str(entries_of(biller, *(PayOff(pk=n) for n in range(most))).query) for most in (2, 300)]
    assert [sql.count(" OR ") for sql in asked] == [0, 0]


class TestList:
    @pytest.fixture
    def payments(self, biller):
        acme, baker = (
            make_invoice(biller, make_account(biller, "Acme")),
            make_invoice(biller, make_account(biller, "Baker")),
        )
        paid = pay(biller, acme, "100", reference="CHQ 1", date=date(2026, 11, 1))
        kept = pay(biller, baker, "1200", applied="1000", reference="WIRE 2", method="wire", date=date(2026, 11, 2))
        gone = pay(biller, acme, "55", reference="CHQ 3", date=date(2026, 11, 3))
        delete_payment(actor=biller, payment=gone, reason="Typed twice")
        return {"paid": paid, "kept": kept, "gone": gone, "invoice": acme}

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("", ["kept", "paid"]), ("view=on-account", ["kept"]), ("view=deleted", ["gone"]),
            ("view=no-such-view", ["kept", "paid"]),
            ("q=baker", ["kept"]), ("q=chq", ["paid"]), ("method=wire", ["kept"]),
            ("since=2026-11-02", ["kept"]), ("until=2026-11-01", ["paid"]),
            ("sort=amount", ["paid", "kept"]), ("sort=-number", ["kept", "paid"]),
        ],
    )  # fmt: skip
    def test_tabs_filters_and_sorting(self, tab, payments, query, shown):
        assert rows_of(tab.get(f"/payments/?{query}")) == [payments[name] for name in shown]

    def test_a_payment_is_found_by_the_invoice_it_paid(self, tab, payments):
        assert rows_of(tab.get("/payments/", {"q": payments["invoice"].number})) == [payments["paid"]]
        assert rows_of(tab.get("/payments/", {"q": payments["paid"].number})) == [payments["paid"]]

    def test_totals_are_of_all_filtered_rows_per_currency(self, tab, biller, payments):
        rate(biller, "EUR", date(2026, 1, 1), "1.1")
        pay(
            biller, make_invoice(biller, make_account(biller, currency="EUR")), "7", bank_account=bank_in(biller, "EUR")
        )
        totals = [
            (str(each["label"]), each["value"].replace("\u00a0", " "))
            for each in tab.get("/payments/").context["totals"]
        ]
        assert totals == [
            ("Received", "1,300.00 USD"), ("On account", "200.00 USD"),
            ("Received", "7.00 EUR"), ("On account", "0.00 EUR"),
        ]  # fmt: skip

    def test_never_another_organizations(self, tab, stranger):
        pay(stranger, make_invoice(stranger), "10")
        assert rows_of(tab.get("/payments/")) == []

    def test_export_of_what_is_shown(self, tab, payments):
        content = b"".join(tab.get("/payments/?export=csv&view=on-account")).decode("utf-8-sig")
        assert content.splitlines()[1].split(",")[-4:] == ["USD", "1200", "200", "On account"]

    def test_queries_do_not_grow_with_rows(self, tab, biller, payments):
        few = queries(tab, "/payments/")
        for _each in range(6):
            pay(biller, make_invoice(biller), "5")
        assert queries(tab, "/payments/") == few

    def test_an_empty_list_offers_the_first_payment(self, tab):
        assert reverse("new_payment") in text_of(tab.get("/payments/"))


class TestPage:
    def test_what_it_paid_and_what_the_ledger_says(self, tab, biller):
        invoice = make_invoice(biller)
        payment = pay(biller, invoice, "1200", applied="1000")
        response = tab.get(payment.get_absolute_url())
        net = [(line.gl_account.code, line.debit, line.credit) for line in response.context["net"]]
        assert net == [("1000", 1200, None), ("1200", None, 1000), ("2100", None, 200)]
        assert [entry.kind for entry, _lines in response.context["entries"]] == ["payment", "application"]
        page = text_of(response)
        assert item_of(invoice).get_absolute_url() in page
        assert "Payment recorded" in page

    def test_a_deleted_one_says_when_by_whom_and_why(self, tab, biller):
        payment = pay(biller, make_invoice(biller), "1000")
        delete_payment(actor=biller, payment=payment, reason="Wrong customer")
        response = tab.get(payment.get_absolute_url())
        page = text_of(response)
        assert response.context["net"] == []
        assert "Wrong customer" in page
        assert "Bob Biller" in page
        assert reverse("delete_payment", args=[payment.pk]) not in page

    def test_zero_posts_nothing(self, tab, biller):
        page = text_of(tab.get(pay(biller, make_invoice(biller), "0").get_absolute_url()))
        assert "A payment of zero posts nothing" in page

    def test_a_foreign_one_shows_the_own_currency(self, tab, biller):
        rate(biller, "EUR", date(2026, 1, 1), "1.1")
        rate(biller, "EUR", date(2026, 11, 3), "1.25")
        load = make_load(biller, make_account(biller, currency="EUR"), "100")
        invoice = generate_invoice(actor=biller, load=load, issue_date=date(2026, 10, 1))
        payment = pay(biller, invoice, "100", bank_account=bank_in(biller, "EUR"))
        net = tab.get(payment.get_absolute_url()).context["net"]
        assert [(line.gl_account.code, line.amount, line.organization_amount) for line in net] == [
            ("1000", 100, 125), ("1200", -100, -110), ("7000", 0, -15),
        ]  # fmt: skip

    def test_another_organizations_does_not_exist(self, tab, stranger):
        theirs = pay(stranger, make_invoice(stranger), "10")
        assert tab.get(theirs.get_absolute_url()).status_code == 404
        assert tab.post(reverse("delete_payment", args=[theirs.pk]), form()).status_code == 404
        assert not hasattr(Payment.objects.get(pk=theirs.pk), "reversal")


class TestDeletePaymentPage:
    def url(self, payment):
        return reverse("delete_payment", args=[payment.pk])

    def test_says_what_will_happen_and_then_what_did(self, tab, biller):
        load = make_load(biller)
        invoice = generate_invoice(actor=biller, load=load)
        payment = pay(biller, invoice, "950")
        page = text_of(tab.get(self.url(payment)))
        assert f"Delete payment {payment.number}, 950.00 USD?" in page
        assert f"Invoice {invoice.number} will be open again with a balance of 1,000.00 USD." in page
        assert "The payment stays in the history" in page
        response = tab.post(self.url(payment), form(reason="Wrong customer", posting_date=""))
        assert response.url == load.get_absolute_url()
        said = " ".join(map(str, get_messages(response.wsgi_request))).replace("\u00a0", " ")
        assert f"Invoice {invoice.number} is open again with a balance of 1,000.00 USD." in said
        assert Payment.objects.get(pk=payment.pk).reversal.reason == "Wrong customer"

    def test_the_second_try_is_refused_with_the_reason(self, tab, biller):
        payment = pay(biller, make_invoice(biller), "950")
        delete_payment(actor=biller, payment=payment)
        assert tab.get(self.url(payment)).context["blocker"].code == "already_deleted"
        response = tab.post(self.url(payment), form(posting_date=""))
        assert response.status_code == 422
        assert "was already deleted" in text_of(response)

    def test_a_collector_may_not(self, browser_of, biller):
        payment = pay(biller, make_invoice(biller), "950")
        collector = browser_of(make_member(biller.organization, Role.COLLECTOR, "Cole"))
        assert collector.get(self.url(payment)).status_code == 403
        assert collector.post(self.url(payment), form()).status_code == 403
        assert self.url(payment) not in text_of(collector.get(payment.get_absolute_url()))


class TestPanel:
    """The payments of an invoice, on the page of its load and on its own."""

    def test_both_pages_have_it(self):
        for model in ("billing.load", "billing.invoice"):
            assert panels.of(model, "payments")[0].name == "payments"

    def test_live_and_deleted_payments(self, tab, biller):
        load = make_load(biller)
        invoice = generate_invoice(actor=biller, load=load)
        gone, live = pay(biller, invoice, "950", reference="A"), pay(biller, invoice, "30", reference="B")
        delete_payment(actor=biller, payment=gone)
        for where in (load, invoice):
            page = text_of(tab.get(where.get_absolute_url()))
            assert reverse("delete_payment", args=[live.pk]) in page
            assert reverse("delete_payment", args=[gone.pk]) not in page
            assert gone.get_absolute_url() in page
            assert "1 payment taken back" in page
            assert reverse("record_payment", args=[invoice.pk]) in page

    def test_a_draft_says_what_to_do_first(self, tab, biller):
        page = text_of(tab.get(make_load(biller).get_absolute_url()))
        assert "Generate the invoice first." in page

    def test_a_void_invoice_takes_none(self, tab, biller):
        load = make_load(biller)
        invoice = generate_invoice(actor=biller, load=load)
        void_invoice(actor=biller, load=load, reason="wrong customer")
        page = text_of(tab.get(invoice.get_absolute_url()))
        assert f"Invoice {invoice.number} is void." in page
        assert reverse("record_payment", args=[invoice.pk]) not in page

    def test_its_queries_do_not_grow_with_payments(self, tab, biller):
        load = make_load(biller)
        invoice = generate_invoice(actor=biller, load=load)
        pay(biller, invoice, "1")
        few = queries(tab, load.get_absolute_url())
        for _each in range(5):
            pay(biller, invoice, "1")
        assert queries(tab, load.get_absolute_url()) == few

    def test_without_the_permission_there_is_no_button(self, browser_of, biller):
        invoice = make_invoice(biller)
        payment = pay(biller, invoice, "1")
        collector = browser_of(make_member(biller.organization, Role.COLLECTOR, "Cole"))
        page = text_of(collector.get(invoice.get_absolute_url()))
        assert reverse("record_payment", args=[invoice.pk]) in page
        assert reverse("delete_payment", args=[payment.pk]) not in page

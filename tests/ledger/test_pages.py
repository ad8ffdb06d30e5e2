"""Pages of customers and of the ledger: for each role, for strangers, and with a constant number of queries."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.operations import delete_payment
from receivables.core.errors import Refused
from receivables.ledger.models import GLAccount, JournalEntry, JournalLine, Period
from receivables.ledger.operations import close_period, reopen_period
from receivables.ledger.running import running
from tests.builders import make_account, make_invoice, make_member, make_organization, pay


def client_of(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


class Shop:
    def __init__(self):
        self.alice = make_member(make_organization())
        self.account = make_account(self.alice)
        self.invoice = make_invoice(self.alice, self.account)
        self.payment = pay(self.alice, self.invoice, "500", applied="400")
        self.customer = self.account.customer

    def pages(self):
        entry = JournalEntry.objects.of(self.alice).first()
        gl = GLAccount.objects.of(self.alice).get(code="1200")
        return {
            "customer": [self.customer.pk], "account": [self.account.pk], "account_ledger": [self.account.pk],
            "agreement": [self.account.agreements.get().pk], "journal_entry": [entry.pk], "gl_account": [gl.pk],
        }  # fmt: skip

    lists = ("customers", "books", "journal", "periods")


@pytest.fixture(scope="module")
def kept_shop(keep):
    return keep(Shop)


@pytest.fixture
def shop(kept_shop, db):
    return deepcopy(kept_shop)


@pytest.mark.parametrize("role", Role.values)
def test_show_every_page_to_every_role(shop, role):
    client = client_of(make_member(shop.alice.organization, role, "Bob"))
    for name, keys in shop.pages().items():
        assert client.get(reverse(name, args=keys)).status_code == 200, name
    for name in shop.lists:
        assert client.get(reverse(name)).status_code == 200, name


def test_show_nothing_to_another_organization(shop):
    client = client_of(make_member(make_organization("Rival"), name="Charlie"))
    for name, keys in shop.pages().items():
        assert client.get(reverse(name, args=keys)).status_code == 404, name
    for name in shop.lists:
        page = client.get(reverse(name)).content.decode()
        assert shop.customer.name not in page, name
        assert shop.invoice.number not in page, name


def test_show_the_same_number_of_queries_for_one_row_and_three(shop):
    client = client_of(shop.alice)

    def counted():
        found = {}
        for name, keys in [*shop.pages().items(), *((name, []) for name in shop.lists)]:
            client.get(reverse(name, args=keys))
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(reverse(name, args=keys))
            found[name] = len(queries)
        return found

    before = counted()
    for _more in range(2):
        make_invoice(shop.alice, shop.account)
        make_invoice(shop.alice, make_account(shop.alice, "Another"))
    assert counted() == before


def test_customers_show_what_is_owed_and_apart_from_it_what_we_have_of_them(shop):
    client = client_of(shop.alice)
    page = client.get(reverse("customers"), {"q": "acme"}).content.decode()
    assert "600.00" in page
    assert "100.00" in page
    assert "500.00" not in page, "money on account pays nothing before it is applied"
    assert shop.customer.name in page
    assert shop.customer.name not in client.get(reverse("customers"), {"q": "nobody"}).content.decode()
    assert shop.customer.name in client.get(reverse("customers"), {"owing": "left"}).content.decode()
    assert shop.customer.name not in client.get(reverse("customers"), {"owing": "late"}).content.decode()


def test_export_customers_needs_the_permission_and_gives_the_figures(shop):
    text = client_of(shop.alice).get(reverse("customers"), {"export": "csv"}).content.decode()
    assert f"{shop.customer.name},600 USD,,100 USD,," in text
    denied = make_member(shop.alice.organization, Role.COLLECTOR, "Cora", denied=["export_data"])
    for name in ("customers", "books", "journal"):
        assert client_of(denied).get(reverse(name), {"export": "csv"}).status_code == 403


def test_the_running_ledger_ends_where_the_account_stands(shop):
    page = client_of(shop.alice).get(reverse("account_ledger", args=[shop.account.pk]))
    rows = page.context["rows"]
    assert rows[0].after == Decimal(500)
    assert sum(row.amount for row in rows) == Decimal(500)
    assert rows[-1].after == rows[-1].amount


def test_the_running_ledger_is_the_same_on_pages_of_any_size(shop):
    for _more in range(3):
        pay(shop.alice, shop.invoice, "10")
    lines = JournalLine.objects.filter(open_item__account=shop.account)
    whole = [(row.pk, row.after) for row in running(lines, "amount").rows]
    pieces, cursor = [], ""
    while True:
        page = running(lines, "amount", cursor, size=2)
        pieces += [(row.pk, row.after) for row in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert pieces == whole


@pytest.mark.parametrize("query", ["before=x", "before=1", "before=1.x"])
def test_a_broken_cursor_is_no_fault(shop, query):
    client = client_of(shop.alice)
    assert client.get(reverse("account_ledger", args=[shop.account.pk]) + f"?{query}").status_code == 400
    assert client.get(reverse("agreement", args=[shop.account.agreements.get().pk]) + f"?{query}").status_code == 200
    assert client.get(reverse("books") + "?as_of=2026-13-45").status_code == 200


def test_the_trial_balance_ties_and_goes_by_the_day(shop):
    client = client_of(shop.alice)
    page = client.get(reverse("books"))
    assert page.context["ties"]
    assert page.context["debit"] > 0
    assert "Prepared by" in page.content.decode()
    assert client.get(reverse("books"), {"as_of": "2020-01-01"}).context["rows"] == []
    assert client.get(reverse("books"), {"export": "xlsx"}).status_code == 200


def test_the_journal_is_narrowed_by_account_kind_day_and_document(shop):
    client = client_of(shop.alice)
    bank = GLAccount.objects.of(shop.alice).get(code="1000")

    def found(**query):
        return [row.record.kind for row in client.get(reverse("journal"), query).context["table"].rows]

    assert found(account=bank.pk) == ["payment"]
    assert found(kind="generated") == ["generated"]
    assert found(q=shop.invoice.number) == ["generated"]
    assert found(until="2020-01-01") == []


def test_an_entry_leads_to_its_document_and_its_reversal(shop):
    delete_payment(actor=shop.alice, payment=shop.payment)
    client = client_of(shop.alice)
    entry = JournalEntry.objects.get(kind="payment", organization=shop.alice.organization)
    page = client.get(reverse("journal_entry", args=[entry.pk])).content.decode()
    assert shop.payment.get_absolute_url() in page
    assert reverse("journal_entry", args=[entry.reversed_by.pk]) in page


# Months


def test_close_period_and_reopen_period_by_an_admin(shop):
    client = client_of(shop.alice)
    month = Period.objects.of(shop.alice).order_by("month").first()
    page = client.get(reverse("close_period", args=[month.pk]))
    key = page.content.decode().split('name="_key" value="')[1][:36]
    assert client.post(reverse("close_period", args=[month.pk]), {"_key": key}).status_code == 302
    month.refresh_from_db()
    assert month.closed_by == shop.alice.user
    page = client.get(reverse("reopen_period", args=[month.pk]))
    key = page.content.decode().split('name="_key" value="')[1][:36]
    assert client.post(reverse("reopen_period", args=[month.pk]), {"_key": key}).status_code == 422
    data = {"_key": key, "reason": "Late carrier invoice"}
    assert client.post(reverse("reopen_period", args=[month.pk]), data).status_code == 302
    month.refresh_from_db()
    assert month.closed_at is None
    assert "Late carrier invoice" in client.get(reverse("periods")).content.decode()


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_close_period_is_for_admins_only(shop, role):
    bob = make_member(shop.alice.organization, role, "Bob")
    month = Period.objects.of(shop.alice).first()
    assert client_of(bob).get(reverse("close_period", args=[month.pk])).status_code == 403
    assert client_of(bob).get(reverse("close_month")).status_code == 403
    assert "close-period" not in client_of(bob).get(reverse("periods")).content.decode()


def test_close_period_of_an_empty_month_and_refusals(shop):
    closed = close_period(actor=shop.alice, month=date(2020, 5, 17))
    assert closed.month == date(2020, 5, 1)
    for verb, arguments, code in [
        (close_period, {"month": date(2020, 5, 1)}, "already_closed"),
        (close_period, {"month": date(2099, 1, 1)}, "not_begun"),
        (reopen_period, {"month": date(2021, 1, 1), "reason": "x"}, "not_closed"),
        (reopen_period, {"month": date(2020, 5, 1), "reason": " "}, "no_reason"),
    ]:
        with pytest.raises(Refused) as caught:
            verb(actor=shop.alice, **arguments)
        assert caught.value.code == code

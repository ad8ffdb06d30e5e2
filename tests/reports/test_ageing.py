"""The ageing: any day, as known on any day, the same for ever; down to the documents and beside the ledger."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.collections.operations import delete_payment
from receivables.core.dates import today
from receivables.ledger.rates.models import ExchangeRate
from receivables.ledger.standing import ageing as ageing_now
from receivables.ledger.standing import open_items
from receivables.reports.ageing.queries import BY_ISSUED, Asked, by_customer, of_customer, ties
from tests.builders import make_account, make_load, make_member, make_organization, pay
from tests.writeoffs.cast import write_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


def billed(actor, account, day, amount):
    """An invoice of that day, due thirty days later."""
    return generate_invoice(actor=actor, load=make_load(actor, account, amount), issue_date=day)


def row(actor, day, **asked):
    """Buckets, money not applied and total of the only customer."""
    found = by_customer(actor, Asked(day, **asked))
    assert len(found) <= 1
    return (*found[0].buckets, found[0].unapplied, found[0].total) if found else ()


def test_a_story_of_one_invoice_day_by_day(alice):
    """1,000.00, due after 30 days; 400.00 is paid on day 80 and taken back on day 112, which is today."""
    issued = today(alice.organization) - timedelta(days=112)
    invoice = billed(alice, make_account(alice), issued, "1000")
    delete_payment(actor=alice, payment=pay(alice, invoice, "400", date=issued + timedelta(days=80)))
    for number, expected in (
        (-1, ()),
        (0, (1000, 0, 0, 0, 0, 0, 1000)),
        (30, (1000, 0, 0, 0, 0, 0, 1000)),
        (31, (0, 1000, 0, 0, 0, 0, 1000)),
        (60, (0, 1000, 0, 0, 0, 0, 1000)),
        (61, (0, 0, 1000, 0, 0, 0, 1000)),
        (79, (0, 0, 1000, 0, 0, 0, 1000)),
        (80, (0, 0, 600, 0, 0, 0, 600)),
        (90, (0, 0, 600, 0, 0, 0, 600)),
        (91, (0, 0, 0, 600, 0, 0, 600)),
        (111, (0, 0, 0, 600, 0, 0, 600)),
        (112, (0, 0, 0, 1000, 0, 0, 1000)),
        (120, (0, 0, 0, 1000, 0, 0, 1000)),
        (121, (0, 0, 0, 0, 1000, 0, 1000)),
    ):
        assert row(alice, issued + timedelta(days=number)) == expected, number
    for age, expected in ((30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (120, 3), (121, 4)):
        found = row(alice, issued + timedelta(days=age), by=BY_ISSUED)
        assert [at for at in range(5) if found[at]] == [expected], age


def test_what_was_known_then_stays_what_it_was(alice):
    """Entered late, on a day before: the report of that day changes, the one as known before it does not."""
    invoice = billed(alice, make_account(alice), date(2026, 8, 1), "1000")
    day, before = date(2026, 9, 15), timezone.now()
    assert row(alice, day) == (0, 1000, 0, 0, 0, 0, 1000)
    pay(alice, invoice, "400", date=date(2026, 9, 10))
    billed(alice, invoice.account, date(2026, 9, 12), "70")
    assert row(alice, day) == (70, 600, 0, 0, 0, 0, 670)
    assert row(alice, day, known=before) == (0, 1000, 0, 0, 0, 0, 1000)
    assert row(alice, day, known=timezone.now()) == row(alice, day)


def test_money_on_account_is_no_bucket_and_what_was_written_off_is_left_out(alice):
    """The write-off uses the 200.00 on account first, then moves 500.00 to the write-off agreement."""
    account = make_account(alice)
    invoice = billed(alice, account, date(2026, 8, 1), "1000")
    pay(alice, invoice, "500", applied="300", date=date(2026, 9, 1))
    day = today(alice.organization)
    assert row(alice, day)[-2:] == (-200, 700)
    write_off(alice, account)
    assert row(alice, day) == ()
    assert row(alice, date(2026, 9, 1)) == (0, 700, 0, 0, 0, -200, 700)
    assert [each.level for each in of_customer(alice, account.customer_id, Asked(date(2026, 9, 1)))] == [2, 0]
    assert all(each.ties for each in ties(alice, Asked(day)))


def test_in_one_currency_or_in_the_organizations(alice):
    ExchangeRate.objects.create(organization=alice.organization, currency="EUR", date=date(2026, 8, 1), rate="1.10")
    billed(alice, make_account(alice, "Berlin Foods", "EUR"), date(2026, 8, 1), "100")
    billed(alice, make_account(alice), date(2026, 8, 1), "70")
    day = date(2026, 8, 2)
    assert [(each.name, each.total) for each in by_customer(alice, Asked(day))] == [
        ("Acme Foods", 70), ("Berlin Foods", Decimal("110.00")),
    ]  # fmt: skip
    assert [(each.name, each.total) for each in by_customer(alice, Asked(day, currency="EUR"))] == [
        ("Berlin Foods", 100)
    ]
    assert all(each.ties for each in ties(alice, Asked(day, currency="EUR")))


def test_today_it_says_what_the_pages_say_and_every_day_what_the_ledger_says(alice):
    days = [date(2026, month, 10) for month in range(3, 12)]
    account = make_account(alice)
    for step, day in enumerate(days):
        pay(alice, billed(alice, account, day, "1000"), str(100 * step), date=day + timedelta(days=5))
    now = today(alice.organization)
    (strip,) = ageing_now(open_items(alice), now)
    assert row(alice, now) == (*(bucket.amount for bucket in strip.buckets), -strip.on_account, strip.total)
    for day in (*days, now):
        found = ties(alice, Asked(day))
        assert found
        assert all(each.ties for each in found), (day, found)


def test_ageing_page_down_to_the_documents_and_out_as_a_file(alice, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    account = make_account(alice, "=Formula & Sons")
    invoice = billed(alice, account, date(2026, 8, 1), "1000")
    stranger = make_member(make_organization("Other"), Role.ADMIN, "Olga Other")
    theirs = billed(stranger, make_account(stranger, "Not Ours"), date(2026, 8, 1), "5")
    client = Client()
    client.force_login(alice.user, backend="accounts.backends.MembershipBackend")
    page, asked = reverse("ageing"), {"as_of": "2026-09-15", "compare": "1", "sort": "total"}
    shown = client.get(page, asked)
    text = shown.content.decode()
    assert "1,000.00" in text
    assert "Not Ours" not in text
    assert all(each.ties for each in shown.context["ties"])
    down = client.get(reverse("ageing_of_customer", args=[account.customer_id]), asked).content.decode()
    assert invoice.number in down
    assert client.get(reverse("ageing_of_customer", args=[theirs.account.customer_id])).status_code == 404
    exported = client.get(page, {**asked, "export": "csv"}).content.decode("utf-8-sig")
    head, line = list(csv.reader(io.StringIO(exported)))
    assert head[2:4] == ["Not due", "1–30 days"]
    assert line[0] == "'=Formula & Sons"
    assert line[3:] == ["1000.00", "0", "0", "0", "1000.00", "0"]
    documents = client.get(reverse("ageing_of_customer", args=[account.customer_id]), {**asked, "export": "csv"})
    assert invoice.number in documents.content.decode()
    for wrong in (
        {"as_of": "2026-13-01"},
        {"as_of": "9999-01-01"},
        {"known": "soon"},
        {"currency": "XYZ"},
        {"by": "x"},
    ):
        refused = client.get(page, wrong)
        assert refused.status_code == 422, wrong
        assert "invalid-feedback" in refused.content.decode(), wrong


def test_the_page_asks_the_same_however_many_customers(alice, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client = Client()
    client.force_login(alice.user, backend="accounts.backends.MembershipBackend")
    asked = []
    for customers in (2, 4):
        for number in range(customers):
            billed(alice, make_account(alice, f"Customer {number}"), date(2026, 8, 1), "10")
        client.get(reverse("ageing"))  # what is read once and kept
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("ageing")).status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1]

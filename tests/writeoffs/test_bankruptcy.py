"""Bankruptcies: who may, who must ask, what is refused, what the pages show, and what the database keeps."""

import re
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import dateformat, timezone

from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request
from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.operations import bounce_payment
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.core.transactions import preview
from receivables.customers.models import Account, AgreementType
from receivables.customers.operations import create_agreement
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.bankruptcy.drafting import Filing
from receivables.writeoffs.bankruptcy.operations import owed_of, start_bankruptcy
from receivables.writeoffs.bankruptcy.pages import tried
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from receivables.writeoffs.models import Bankruptcy, BankruptcyWithdrawal, WriteOff
from receivables.writeoffs.queries import sources_of
from tests.builders import make_account, make_invoice, make_member, pay
from tests.collections.support import rate
from tests.support.attack import NO_RIGHT, insert, refused, settle, sql
from tests.writeoffs.cast import bankruptcy, bill_and_late_charge, owed, pick, write_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def debt(admin):
    return bill_and_late_charge(admin)


def filing(actor, account, **changes):
    return Filing(account, **{"filed_on": today(actor.organization), "reference": "Court 24-1", **changes})


def test_start_bankruptcy_is_for_those_who_may(admin, biller, stranger, debt):
    account, _invoice, _late = debt
    with pytest.raises(NotPermitted):
        start_bankruptcy(actor=biller, filing=filing(biller, account))
    with pytest.raises(Refused) as refused:
        start_bankruptcy(actor=stranger, filing=filing(stranger, account))
    assert refused.value.code == "not_found"
    assert not Bankruptcy.objects.exists()


def test_start_bankruptcy_happens_once_and_shows_in_every_history(admin, debt):
    account, invoice, _late = debt
    found = bankruptcy(admin, account)
    with pytest.raises(Refused) as refused:
        start_bankruptcy(actor=admin, filing=filing(admin, account))
    assert refused.value.code == "started"
    event = Event.objects.get(name="start_bankruptcy")
    shown = {ref.split(":")[0] for ref in event.refs}
    assert shown >= {
        "writeoffs.bankruptcy", "writeoffs.writeoff", "customers.account", "customers.customer", "customers.agreement",
        "billing.invoice", "billing.load",
    }  # fmt: skip
    assert f"customers.account:{found.new_account_id}" in event.refs
    assert f"billing.invoice:{invoice.pk}" in event.refs


def test_start_bankruptcy_locks_the_customer_before_the_account(admin, debt):
    """As everybody does: who takes them the other way round would wait for somebody who waits for them."""
    with CaptureQueriesContext(connection) as said:
        bankruptcy(admin, debt[0])
    locked = [each["sql"] for each in said.captured_queries if "FOR NO KEY UPDATE" in each["sql"]]
    of = [
        next(i for i, sql in enumerate(locked) if f'FROM "customers_{name}"' in sql) for name in ("customer", "account")
    ]
    assert of == sorted(of)


def test_start_bankruptcy_says_what_stays_because_of_its_currency(admin, debt):
    account, invoice, _late = debt
    rate(admin, "EUR", today(admin.organization), "1.1")
    euros = create_agreement(actor=admin, account=account, type=invoice.agreement.type, currency="EUR")
    generate_invoice(actor=admin, load=create_load(actor=admin, account=account, agreement=euros, line_haul=D(7)))
    before = today(admin.organization) - timedelta(days=1)
    shown = preview(lambda: tried(admin, filing(admin, account, filed_on=before)))["effects"]
    assert any("7.00" in said and "in another currency than" in said for said in shown), shown


def test_start_bankruptcy_keeps_what_the_alert_said(admin, debt):
    account, _invoice, _late = debt
    Account.objects.filter(pk=account.pk).update(alert="Call before delivery.")
    bankruptcy(admin, account)
    account.refresh_from_db()
    assert account.alert.endswith("do not collect. Call before delivery.")


def test_start_bankruptcy_without_its_type_changes_nothing(admin, debt):
    account, _invoice, _late = debt
    AgreementType.objects.of(admin).filter(code="WO-BKR").update(active=False)
    with pytest.raises(Refused) as refused:
        start_bankruptcy(actor=admin, filing=filing(admin, account))
    assert refused.value.code == "no_bankruptcy_type"
    assert owed(account) == {"FREIGHT": (1050, "active")}


def test_start_bankruptcy_beyond_ones_authority_waits_and_is_granted_as_asked(admin, debt):
    account, _invoice, _late = debt
    AuthorityLimit.objects.create(
        organization=admin.organization, role="admin", kind="write_off", currency="USD", maximum=D(1000)
    )
    request = start_bankruptcy(actor=admin, filing=filing(admin, account))
    assert isinstance(request, ApprovalRequest)
    assert (request.verb, request.amount, request.currency) == ("start_bankruptcy", D(1050), "USD")
    with pytest.raises(Refused) as refused:
        start_bankruptcy(actor=admin, filing=filing(admin, account))
    assert refused.value.code == "already_asked"
    AuthorityLimit.objects.filter(organization=admin.organization, kind="write_off").delete()
    other = make_member(admin.organization, "admin", "Ada Admin")
    approve_request(actor=other, request=request)
    found = Bankruptcy.objects.get()
    assert (found.created_by, found.approved_by, found.reference) == (admin.user, other.user, "Court 24-1")
    assert owed(account) == {"FREIGHT": (0, "closed"), "WO-BKR": (1050, "active")}


def test_start_bankruptcy_is_not_granted_once_the_debt_has_changed(admin, debt):
    account, invoice, _late = debt
    limit = AuthorityLimit.objects.create(
        organization=admin.organization, role="admin", kind="write_off", currency="USD", maximum=D(1000)
    )
    request = start_bankruptcy(actor=admin, filing=filing(admin, account))
    limit.delete()
    pay(admin, invoice, "10")
    with pytest.raises(Refused) as refused:
        approve_request(actor=make_member(admin.organization, "admin", "Ada Admin"), request=request)
    assert refused.value.code == "facts_moved"


def test_record_dividend_refuses_what_is_not_the_trustees(admin, biller, debt):
    account, _invoice, _late = debt
    found = bankruptcy(admin, account)
    elsewhere = pay(admin, make_invoice(admin, line_haul="100"), "130", "30")
    with pytest.raises(NotPermitted):
        record_dividend(actor=biller, dividend=Dividend(found, elsewhere))
    with pytest.raises(Refused) as refused:
        record_dividend(actor=admin, dividend=Dividend(found, elsewhere))
    assert refused.value.code == "no_payment"


def test_record_dividend_records_and_refuses_too_much(admin, debt):
    account, invoice, _late = debt
    paid = pay(admin, invoice, "130", "30")
    found = bankruptcy(admin, account)
    with pytest.raises(Refused) as refused:
        record_dividend(actor=admin, dividend=Dividend(found, paid, D(101)))
    assert refused.value.code == "more_than_unapplied"
    with pytest.raises(Refused) as refused:
        record_dividend(actor=admin, dividend=Dividend(found, paid, D(50), paid.posting_date))
    assert refused.value.code == "before_debt", "the payment came first, but nothing was on the bankruptcy type then"
    made = record_dividend(actor=admin, dividend=Dividend(found, paid, D(50)))
    assert (made.method, made.bankruptcy_id, made.amount) == ("dividend", found.pk, 50)
    assert owed_of(found) == {"USD": D(970)}
    event = Event.objects.get(name="record_dividend")
    assert f"collections.payment:{paid.pk}" in event.refs


def hidden(page):
    """What the confirm page sends along."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def test_start_bankruptcy_and_record_dividend_by_their_pages(admin, browser_of, debt):
    account, invoice, _late = debt
    pay(admin, invoice, "130", "30")
    browser, url = browser_of(admin), reverse("start_bankruptcy", args=[account.pk])
    assert "Start bankruptcy" in browser.get(account.get_absolute_url()).content.decode()
    shown = browser.post(url, {"filed_on": today(admin.organization).isoformat(), "reference": "Court 24-1"})
    text = shown.content.decode()
    assert not Bankruptcy.objects.exists()
    for part in ("Nothing has been changed yet.", "1,020.00", "is stopped, owes nothing then and closes", "set off"):
        assert part in text
    done = browser.post(url, {**hidden(shown), "step": "confirm"})
    found = Bankruptcy.objects.get()
    assert done.url == found.get_absolute_url()
    page = browser.get(done.url).content.decode()
    assert "Court 24-1" in page
    assert "1,020.00" in page
    assert "Court 24-1" in browser.get(found.new_account.get_absolute_url()).content.decode()
    url = reverse("record_dividend", args=[found.pk])
    payment = account.payments.get()
    shown = browser.post(url, {"payment": payment.pk})
    assert "920.00" in shown.content.decode()
    assert "2100 Unapplied payments" in shown.content.decode()
    assert browser.post(url, {**hidden(shown), "step": "confirm"}).url == found.get_absolute_url()
    assert WriteOff.objects.get(method="dividend").amount == 100


def test_withdraw_bankruptcy_is_shown_first_and_then_done(admin, biller, stranger, browser_of, debt):
    account, invoice, _late = debt
    pay(admin, invoice, "130", "30")
    found = bankruptcy(admin, account)
    browser, url = browser_of(admin), reverse("withdraw_bankruptcy", args=[found.pk])
    assert url in browser.get(found.get_absolute_url()).content.decode()
    assert dateformat.format(found.filed_on, "j M Y") in browser.get(url).content.decode(), "as the reader writes days"
    assert "reason" in browser.post(url, {"reason": ""}).context["form"].errors
    shown = browser.post(url, {"reason": "Another customer of that name"})
    text = shown.content.decode()
    for part in ("Nothing has been changed yet.", invoice.number, "970.00", "is then: Active", "its service ends"):
        assert part in text, part
    assert not BankruptcyWithdrawal.objects.exists()
    assert browser.post(url, {**hidden(shown), "step": "confirm"}).url == found.get_absolute_url()
    page = browser.get(found.get_absolute_url()).content.decode()
    assert "This bankruptcy was withdrawn." in page
    assert "Another customer of that name" in page
    assert reverse("record_dividend", args=[found.pk]) not in page
    assert "Withdrawn" in browser.get(account.get_absolute_url()).content.decode()
    assert browser_of(biller).get(url).status_code == 403
    assert browser_of(stranger).get(url).status_code == 404


def test_add_to_bankruptcy_is_said_on_its_pages_shown_first_and_then_done(admin, biller, stranger, browser_of, debt):
    account, invoice, _late = debt
    paid = pay(admin, invoice, "130")
    found = bankruptcy(admin, account)
    browser, url = browser_of(admin), reverse("add_to_bankruptcy", args=[found.pk])
    assert url not in browser.get(found.get_absolute_url()).content.decode()
    assert "outside the bankruptcy type" not in browser.get(account.get_absolute_url()).content.decode()
    bounce_payment(actor=admin, payment=paid, reason="Returned")
    for page in (found, account):
        shown = browser.get(page.get_absolute_url()).content.decode()
        assert "130.00 USD from before the petition is owed outside the bankruptcy type" in " ".join(shown.split())
    assert url in browser.get(found.get_absolute_url()).content.decode()
    assert "outside the bankruptcy" not in browser.get(found.new_account.get_absolute_url()).content.decode()
    assert browser_of(biller).get(url).status_code == 403
    assert browser_of(stranger).get(url).status_code == 404
    shown = browser.post(url, {"posting_date": ""})
    text = " ".join(shown.content.decode().split())
    for part in ("Nothing has been changed yet.", invoice.number, "130.00", "1,050.00 USD is then owed"):
        assert part in text, part
    assert owed_of(found) == {"USD": D(920)}
    early = browser.post(url, {"posting_date": (found.posting_date - timedelta(days=400)).isoformat()})
    assert "posting_date" in early.context["form"].errors
    assert browser.post(url, {**hidden(shown), "step": "confirm"}).url == found.get_absolute_url()
    assert owed_of(found) == {"USD": D(1050)}


def test_sql_a_withdrawn_bankruptcy_is_over(admin, debt):
    """Not while its debt stands on the bankruptcy type, not with a dividend afterwards, and no two at a time."""
    account, _invoice, _late = debt
    found = bankruptcy(admin, account)
    row = {"organization_id": admin.organization_id, "created_at": timezone.now(), "posting_date": found.posting_date}
    with refused("RV007"):
        insert("writeoffs_bankruptcywithdrawal", bankruptcy_id=found.pk, reason="x", **row)
        settle()
    again = {"account_id": account.pk, "filed_on": found.filed_on, "reference": "x", **row}
    with refused("RV007"):
        insert("writeoffs_bankruptcy", new_account_id=make_account(admin, "Other").pk, **again)
        settle()
    stop = found.stops.get()
    with refused("RV007"):
        insert(
            "writeoffs_bankruptcystop", organization_id=admin.organization_id, bankruptcy_id=found.pk,
            agreement_id=found.new_account.agreements.get().pk, state="active", awaits_final_bill=False,
        )  # fmt: skip
        settle()
    withdraw_bankruptcy(actor=admin, bankruptcy=found, reason="Filed in error")
    with refused("RV007"):
        WriteOff.objects.create(
            organization=admin.organization, number="X", sequence_number=99, account=account, method="dividend",
            bankruptcy=found, reason="x", currency="USD", amount=1, organization_amount=1, line_count=1,
            date=found.posting_date, posting_date=found.posting_date,
        )  # fmt: skip
    for statement in (f"DELETE FROM writeoffs_bankruptcystop WHERE id = {stop.pk}",
                      "UPDATE writeoffs_bankruptcywithdrawal SET reason = 'y'"):  # fmt: skip
        with refused(NO_RIGHT):
            sql(statement)


def test_start_bankruptcy_refuses_beside_the_field(admin, browser_of, debt):
    account, _invoice, _late = debt
    browser, url = browser_of(admin), reverse("start_bankruptcy", args=[account.pk])
    ahead = today(admin.organization) + timedelta(days=1)
    answer = browser.post(url, {"filed_on": ahead.isoformat(), "reference": "Court 24-1"})
    assert "filed_on" in answer.context["form"].errors
    assert not Bankruptcy.objects.exists()


def test_what_a_write_off_took_is_read_at_once_however_much_it_was(admin, django_assert_num_queries):
    """Also where it was written off before: each source finds its document without asking for it."""
    account = make_account(admin, "Many")
    for invoice in [make_invoice(admin, account, "10") for _each in range(3)]:
        write_off(admin, account, picks=pick(invoice, "10"))
    found = bankruptcy(admin, account).write_offs.get()
    with django_assert_num_queries(2):
        assert len([source.document for source in sources_of(found)]) == 3


def test_a_stranger_finds_no_bankruptcy(admin, biller, stranger, browser_of, debt):
    account, _invoice, _late = debt
    found = bankruptcy(admin, account)
    for url in (found.get_absolute_url(), reverse("record_dividend", args=[found.pk])):
        assert browser_of(stranger).get(url).status_code == 404
    assert browser_of(biller).get(found.get_absolute_url()).status_code == 200
    assert browser_of(biller).get(reverse("record_dividend", args=[found.pk])).status_code == 403


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE writeoffs_bankruptcy SET filed_on = filed_on - 1 WHERE id = %(id)s",
        "DELETE FROM writeoffs_bankruptcy WHERE id = %(id)s",
        """INSERT INTO writeoffs_bankruptcy (organization_id, account_id, new_account_id, filed_on, reference,
             posting_date, created_at) VALUES (%(org)s, %(other)s, %(account)s, now(), 'x', now(), now())""",
        """INSERT INTO writeoffs_bankruptcy (organization_id, account_id, new_account_id, filed_on, reference,
             posting_date, created_at) VALUES (%(org)s, %(other)s, %(other)s, now(), 'x', now(), now())""",
    ],
)
def test_a_bankruptcy_stays_what_it_was(admin, debt, statement):
    account, _invoice, _late = debt
    found = bankruptcy(admin, account)
    keys = {
        "id": found.pk, "org": admin.organization_id, "account": account.pk, "other": make_account(admin, "Other").pk,
    }  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, keys)

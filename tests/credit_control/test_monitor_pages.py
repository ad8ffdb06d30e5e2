"""The worklist and its pages: what they show, what is clicked there, and who may."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.credit_control.models import CollectionCriterion, MonitorRun, Reminder
from receivables.credit_control.reminders.operations import retry_reminder, send_reminder
from receivables.customers.models import CollectionClass, DebtClass
from receivables.customers.operations import create_customer, edit_account
from tests.builders import make_account, make_member, make_organization, pay
from tests.credit_control.support import overdue, process_of, reviewed, work_off, written_off
from tests.support.forms import own_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_member(make_organization())


@pytest.fixture
def account(alice):
    account = make_account(alice, "Acme Foods")
    written_off(alice, account, "1050")
    overdue(alice, account, "100", days=30)
    return account


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode().replace("\u00a0", " ")))


def send(client, address, **typed):
    return client.post(address, {**own_fields(client.get(address).content.decode()), **typed})


def test_run_debt_monitor_from_the_worklist(alice, account, browser_of):
    client = browser_of(alice)
    assert "Nobody is being chased." in text_of(client.get(reverse("worklist")))
    assert "nobody is written to" in text_of(client.get(reverse("run_debt_monitor")))
    response = client.post(reverse("run_debt_monitor"), {"_key": str(uuid4())})
    work_off(MonitorRun.objects.get())
    page = text_of(client.get(response.url))
    assert "Second reminder" in page
    assert "The debt class is not subject to collection." in page
    assert re.search(r"Acme Foods Written off USD 1,050.00", page)
    skipped = text_of(client.get(response.url + "?view=skipped&code=immune"))
    assert "Second reminder" not in skipped.split("Outcome")[-1]
    assert re.search(r"Acme Foods Regular Second reminder USD 100.00", text_of(client.get(reverse("worklist"))))
    assert client.get(reverse("worklist") + "?export=csv").status_code == 200
    runs = client.get(reverse("monitor_runs"))
    assert "Review of" in text_of(runs)
    assert not re.search(r"<a [^>]*><a ", runs.content.decode()), "no link within a link"


def test_the_account_shows_what_is_chased_and_what_is_left_alone(alice, account, browser_of):
    client = browser_of(alice)
    page = text_of(client.get(account.get_absolute_url()))
    assert re.search(r"Regular 100.00 USD 30 Second reminder", page)
    assert re.search(r"Written off 1,050.00 USD 200 The debt class is not subject to collection.", page)
    reviewed(alice)
    assert process_of(account).get_absolute_url() in client.get(account.get_absolute_url()).content.decode()


def test_the_worklist_shows_the_amounts_of_now(alice, account, browser_of):
    reviewed(alice)
    pay(alice, account.invoices.order_by("-pk").first(), "60")
    client = browser_of(alice)
    assert re.search(r"Regular Second reminder USD 40.00", text_of(client.get(reverse("worklist"))))
    assert "Second reminder,USD,40," in client.get(reverse("worklist") + "?export=csv").content.decode()


def test_send_reminder_as_it_is_clicked(alice, account, browser_of):
    reviewed(alice)
    cora = make_member(alice.organization, Role.COLLECTOR, "Cora Collector")
    client, process = browser_of(cora), process_of(account)
    address = reverse("send_reminder", args=[process.pk])
    assert "To be chased now 100.00 USD" in text_of(client.get(address))
    assert send(client, address, method="email", to="").status_code == 422
    assert send(client, address, method="email", to="nobody").status_code == 422
    response = send(client, address, method="post", to="")
    page = text_of(client.get(response.url))
    assert re.search(r"Second reminder 100.00 USD Print and post", page)
    pdf = client.get(reverse("reminder_pdf", args=[Reminder.objects.get().pk]))
    assert pdf.content[:5] == b"%PDF-"
    assert send(client, address, method="post", to="").status_code == 422, "once a day"


def test_the_letter_of_an_account_whose_number_is_no_file_name(alice, browser_of):
    account = create_customer(actor=alice, name="Odd", account_number='A\n"1').account
    overdue(alice, account)
    reviewed(alice)
    reminder = send_reminder(actor=alice, process=process_of(account), method="post")
    letter = browser_of(alice).get(reverse("reminder_pdf", args=[reminder.pk]))
    assert f'filename="A--1-{reminder.day}.pdf"' in letter["Content-Disposition"]


def test_retry_reminder_after_it_failed(alice, account, browser_of):
    reviewed(alice)
    reminder = send_reminder(actor=alice, process=process_of(account), to=["ap@acme.example"])
    Reminder.objects.filter(pk=reminder.pk).update(state="failed", error="The mail server could not be reached.")
    client = browser_of(alice)
    assert "The mail server could not be reached." in text_of(client.get(reminder.get_absolute_url()))
    assert send(client, reverse("retry_reminder", args=[reminder.pk])).status_code == 302
    assert Reminder.objects.get().state == "waiting"
    assert reverse("retry_reminder", args=[reminder.pk]) not in client.get(reminder.get_absolute_url()).content.decode()


def test_retry_reminder_only_while_its_letter_is_true(alice, account, browser_of):
    """Not beside another one that is on its way, nor once less is owed than it says; the page asks once for all."""
    reviewed(alice)
    client, first = browser_of(alice), _failed(alice, account)
    client.get(first.get_absolute_url())
    with CaptureQueriesContext(connection) as one:
        client.get(first.get_absolute_url())
    second = _failed(alice, account)
    with CaptureQueriesContext(connection) as two:
        assert client.get(first.get_absolute_url()).content.decode().count("retry") >= 2
    assert len(two) <= len(one)
    Reminder.objects.filter(pk=second.pk).update(state="waiting")
    invoice = account.invoices.get(open_item__balance=100)
    for act, code in (
        (None, "on_its_way"),
        (lambda: Reminder.objects.filter(pk=second.pk).update(state="sending"), "on_its_way"),
        (lambda: pay(alice, invoice, "40"), "on_its_way"),
        (lambda: Reminder.objects.filter(pk=second.pk).update(state="failed"), "less_now"),
        (lambda: pay(alice, invoice, "60"), "nothing_chased"),
    ):  # fmt: skip
        if act:
            act()
        with pytest.raises(Refused) as refused:
            retry_reminder(actor=alice, reminder=first)
        assert refused.value.code == code


def _failed(actor, account):
    """A reminder whose e-mail could not be sent."""
    reminder = send_reminder(actor=actor, process=process_of(account), to=["ap@acme.example"])
    Reminder.objects.filter(pk=reminder.pk).update(state="failed", error="The mail server could not be reached.")
    return reminder


def test_the_button_of_a_postponed_account_says_why(alice, account, browser_of):
    reviewed(alice)
    edit_account(actor=alice, account=account, postpone_until=today(alice.organization) + timedelta(days=9))
    page = text_of(browser_of(alice).get(process_of(account).get_absolute_url()))
    assert "Nobody chases this account until the day that is set on it." in page


@pytest.mark.parametrize(
    ("role", "look", "write", "run"),
    [(Role.ADMIN, 200, 200, 200), (Role.COLLECTOR, 200, 200, 403), (Role.AUDITOR, 200, 403, 403)],
)
def test_who_may(alice, account, browser_of, role, look, write, run):
    reviewed(alice)
    client, process = browser_of(make_member(alice.organization, role, "Olga Other")), process_of(account)
    assert client.get(process.get_absolute_url()).status_code == look
    assert client.get(reverse("send_reminder", args=[process.pk])).status_code == write
    assert client.get(reverse("run_debt_monitor")).status_code == run


def test_another_organizations_worklist_is_not_found(alice, account, stranger, browser_of):
    reviewed(alice)
    process, client = process_of(account), browser_of(stranger)
    reminder = send_reminder(actor=alice, process=process, method="post")
    for address in (
        process.get_absolute_url(), reverse("send_reminder", args=[process.pk]),
        reverse("reminder_pdf", args=[reminder.pk]), MonitorRun.objects.get().get_absolute_url(),
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert "Acme" not in text_of(client.get(reverse("worklist")))


def test_criteria_are_settings_and_immune_debt_has_none(alice, browser_of):
    client, page = browser_of(alice), "/settings/credit_control/collectioncriterion/add/"
    own = CollectionClass.objects.of(alice).get(code="STD")
    typed = {
        "collection_class": own.pk, "currency": "USD", "priority": "5", "minimum_amount": "500.00", "minimum_age": "90",
        "step": "3", "active": "on",
    }  # fmt: skip
    immune = DebtClass.objects.of(alice).get(code="WO")
    refused = client.post(page, {**typed, "debt_class": immune.pk})
    assert list(refused.context["adminform"].form.errors) == ["debt_class"]
    regular = DebtClass.objects.of(alice).get(code="REG")
    half = client.post(page, {**typed, "debt_class": regular.pk, "late_fee": "15.00"})
    assert list(half.context["adminform"].form.errors) == ["late_fee_type"]
    assert client.post(page, {**typed, "debt_class": regular.pk}).status_code == 302
    assert CollectionCriterion.objects.of(alice).count() == 4


def test_the_worklist_asks_the_same_number_of_queries_however_long_it_is(alice, browser_of):
    client = browser_of(alice)

    def count():
        client.get(reverse("worklist"))
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("worklist"))
        return len(seen)

    overdue(alice)
    reviewed(alice)
    before = count()
    for _each in range(3):
        overdue(alice)
    reviewed(alice)
    assert count() == before

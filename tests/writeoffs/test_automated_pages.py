"""The pages of the automated write-off as people use them: who sees what, and what a click does."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from receivables.core import dates
from receivables.customers.operations import edit_account
from receivables.writeoffs.automated.models import AutomatedRun, ProcessEvent, ProcessTemplate, WriteOffProcess
from receivables.writeoffs.automated.operations import add_process_event
from tests.accounts.conftest import signed_in
from tests.builders import make_member, make_organization
from tests.writeoffs.automation import activated, automate_something, owing, worked_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_SECOND_FACTOR = False


@pytest.fixture
def alice():
    return make_member(make_organization())


def text(client, url):
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def post(client, url, **data):
    response = client.post(url, {"_key": str(uuid4()), **data})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def test_a_process_from_the_list_to_its_letter(alice):
    account = automate_something(alice)
    process = WriteOffProcess.objects.get()
    add_process_event(actor=alice, process=process, kind="to_do", text="Call the receiver")
    add_process_event(actor=alice, process=process, kind="credit_rating", points=40, months=6)
    activated(alice)
    client = signed_in(alice.user)
    assert account.number in text(client, reverse("write_off_processes"))
    page = text(client, process.get_absolute_url())
    for words in ("70.00", "Refer to a collection agency", "referred to Collection agency", "Cancel process"):
        assert words in page, words
    assert "Call the receiver" in text(client, reverse("write_off_to_dos"))
    panel = text(client, account.get_absolute_url())
    for words in ("Write-off processes", "Collection agency", "Call the receiver", "Credit rating"):
        assert words in panel, words
    assert "ap@longgone.example" in page
    edit_account(actor=alice, account=account, postpone_until=dates.today(alice.organization) + timedelta(days=1))
    assert "The account is postponed until" in text(client, process.get_absolute_url())
    letter = client.get(reverse("write_off_letter", args=[ProcessEvent.objects.get(kind="letter").pk]))
    assert (letter["Content-Type"], letter.content[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(reverse("write_off_letter", args=[process.events.get(kind="refer").pk])).status_code == 404


def test_a_run_is_begun_by_its_button_and_shows_what_it_found(alice):
    owing(alice, "Long Gone", "70", dates.today(alice.organization) - timedelta(days=61))
    client = signed_in(alice.user)
    text(client, reverse("run_write_off_monitor"))
    where = post(client, reverse("run_write_off_monitor"))
    assert "Waiting for its turn" in text(client, where)
    worked_off(AutomatedRun.objects.get())
    assert "Process started" in text(client, where)
    assert "Long Gone" in text(client, f"{where}?view=started&q=Long")
    assert "Monitor of" in text(client, reverse("automated_runs"))
    text(client, reverse("run_write_off_activator"))


def test_a_process_is_made_changed_and_cancelled_by_hand(alice):
    account = owing(alice, "Gone", "70")
    client = signed_in(alice.user)
    agreement = account.agreements.get()
    address = reverse("create_write_off_process", args=[account.pk])
    assert agreement.number in text(client, address)
    template = ProcessTemplate.objects.of(alice).get()
    where = post(client, address, agreements=agreement.pk, template=template.pk)
    process = WriteOffProcess.objects.get()
    assert where == process.get_absolute_url()
    refer = process.events.get(kind="refer")
    later = dates.today(alice.organization) + timedelta(days=5)
    text(client, reverse("change_process_event", args=[refer.pk]))
    post(client, reverse("change_process_event", args=[refer.pk]), due_on=later, text="")
    refer.refresh_from_db()
    assert refer.due_on == later
    post(client, reverse("cancel_process_event", args=[refer.pk]))
    post(client, reverse("add_process_event", args=[process.pk]), kind="to_do", text="Look again")
    post(client, reverse("cancel_write_off_process", args=[process.pk]), reason="They paid in cash")
    process.refresh_from_db()
    assert (process.ended_because, process.reason) == ("cancelled", "They paid in cash")


@pytest.mark.parametrize("role", ["biller", "collector", "auditor"])
def test_who_looks_and_who_acts(alice, role):
    automate_something(alice)
    process = WriteOffProcess.objects.get()
    client = signed_in(make_member(alice.organization, role, "Somebody Else").user)
    page = text(client, process.get_absolute_url())
    assert "Cancel process" not in page
    assert client.post(reverse("cancel_write_off_process", args=[process.pk])).status_code == 403
    assert client.get(reverse("run_write_off_monitor")).status_code == 403


def test_another_organization_sees_nothing(alice):
    automate_something(alice)
    process = WriteOffProcess.objects.get()
    client = signed_in(make_member(make_organization(), "admin", "Charlie").user)
    for url in (
        process.get_absolute_url(), AutomatedRun.objects.first().get_absolute_url(),
        reverse("write_off_letter", args=[ProcessEvent.objects.get(kind="letter").pk]),
        reverse("add_process_event", args=[process.pk]),
    ):  # fmt: skip
        assert client.get(url).status_code == 404, url
    assert process.account.number not in text(client, reverse("write_off_processes"))

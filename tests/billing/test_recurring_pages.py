"""Charges and billing runs as they are clicked, and who may."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.models import AgreementCharge, BillingRun
from receivables.core.dates import today
from receivables.customers.models import Agreement
from receivables.customers.operations import create_agreement
from tests.billing.recurring import billed, charged, service_of, work_off
from tests.builders import make_account, make_member, make_organization, make_type
from tests.collections.conftest import browser_of, stranger  # noqa: F401
from tests.credit_control.support import written_off
from tests.support.forms import own_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob():
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def account(bob):
    return make_account(bob, "Acme Foods")


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode().replace("\u00a0", " ")))


def send(client, address, **typed):
    return client.post(address, {**own_fields(client.get(address).content.decode()), **typed})


def test_add_agreement_charge_and_end_agreement_charge(bob, account, browser_of):  # noqa: F811
    storage, client = make_type(bob, "Storage", "charge"), browser_of(bob)
    make_type(bob, "Write-Off", "bad_debt")
    address = reverse("add_agreement_charge", args=[service_of(account).pk])
    assert "Write-Off" not in text_of(client.get(address))
    refused = send(client, address, type=storage.pk, amount="300", starts_on="2025-12-31", every_months="1")
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["starts_on"])
    response = send(
        client, address, type=storage.pk, amount="300", starts_on="2026-01-01", every_months="3", note="Bay"
    )
    assert re.search(r"Storage: Bay 300.00 USD Every 3 months", text_of(client.get(response.url)))
    charge = AgreementCharge.objects.get()
    ending = reverse("end_agreement_charge", args=[charge.pk])
    assert send(client, ending, ends_on="2026-06-30", reason="Moved").status_code == 302
    charge.refresh_from_db()
    assert (charge.ends_on.isoformat(), charge.every_months) == ("2026-06-30", 3)


def test_run_billing_shows_what_it_would_come_to_and_then_does_it(bob, account, browser_of):  # noqa: F811
    written_off(bob, account, "1050")
    charged(bob, account, "310")
    client, address = browser_of(bob), reverse("run_billing")
    typed = {"cut_off": "2026-02-10", "issue_date": "2026-02-10"}
    preview = send(client, address, **typed)
    page = text_of(preview)
    assert "1 agreement will be billed. 1 is skipped." in page
    assert re.search(r"Write-off 1,050.00 USD Agreements of this type are not billed.", page)
    assert not BillingRun.objects.exists(), "looking changes nothing"
    body = own_fields(preview.content.decode())
    done, again = (client.post(address, {**body, **typed, "step": "confirm"}) for _each in range(2))
    assert (done.status_code, done.url) == (302, again.url)
    work_off(BillingRun.objects.get())
    page = text_of(client.get(done.url))
    assert re.search(r"Acme Foods Freight USD 310.00 Billed INV-\d+", page)
    assert "Agreements of this type are not billed." in text_of(client.get(f"{done.url}?view=skipped"))
    assert re.search(
        r"310.00 USD Every month .* 31 Jan 2026", text_of(client.get(service_of(account).get_absolute_url()))
    )
    assert "Billing up to 10 Feb 2026" in text_of(client.get(reverse("billing_runs")))


def test_a_preview_of_other_figures_is_not_billed(bob, account, browser_of):  # noqa: F811
    charged(bob, account, "310")
    client, address = browser_of(bob), reverse("run_billing")
    typed = {"cut_off": "2026-02-10", "issue_date": "2026-02-10"}
    body = own_fields(send(client, address, **typed).content.decode())
    charged(bob, account, "5")
    assert client.post(address, {**body, **typed, "step": "confirm"}).status_code == 409
    assert not BillingRun.objects.exists()


def test_a_day_to_come_is_refused_beside_the_field(bob, account, browser_of):  # noqa: F811
    day = (today(bob.organization) + timedelta(days=2)).isoformat()
    refused = send(browser_of(bob), reverse("run_billing"), cut_off=day, issue_date=day)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["cut_off"])


def test_run_agreement_dates_from_the_list_of_customers(bob, account, browser_of):  # noqa: F811
    client = browser_of(make_member(bob.organization))
    assert reverse("run_agreement_dates") in client.get(reverse("customers")).content.decode()
    assert "No agreement waits for a day that has come." in text_of(client.get(reverse("run_agreement_dates")))
    day = today(bob.organization)
    coming = create_agreement(
        actor=bob, account=account, type=service_of(account).type, start_date=day + timedelta(days=2)
    )
    Agreement.objects.filter(pk=coming.pk).update(start_date=day)
    assert "To be started 1" in text_of(client.get(reverse("run_agreement_dates")))
    assert client.post(reverse("run_agreement_dates"), {"_key": str(uuid4())}).status_code == 302


def test_start_agreement_from_its_page(bob, account, browser_of):  # noqa: F811
    client, day = browser_of(bob), today(bob.organization)
    coming = create_agreement(
        actor=bob, account=account, type=service_of(account).type, start_date=day + timedelta(days=2)
    )
    assert "It starts on" in text_of(client.get(coming.get_absolute_url()))
    Agreement.objects.filter(pk=coming.pk).update(start_date=day)
    assert send(client, reverse("start_agreement", args=[coming.pk])).status_code == 302
    coming.refresh_from_db()
    assert coming.state == "active"


@pytest.mark.parametrize(
    ("role", "look", "write"), [(Role.BILLER, 200, 200), (Role.COLLECTOR, 200, 403), (Role.AUDITOR, 200, 403)]
)
def test_who_may(bob, account, browser_of, role, look, write):  # noqa: F811
    charge = charged(bob, account, "310")
    run = billed(bob, charge.starts_on.replace(day=31))
    client = browser_of(make_member(bob.organization, role, "Olga Other"))
    assert client.get(run.get_absolute_url()).status_code == look
    for address in (
        reverse("run_billing"), reverse("add_agreement_charge", args=[charge.agreement_id]),
        reverse("end_agreement_charge", args=[charge.pk]), reverse("retry_billing_run", args=[run.pk]),
    ):  # fmt: skip
        assert client.get(address).status_code == write, address


def test_another_organizations_runs_and_charges_are_not_found(bob, account, stranger, browser_of):  # noqa: F811
    charge = charged(bob, account, "310")
    run, client = billed(bob, charge.starts_on.replace(day=31)), browser_of(stranger)
    for address in (run.get_absolute_url(), reverse("end_agreement_charge", args=[charge.pk])):
        assert client.get(address).status_code == 404
    assert "Billing up to" not in text_of(client.get(reverse("billing_runs")))

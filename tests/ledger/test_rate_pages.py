"""The pages of exchange rates: who sees and writes what, refusals beside the field, and the dry run of a file."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.roles import ROLE_VERBS, Role
from receivables.ledger.models import ExchangeRate
from receivables.ledger.rates.operations import add_exchange_rate
from tests.builders import make_account, make_load, make_member, make_organization

FIRST = date(2026, 11, 1)


@pytest.fixture
def alice(db, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    return make_member(make_organization())


def browser(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


def send(client, page, **values):
    return client.post(page, {"_key": str(uuid4()), **values})


def euro(actor, rate="1.10"):
    return add_exchange_rate(actor=actor, currency="EUR", date=FIRST, rate=Decimal(rate))


@pytest.mark.parametrize("role", Role.values)
def test_each_role_sees_the_rates_and_writes_by_the_table_of_roles(alice, role):
    row, client = euro(alice), browser(make_member(alice.organization, role, f"One {role}"))
    page = client.get("/ledger/rates/")
    assert page.status_code == 200
    assert "1 EUR = 1.10 USD" in page.content.decode()
    assert client.get("/ledger/rates/history/?currency=EUR").status_code == 200
    for verb, address in (
        ("add_exchange_rate", "/ledger/rates/add/"), ("import_exchange_rates", "/ledger/rates/import/"),
        ("correct_exchange_rate", f"/ledger/rates/of/{row.pk}/correct-exchange-rate/"),
    ):  # fmt: skip
        assert client.get(address).status_code == (200 if verb in ROLE_VERBS[role] else 403), verb


def test_rates_of_another_organization_do_not_exist(alice):
    row, rival = euro(alice), browser(make_member(make_organization("Rival Lines"), Role.ADMIN, "Charlie"))
    assert "EUR" not in rival.get("/ledger/rates/").content.decode()
    assert rival.get(f"/ledger/rates/of/{row.pk}/correct-exchange-rate/").status_code == 404


def test_adding_and_correcting_in_words(alice):
    client = browser(alice)
    form = {"currency": "eur", "date": "2026-11-01", "rate": "0.8", "quoted": "inverse"}
    assert send(client, "/ledger/rates/add/", **form).status_code == 302
    row = ExchangeRate.objects.of(alice).get()
    assert row.rate == Decimal("1.25")
    assert "1 USD = 0.80 EUR" in client.get("/ledger/rates/").content.decode()
    refused = send(client, "/ledger/rates/add/", **{**form, "date": "2026-11-02", "rate": "8"})
    assert refused.status_code == 422
    assert "sure" in refused.context["form"].errors
    page = f"/ledger/rates/of/{row.pk}/correct-exchange-rate/"
    assert send(client, page, rate="1.26", quoted="direct", reason="Typing error").status_code == 302
    history = client.get("/ledger/rates/history/").content.decode()
    assert "Corrected later" in history
    assert "Typing error" in history
    assert client.get(page).context["blocker"].code == "superseded"


def test_a_dry_run_writes_nothing_and_sending_it_twice_writes_once(alice):
    euro(alice)
    client = browser(alice)
    content = b"Currency,Date,Rate\nEUR,2026-11-01,1.11\nEUR,2026-11-02,1.12\nEUR,2026-11-03,nine\nSAR,2026-11-03,1\n"
    upload = {"file": SimpleUploadedFile("rates.csv", content), "quoted": "direct", "numbers": "", "only_used": "on"}
    shown = send(client, "/ledger/rates/import/", **upload)
    assert {name: shown.context[name] for name in ("new", "changed", "same", "left_out", "problem_count")} == {
        "new": 1, "changed": 1, "same": 0, "left_out": 1, "problem_count": 1,
    }  # fmt: skip
    assert ExchangeRate.objects.of(alice).count() == 1
    rates = shown.context["form"].initial["rates"]
    unsaid = send(client, "/ledger/rates/import/", rates=rates, replace="on")
    assert (unsaid.status_code, unsaid.context["preview"]) == (422, True)
    assert send(client, "/ledger/rates/import/", rates=rates, replace="on", reason="Bank").status_code == 302
    assert ExchangeRate.objects.of(alice).count() == 3
    assert send(client, "/ledger/rates/import/", rates=rates, replace="on", reason="Bank").status_code == 422
    stranger = browser(make_member(make_organization("Rival Lines"), Role.ADMIN, "Charlie"))
    assert send(stranger, "/ledger/rates/import/", rates=rates).status_code == 422


def test_a_file_that_is_none_is_refused_beside_its_field(alice):
    upload = {"file": SimpleUploadedFile("rates.xml", b"<!DOCTYPE a []><a/>"), "quoted": "direct"}
    page = send(browser(alice), "/ledger/rates/import/", **upload)
    assert page.status_code == 422
    assert "file" in page.context["form"].errors


def test_a_missing_rate_leads_to_the_page_that_adds_it(alice):
    load = make_load(alice, make_account(alice, currency="EUR"), "100")
    page = send(browser(alice), f"/loads/{load.pk}/generate-invoice/", issue_date="2026-11-03")
    assert page.status_code == 422
    assert "/ledger/rates/add/?currency=EUR&amp;date=2026-11-03" in page.content.decode()
    suggested = browser(alice).get("/ledger/rates/add/?currency=EUR&date=2026-11-03").content.decode()
    assert "USD for 1 EUR" in suggested
    assert 'value="2026-11-03"' in suggested

"""Batches of the ledger: what is new, once; the same file twice; and what beancount and hledger make of it."""

from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.collections.models import BankAccount
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.unapplied.operations import assign_payment
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.ledger.models import ExchangeRate, JournalEntry
from receivables.ledger.operations import close_period, reopen_period
from receivables.ledger_exports.models import ExportedEntry, ExportPart, LedgerExport
from receivables.ledger_exports.operations import download_export, export_ledger, withdraw_export
from receivables.ledger_exports.rules import (
    download_export_blocker,
    export_ledger_blocker,
    withdraw_export_blocker,
)
from tests.builders import make_account, make_invoice, make_load, make_member, make_organization, pay
from tests.collections.support import bank_in
from tests.ledger_exports.checking import HLEDGER, by_beancount, by_hledger, content, kept, ours

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 3)


@pytest.fixture
def alice(db):
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


def trade(actor):
    """An invoice paid, one half paid, and euros and yen with what the exchange rates make of them."""
    for currency, before, after in (("EUR", "1.10", "1.25"), ("JPY", "0.0067", "0.0065")):
        for day, rate in ((date(2026, 10, 1), before), (DAY, after)):
            ExchangeRate.objects.create(
                organization=actor.organization, currency=currency, date=day, rate=Decimal(rate)
            )
    pay(actor, make_invoice(actor), "1000")
    delete_payment(actor=actor, payment=pay(actor, make_invoice(actor, line_haul="99.99"), "33.33"))
    for currency, total in (("EUR", "100.01"), ("JPY", "10001")):
        account = make_account(actor, f'"{currency}"; Ltd', currency)
        invoice = generate_invoice(
            actor=actor, load=make_load(actor, account, total), issue_date=date(2026, 10, 1)
        )  # fmt: skip
        paid = record_payment(
            actor=actor, account=account, amount=Decimal(total), bank_account=bank_in(actor, currency), date=DAY,
            method="wire", reference=currency, assignments=[],
        )  # fmt: skip
        third = Decimal(33)
        assign_payment(actor=actor, payment=paid, assignments=[Assignment(invoice, third)])
        assign_payment(actor=actor, payment=paid, assignments=[Assignment(invoice, Decimal(total) - third)])


def batch(actor, kind="beancount", through=None):
    return export_ledger(actor=actor, format=kind, through=through or today(actor.organization))


def test_rules_of_exports():
    day = date(2026, 11, 22)
    assert export_ledger_blocker(new=1, through=day, today=day) is None
    assert export_ledger_blocker(new=1, through=day + timedelta(days=1), today=day).code == "future"
    assert export_ledger_blocker(new=0, through=day, today=day).code == "nothing_new"
    for live, downloaded, again, code in [
        (True, "", False, None), (True, "", True, None), (True, "yesterday", True, None),
        (True, "yesterday", False, "downloaded"), (False, "", True, "withdrawn"),
    ]:  # fmt: skip
        found = download_export_blocker(number="EXP-1", live=live, downloaded=downloaded, again=again)
        assert (found and found.code) == code
    for live, newest, code in [(True, True, None), (False, True, "withdrawn"), (True, False, "not_newest")]:
        found = withdraw_export_blocker(live=live, newest=newest)
        assert (found and found.code) == code


def test_export_ledger_takes_each_entry_once_per_format(alice):
    trade(alice)
    count = JournalEntry.objects.of(alice).count()
    first = batch(alice)
    assert (first.number, first.entries, first.created_by) == ("EXP-000001", count, alice.user)
    assert sha256(content(first)).hexdigest() == first.sha256
    assert len(content(first)) == first.size
    with pytest.raises(Refused, match="exported in this format already"):
        batch(alice)
    assert batch(alice, "csv").number == "EXP-000002", "a refused batch takes no number; another format starts anew"
    make_invoice(alice)
    second = batch(alice)
    assert (second.entries, second.first_entry) == (1, JournalEntry.objects.of(alice).latest("pk").pk)
    assert f"{first.number}" in content(first).decode()
    assert content(first) != content(second)


def test_export_ledger_reads_the_same_in_beancount_and_hledger(alice, tmp_path):
    """Two batches, of which the second brings what was posted before the end of the first; euros and yen."""
    trade(alice)
    close_period(actor=alice, month=date(2026, 10, 1))
    for kind in ("beancount", "hledger"):
        batch(alice, kind, through=date(2026, 10, 31))
    pay(alice, make_invoice(alice), "12.34", bank_account=BankAccount.objects.of(alice).order_by("pk").first())
    for kind in ("beancount", "hledger"):
        batch(alice, kind)
    foreign, home = ours(alice)
    main = kept(alice, "beancount", tmp_path)
    assert "2026-11-01 balance Assets:1200-Accounts-receivable  100.01 ~ 0.00 EUR" in "".join(
        path.read_text() for path in tmp_path.glob("EXP*.beancount")
    )
    assert by_beancount(main, "USD") == ([], foreign, home)
    if HLEDGER:
        assert by_hledger(kept(alice, "hledger", tmp_path)) == home


def test_a_closed_month_that_changes_is_seen_over_there(alice, tmp_path):
    """Its balances were asserted: posting into it after reopening it is not missed."""
    trade(alice)
    close_period(actor=alice, month=date(2026, 10, 1))
    batch(alice)
    reopen_period(actor=alice, month=date(2026, 10, 1), reason="A forgotten load")
    generate_invoice(actor=alice, load=make_load(alice), issue_date=date(2026, 10, 5))
    batch(alice)
    errors = by_beancount(kept(alice, "beancount", tmp_path), "USD")[0]
    assert {type(error).__name__ for error in errors} == {"BalanceError"}


def test_download_export_twice_is_the_same_and_says_so(alice, client_of):
    trade(alice)
    made, browser = batch(alice, "iif"), client_of(alice)
    address = reverse("download_export", args=[made.pk])
    first = browser.post(address)
    assert first["Content-Disposition"] == 'attachment; filename="EXP-000001.iif"'
    taken = first.getvalue()
    assert sha256(taken).hexdigest() == made.sha256
    again = browser.post(address)
    assert again.status_code == 409
    assert "double every entry" in again.content.decode()
    assert browser.post(address, {"again": "on"}).getvalue() == taken
    assert "Alice Owner" in browser.get(made.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="downloaded already"):
        download_export(actor=alice, export=made)


def test_withdraw_export_frees_its_entries(alice):
    trade(alice)
    first = batch(alice)
    make_invoice(alice)
    second = batch(alice)
    with pytest.raises(Refused, match="later batch"):
        withdraw_export(actor=alice, export=first, reason="Wrong file")
    with pytest.raises(Refused, match="Say why"):
        withdraw_export(actor=alice, export=second, reason=" ")
    withdraw_export(actor=alice, export=second, reason="Never imported")
    assert not ExportedEntry.objects.filter(export=second, live=True).exists()
    with pytest.raises(Refused, match="was withdrawn"):
        download_export(actor=alice, export=second)
    third = batch(alice)
    assert (third.number, third.entries, third.opened) == ("EXP-000003", second.entries, second.opened)


def test_guards_keep_a_batch_as_it_was(alice):
    trade(alice)
    made = batch(alice)
    entry = ExportedEntry.objects.filter(export=made).first()
    attempts = [
        lambda: LedgerExport.objects.filter(pk=made.pk).update(sha256="0" * 64),
        lambda: ExportPart.objects.filter(export=made).update(content=b""),
        lambda: ExportPart.objects.filter(export=made).delete(),
        lambda: ExportedEntry.objects.filter(export=made).update(live=False),
        lambda: LedgerExport.objects.filter(pk=made.pk).delete(),
        lambda: ExportPart.objects.create(organization_id=made.organization_id, export=made, number=9, content=b"x"),
        lambda: ExportedEntry.objects.create(
            organization_id=made.organization_id, export=made, entry_id=entry.entry_id, format="csv"
        ),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerExport.objects.filter(pk=made.pk).update(withdrawn_reason="only this")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_exports_exportedentry WHERE live")
        assert cursor.fetchone()[0] == made.entries


@pytest.fixture
def client_of(settings):
    settings.REQUIRE_SECOND_FACTOR = False

    def opened(member):
        client = Client()
        client.force_login(member.user, backend="accounts.backends.MembershipBackend")
        return client

    return opened


def test_export_ledger_page(alice, client_of, monkeypatch):
    """Small at once, large in the background; only for those who may; another organization sees nothing."""
    trade(alice)
    browser = client_of(alice)
    page = browser.get(reverse("export_ledger"))
    form = {"format": "hledger", "through": "2026-11-22", "_key": "5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f11"}
    done = browser.post(reverse("export_ledger"), form, follow=True)
    assert page.status_code == 200
    assert "EXP-000001 was made." in done.content.decode()
    assert "EXP-000001" in browser.get(reverse("ledger_exports")).content.decode()
    refused = browser.post(reverse("export_ledger"), {**form, "_key": "5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f12"})
    assert refused.status_code == 422
    assert "exported in this format already" in refused.content.decode()
    monkeypatch.setattr("receivables.ledger_exports.views.LARGE", 1)
    form = {**form, "format": "csv", "_key": "5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f13"}
    assert "/jobs/" in browser.post(reverse("export_ledger"), form).headers["Location"]
    auditor = make_member(alice.organization, Role.AUDITOR, "Ann Auditor")
    assert client_of(auditor).get(reverse("ledger_exports")).status_code == 403
    with pytest.raises(NotPermitted):
        batch(auditor)
    stranger = make_member(make_organization("Red"), Role.ADMIN, "Rita Red")
    assert client_of(stranger).get(reverse("ledger_export", args=[1])).status_code == 404

"""The automated write-off day by day, over accounts of every kind: who closes, who is written off, who is listed.

With AUTOMATED_ACCOUNTS=1000 the ordinary accounts are so many, and every single day is run; the table of states and
balances beside the general ledger is then kept in the file that AUTOMATED_TABLE names.
"""

import os
from collections import Counter
from datetime import timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request
from receivables.core.dates import today
from receivables.credit_control.operations import open_dispute
from receivables.customers.models import Agreement, CollectionClass
from receivables.customers.operations import edit_account
from receivables.writeoffs.automated.models import ProcessEvent, Referral, WriteOffProcess
from tests.builders import balances, make_account, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.writeoffs.automation import (
    BILLED,
    Clock,
    activated,
    control,
    events,
    found,
    in_credit,
    monitored,
    owing,
    stop,
)
from tests.writeoffs.cast import bill

pytestmark = pytest.mark.django_db

MANY = int(os.environ.get("AUTOMATED_ACCOUNTS", "0"))
ORDINARY = MANY or 6
# The days on which something happens; between them nothing is due.
DAYS = range(76) if MANY else (0, 10, 20, 30, 59, 60, 61, 70, 75)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def alice(clock):
    return make_member(make_organization())


def cast(alice):
    """Twenty accounts; all but a few owe on an agreement that is stopped, billed sixty days ago."""
    accounts = {f"Gone {number}": owing(alice, f"Gone {number}", "100") for number in range(ORDINARY)}
    for name, amount in (
        ("Pays later", "500"), ("Pays a part", "300"), ("Big", "1000.01"), ("Residue 9.99", "9.99"),
        ("Residue 10.00", "10.00"), ("Without control", "80"), ("Postponed", "90"), ("Disputed", "60"),
    ):  # fmt: skip
        accounts[name] = owing(alice, name, amount)
    accounts["Serves on"] = owing(alice, "Serves on", "40", stopped=False)
    accounts["Due later"] = owing(alice, "Due later", "30", BILLED + timedelta(days=20))
    accounts["Credit 0.99"], accounts["Credit 1.00"] = (
        in_credit(alice, "Credit 0.99", "0.99"), in_credit(alice, "Credit 1.00", "1.00")
    )  # fmt: skip
    accounts["Covered"] = covered(alice)
    accounts["Taxed"] = taxed(alice)
    slow = CollectionClass.objects.create(organization=alice.organization, code="SLOW", name="Slow")
    edit_account(actor=alice, account=accounts["Without control"], collection_class=slow)
    open_dispute(actor=alice, invoice=accounts["Disputed"].invoices.get(), amount=D(60), why="damage")
    return accounts


def covered(alice):
    """It owes 200.00 and has 200.00 with us."""
    account = owing(alice, "Covered", "200", stopped=False)
    pay(alice, account.invoices.get(), "200", applied="0")
    stop(alice, account)
    return account


def taxed(alice):
    """The published bill: 900.00 of revenue, 80.00 of state tax, 20.00 of city tax; its grace is over on day 60."""
    account = make_account(alice, "Taxed")
    bill(alice, account)
    stop(alice, account)
    return account


def test_the_life_of_twenty_accounts(alice, clock):
    bob = make_member(alice.organization, "biller", "Bob Biller")
    control(alice, responsible=bob.user, maximum=D(1000))
    accounts = cast(alice)
    assert len(accounts) >= 20
    clock.after(10)
    until = today(alice.organization)
    clock.after(0)
    edit_account(actor=alice, account=accounts["Postponed"], postpone_until=until)
    listed = {}
    for day in DAYS:
        clock.after(day)
        if day == 30:
            pay(alice, accounts["Pays later"].invoices.get(), "500", date=clock.day)
            pay(alice, accounts["Pays a part"].invoices.get(), "100", date=clock.day)
        listed[day] = Counter(row[:3] for row in [*found(monitored(alice)), *found(activated(alice))])
        if day == 0:
            assert Referral.objects.filter(active=True).count() == ORDINARY + 4
            assert ProcessEvent.objects.filter(kind="letter", state="done").count() == ORDINARY + 4
        if day == 60:
            assert ApprovalRequest.objects.get().amount == D("1000.01")
            approve_request(actor=alice, request=ApprovalRequest.objects.get())
    on_the_first_day(listed[0])
    assert [kind for kind, state, _day in events(accounts["Pays later"]) if state == "cancelled"] == [
        "cancel_referral", "write_off",
    ]  # fmt: skip
    assert table(accounts) == {
        **{f"Gone {number}": ("closed", 0, 100, "closed") for number in range(ORDINARY)},
        "Pays later": ("closed", 0, 0, "closed"),
        "Pays a part": ("closed", 0, 200, "closed"),
        "Big": ("closed", 0, D("1000.01"), "closed"),
        "Residue 9.99": ("closed", 0, 0, ""),
        "Residue 10.00": ("closed", 0, 10, "closed"),
        "Without control": ("stopped", 80, 0, ""),
        "Postponed": ("closed", 0, 90, "closed"),
        "Disputed": ("stopped", 60, 0, ""),
        "Serves on": ("active", 40, 0, ""),
        "Due later": ("stopped", 30, 0, "active"),
        "Credit 0.99": ("closed", 0, 0, ""),
        "Credit 1.00": ("stopped", -1, 0, ""),
        "Covered": ("closed", 0, 0, ""),
        "Taxed": ("stopped", 1000, 0, "active"),
    }
    ties(alice, accounts)
    if os.environ.get("AUTOMATED_TABLE"):
        Path(os.environ["AUTOMATED_TABLE"]).write_text(as_markdown(alice, accounts))


def as_markdown(alice, accounts):
    """The accounts by kind as they stand in the end, what they owe in all, and what the general ledger says."""
    kinds = Counter((name if name[:4] != "Gone" else "Gone", *row) for name, row in table(accounts).items())
    lines = [
        "| accounts | how many | service | owed on it, each | owed as written off, each | process ended because |",
        "| --- | ---: | --- | ---: | ---: | --- |",
    ]
    for (name, state, owed, written, ended), n in kinds.items():
        lines.append(f"| {name} | {n:,} | {state} | {owed:,.2f} | {written:,.2f} | {ended or '–'} |")
    books, rows = balances(alice), table(accounts).values()
    owed, written = sum(row[1] for row in rows), sum(row[2] for row in rows)
    lines.append(f"| **in all** | {len(rows):,} | | {owed:,.2f} | {written:,.2f} | |")
    said = [f"{code} {amount:,.2f}" for code, amount in sorted(books.items())]
    ties = f"1200 Receivables {books['1200']:,.2f} and 6150 Write-off expense {books['6150']:,.2f}"
    return "\n".join([*lines, "", f"The general ledger ties: {ties}. All of it: {', '.join(said)}.", ""])


def on_the_first_day(listed):
    """What the run of day 0 says of everybody of whom there is something to say."""
    begun = {f"Gone {number}" for number in range(ORDINARY)}
    begun |= {"Pays later", "Pays a part", "Big", "Residue 10.00"}
    assert {name for name, outcome, _code in listed if outcome == "started"} == begun
    assert {key for key in listed if key[1] in ("closed", "skipped", "error")} == {
        ("Residue 9.99", "closed", ""), ("Credit 0.99", "closed", ""), ("Covered", "closed", ""),
        ("Credit 1.00", "skipped", "credit"), ("Postponed", "skipped", "postponed"),
        ("Disputed", "skipped", "disputed"), ("Without control", "error", "no_control"),
    }  # fmt: skip


def table(accounts):
    """Of each account: the state of its service and what it owes there, what was written off, its process."""
    found_now = {}
    for name, account in accounts.items():
        service = Agreement.objects.get(account=account, type__code="FREIGHT")
        written = Agreement.objects.filter(account=account, type__special_role="write_off")
        process = WriteOffProcess.objects.filter(account=account).first()
        ended = (process.ended_because or process.state) if process else ""
        owed = sum(each.payoff_balance for each in written)
        found_now[name] = (service.state, service.payoff_balance, owed, ended)
    return found_now


def ties(alice, accounts):
    """The general ledger says what the table says."""
    books = balances(alice)
    rows = table(accounts).values()
    assert books["1200"] == sum(row[1] for row in rows)
    assert books["6150"] == sum(row[2] for row in rows) == 100 * ORDINARY + 200 + D("1000.01") + 10 + 90
    assert books["6300"] == D("9.99") - D("0.99")
    assert "1900" not in books
    assert "2100" not in books
    assert sum(books.values()) == 0
    assert broken() == {}

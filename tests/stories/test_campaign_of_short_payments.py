"""A campaign: many short payments resolved at once, twenty of which can't be, killed half way, resumed, undone.

30 invoices by default, 500 in the full campaign (CAMPAIGN_SIZE), where a worker's process is really killed as well.
Thirteen different reasons exist for which a selected invoice is passed over; seven of them stand here twice.
"""

import os
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from accounts.roles import Role
from receivables.approvals.models import AuthorityLimit
from receivables.billing.importing.fields import guess
from receivables.billing.importing.runs import import_table
from receivables.billing.models import Invoice, Load
from receivables.billing.operations import add_accessorial, generate_invoice, void_invoice
from receivables.collections.models import BankAccount, Resolution
from receivables.collections.resolution import resolve_short_payment
from receivables.collections.short_payments import running
from receivables.collections.short_payments.models import BatchItem
from receivables.collections.short_payments.operations import undo_batch
from receivables.core.dates import today
from receivables.core.models import Job
from receivables.core.uploads import UPLOAD_BYTES
from receivables.core.workbooks import open_table
from receivables.customers.models import Agreement
from receivables.ledger.models import OpenItem
from tests.builders import balances, make_account, make_load, make_member, make_organization, make_type, pay
from tests.collections import batch_support as batches
from tests.collections.support import bank_in, rate
from tests.importing.conftest import csv_bytes, good
from tests.support.invariants import broken
from tests.support.workers import take_over, wait_for, worker

SIZE = int(os.environ.get("CAMPAIGN_SIZE", "30"))
CAN_NOT = 20
REALLY_KILLED = SIZE >= 100  # fewer are done before a process could be killed half way


class Killed(BaseException):
    """The end of a process, as far as Python can play it: no handler of errors sees it."""


class Scene:
    """Northbound Freight resolves as of five days ago whatever is short by at most 100.00 USD and 12 %."""

    def __init__(self):
        self.bob = make_member(make_organization("Northbound Freight"), Role.BILLER, "Bob Biller")
        self.write_off, self.extra = make_type(self.bob), make_type(self.bob, "Detention", "charge")
        self.day = today(self.bob.organization) - timedelta(days=5)
        self.issued, self.paid = self.day - timedelta(days=20), self.day - timedelta(days=10)
        self.accounts = [make_account(self.bob, f"Customer {n}") for n in range(5)]
        AuthorityLimit.objects.create(
            organization=self.bob.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=Decimal(200)
        )
        self.banks, self.n = {"USD": BankAccount.objects.of(self.bob).get()}, 0

    def invoice(self, total="1000", account=None, issued=None):
        self.n += 1
        load = make_load(self.bob, account or self.accounts[self.n % 5], total)
        return generate_invoice(actor=self.bob, load=load, issue_date=issued or self.issued)

    def short(self, total="1000", paid="950", on=None, **more):
        invoice = self.invoice(total, **more)
        self.pay(invoice, paid, on or self.paid)
        return invoice

    def pay(self, invoice, amount, day):
        return pay(self.bob, invoice, amount, date=day, bank_account=self.banks[invoice.currency])

    def void(self):
        invoice = self.invoice()
        void_invoice(actor=self.bob, load=invoice.loads.get(), reason="Billed twice")
        return invoice

    def asked(self):
        invoice = self.short(paid="500")
        resolve_short_payment(actor=self.bob, load=invoice.loads.get(), type=self.write_off)
        return invoice

    def foreign(self):
        rate(self.bob, "EUR", self.issued, "1.1")
        self.banks["EUR"] = bank_in(self.bob, "EUR")
        return self.short(account=make_account(self.bob, "Lisboa", "EUR"))

    def without_load(self):
        table = open_table(csv_bytes(good("OLD-1", customer="C-9", amount="1000.00")), UPLOAD_BYTES)
        import_table(
            self.bob, table, guess(table), source="old.csv", good_rows_only=False, watch=lambda done, total: None
        )
        invoice = Invoice.objects.get(number="OLD-1")
        self.pay(invoice, "950", self.day)
        return invoice

    def of_two_loads(self):
        invoice = self.short()
        beside = make_load(self.bob, invoice.account)
        Load.objects.filter(pk=beside.pk).update(invoice=invoice)
        return invoice

    def out_of_date(self):
        invoice = self.short()
        add_accessorial(
            actor=self.bob, load=invoice.loads.get(), type=self.extra, entity="customer", amount=Decimal(25)
        )
        return invoice

    def those_that_can_not(self):
        """Invoices with the reason for which each is passed over; `stale` comes about later."""
        after = self.day + timedelta(days=1)
        made = [
            *[(self.void(), "void") for _n in range(2)],
            *[(self.short(paid="1000"), "nothing_short") for _n in range(2)],
            *[(self.invoice(), "no_payment") for _n in range(2)],
            (self.asked(), "already_asked"), (self.foreign(), "other_currency"), (self.without_load(), "no_load"),
            (self.of_two_loads(), "which_load"), (self.out_of_date(), "out_of_date"),
            *[(self.short(paid="890"), "above_amount") for _n in range(2)],
            *[(self.short("200", "150"), "above_percent") for _n in range(2)],
            *[(self.short(on=after), "before_payment") for _n in range(2)],
            (self.short(issued=after), "before_revision"),
            *[(self.short(), "stale") for _n in range(2)],
        ]  # fmt: skip
        return {invoice.number: code for invoice, code in made}

    def ask(self):
        numbers = Invoice.objects.of(self.bob).values_list("open_item", flat=True)
        wanted = {"amount": Decimal(100), "percent": Decimal(12), "posting_date": self.day}
        return batches.ask(self.bob, self.write_off, batches.Selection(tuple(numbers)), **wanted)

    def books(self):
        """The trial balance by account, every open item, every agreement."""
        items = OpenItem.objects.of(self.bob).order_by("pk")
        facts = ("number", "amount", "balance", "organization_balance", "paid", "live_payments", "live_settlements")
        agreements = Agreement.objects.of(self.bob).order_by("pk")
        return (
            balances(self.bob),
            list(items.values_list(*facts)),
            list(agreements.values_list("number", "payoff_balance", "current_balance", "state")),
        )


def killed(monkeypatch, batch, *, where, at):
    """Work on the batch, two invoices at a time, until the process ends: between two transactions, or within one."""
    seen = Counter()

    def dies(original):
        def instead(*arguments, **options):
            seen["calls"] += 1
            if seen["calls"] > at:
                raise Killed
            return original(*arguments, **options)

        return instead

    with monkeypatch.context() as patched, pytest.raises(Killed):
        name = "_settle" if where == "between" else "_finish"
        patched.setattr(running, "TOGETHER", 2)
        patched.setattr(running, name, dies(getattr(running, name)))
        batches.work_off(batch)
    assert batches.job_of(batch).state == Job.State.RUNNING


def really_killed(batch, enough):
    """The same with a process of its own, which is killed from outside."""
    process = worker()
    try:
        wait_for(lambda: BatchItem.objects.filter(state="done").count() >= enough, process)
    finally:
        process.kill()
        process.wait()
    assert batches.job_of(batch).state == Job.State.RUNNING


def test_campaign_resolve_short_payments_killed_resumed_and_undo_batch(committed_db, monkeypatch):
    scene, can = Scene(), SIZE - CAN_NOT
    with transaction.atomic():
        reasons = scene.those_that_can_not()
        wanted = [scene.short() for _n in range(can)]
    assert (len(reasons), len(set(reasons.values()))) == (CAN_NOT, 13)
    batch = scene.ask()
    later = [number for number, code in reasons.items() if code == "stale"]
    for invoice in Invoice.objects.filter(number__in=later):
        scene.pay(invoice, "10", scene.paid)
    before = scene.books()

    killed(monkeypatch, batch, where="within", at=can // 8)
    assert BatchItem.objects.filter(state="done").count() == Resolution.objects.count() <= 2 * (can // 8)
    killed(monkeypatch, batch, where="between", at=can // 8)
    if REALLY_KILLED:
        really_killed(batch, enough=can // 2 + can // 10)
        take_over()
    else:
        batches.work_off(batch, attempts=2)
    assert batches.job_of(batch).state == Job.State.DONE
    assert batches.states(batch) == {"done": can, "skipped": CAN_NOT}
    assert batches.codes(batch) == reasons
    assert not BatchItem.objects.filter(state="skipped", message="").exists()
    assert Resolution.objects.count() == can, "nothing was done twice"
    after = dict(Invoice.objects.values_list("pk", "open_item__balance"))
    assert {after[invoice.pk] for invoice in wanted} == {0}
    assert balances(scene.bob)["6100"] == before[0].get("6100", 0) + 50 * can
    assert broken() == {}

    undo_batch(actor=scene.bob, batch=batch, reason="The campaign was called off")
    killed(monkeypatch, batch, where="within", at=can // 4)
    batches.work_off(batch, attempts=1)
    assert set(BatchItem.objects.filter(state="done").values_list("undo_state", flat=True)) == {"undone"}
    assert scene.books() == before
    assert broken() == {}

"""Short payments resolved together come to what they come to one by one, in as many queries for many as for few."""

import re
from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from receivables.billing.models import Load
from receivables.billing.operations import generate_invoice
from receivables.collections.models import Resolution
from receivables.collections.operations import Assignment, record_payment
from receivables.collections.resolution import Wish, resolve_each, resolve_short_payment, undo_each
from receivables.collections.short_payments import running
from receivables.core.errors import Refused
from receivables.core.models import Event
from receivables.ledger.models import JournalLine
from tests.builders import make_account, make_invoice, make_load, make_type, pay
from tests.collections import batch_support as batches
from tests.collections.batch_support import balance, short
from tests.collections.support import bank_in, rate
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


def scene(actor):
    """Two invoices of 100.00 EUR short of one payment of 150.01, a third of another; the rate moved between."""
    rate(actor, "EUR", date(2026, 10, 1), "1.10")
    rate(actor, "EUR", date(2026, 11, 3), "1.237")
    account, bank = make_account(actor, currency="EUR"), bank_in(actor, "EUR")
    loads = [make_load(actor, account, each) for each in ("100", "100", "33.33")]
    invoices = [generate_invoice(actor=actor, load=load, issue_date=date(2026, 10, 1)) for load in loads]
    record_payment(
        actor=actor, account=account, amount=D("160.02"), date=date(2026, 11, 3), method="check", bank_account=bank,
        assignments=[Assignment(invoices[0], D("90.03")), Assignment(invoices[1], D("59.98"))],
    )  # fmt: skip
    pay(actor, invoices[2], "11.11", bank_account=bank)
    return [Load.objects.get(pk=load.pk) for load in loads], make_type(actor)


def booked(actor):
    """Every line of the journal, without keys."""
    lines = JournalLine.objects.of(actor).select_related("entry", "gl_account")
    return sorted(
        (re.sub("[0-9]+", "", line.entry.kind), line.gl_account.code, line.amount, line.organization_amount)
        for line in lines
    )


def said(actor):
    return sorted((each.name, len(each.refs)) for each in Event.objects.of(actor).filter(pk__gt=0))


def test_resolve_short_payments_together_books_what_they_book_one_by_one(biller, stranger):
    alone, of_alone = scene(biller)
    together, of_together = scene(stranger)
    single = [resolve_short_payment(actor=biller, load=load, type=of_alone) for load in alone]
    many = resolve_each(stranger, [Wish(load, of_together) for load in together])
    assert [each.amount for each in many] == [each.amount for each in single] == [D("9.97"), D("40.02"), D("22.22")]
    assert booked(stranger) == booked(biller)
    assert said(stranger) == said(biller)
    undo_each(stranger, many, reason="Paid after all")
    for each in single:
        undo_each(biller, [each], reason="Paid after all")
    assert booked(stranger) == booked(biller)
    assert broken() == {}


def test_resolve_short_payments_asks_as_often_for_many_as_for_few(biller):
    write_off, asked = make_type(biller), {}
    resolve_each(biller, [Wish(short(biller).loads.get(), write_off)])
    for count in (2, 6):
        loads = [short(biller).loads.get() for _each in range(count)]
        with CaptureQueriesContext(connection) as seen:
            resolve_each(biller, [Wish(load, write_off) for load in loads])
        asked[count] = len(seen)
    assert asked[2] == asked[6] <= 25


def test_what_is_refused_leaves_the_others(biller):
    write_off, settled = make_type(biller), make_invoice(biller)
    pay(biller, settled, "1000")
    invoices = [short(biller), settled, short(biller)]
    first, refused, last = resolve_each(biller, [Wish(each.loads.get(), write_off) for each in invoices])
    assert isinstance(refused, Refused)
    assert refused.code == "nothing_short"
    assert {first.invoice, last.invoice} == {invoices[0], invoices[2]}
    assert [balance(each) for each in invoices] == [0, 0, 0]
    assert Resolution.objects.count() == 2


def test_what_the_database_refuses_together_is_tried_one_by_one(biller, monkeypatch):
    write_off, invoices = make_type(biller), [short(biller) for _each in range(3)]
    batch, really = batches.ask(biller, write_off), running.resolve_each

    def broken_with_the_second(actor, wishes):
        done = really(actor, wishes)
        if any(wish.load == invoices[1].loads.get() for wish in wishes):
            raise RuntimeError("the disk is gone")
        return done

    monkeypatch.setattr(running, "resolve_each", broken_with_the_second)
    batches.work_off(batch)
    assert (batches.states(batch), batches.codes(batch)) == ({"done": 2, "failed": 1}, {invoices[1].number: "fault"})
    assert [balance(each) for each in invoices] == [0, 50, 0]
    assert broken() == {}

"""The positive control: the same races with rule's lock and database guard removed break the promises, and the
check of the promises says so. A race that finds nothing here would prove nothing there."""

import threading

import pytest

from receivables.billing.operations import invoices, locking
from receivables.collections import operations as collections
from receivables.collections import taking_back
from receivables.collections.assigning import judging
from receivables.collections.unapplied import acting
from receivables.core.errors import Refused
from receivables.customers.models import Account
from receivables.ledger import operations as periods
from receivables.ledger.queries import PostingDays
from tests.builders import pay
from tests.ledger.test_races import Scene, months
from tests.support.invariants import broken
from tests.support.races import other_connection, race

ROUNDS = 5
# Between looking and writing a racer waits until the other side is through, or, where both wait, this many seconds.
WAIT = 1.0
looked = threading.Event()
through = threading.Event()


@pytest.fixture
def scene(committed_db):
    return Scene()


@pytest.fixture
def owner(committed_db):
    with other_connection("owner", autocommit=True) as connection:
        yield connection


@pytest.fixture
def without_locks(monkeypatch):
    """Operations look without locking, as careless code would."""

    def unlocked(queryset, pks):
        return list(queryset.filter(pk__in=set(pks)))

    def unlocked_accounts(actor, keys):
        return unlocked(Account.objects.of(actor), keys)

    monkeypatch.setattr(taking_back, "lock_rows", unlocked)
    for module in (locking, acting):
        monkeypatch.setattr(module, "lock_accounts", unlocked_accounts)


def slowly(monkeypatch, module, name):
    """Wait for the other side after asking the rule `name`, whatever it said."""
    asked = getattr(module, name)

    def ask(*args, **kwargs):
        answer = asked(*args, **kwargs)
        looked.set()
        through.wait(WAIT)
        return answer

    monkeypatch.setattr(module, name, ask)


def weaken(owner, function, guard, nothing=""):
    """Take a guard out of a trigger function."""
    definition = owner.execute("SELECT pg_get_functiondef(%s::regproc)", [function]).fetchone()[0]
    assert guard in definition
    owner.execute(definition.replace(guard, nothing))


def drop(owner, table, *constraints):
    for constraint in constraints:
        owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def drop_unique(owner, table, column):
    """Drop the unique constraints of a table that contain a column."""
    names = owner.execute(
        "SELECT conname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)"
        " WHERE c.conrelid = %s::regclass AND c.contype = 'u' AND a.attname = %s",
        [table, column],
    ).fetchall()
    assert names
    drop(owner, table, *(name for (name,) in names))


def telling(call):
    """The call, telling the other side when it is through."""

    def run():
        try:
            return call()
        finally:
            through.set()

    return run


def provoke(pairs):
    """Race each pair; the promises found broken."""
    for pair in pairs:
        looked.clear()
        through.clear()
        for outcome in race(*map(telling, pair)):
            assert outcome is None or not isinstance(outcome, Exception) or isinstance(outcome, Refused), repr(outcome)
        if found := broken():
            return found
    return {}


def test_regenerating_under_a_payment_is_noticed(scene, owner, without_locks, monkeypatch):
    slowly(monkeypatch, invoices, "regenerate_invoice_blocker")
    weaken(owner, "billing_revision_made", "item.live_payments > 0 OR ")

    def pairs():
        for _round in range(ROUNDS):
            load, invoice = scene.changed_load()
            yield scene.regenerate(load), scene.pay(invoice, "1000")

    assert "no_revision_under_a_payment" in provoke(pairs())


def test_paying_one_balance_twice_is_noticed(scene, owner, without_locks, monkeypatch):
    slowly(monkeypatch, judging, "assignment_blocker")
    drop(owner, "ledger_openitem", "open_item_balance_within_amount")

    def pairs():
        for _round in range(ROUNDS):
            _load, invoice = scene.changed_load()
            yield scene.pay(invoice, "1000"), scene.pay(invoice, "1000")

    assert "balances_are_within_amounts" in provoke(pairs())


def test_deleting_a_payment_twice_is_noticed(scene, owner, without_locks, monkeypatch):
    slowly(monkeypatch, collections, "delete_payment_blocker")
    drop_unique(owner, "collections_paymentreversal", "payment_id")
    drop_unique(owner, "ledger_allocation", "reverses_id")
    drop_unique(owner, "ledger_journalentry", "reverses_id")
    drop_unique(owner, "ledger_journalentry", "source_id")
    drop(owner, "ledger_openitem", "open_item_balance_within_amount", "open_item_settled_in_both_currencies")
    for column in ("live_payments", "live_settlements"):
        drop(owner, "ledger_openitem", f"ledger_openitem_{column}_check")
    weaken(owner, "ledger_allocations_made", "c.amount > 0 OR ")
    owner.execute("ALTER TABLE ledger_openitem DISABLE TRIGGER zz_item_paid")
    owner.execute("ALTER TABLE collections_paymentreversal DISABLE TRIGGER zz_payment_reversed")

    def pairs():
        for _round in range(ROUNDS):
            _load, invoice = scene.changed_load()
            payment = pay(scene.actor, invoice, "600")
            yield scene.delete(payment), scene.delete(payment)

    found = provoke(pairs())
    assert "undone_payments_pay_nothing" in found
    assert "reversals_mirror_once" in found


def test_posting_into_a_month_that_is_being_closed_is_noticed(scene, owner, monkeypatch):
    slowly(monkeypatch, PostingDays, "first_open")
    owner.execute("ALTER TABLE ledger_journalentry DISABLE TRIGGER zz_period_open")

    def closing(month):
        def close():
            looked.wait(WAIT)  # a month closed before the payment looks is refused, and shows nothing
            return periods.close_period(actor=scene.actor, month=month)

        return close

    def pairs():
        for month in months(ROUNDS):
            _load, invoice = scene.changed_load()
            yield closing(month), scene.pay(invoice, "1000", date=month.replace(day=15))

    assert "closed_months_are_closed" in provoke(pairs())


@pytest.mark.parametrize(
    ("statement", "promise"),
    [
        (
            "UPDATE ledger_openitem SET balance = balance - 1 WHERE balance > 0",
            "items_are_their_lines",
        ),
        ("UPDATE customers_agreement SET payoff_balance = 0", "agreements_are_their_lines"),
        ("UPDATE core_sequence SET last = last + 1", "numbers_have_no_gap"),
        ("UPDATE ledger_openitem SET live_payments = 7", "settlements_are_counted"),
    ],
)
def test_a_balance_moved_behind_the_ledger_is_noticed(scene, owner, statement, promise):
    scene.changed_load()
    assert broken() == {}
    owner.execute("ALTER TABLE core_sequence DISABLE TRIGGER USER") if "core" in statement else None
    owner.execute(statement)
    assert promise in broken()

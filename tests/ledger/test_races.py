"""Two people at the same instant, on a database that really commits: whoever loses is refused with a sentence, and
every promise of the books holds. RACE_ROUNDS rounds each (20 by default, 200 in the full campaign)."""

import os
from datetime import date
from decimal import Decimal

import pytest

from receivables.billing.models import Load
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.billing.queries import price_load, with_documents
from receivables.collections.operations import delete_payment
from receivables.core.errors import Refused
from receivables.ledger.models import GLAccount
from receivables.ledger.operations import close_period
from receivables.ledger.queries import role_accounts
from tests.builders import make_account, make_load, make_member, make_organization, make_type, pay
from tests.support.invariants import broken
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))


class Scene:
    """An organization, and a fresh invoice of 1,000.00 whose charges have changed to 1,050.00 for every round."""

    def __init__(self) -> None:
        self.actor = make_member(make_organization())
        self.extra = make_type(self.actor, "Detention", "charge")
        self.account = make_account(self.actor)

    def changed_load(self):
        load = make_load(self.actor, self.account)
        invoice = generate_invoice(actor=self.actor, load=load)
        self.charge(load, "50")
        return load, invoice

    def charge(self, load, amount):
        return add_accessorial(actor=self.actor, load=load, type=self.extra, entity="customer", amount=Decimal(amount))

    def regenerate(self, load):
        return lambda: regenerate_invoice(actor=self.actor, load=load)

    def pay(self, invoice, amount, **details):
        return lambda: pay(self.actor, invoice, amount, **details)

    def delete(self, payment):
        return lambda: delete_payment(actor=self.actor, payment=payment)


@pytest.fixture
def scene(committed_db):
    return Scene()


def judged(outcomes, codes):
    """The outcomes: a success, or a refusal with one of these codes. Anything else, a deadlock first of all, fails."""
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            assert isinstance(outcome, Refused), repr(outcome)
            assert outcome.code in codes, (outcome.code, str(outcome))
    assert broken() == {}
    return [not isinstance(outcome, Exception) for outcome in outcomes]


def test_regenerate_invoice_against_record_payment(scene):
    for _round in range(ROUNDS):
        load, invoice = scene.changed_load()
        outcomes = race(scene.regenerate(load), scene.pay(invoice, "1000"))
        regenerated, paid = judged(outcomes, {"payment_exists", "live_payment"})
        assert paid, "a payment of no more than is owed is never refused"
        invoice.refresh_from_db()
        assert invoice.current_revision == (2 if regenerated else 1)


def test_regenerate_invoice_twice(scene):
    for _round in range(ROUNDS):
        load, invoice = scene.changed_load()
        won = judged(race(scene.regenerate(load), scene.regenerate(load)), {"total_unchanged"})
        assert sorted(won) == [False, True]
        invoice.refresh_from_db()
        assert invoice.current_revision == 2


def test_delete_payment_against_record_payment(scene):
    for _round in range(ROUNDS):
        _load, invoice = scene.changed_load()
        payment = pay(scene.actor, invoice, "600")
        deleted, paid = judged(race(scene.delete(payment), scene.pay(invoice, "1000")), {"more_than_owed"})
        invoice.open_item.refresh_from_db()
        assert deleted
        assert invoice.open_item.balance == (0 if paid else 1000)


def test_delete_payment_twice(scene):
    for _round in range(ROUNDS):
        _load, invoice = scene.changed_load()
        payment = pay(scene.actor, invoice, "600")
        assert sorted(judged(race(scene.delete(payment), scene.delete(payment)), {"already_deleted"})) == [False, True]


def test_record_payment_twice_on_one_balance(scene):
    for _round in range(ROUNDS):
        _load, invoice = scene.changed_load()
        won = judged(race(scene.pay(invoice, "1000"), scene.pay(invoice, "1000")), {"more_than_owed"})
        assert sorted(won) == [False, True]


def test_record_payment_twice_within_one_balance(scene):
    """Both are owed, so both land: nobody is refused for having come second."""
    for _round in range(ROUNDS):
        _load, invoice = scene.changed_load()
        assert judged(race(scene.pay(invoice, "500"), scene.pay(invoice, "400")), set()) == [True, True]


def test_add_accessorial_against_regenerate_invoice(scene):
    revenue = role_accounts(scene.actor.organization_id, GLAccount.Role.REVENUE)[GLAccount.Role.REVENUE]
    for _round in range(ROUNDS):
        load, _invoice = scene.changed_load()
        outcomes = race(scene.regenerate(load), lambda load=load: scene.charge(load, "25"))
        assert judged(outcomes, set()) == [True, True]
        load = with_documents(Load.objects.filter(pk=load.pk)).get()
        priced = price_load(load, list(load.accessorials.select_related("type__tax_code")), revenue)
        assert load.charges_total == priced.total == 1075, "no charge is lost"
        assert outcomes[0].total in (1050, 1075)


def months(count):
    """Months before October 2026, newest first."""
    return [date(2026 - (index + 3) // 12, 12 - (index + 3) % 12, 1) for index in range(count)]


def test_close_period_against_record_payment(scene):
    """The payment is in the month before it is closed, or lands in the next open one, or is refused."""
    for month in months(ROUNDS):
        _load, invoice = scene.changed_load()
        outcomes = race(
            lambda month=month: close_period(actor=scene.actor, month=month),
            scene.pay(invoice, "1000", date=month.replace(day=15)),
        )
        closed, _paid = judged(outcomes, {"period_closed"})
        assert closed


def test_close_period_against_a_posting_date_of_choice(scene):
    for month in months(ROUNDS):
        _load, invoice = scene.changed_load()
        day = month.replace(day=15)
        outcomes = race(
            lambda month=month: close_period(actor=scene.actor, month=month),
            scene.pay(invoice, "1000", date=day, posting_date=day),
        )
        assert judged(outcomes, {"period_closed"})[0]


def test_close_period_twice(scene):
    for month in months(ROUNDS):
        twice = [lambda month=month: close_period(actor=scene.actor, month=month)] * 2
        assert sorted(judged(race(*twice), {"already_closed"})) == [False, True]

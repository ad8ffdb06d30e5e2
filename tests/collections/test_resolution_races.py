"""A short payment resolved while somebody else works on it: one of them wins, or both, and the books hold.

RACE_ROUNDS rounds each (20 by default, 200 in the full campaign).
"""

import os
from decimal import Decimal

import pytest

from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.collections.resolution import resolve_short_payment, undo_resolution
from receivables.core.errors import Refused
from tests.builders import make_account, make_load, make_member, make_organization, make_type, pay
from tests.collections.support import item_of
from tests.support.invariants import broken
from tests.support.races import race

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))


class Scene:
    """An organization, and an invoice of 1,000.00 with 950.00 paid for every round."""

    def __init__(self):
        self.actor = make_member(make_organization())
        self.write_off, self.extra = make_type(self.actor), make_type(self.actor, "Detention", "charge")
        self.account = make_account(self.actor)

    def short(self):
        load = make_load(self.actor, self.account)
        invoice = generate_invoice(actor=self.actor, load=load)
        return load, invoice, pay(self.actor, invoice, "950")

    def resolve(self, load):
        return lambda: resolve_short_payment(actor=self.actor, load=load, type=self.write_off)


@pytest.fixture
def scene(committed_db):
    return Scene()


def judged(outcomes, codes):
    """Who succeeded; whoever did not was refused with one of these codes, and every promise of the books holds."""
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            assert isinstance(outcome, Refused), repr(outcome)
            assert outcome.code in codes, (outcome.code, str(outcome))
    assert broken() == {}
    return [not isinstance(outcome, Exception) for outcome in outcomes]


def test_resolve_short_payment_twice(scene):
    for _round in range(ROUNDS):
        load, invoice, _payment = scene.short()
        assert sorted(judged(race(scene.resolve(load), scene.resolve(load)), {"nothing_short"})) == [False, True]
        invoice.refresh_from_db()
        assert (invoice.current_revision, item_of(invoice).balance) == (2, 0)


def test_resolve_short_payment_against_delete_payment(scene):
    """Resolved first, 950.00 are open again; deleted first, all 1,000.00 were short and are taken off."""
    for _round in range(ROUNDS):
        load, invoice, payment = scene.short()
        outcomes = race(scene.resolve(load), lambda payment=payment: delete_payment(actor=scene.actor, payment=payment))
        assert judged(outcomes, set()) == [True, True]
        item = item_of(invoice)
        assert (item.amount, item.balance, item.live_payments) in [(950, 950, 0), (0, 0, 0)]


def test_resolve_short_payment_against_regenerate_invoice(scene):
    for _round in range(ROUNDS):
        load, invoice, _payment = scene.short()
        outcomes = race(scene.resolve(load), lambda load=load: regenerate_invoice(actor=scene.actor, load=load))
        assert judged(outcomes, {"payment_exists", "live_payment"}) == [True, False]
        invoice.refresh_from_db()
        assert (invoice.current_revision, item_of(invoice).balance) == (2, 0)


def test_resolve_short_payment_against_add_accessorial(scene):
    """The charge is on revision 2, all of which the reduction then covers, or waits for the next."""
    for _round in range(ROUNDS):
        load, invoice, _payment = scene.short()

        def charge(load=load):
            return add_accessorial(
                actor=scene.actor, load=load, type=scene.extra, entity="customer", amount=Decimal(25)
            )

        assert judged(race(scene.resolve(load), charge), set()) == [True, True]
        load.refresh_from_db()
        assert (item_of(invoice).amount, item_of(invoice).balance) == (950, 0)
        assert load.charges_total in (950, 975)


def test_bounce_payment_against_resolve_short_payment(scene):
    """Bounced first, all 1,000.00 were short and are given away without it; resolved first, it is taken back."""
    for _round in range(ROUNDS):
        load, invoice, payment = scene.short()

        def bounce(payment=payment):
            return bounce_payment(actor=scene.actor, payment=payment, reason="Returned")

        assert judged(race(scene.resolve(load), bounce), set()) == [True, True]
        item = item_of(invoice)
        assert (item.amount, item.balance, item.live_payments) in [(1000, 1000, 0), (0, 0, 0)]


def test_delete_payment_with_its_reduction_against_undo_resolution(scene):
    """Whoever comes second finds nothing left to take back: the reduction comes off once."""
    for _round in range(ROUNDS):
        load, invoice, payment = scene.short()
        resolution = scene.resolve(load)()

        def delete(payment=payment):
            return delete_payment(actor=scene.actor, payment=payment, with_reductions=True)

        def undo(resolution=resolution):
            return undo_resolution(actor=scene.actor, resolution=resolution, reason="Paid after all")

        deleted, undone = judged(race(delete, undo), {"already_undone"})
        assert deleted
        item = item_of(invoice)
        assert (item.amount, item.balance, item.live_payments) == (1000, 1000, 0), undone

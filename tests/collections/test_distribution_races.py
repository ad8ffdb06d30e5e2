"""Money distributed twice, and debt paid while it is written off, at the same instant on real commits."""

import os
from decimal import Decimal as D

import pytest

from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.held.operations import hold_overpayment, release_held_money
from receivables.collections.operations import bounce_payment
from receivables.core.errors import Refused
from receivables.core.transactions import run_atomic
from receivables.customers.models import AgreementType
from receivables.ledger.models import OpenItem
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.operations import write_off_debt
from tests.builders import make_member, make_organization
from tests.support.barred import Barred
from tests.support.invariants import broken
from tests.support.races import race
from tests.support.written_off import agreement_of

ROUNDS = int(os.environ.get("RACE_ROUNDS", "8"))


@pytest.fixture
def house(committed_db):
    return Barred(make_member(make_organization()), barred=False)


def codes(results):
    faults = [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert faults == []
    return sorted(each.code for each in results if isinstance(each, Refused))


def balance(document):
    return OpenItem.objects.get(pk=document.open_item_id).balance


def test_two_distributions_of_the_same_money(house):
    """One of them pays; the other finds that nothing is on account any more."""
    for _round in range(ROUNDS):
        first, second = house.freight("80"), house.freight("80")
        payment = house.received("80")
        results = race(
            lambda p=payment, i=first: distribute_payment(
                actor=house.actor, payment=p, amounts={i.open_item_id: D(80)}
            ),
            lambda p=payment, i=second: distribute_payment(
                actor=house.actor, payment=p, amounts={i.open_item_id: D(80)}
            ),
        )
        assert codes(results) == ["nothing_left"]
        assert sorted([balance(first), balance(second)]) == [0, 80]
        assert balance(payment) == 0
    assert broken() == {}


def test_two_payments_for_the_same_debt(house):
    """Neither overpays it: the second is told what is left."""
    for _round in range(ROUNDS):
        invoice, one, two = house.freight("100"), house.received("70"), house.received("70")
        results = race(
            *(
                lambda p=payment, i=invoice: distribute_payment(
                    actor=house.actor, payment=p, amounts={i.open_item_id: D(70)}
                )
                for payment in (one, two)
            )
        )
        assert codes(results) == ["more_than_owed"]
        assert balance(invoice) == 30
    assert broken() == {}


def test_paid_while_it_is_written_off(house):
    """Whoever comes first: never both, and in the end every cent is owed, paid or written off once."""
    for _round in range(ROUNDS):
        invoice, payment = house.freight("100"), house.received("100")
        results = race(
            lambda p=payment, i=invoice: distribute_payment(
                actor=house.actor, payment=p, amounts={i.open_item_id: D(100)}
            ),
            lambda i=invoice: write_off_debt(
                actor=house.actor,
                wanted=Wanted(house.account, "Gone", picks={(i.agreement_id, i.open_item_id): D(100)}),
            ),
        )
        assert codes(results)
        assert balance(invoice) == 0
    assert broken() == {}


def test_held_money_is_taken_back_while_its_payment_bounces(house):
    for _round in range(ROUNDS):
        payment = house.received("60")
        held = hold_overpayment(actor=house.actor, payment=payment, amount=D(60))
        results = race(
            lambda h=held: release_held_money(actor=house.actor, agreement=h.agreement, amount=D(60), reason="Back"),
            lambda p=payment: bounce_payment(actor=house.actor, payment=p, reason="No funds"),
        )
        assert codes(results) in ([], ["nothing_held"])
        assert balance(payment) == 0
    assert broken() == {}


def test_a_type_is_switched_while_its_first_agreement_is_made(house):
    """Either the agreement finds the switched type, or the switch finds the agreement and is refused."""
    for turn in range(ROUNDS):
        kind = AgreementType.objects.of(house.actor).get(code="WO-STD")
        kind.pk, kind.code, kind.name = None, f"W{turn}", f"W{turn}"
        kind.save(force_insert=True)
        results = race(
            lambda k=kind: agreement_of(house.actor, house.account, k.code),
            lambda k=kind: run_atomic(lambda: AgreementType.objects.filter(pk=k.pk).update(payment_segment_type="")),
        )
        assert codes(results) in ([], ["immutable"])
        kind.refresh_from_db()
        assert kind.payment_segment_type == ("normal" if codes(results) else "")

"""The positive control of the races of written-off and moved debt: without the accounts' lock and the guard of the open
item the same race gives up, or moves, more than is owed, and the check of the promises says so."""

import pytest

from receivables.writeoffs import drafting
from receivables.writeoffs.transfers import drafting as moving
from tests.builders import make_invoice, make_member, make_organization
from tests.ledger.test_races_control import drop, owner, provoke, slowly  # noqa: F401  the same owner
from tests.writeoffs.cast import move, pick, second, write_off

ROUNDS = 5
BROKEN = "balances_are_within_amounts"


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


@pytest.fixture
def unguarded(owner, monkeypatch):  # noqa: F811  the fixture of this name
    """Operations look without locking, as careless code would, and an open item takes whatever is taken off it."""
    for module, rule in ((drafting, "write_off_debt_blocker"), (moving, "transfer_debt_blocker")):
        monkeypatch.setattr(module, "lock_rows", lambda rows, keys: list(rows.filter(pk__in=set(keys)).order_by("pk")))
        slowly(monkeypatch, module, rule)
    drop(owner, "ledger_openitem", "open_item_balance_within_amount")


def test_writing_one_debt_off_twice_is_noticed(admin, unguarded):
    def pairs():
        for _round in range(ROUNDS):
            invoice = make_invoice(admin, line_haul="100")
            picked = pick(invoice, "60")
            yield (lambda i=invoice, p=picked: write_off(admin, i.account, picks=p),) * 2

    assert BROKEN in provoke(pairs())


def test_moving_one_debt_twice_is_noticed(admin, unguarded):
    def pairs():
        for _round in range(ROUNDS):
            invoice = make_invoice(admin, line_haul="100")
            target, picked = second(admin, invoice.account), pick(invoice, "60")
            yield (lambda i=invoice, t=target, p=picked: move(admin, i.agreement, t, picks=p),) * 2

    assert BROKEN in provoke(pairs())

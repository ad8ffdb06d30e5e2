"""Two people at the same instant about the same debt, on real commits."""

from decimal import Decimal as D

import pytest

from receivables.approvals.models import ApprovalRequest
from receivables.core.errors import Refused
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import OpenItem
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.bankruptcy.operations import owed_of
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.models import Bankruptcy, WriteOff
from receivables.writeoffs.operations import request_write_off
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import balances, make_invoice, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.support.races import race
from tests.writeoffs.cast import bankruptcy, move, pick, second, write_off


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


def codes(results):
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    return sorted(each.code for each in results if isinstance(each, Refused))


def owed(invoice):
    return OpenItem.objects.get(pk=invoice.open_item_id).balance


def test_two_write_offs_of_the_same_debt_and_one_agreement(admin):
    invoice = make_invoice(admin, line_haul="100")
    results = race(*[lambda: write_off(admin, invoice.account, picks=pick(invoice, "60"))] * 2)
    assert codes(results) == ["more_than_owed"]
    assert owed(invoice) == 40
    assert Agreement.objects.filter(account=invoice.account).count() == 2
    assert broken() == {}


def test_a_write_off_and_a_transfer_of_the_same_debt(admin):
    invoice = make_invoice(admin, line_haul="100")
    target = second(admin, invoice.account)
    picked = pick(invoice, "60")
    results = race(
        lambda: write_off(admin, invoice.account, picks=picked),
        lambda: move(admin, invoice.agreement, target, picks=picked),
    )
    assert codes(results) == ["more_than_owed"]
    assert owed(invoice) == 40
    assert broken() == {}


def test_a_write_off_and_a_payment_on_the_same_debt(admin):
    invoice = make_invoice(admin, line_haul="100")
    results = race(
        lambda: write_off(admin, invoice.account, picks=pick(invoice, "100")), lambda: pay(admin, invoice, "100")
    )
    assert codes(results) in (["more_than_owed"], ["stale"])
    assert owed(invoice) == 0
    assert broken() == {}


def test_two_reversals_of_one_write_off(admin):
    invoice = make_invoice(admin, line_haul="100")
    made = write_off(admin, invoice.account)
    results = race(*[lambda: reverse_write_off(actor=admin, write_off=made, reason="Paid after all", amount=D(60))] * 2)
    assert codes(results) == ["more_than_left"]
    assert owed(invoice) == 60
    assert sum(balances(admin).values()) == 0
    assert broken() == {}


def test_asked_for_and_written_off_at_once(admin):
    invoice = make_invoice(admin, line_haul="100")
    asked = Wanted(invoice.account, "Gone")
    biller = make_member(admin.organization, "biller", "Bob Biller")
    results = race(
        lambda: request_write_off(actor=biller, wanted=asked),
        lambda: write_off(admin, invoice.account, picks=pick(invoice, "100")),
    )
    outcome = (WriteOff.objects.count(), ApprovalRequest.objects.count(), codes(results))
    assert outcome in [(0, 1, ["already_asked"]), (1, 0, ["nothing_picked"])]
    assert broken() == {}


def test_two_bankruptcies_of_one_account(admin):
    invoice = make_invoice(admin, line_haul="100")
    results = race(*[lambda: bankruptcy(admin, invoice.account)] * 2)
    assert codes(results) == ["started"]
    assert (Bankruptcy.objects.count(), WriteOff.objects.count(), owed(invoice)) == (1, 1, 0)
    assert Account.objects.filter(customer=invoice.account.customer_id).count() == 2
    assert broken() == {}


def test_two_dividends_of_one_payment(admin):
    """What was on account is paid out once."""
    invoice = make_invoice(admin, line_haul="100")
    paid = pay(admin, invoice, "50", "10")
    found = bankruptcy(admin, invoice.account)
    results = race(*[lambda: record_dividend(actor=admin, dividend=Dividend(found, paid, D(30)))] * 2)
    assert codes(results) == ["more_than_unapplied"]
    assert owed_of(found) == {"USD": 60}
    assert broken() == {}

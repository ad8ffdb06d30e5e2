"""Two people at the same instant about the same debt, on real commits: whoever loses is refused with a sentence, no
cent is given up, moved or paid twice. RACE_ROUNDS rounds each (6 by default, 200 in the full campaign)."""

import os
from datetime import date
from decimal import Decimal as D

import pytest

from receivables.approvals.models import ApprovalRequest
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import bounce_payment, record_payment
from receivables.core.errors import Refused
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import OpenItem
from receivables.writeoffs.bankruptcy.coming_back import Addition, add_to_bankruptcy
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.bankruptcy.operations import owed_of
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from receivables.writeoffs.bulk.operations import undo_write_offs, write_off_debts
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.models import Bankruptcy, WriteOff, WriteOffReversal
from receivables.writeoffs.operations import request_write_off
from receivables.writeoffs.reversing import reverse_write_off
from receivables.writeoffs.transfers.operations import reverse_transfer
from tests.builders import balances, make_account, make_invoice, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.support.races import race
from tests.writeoffs import batches
from tests.writeoffs.cast import agreement, bankruptcy, move, pick, second, write_off

ROUNDS = int(os.environ.get("RACE_ROUNDS", "6"))


@pytest.fixture
def admin(committed_db):
    return make_member(make_organization())


@pytest.fixture
def charlie(admin):
    return make_member(admin.organization, "admin", "Charlie Chief")


def codes(results):
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    return sorted(each.code for each in results if isinstance(each, Refused))


def owed(invoice):
    return OpenItem.objects.get(pk=invoice.open_item_id).balance


def rounds(admin):
    """A fresh invoice of 100.00 on an account of its own for each round; afterwards the promises of the books hold."""
    for _round in range(ROUNDS):
        yield make_invoice(admin, line_haul="100")
    assert broken() == {}


def received(admin, account, amount):
    return record_payment(
        actor=admin, account=account, amount=D(amount), date=date(2026, 11, 3), method="wire",
        bank_account=BankAccount.objects.of(admin).get(),
    )  # fmt: skip


def test_two_write_offs_of_the_same_debt_and_one_agreement(admin):
    for invoice in rounds(admin):
        picked = pick(invoice, "60")
        results = race(*[lambda i=invoice, p=picked: write_off(admin, i.account, picks=p)] * 2)
        assert codes(results) == ["more_than_owed"]
        assert owed(invoice) == 40
        assert Agreement.objects.filter(account=invoice.account).count() == 2


def test_two_transfers_of_the_same_debt(admin):
    for invoice in rounds(admin):
        source, target, picked = invoice.agreement, second(admin, invoice.account), pick(invoice, "60")
        results = race(*[lambda s=source, t=target, p=picked: move(admin, s, t, picks=p)] * 2)
        assert codes(results) == ["more_than_owed"]
        source.refresh_from_db()
        target.refresh_from_db()
        assert (source.payoff_balance, target.payoff_balance) == (40, 60)


def test_transfers_there_and_back_do_not_wait_for_each_other_for_ever(admin):
    for invoice in rounds(admin):
        one, other = invoice.agreement, second(admin, invoice.account)
        move(admin, one, other, picks=pick(invoice, "50"))
        race_back = race(lambda a=one, b=other: move(admin, a, b), lambda a=one, b=other: move(admin, b, a))
        assert codes(race_back) == []
        assert sum(Agreement.objects.filter(account=invoice.account).values_list("payoff_balance", flat=True)) == 100


def test_a_write_off_and_a_transfer_of_the_same_debt(admin):
    for invoice in rounds(admin):
        target, picked = second(admin, invoice.account), pick(invoice, "60")
        results = race(
            lambda i=invoice, p=picked: write_off(admin, i.account, picks=p),
            lambda i=invoice, t=target, p=picked: move(admin, i.agreement, t, picks=p),
        )
        assert codes(results) == ["more_than_owed"]
        assert owed(invoice) == 40


def test_a_transfer_and_a_payment_on_the_same_debt(admin):
    """Either the invoice is paid and nothing can be moved, or its debt stands elsewhere and it takes no payment."""
    for invoice in rounds(admin):
        target, picked = second(admin, invoice.account), pick(invoice, "100")
        results = race(
            lambda i=invoice, t=target, p=picked: move(admin, i.agreement, t, picks=p),
            lambda i=invoice: pay(admin, i, "100"),
        )
        assert codes(results) in (["more_than_owed"], ["stale"])
        target.refresh_from_db()
        paid = isinstance(results[0], Refused)
        assert (owed(invoice), target.payoff_balance) == (0, 0 if paid else 100)


def test_a_transfer_is_taken_back_while_its_debt_is_paid(admin):
    """Either what was moved is paid where it stands, or it is back and the money pays it there."""
    for invoice in rounds(admin):
        target, payment = second(admin, invoice.account), received(admin, invoice.account, "100")
        moved = move(admin, invoice.agreement, target)
        results = race(
            lambda m=moved: reverse_transfer(actor=admin, transfer=m, reason="A mistake"),
            lambda p=payment: distribute_payment(actor=admin, payment=p),
        )
        assert codes(results) in ([], ["touched"])
        assert sum(Agreement.objects.filter(account=invoice.account).values_list("payoff_balance", flat=True)) == 0


def test_a_write_off_and_a_payment_on_the_same_debt(admin):
    for invoice in rounds(admin):
        picked = pick(invoice, "100")
        results = race(
            lambda i=invoice, p=picked: write_off(admin, i.account, picks=p), lambda i=invoice: pay(admin, i, "100")
        )
        assert codes(results) in (["more_than_owed"], ["stale"])
        assert owed(invoice) == 0


def test_two_reversals_of_one_write_off(admin):
    for invoice in rounds(admin):
        made = write_off(admin, invoice.account)
        results = race(
            *[lambda m=made: reverse_write_off(actor=admin, write_off=m, reason="Paid after all", amount=D(60))] * 2
        )
        assert codes(results) == ["more_than_left"]
        assert owed(invoice) == 60
    assert sum(balances(admin).values()) == 0


def test_a_reversal_and_a_recovery_of_the_same_write_off(admin):
    """Either the money recovers what is written off, and the reversal is refused, or the debt is back and is paid."""
    for invoice in rounds(admin):
        made, payment = write_off(admin, invoice.account), received(admin, invoice.account, "100")
        results = race(
            lambda m=made: reverse_write_off(actor=admin, write_off=m, reason="They pay after all"),
            lambda p=payment: distribute_payment(actor=admin, payment=p),
        )
        assert codes(results) in ([], ["paid_since"])
        back = WriteOffReversal.objects.filter(write_off=made).exists()
        assert back == (codes(results) == [])
        assert sum(Agreement.objects.filter(account=invoice.account).values_list("payoff_balance", flat=True)) == 0
    assert balances(admin).get("6150", 0) == 0


def test_asked_for_and_written_off_at_once(admin):
    biller = make_member(admin.organization, "biller", "Bob Biller")
    for invoice in rounds(admin):
        asked, picked = Wanted(invoice.account, "Gone"), pick(invoice, "100")
        results = race(
            lambda a=asked: request_write_off(actor=biller, wanted=a),
            lambda i=invoice, p=picked: write_off(admin, i.account, picks=p),
        )
        written = WriteOff.objects.filter(account=invoice.account).count()
        waiting = ApprovalRequest.objects.filter(subject_id=invoice.account_id, verb="write_off_debt").count()
        assert (written, waiting, codes(results)) in [(0, 1, ["already_asked"]), (1, 0, ["nothing_picked"])]


def test_two_bankruptcies_of_one_account(admin):
    for invoice in rounds(admin):
        results = race(*[lambda i=invoice: bankruptcy(admin, i.account)] * 2)
        assert codes(results) == ["started"]
        made = Bankruptcy.objects.filter(account=invoice.account).count()
        assert (made, WriteOff.objects.filter(account=invoice.account).count(), owed(invoice)) == (1, 1, 0)
        assert Account.objects.filter(customer=invoice.account.customer_id).count() == 2


def test_a_bankruptcy_begins_while_the_debt_is_paid(admin):
    """The money pays the invoice before, or finds that nothing of it can be paid any more: never the bankruptcy."""
    for invoice in rounds(admin):
        results = race(lambda i=invoice: bankruptcy(admin, i.account), lambda i=invoice: pay(admin, i, "100"))
        bankrupt = WriteOff.objects.filter(account=invoice.account).exists()
        assert (
            codes(results) in (["more_than_owed"], ["stale"]) if bankrupt else codes(results) in ([], ["nothing_owed"])
        )
        if bankrupt:
            assert agreement(invoice.account, "WO-BKR").payoff_balance == 100
        assert owed(invoice) == 0


def test_two_dividends_of_one_payment(admin):
    """What was on account is paid out once."""
    for invoice in rounds(admin):
        paid = pay(admin, invoice, "50", "10")
        found = bankruptcy(admin, invoice.account)
        results = race(*[lambda p=paid, f=found: record_dividend(actor=admin, dividend=Dividend(f, p, D(30)))] * 2)
        assert codes(results) == ["more_than_unapplied"]
        assert owed_of(found) == {"USD": 60}


def test_a_dividend_and_a_withdrawal_at_once(admin):
    """Either the trustee's payment is a dividend and the filing stands, or the filing is gone."""
    for invoice in rounds(admin):
        paid = pay(admin, invoice, "50", "10")
        found = bankruptcy(admin, invoice.account)
        results = race(
            lambda p=paid, f=found: record_dividend(actor=admin, dividend=Dividend(f, p, D(30))),
            lambda f=found: withdraw_bankruptcy(actor=admin, bankruptcy=f, reason="Another customer of that name"),
        )
        assert codes(results) in (["dividend"], ["more_than_owed"])
        assert owed_of(found) == ({"USD": 60} if codes(results) == ["dividend"] else {})


def test_what_came_back_is_moved_by_two_and_bounces_meanwhile(admin, charlie):
    """It moves once; what bounces a moment too late is still outside, and nobody's petition is lost."""
    for invoice in rounds(admin):
        first, late = pay(admin, invoice, "30", "30"), pay(admin, invoice, "20", "20")
        found = bankruptcy(admin, invoice.account)
        bounce_payment(actor=admin, payment=first, reason="Returned")
        results = race(
            *(lambda a=each, f=found: add_to_bankruptcy(actor=a, addition=Addition(f)) for each in (admin, charlie)),
            lambda p=late: bounce_payment(actor=admin, payment=p, reason="Returned"),
        )
        assert codes(results) in ([], ["nothing_outside"])
        moved, left = owed_of(found)["USD"], owed(invoice)
        assert (moved, left) in ((100, 0), (80, 20))
        assert moved == 50 + sum(each.amount for done in results if isinstance(done, list) for each in done)


def test_what_came_back_is_moved_while_the_filing_is_withdrawn(admin):
    for invoice in rounds(admin):
        paid = pay(admin, invoice, "30", "30")
        found = bankruptcy(admin, invoice.account)
        bounce_payment(actor=admin, payment=paid, reason="Returned")
        results = race(
            lambda f=found: add_to_bankruptcy(actor=admin, addition=Addition(f)),
            lambda f=found: withdraw_bankruptcy(actor=admin, bankruptcy=f, reason="Another customer of that name"),
        )
        assert codes(results) in ([], ["withdrawn"])
        assert (owed_of(found), owed(invoice)) == ({}, 100)


def test_a_batch_is_confirmed_and_taken_back_by_two_people_at_once(admin, charlie):
    """One of them begins its job, once."""
    for invoice in rounds(admin):
        batch = batches.planned(admin, batches.ticked(invoice))
        results = race(*(lambda a=actor, b=batch: write_off_debts(actor=a, batch=b) for actor in (admin, charlie)))
        assert codes(results) == ["confirmed"]
        batch = batches.work_off(batch)
        assert batches.states(batch) == {"done": 1}
        results = race(
            *(lambda a=actor, b=batch: undo_write_offs(actor=a, batch=b, reason="x") for actor in (admin, charlie))
        )
        assert codes(results) == ["running"]
        batches.work_off(batch)
        assert owed(invoice) == 100
        assert WriteOff.objects.filter(account=invoice.account).count() == 1


def test_two_batches_of_the_same_debts_run_at_once(admin, charlie):
    """Planned by two people at once, and worked off at once: each account is written off by one of them."""
    for first in rounds(admin):
        chosen = batches.ticked(first, make_invoice(admin, make_account(admin, "Another"), "70"))
        both = race(*(lambda a=actor, c=chosen: batches.confirmed(a, c) for actor in (admin, charlie)))
        assert codes(both) == []
        assert codes(race(*(lambda b=batch: batches.work_off(b) for batch in both))) == []
        counted = [batches.states(batches.anew(batch)) for batch in both]
        assert sum(each.get("done", 0) for each in counted) == sum(each.get("skipped", 0) for each in counted) == 2
        assert set(batches.codes(both[0]).values()) | set(batches.codes(both[1]).values()) <= {"stale", "nothing_left"}


def test_a_batch_runs_while_one_of_its_accounts_is_written_off(admin):
    for invoice in rounds(admin):
        other = make_invoice(admin, make_account(admin, "Another"), "70")
        batch = batches.confirmed(admin, batches.ticked(invoice, other))
        results = race(lambda b=batch: batches.work_off(b), lambda i=invoice: write_off(admin, i.account))
        assert codes(results) in ([], ["nothing_picked"])
        by_batch = 2 if isinstance(results[1], Refused) else 1
        assert batches.states(batch).get("done") == by_batch
        assert WriteOff.objects.filter(account=invoice.account).count() == 1
        assert (owed(invoice), owed(other)) == (0, 0)


def test_a_batch_runs_while_one_of_its_debts_is_paid(admin):
    for invoice in rounds(admin):
        batch = batches.confirmed(admin, batches.ticked(invoice))
        results = race(lambda b=batch: batches.work_off(b), lambda i=invoice: pay(admin, i, "100"))
        written = WriteOff.objects.filter(account=invoice.account).count()
        assert written == (1 if codes(results) else 0)
        assert batches.states(batch) == ({"done": 1} if written else {"skipped": 1})
        assert owed(invoice) == 0

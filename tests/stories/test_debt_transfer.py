"""Moving debt between agreements as an accountant reads it: what each owes, what the invoice says, where later money,
a write-off and a reversal find it."""

from decimal import Decimal as D

import pytest

from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import bounce_payment, record_payment
from receivables.core.errors import Refused
from receivables.core.events import history
from receivables.customers.models import Agreement
from receivables.customers.operations import create_account, stop_agreement
from receivables.ledger.models import OpenItem
from receivables.writeoffs.queries import sources_of
from receivables.writeoffs.reversing import reverse_write_off
from receivables.writeoffs.transfers.operations import reverse_transfer
from tests.builders import balances, make_account, make_invoice, make_member, make_organization
from tests.support.invariants import broken
from tests.writeoffs.cast import agreement, bankruptcy, bill, journal, move, owed, pick, reads, second, write_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization())


def both(agreement_):
    found = Agreement.objects.get(pk=agreement_.pk)
    return found.payoff_balance, found.current_balance, found.state


def money(actor, account, amount, day):
    paid = record_payment(
        actor=actor, account=account, amount=D(amount), date=day, method="check",
        bank_account=BankAccount.objects.of(actor).get(),
    )  # fmt: skip
    distribute_payment(actor=actor, payment=paid)
    return paid


def test_debt_moves_with_its_document_and_nothing_else_changes(admin):
    """1,000.00 on a stopped agreement moves to the one in service: a pair over the transfer account."""
    invoice = bill(admin)
    source, target = invoice.agreement, second(admin, invoice.account)
    stop_agreement(actor=admin, agreement=source)
    before = balances(admin)
    done = move(admin, source, target)
    assert (done.number, done.amount, done.item_count) == ("DT-000001", D(1000), 1)
    assert journal(done) == [
        ("1900", "", D("1000.00")), ("1200", "FREIGHT", D("-1000.00")),
        ("1200", "FREIGHT", D("1000.00")), ("1900", "", D("-1000.00")),
    ]  # fmt: skip
    assert balances(admin) == before
    assert (both(source), both(target)) == ((0, 0, "closed"), (1000, 1000, "active"))
    item = OpenItem.objects.get(agreement=target)
    assert (item.number, item.due_date, item.kind, item.origin_id) == (
        invoice.number, invoice.due_date, "transfer", invoice.open_item_id,
    )  # fmt: skip
    assert reads(admin, invoice) == ["moved_owed", "moved_owed"]
    money(admin, invoice.account, "1000", invoice.issue_date)
    assert reads(admin, invoice) == ["moved_settled", "moved_settled"]
    assert "distribute_payment" in history(admin, invoice).values_list("name", flat=True)
    assert broken() == {}


def test_a_part_is_moved_and_taken_back(admin):
    invoice = bill(admin)
    source, target = invoice.agreement, second(admin, invoice.account)
    done = move(admin, source, target, picks=pick(invoice, "400"))
    assert (both(source)[0], both(target)[0]) == (600, 400)
    assert reads(admin, invoice) == ["part_paid", "part_paid"]
    paid = money(admin, invoice.account, "700", invoice.issue_date)
    with pytest.raises(Refused) as refused:
        reverse_transfer(actor=admin, transfer=done, reason="A mistake")
    assert refused.value.code == "touched"
    bounce_payment(actor=admin, payment=paid, reason="Returned")
    made = reverse_transfer(actor=admin, transfer=done, reason="A mistake")
    assert journal(made)[0] == ("1900", "", D("-400.00"))
    assert (both(source)[0], both(target)[0]) == (1000, 0)
    assert reads(admin, invoice) == ["open", "open"]
    with pytest.raises(Refused) as refused:
        reverse_transfer(actor=admin, transfer=done, reason="Again")
    assert refused.value.code == "already_reversed"
    assert broken() == {}


def test_what_was_moved_twice_is_written_off_with_its_taxes_and_recovered(admin):
    """Revenue and taxes are found through two transfers: expense 900, state 80, city 20, as if it had stayed."""
    invoice = bill(admin)
    account, target = invoice.account, second(admin, invoice.account)
    other = create_account(actor=admin, customer=account.customer, name="Later service")
    move(admin, invoice.agreement, target)
    move(admin, target, other.agreements.get())
    written = write_off(admin, other)
    assert {code: amount for code, (amount, _state) in owed(other).items()} == {
        "FREIGHT": 0, "WO-STD": 900, "WO-2210": 80, "WO-2220": 20,
    }  # fmt: skip
    assert balances(admin) == {"4000": -900, "6150": 900}
    assert reads(admin, invoice) == ["written_off_owed", "written_off_owed"]
    assert [source.document.number for source in sources_of(written)] == [invoice.number]
    reverse_write_off(actor=admin, write_off=written, reason="A mistake", amount=D(500))
    assert reads(admin, invoice) == ["written_off_owed", "written_off_owed"]
    paid = money(admin, other, "1000", invoice.issue_date)
    assert reads(admin, invoice) == ["written_off_recovered", "written_off_recovered"]
    bounce_payment(actor=admin, payment=paid, reason="Returned")
    reverse_write_off(actor=admin, write_off=written, reason="A mistake")
    assert reads(admin, invoice) == ["moved_owed", "moved_owed"]
    assert balances(admin) == {"1200": 1000, "2210": -80, "2220": -20, "4000": -900}
    assert broken() == {}


def test_written_off_debt_moves_between_write_off_agreements_and_keeps_its_account(admin):
    invoice = bill(admin)
    holding = create_account(actor=admin, customer=invoice.account.customer, name="Holding")
    write_off(admin, make_invoice(admin, holding, "10").account)
    written = write_off(admin, invoice.account)
    move(admin, agreement(invoice.account, "WO-2210"), agreement(holding, "WO-STD"))
    assert (owed(invoice.account)["WO-2210"][0], owed(holding)["WO-STD"][0]) == (0, 90)
    with pytest.raises(Refused) as refused:
        reverse_write_off(actor=admin, write_off=written, reason="A mistake")
    assert refused.value.code == "moved_on"
    money(admin, holding, "90", invoice.issue_date)
    assert balances(admin) == {"1000": 90, "2210": -80, "4000": -910, "6150": 900}
    assert broken() == {}


def test_what_is_refused(admin):
    """To and from write-off agreements, of another customer, of a bankruptcy, more than is owed."""
    invoice = bill(admin)
    source, target = invoice.agreement, second(admin, invoice.account)
    stranger = make_account(admin, "Other Customer").agreements.get()
    write_off(admin, invoice.account, picks=pick(invoice, "100"))
    bankrupt = make_invoice(admin, line_haul="30").account
    bankruptcy(admin, bankrupt)
    for pair, code in [
        ((source, agreement(invoice.account, "WO-STD")), "to_write_off"),
        ((agreement(invoice.account, "WO-STD"), source), "from_write_off"),
        ((source, stranger), "other_customer"),
        ((source, source), "same"),
        ((agreement(bankrupt, "WO-BKR"), agreement(invoice.account, "WO-STD")), "bankrupt"),
    ]:
        with pytest.raises(Refused) as refused:
            move(admin, *pair)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        move(admin, source, target, picks=pick(invoice, "900.01"))
    assert refused.value.code == "more_than_owed"
    assert broken() == {}

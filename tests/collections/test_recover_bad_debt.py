"""Recovering bad debt: what is refused, what the database refuses, and whom money may be recovered from."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.roles import Role
from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.models import CreditNote
from receivables.collections.applying import take_off
from receivables.collections.models import PayOff, Recovery
from receivables.collections.operations import Assignment, delete_payment
from receivables.collections.recoveries.losses import recoverable
from receivables.collections.recoveries.operations import Received, recover_bad_debt, reverse_recovery
from receivables.core.errors import NotPermitted
from receivables.core.sequences import take_numbers
from receivables.core.transactions import sqlstate
from tests.builders import balances, make_account, make_invoice, make_member
from tests.collections.pay_offs import by_journal, paid_off, second_account
from tests.collections.recoveries import came, losses, on_account, recover
from tests.collections.support import close_month, item_of, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(biller):
    found = make_invoice(biller)
    paid_off(biller, found, "950")
    return found


def refusal(actor, invoice, amount, money=None, **details):
    [loss] = losses(invoice)
    money = money or came(actor, invoice.account, amount)
    return refused(recover_bad_debt, actor=actor, money=money, parts=[(loss, D(amount))], **details)


class TestRecover:
    def test_recover_bad_debt_is_bound_by_what_is_not_recovered_yet(self, biller, invoice):
        recover(biller, invoice, "30")
        before = balances(biller)
        assert refusal(biller, invoice, "20.01").code == "more_than_lost"
        assert balances(biller) == before, "the payment was not recorded either"
        recover(biller, invoice, "20")
        assert recoverable(biller, account=invoice.account) == []

    def test_what_came_in_may_pay_an_invoice_as_well(self, biller, invoice):
        other = make_invoice(biller, invoice.account, "100")
        money = came(biller, invoice.account, "140")
        money = Received(**{**money.__dict__, "assignments": [Assignment(other, D(80), pay_bill=True)]})
        [made] = recover_bad_debt(actor=biller, money=money, parts=[(losses(invoice)[0], D(50))])
        assert [item_of(other).balance, item_of(made.payment).balance] == [0, -10]

    def test_money_of_another_account_of_the_same_customer(self, biller, invoice):
        other = second_account(biller, invoice.account)
        made = recover(biller, invoice, "50", money=on_account(biller, other, "50"))
        assert made.payment.account == other

    def test_money_of_another_customer_is_refused(self, biller, invoice):
        money = on_account(biller, make_account(biller, "Other"), "50")
        assert refusal(biller, invoice, "50", money).code == "other_payer"

    def test_more_than_is_on_account(self, biller, invoice):
        money = on_account(biller, invoice.account, "10")
        assert refusal(biller, invoice, "10.01", money).code == "more_than_unapplied"

    def test_bad_debt_that_was_taken_back_meanwhile(self, biller, invoice):
        loss = losses(invoice)
        reverse_credit_note(actor=biller, credit_note=CreditNote.objects.get(), reason="Owed after all")
        said = refused(
            recover_bad_debt, actor=biller, money=came(biller, invoice.account, "1"), parts=[(loss[0], D(1))]
        )
        assert said.code == "taken_back"

    def test_a_payment_that_was_deleted(self, biller, invoice):
        money = on_account(biller, invoice.account, "50")
        delete_payment(actor=biller, payment=money)
        assert refusal(biller, invoice, "50", money).code == "payment_undone"

    def test_a_closed_day(self, biller, invoice):
        close_month(biller, date(2026, 12, 1))
        assert refusal(biller, invoice, "50", posting_date=date(2026, 12, 5)).code == "period_closed"

    def test_of_another_organization(self, biller, stranger, invoice):
        said = refused(
            recover_bad_debt, actor=stranger, money=came(stranger, make_account(stranger), "1"),
            parts=[(losses(invoice)[0], D(1))],
        )  # fmt: skip
        assert said.code == "not_found"
        assert not Recovery.objects.exists()

    @pytest.mark.parametrize(("role", "may"), [(Role.COLLECTOR, True), (Role.BILLER, True), (Role.AUDITOR, False)])
    def test_by_whom(self, biller, invoice, role, may):
        member = make_member(biller.organization, role, "Carol")
        money = on_account(biller, invoice.account, "50")
        if may:
            assert recover(member, invoice, "50", money=money).created_by == member.user
        else:
            with pytest.raises(NotPermitted):
                recover(member, invoice, "50", money=money)


class TestReverse:
    def test_reverse_recovery_once_with_a_reason_and_not_before_it(self, biller, invoice):
        made = recover(biller, invoice, "30")
        assert refused(reverse_recovery, actor=biller, recovery=made, reason=" ").code == "no_reason"
        early = {"posting_date": date(2026, 11, 9), "reason": "Wrong"}
        assert refused(reverse_recovery, actor=biller, recovery=made, **early).code == "before_recovery"
        reverse_recovery(actor=biller, recovery=made, reason="Wrong")
        assert refused(reverse_recovery, actor=biller, recovery=made, reason="Wrong").code == "already_reversed"
        assert item_of(made.payment).balance == -30
        assert losses(invoice)[0].left == 50

    def test_of_another_organization(self, biller, stranger, invoice):
        made = recover(biller, invoice, "30")
        assert refused(reverse_recovery, actor=stranger, recovery=made, reason="Mine").code == "not_found"


class TestTheDatabase:
    """What the application's login is refused whatever the application says."""

    def attack(self, statement, *values):
        with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return sqlstate(caught.value)

    COPY = (
        "INSERT INTO collections_recovery SELECT (jsonb_populate_record(NULL::collections_recovery, to_jsonb(t)"
        " || jsonb_build_object('id', nextval(pg_get_serial_sequence('collections_recovery', 'id')), 'number', 'X',"
        " 'sequence_number', 2, 'amount', %s::numeric))).* FROM collections_recovery t"
    )

    def test_more_than_was_given_up(self, biller, invoice):
        recover(biller, invoice, "30")
        assert self.attack(self.COPY, "20.01") == "RV007"

    def test_a_recovery_without_its_entry(self, biller, invoice):
        recover(biller, invoice, "30")
        copy = Recovery.objects.get()
        with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
            taken = take_numbers(biller.organization_id, {"recovery": 1})["recovery"]
            copy.pk, copy.amount, (copy.sequence_number, copy.number) = None, D(20), taken[0]
            copy.save(force_insert=True)
            cursor.execute("SET CONSTRAINTS zz_recovery_posted IMMEDIATE")
        assert sqlstate(caught.value) == "RV007"

    def test_bad_debt_taken_back_under_a_recovery(self, biller):
        by_journal(biller)
        invoice = make_invoice(biller)
        payment = paid_off(biller, invoice, "950")
        recover(biller, invoice, "30")
        given = PayOff.objects.get().allocation
        with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
            take_off(biller, [given], source=payment, kind=lambda entry: "off", posting_date=date(2026, 11, 22))
            cursor.execute("SET CONSTRAINTS zz_loss_taken_back IMMEDIATE")
        assert sqlstate(caught.value) == "RV007"

    @pytest.mark.parametrize("change", ["UPDATE %s SET amount = 1", "DELETE FROM %s"])
    def test_a_recovery_is_kept_as_it_is(self, biller, invoice, change):
        recover(biller, invoice, "30")
        assert self.attack(change % "collections_recovery") == "42501"


@pytest.mark.parametrize("invoices", [1, 3])
def test_what_can_be_recovered_is_read_in_a_constant_number_of_queries(biller, django_assert_num_queries, invoices):
    account = make_account(biller)
    for _each in range(invoices):
        paid_off(biller, make_invoice(biller, account, "100"), "95")
    with django_assert_num_queries(8):
        assert len(recoverable(biller, account=account)) == invoices

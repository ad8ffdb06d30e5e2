"""Taking a payment back: a reversal that leaves every balance as it was before, and the payment readable."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.collections.held.operations import hold_overpayment
from receivables.collections.models import BankAccount, Payment, PaymentReversal
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.unapplied.operations import assign_payment
from receivables.core.dates import today
from receivables.core.errors import NotPermitted
from receivables.core.events import history
from receivables.core.transactions import run_atomic
from receivables.ledger.models import Allocation, JournalEntry
from tests.builders import balances, make_account, make_invoice, make_member, make_organization, pay
from tests.collections.pay_offs import second_account
from tests.collections.support import close_month, item_of, refused

pytestmark = pytest.mark.django_db


def test_delete_payment_restores_every_balance(biller):
    invoice = make_invoice(biller)
    before = balances(biller)
    payment = pay(biller, invoice, "950")
    reversal = delete_payment(actor=biller, payment=payment, reason="Wrong customer")
    item = item_of(invoice)
    assert (item.balance, item.paid, item.live_payments, item.live_settlements) == (1000, 0, 0, 0)
    assert (item_of(payment).amount, item_of(payment).balance) == (0, 0)
    assert balances(biller) == before
    assert (reversal.kind, reversal.reason) == (PaymentReversal.Kind.DELETED, "Wrong customer")


def test_the_payment_stays_in_ledger_and_history(biller):
    invoice = make_invoice(biller)
    payment = pay(biller, invoice, "950")
    delete_payment(actor=biller, payment=payment, reason="Wrong customer")
    assert Payment.objects.get(pk=payment.pk).amount == 950
    kinds = JournalEntry.objects.filter(source_id=payment.pk, source_type="collections.payment").order_by("pk")
    assert [entry.kind for entry in kinds] == ["payment", "application", "application_deleted", "payment_deleted"]
    assert [entry.reverses_id for entry in kinds] == [None, None, kinds[1].pk, kinds[0].pk]
    events = list(history(biller, payment))
    assert [event.name for event in events] == ["delete_payment", "record_payment"]
    assert events[0].reason == "Wrong customer"
    assert [event.name for event in history(biller, invoice)][:2] == ["delete_payment", "record_payment"]
    rows = Allocation.objects.filter(credit_item=payment.open_item).order_by("pk")
    assert [(row.amount, row.reverses_id) for row in rows] == [(950, None), (950, rows[0].pk)]


def test_twice_is_refused_with_the_reason(biller):
    payment = pay(biller, make_invoice(biller), "950")
    delete_payment(actor=biller, payment=payment)
    refusal = refused(delete_payment, actor=biller, payment=payment)
    assert refusal.code == "already_deleted"
    assert str(refusal) == f"Payment {payment.number} was already deleted."
    assert PaymentReversal.objects.count() == 1


def test_a_payment_of_zero(biller):
    invoice = make_invoice(biller)
    payment = pay(biller, invoice, "0")
    entries = JournalEntry.objects.count()
    delete_payment(actor=biller, payment=payment)
    assert JournalEntry.objects.count() == entries
    assert item_of(invoice).live_payments == 0


def test_one_of_two_payments(biller):
    invoice = make_invoice(biller)
    first, second = pay(biller, invoice, "600"), pay(biller, invoice, "400")
    delete_payment(actor=biller, payment=first)
    item = item_of(invoice)
    assert (item.balance, item.paid, item.live_payments) == (600, 400, 1)
    assert not PaymentReversal.objects.filter(payment=second).exists()


def test_all_invoices_and_the_rest_on_account(biller):
    account = make_account(biller)
    branch = second_account(biller, account)
    invoices = [make_invoice(biller, account, "100"), make_invoice(biller, branch, "200")]
    payment = record_payment(
        actor=biller, account=account, amount=Decimal(400), date=date(2026, 11, 3), method="ach",
        bank_account=BankAccount.objects.of(biller).get(),
        assignments=[Assignment(invoices[0], Decimal(100)), Assignment(invoices[1], Decimal(150))],
    )  # fmt: skip
    delete_payment(actor=biller, payment=payment)
    assert [item_of(each).balance for each in invoices] == [100, 200]
    assert balances(biller) == {"1200": 300, "4000": -300}


class TestWhen:
    """Reversals take the day of the act, on the first open day, and never a day before the payment was posted."""

    def test_today(self, biller):
        payment = pay(biller, make_invoice(biller), "10")
        reversal = delete_payment(actor=biller, payment=payment)
        assert reversal.posting_date == max(today(biller.organization), payment.posting_date)

    def test_never_before_a_payment_dated_ahead(self, biller):
        ahead = today(biller.organization) + timedelta(days=40)
        payment = pay(biller, make_invoice(biller), "10", date=ahead)
        assert delete_payment(actor=biller, payment=payment).posting_date == ahead

    def test_a_chosen_day_before_the_payment_is_refused(self, biller):
        payment = pay(biller, make_invoice(biller), "10")
        refusal = refused(delete_payment, actor=biller, payment=payment, posting_date=date(2026, 11, 2))
        assert (refusal.code, refusal.field) == ("before_payment", "posting_date")

    def test_never_before_what_was_done_with_it(self, biller):
        """Applied or held later than it came: nothing is undone before it happened."""
        first = today(biller.organization).replace(day=1)
        ahead = first + timedelta(days=40)
        account = make_account(biller)

        def applied(payment):
            wanted = [Assignment(make_invoice(biller, account, "100"), Decimal(100))]
            assign_payment(actor=biller, payment=payment, assignments=wanted, posting_date=ahead)

        def held(payment):
            hold_overpayment(actor=biller, payment=payment, amount=Decimal(100), posting_date=ahead)

        for act in (applied, held):
            payment = pay(biller, make_invoice(biller, account, "1"), "101", "1", date=first)
            act(payment)
            refusal = refused(delete_payment, actor=biller, payment=payment, posting_date=ahead - timedelta(days=1))
            assert (refusal.code, refusal.field) == ("before_act", "posting_date")
            assert delete_payment(actor=biller, payment=payment).posting_date == ahead

    def test_a_closed_day_is_refused(self, biller):
        payment = pay(biller, make_invoice(biller), "10")
        close_month(biller, date(2026, 11, 1))
        refusal = refused(delete_payment, actor=biller, payment=payment, posting_date=date(2026, 11, 30))
        assert (refusal.code, refusal.field) == ("period_closed", "posting_date")

    def test_a_payment_of_a_closed_month_is_reversed_in_an_open_one(self, biller):
        payment = pay(biller, make_invoice(biller), "10")
        close_month(biller, payment.posting_date)
        close_month(biller, today(biller.organization))
        reversal = delete_payment(actor=biller, payment=payment)
        assert reversal.posting_date.day == 1
        assert reversal.posting_date > today(biller.organization)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMIN, True), (Role.PARTNER_ADMIN, True), (Role.OPERATIONS_MANAGER, True), (Role.BILLER, True),
        (Role.COLLECTOR, False), (Role.AUDITOR, False),
    ],
)  # fmt: skip
def test_delete_payment_by_role(role, may):
    organization = make_organization()
    admin = make_member(organization)
    payment = pay(admin, make_invoice(admin), "10")
    member = make_member(organization, role, "Somebody")
    if may:
        assert delete_payment(actor=member, payment=payment).created_by == member.user
        return
    with pytest.raises(NotPermitted):
        delete_payment(actor=member, payment=payment)


def test_another_organizations_payment(biller, stranger):
    payment = pay(stranger, make_invoice(stranger), "10")
    assert refused(delete_payment, actor=biller, payment=payment).code == "not_found"
    assert not PaymentReversal.objects.exists()


def test_a_refusal_leaves_no_trace(biller):
    payment = pay(biller, make_invoice(biller), "10")
    before = (history(biller, payment).count(), JournalEntry.objects.count())
    refused(run_atomic, work=lambda: delete_payment(actor=biller, payment=payment, posting_date=date(2020, 1, 1)))
    assert (history(biller, payment).count(), JournalEntry.objects.count()) == before

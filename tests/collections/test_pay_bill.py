"""Pay bill? in the operation: who may, what is given, which limit binds, what hangs on which payment."""

import os
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import DatabaseError, transaction

from accounts.roles import Role
from receivables.approvals.models import AuthorityLimit
from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.models import CreditNote
from receivables.billing.operations import add_accessorial, regenerate_invoice
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.collections.models import BankAccount, Payment, PayOff, PayOffExclusion, PayOffPolicy
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.payoff_queries import Wish, given_to, pay_off_facts, policy_of
from receivables.collections.unapplied.operations import unassign_payment
from receivables.core.dates import months_later, today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.core.transactions import sqlstate
from receivables.ledger.models import Allocation
from tests.billing.credit_notes import credit
from tests.builders import balances, make_account, make_invoice, make_load, make_member, make_organization, make_type
from tests.collections.pay_offs import by_journal, limited, paid_off, second_account
from tests.collections.support import fresh, item_of, refused
from tests.support.attack import sql
from tests.support.races import race

db = pytest.mark.django_db
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))


@db
@pytest.mark.parametrize("wish", ["", "30"])
@pytest.mark.parametrize(("role", "may"), [(Role.BILLER, True), (Role.COLLECTOR, False), (Role.ADMIN, True)])
def test_record_payment_gives_up_for_who_may_pay_bills(role, may, wish):
    actor = make_member(make_organization(), Role.ADMIN)
    member = make_member(actor.organization, role)
    invoice = make_invoice(actor, line_haul="130")
    if may:
        assert paid_off(member, invoice, "50", wish).pay_offs.count() == 1
    else:
        with pytest.raises(NotPermitted):
            paid_off(member, invoice, "50", wish)
        assert not Payment.objects.exists()


@db
def test_no_row_is_left_of_a_save_that_is_refused_for_one_invoice(biller):
    account = make_account(biller)
    first, second = make_invoice(biller, account, "100"), make_invoice(biller, account, "130")
    limited(biller, "50")
    wanted = [Assignment(first, D(90), pay_bill=True), Assignment(second, D(50), pay_bill=True)]
    error = refused(
        record_payment, actor=biller, account=account, amount=D(140), date=date(2026, 11, 3), method="check",
        bank_account=BankAccount.objects.of(biller).get(), assignments=wanted,
    )  # fmt: skip
    assert error.code == "above_pay_off_limit"
    assert not Payment.objects.exists()
    assert not CreditNote.objects.exists()


@db
def test_each_invoice_gets_a_credit_note_of_its_own(biller):
    account = make_account(biller)
    other = second_account(biller, account)
    invoices = [make_invoice(biller, account, "100"), make_invoice(biller, account, "130"), make_invoice(biller, other)]
    payment = record_payment(
        actor=biller, account=account, amount=D(1200), date=date(2026, 11, 3), method="check",
        bank_account=BankAccount.objects.of(biller).get(),
        assignments=[Assignment(each, item_of(each).balance - 10, pay_bill=True) for each in invoices],
    )  # fmt: skip
    assert [(note.number, note.account, note.total, note.line_count) for note in CreditNote.objects.order_by("pk")] == [
        ("CN-000001", account, 10, 1),
        ("CN-000002", account, 10, 1),
        ("CN-000003", other, 10, 1),
    ]
    assert balances(biller)["6100"] == 30
    applied = {row.debit_item_id: row for row in Allocation.objects.filter(kind="payment")}
    unassign_payment(actor=biller, allocation=applied[invoices[0].open_item_id], reason="Wrong invoice")
    assert [item_of(each).balance for each in invoices] == [100, 0, 0]
    assert balances(biller) == {"1000": 1200, "1200": 100, "2100": -90, "4000": -1230, "6100": 20}
    delete_payment(actor=biller, payment=payment)
    assert balances(biller) == {"1200": 1230, "4000": -1230}


@db
def test_record_payment_refuses_another_customers_invoice(biller):
    account, other = make_account(biller), make_account(biller, "Rival Foods")
    error = refused(
        record_payment, actor=biller, account=account, amount=D(130), date=date(2026, 11, 3), method="check",
        bank_account=BankAccount.objects.of(biller).get(), assignments=[Assignment(make_invoice(biller, other), D(1))],
    )  # fmt: skip
    assert (error.code, str(error)) == ("other_payer", "Invoice INV-000001 belongs to another customer.")


@db
def test_the_cap_counts_all_accounts_of_the_customer_and_twelve_months(biller):
    account = make_account(biller)
    other = second_account(biller, account)
    first, second = make_invoice(biller, account, "130"), make_invoice(biller, other, "130")
    paid_off(biller, first, "50")
    limited(biller, None, cap="100")
    assert refused(paid_off, actor=biller, invoice=second, amount="109").code == "above_customer_cap"
    later = months_later(today(biller.organization), 12)
    ahead = refused(paid_off, actor=biller, invoice=second, amount="109", date=later - timedelta(days=1))
    assert ahead.code == "above_customer_cap", "a payment dated ahead takes nothing out of the twelve months"
    assert refused(paid_off, actor=biller, invoice=second, amount="109", date=later).code == "above_customer_cap"
    assert given_to(biller, {account.customer_id}, later) == {}
    paid_off(biller, second, "110")


@db
def test_the_cap_counts_bad_debt_that_is_a_line_of_an_invoice(biller):
    account = make_account(biller)
    first, second = make_invoice(biller, account, "130"), make_invoice(biller, account, "130")
    add_accessorial(
        actor=biller, load=first.loads.get(), type=make_type(biller), entity="customer", amount=D(30)
    )  # fmt: skip
    regenerate_invoice(actor=biller, load=first.loads.get())
    limited(biller, None, cap="50")
    error = refused(paid_off, actor=biller, invoice=second, amount="109.99")
    assert "with the 30.00\u00a0USD given before, 20.01\u00a0USD is too much" in str(error)
    paid_off(biller, second, "110")


@db
def test_an_excluded_customer_and_another_organizations_exclusion(biller, stranger):
    invoice, other = make_invoice(biller, line_haul="130"), make_invoice(biller, line_haul="130")
    PayOffExclusion.objects.create(organization=biller.organization, customer=invoice.account.customer)
    assert refused(paid_off, actor=biller, invoice=invoice, amount="50").code == "customer_excluded"
    paid_off(biller, other, "50")
    limited(stranger, "0")
    assert PayOffPolicy.objects.of(biller).get().maximum is None


@db
def test_authority_binds_beside_the_limit(biller):
    AuthorityLimit.objects.create(
        organization=biller.organization, role=Role.BILLER, kind="bad_debt", currency="USD", minimum=D(0), maximum=D(79)
    )
    invoice = make_invoice(biller, line_haul="130")
    assert refused(paid_off, actor=biller, invoice=invoice, amount="50").code == "above_authority"
    paid_off(biller, invoice, "51")


@db
def test_a_limit_that_changed_since_it_was_shown_is_stale(biller):
    invoice = fresh(make_invoice(biller, line_haul="130"))
    limits = {"currency": "USD", "rate": D(1), "day": date(2026, 11, 3)}
    seen = pay_off_facts(biller, policy_of(biller), [Wish(invoice, D(50), True)], **limits)[0].digest
    limited(biller, "100")
    assert refused(paid_off, actor=biller, invoice=invoice, amount="50", seen=seen).code == "stale"
    limited(biller, None)
    paid_off(biller, invoice, "50", seen=seen)


@db
def test_what_was_given_by_hand_stays_when_the_payment_goes(biller):
    """A credit note issued alone hangs on no payment."""
    invoice = make_invoice(biller, line_haul="130")
    credit(biller, invoice, "30", kind="bad_debt")
    payment = paid_off(biller, fresh(invoice), "50")
    assert PayOff.objects.get().amount == 50
    delete_payment(actor=biller, payment=payment)
    assert balances(biller) == {"1200": 100, "4000": -130, "6100": 30}


@db
def test_a_credit_note_that_was_reversed_before_is_not_reversed_again(biller):
    invoice = make_invoice(biller, line_haul="130")
    payment = paid_off(biller, invoice, "50")
    reverse_credit_note(actor=biller, credit_note=CreditNote.objects.get(), reason="They pay after all")
    delete_payment(actor=biller, payment=payment)
    assert balances(biller) == {"1200": 130, "4000": -130}


@db
def test_the_event_says_what_was_given_up(biller):
    paid_off(biller, make_invoice(biller, line_haul="130"), "50")
    said = Event.objects.get(name="record_payment").data["bad_debt"]
    assert [D(amount) for amount in said.values()] == [80]
    assert Event.objects.filter(name="issue_credit_note").count() == 1


@db
def test_a_summary_invoice_short_on_one_load_is_paid_off(biller):
    account = make_account(biller)
    loads = [make_load(biller, account, amount) for amount in ("1000", "2000")]
    invoice = generate_summary_invoice(actor=biller, loads=loads)
    shares = {loads[0].pk: D(950), loads[1].pk: D(2000)}
    wanted = Assignment(invoice, D(2950), shares, pay_bill=True)
    payment = record_payment(
        actor=biller, account=account, amount=D(2950), date=invoice.issue_date, method="check",
        bank_account=BankAccount.objects.of(biller).get(), assignments=[wanted],
    )  # fmt: skip
    assert (item_of(invoice).balance, balances(biller)["6100"]) == (0, 50)
    delete_payment(actor=biller, payment=payment)
    assert balances(biller) == {"1200": 3000, "4000": -3000}


def refusal(statement):
    """The code with which the database refuses a statement of the application."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        sql(statement)
    return sqlstate(caught.value)


@db
def test_guards_of_pay_offs(biller):
    invoice = make_invoice(biller, line_haul="130")
    by_journal(biller)
    payment = paid_off(biller, invoice, "50")
    other = paid_off(biller, make_invoice(biller), "900")
    given = PayOff.objects.get(payment=payment)
    assert refusal(f"UPDATE collections_payoff SET payment_id = {other.pk}") in ("42501", "RV001")
    assert refusal("DELETE FROM collections_payoff") in ("42501", "RV001")
    assert refusal("DELETE FROM collections_payoffpolicy") in ("42501", "RV001")
    columns = "organization_id, payment_id, invoice_id, allocation_id, reason_id, currency, amount, whole, created_at"
    paid = payment.open_item.uses.get().pk
    values = f"{biller.organization_id}, {payment.pk}, {invoice.pk}, {paid}, {given.reason_id}, 'USD', 50, true, now()"
    assert refusal(f"INSERT INTO collections_payoff ({columns}) VALUES ({values})") == "RV007"
    assert refusal("UPDATE collections_payoffpolicy SET maximum = -1") == "23514"
    discount = given.reason.__class__.objects.of(biller).get(kind="discount").pk
    assert refusal(f"UPDATE collections_payoffpolicy SET reason_id = {discount}") == "RV007"


def test_two_payments_at_once_never_use_the_limit_twice(committed_db):
    """Each gives up 30 of a limit of 50: one of them is refused, whoever comes first."""
    admin = make_member(make_organization())
    account = make_account(admin)
    limited(admin, "50")
    for _round in range(ROUNDS):
        invoice = make_invoice(admin, account, "130")
        results = race(*[lambda each=invoice: paid_off(admin, each, "30", "30")] * 2)
        assert [each.code for each in results if isinstance(each, Refused)] == ["above_pay_off_limit"]
        assert item_of(invoice).balance == 70
    assert balances(admin)["6100"] == 30 * ROUNDS


def test_two_accounts_of_a_customer_never_use_its_cap_twice(committed_db):
    admin = make_member(make_organization())
    account = make_account(admin)
    invoices = [make_invoice(admin, each, "130") for each in (account, second_account(admin, account))]
    limited(admin, None, cap="50")
    for amount in range(100, 105):
        results = race(*[lambda each=each, paid=amount: paid_off(admin, fresh(each), str(paid)) for each in invoices])
        made = [each for each in results if isinstance(each, Payment)]
        assert len(made) == 1
        delete_payment(actor=admin, payment=made[0])

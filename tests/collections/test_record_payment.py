"""Recording money received: the ledger to the cent, and everything that is refused."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.billing.operations import generate_invoice, regenerate_invoice, void_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, record_payment
from receivables.core.errors import NotPermitted
from receivables.core.events import history
from receivables.ledger.models import Allocation, JournalEntry
from tests.builders import balances, make_account, make_invoice, make_load, make_member, make_organization, pay
from tests.collections.pay_offs import second_account
from tests.collections.support import close_month, item_of, refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 3)


def record(actor, account, amount, *assignments, **details):
    details = {"date": DAY, "method": "wire", "bank_account": BankAccount.objects.of(actor).first(), **details}
    return record_payment(
        actor=actor, account=account, amount=Decimal(amount),
        assignments=[Assignment(invoice, Decimal(applied)) for invoice, applied in assignments], **details,
    )  # fmt: skip


def test_a_part_payment_leaves_the_rest_open(biller):
    invoice = make_invoice(biller)
    payment = pay(biller, invoice, "950")
    item = item_of(invoice)
    assert (item.balance, item.paid, item.live_payments) == (Decimal(50), Decimal(950), 1)
    assert item_of(payment).balance == 0
    assert balances(biller) == {"1000": Decimal(950), "1200": Decimal(50), "4000": Decimal(-1000)}
    entries = JournalEntry.objects.filter(source_id=payment.pk, source_type="collections.payment").order_by("pk")
    assert [entry.kind for entry in entries] == ["payment", "application"]
    posted = [[(line.gl_account.code, line.amount) for line in entry.lines.order_by("line_no")] for entry in entries]
    assert posted == [
        [("1000", Decimal(950)), ("2100", Decimal(-950))],
        [("2100", Decimal(950)), ("1200", Decimal(-950))],
    ]


def test_what_is_not_applied_stays_on_account(biller):
    invoice = make_invoice(biller, line_haul="130")
    payment = pay(biller, invoice, "150", applied="130")
    assert (item_of(invoice).balance, item_of(payment).balance) == (Decimal(0), Decimal(-20))
    assert balances(biller) == {"1000": Decimal(150), "2100": Decimal(-20), "4000": Decimal(-130)}


def test_money_without_any_invoice(biller):
    account = make_account(biller)
    payment = record(biller, account, "75.10")
    assert item_of(payment).balance == Decimal("-75.10")
    assert balances(biller) == {"1000": Decimal("75.10"), "2100": Decimal("-75.10")}


def test_more_than_the_balance_is_refused_with_both_amounts(biller):
    invoice = make_invoice(biller, line_haul="130")
    refusal = refused(pay, actor=biller, invoice=invoice, amount="150")
    assert refusal.code == "more_than_owed"
    assert refusal.field == "amount"
    text = str(refusal).replace("\u00a0", " ")
    assert text == "The amount to apply (150.00 USD) is bigger than the invoice balance (130.00 USD)."
    assert not Payment.objects.of(biller).exists()
    assert item_of(invoice).balance == 130


def test_more_applied_than_received_is_refused(biller):
    assert (
        refused(pay, actor=biller, invoice=make_invoice(biller), amount="40", applied="50").code == "more_than_received"
    )


def test_a_payment_of_zero_is_a_payment(biller):
    """It posts nothing, and still keeps the invoice from being regenerated."""
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    entries = JournalEntry.objects.of(biller).count()
    payment = pay(biller, invoice, "0")
    assert JournalEntry.objects.of(biller).count() == entries
    assert Allocation.objects.get(credit_item=payment.open_item).amount == 0
    assert (item_of(invoice).balance, item_of(invoice).live_payments) == (Decimal(1000), 1)
    assert refused(regenerate_invoice, actor=biller, load=load).code == "payment_exists"
    assert [event.name for event in history(biller, payment)] == ["record_payment"]


def test_one_payment_over_several_invoices_and_accounts_of_a_payer(biller):
    parent = make_account(biller, "Acme Foods")
    branch = second_account(biller, parent)
    first, second = make_invoice(biller, parent, "100"), make_invoice(biller, parent, "45.50")
    third = make_invoice(biller, branch, "500")
    payment = record(biller, parent, "700", (first, "100"), (second, "45.50"), (third, "300"))
    assert [item_of(each).balance for each in (first, second, third)] == [0, 0, 200]
    assert item_of(payment).balance == Decimal("-254.50")
    assert balances(biller) == {
        "1000": Decimal("700"), "1200": Decimal("200"), "2100": Decimal("-254.50"), "4000": Decimal("-645.50"),
    }  # fmt: skip
    event = history(biller, third).first()
    assert event.data["applied"] == {first.number: "100", second.number: "45.50", third.number: "300"}


def test_several_payments_on_one_invoice(biller):
    invoice = make_invoice(biller)
    for amount in ("0", "333.33", "333.33", "333.34"):
        pay(biller, invoice, amount)
    item = item_of(invoice)
    assert (item.balance, item.paid, item.live_payments) == (Decimal(0), Decimal(1000), 4)
    assert refused(pay, actor=biller, invoice=invoice, amount="0.01").code == "more_than_owed"


def test_the_same_invoice_named_twice_is_refused(biller):
    """Each part alone would fit the balance; together they would not."""
    invoice = make_invoice(biller, line_haul="100")
    with_both = [Assignment(invoice, Decimal(80)), Assignment(invoice, Decimal(80))]
    refusal = refused(
        record_payment, actor=biller, account=invoice.account, amount=Decimal(160), date=DAY, method="wire",
        bank_account=BankAccount.objects.of(biller).get(), assignments=with_both,
    )  # fmt: skip
    assert refusal.code == "named_twice"


@pytest.mark.parametrize("amount", ["0.001", "1e15", "NaN", "-0.01"])
def test_impossible_amounts(biller, amount):
    code = refused(record, actor=biller, account=make_account(biller), amount=amount).code
    assert code == ("negative" if amount == "-0.01" else "decimals")


def test_a_void_invoice_takes_nothing(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    void_invoice(actor=biller, load=load, reason="wrong customer")
    assert refused(pay, actor=biller, invoice=invoice, amount="0").code == "void"


def test_a_bank_account_out_of_use(biller):
    bank = BankAccount.objects.of(biller).get()
    BankAccount.objects.filter(pk=bank.pk).update(active=False)
    refusal = refused(pay, actor=biller, invoice=make_invoice(biller), amount="1", bank_account=bank)
    assert (refusal.code, refusal.field) == ("bank_inactive", "bank_account")


class TestOtherOrganizations:
    """Whatever key is passed in, nothing is posted across the border and nothing is said about the other side."""

    def test_an_account(self, biller, stranger):
        refusal = refused(record, actor=biller, account=make_account(stranger), amount="10")
        assert (refusal.code, refusal.field) == ("not_found", "account")

    def test_an_invoice(self, biller, stranger):
        theirs, ours = make_invoice(stranger), make_invoice(biller)
        bank = BankAccount.objects.of(biller).get()
        refusal = refused(
            record_payment, actor=biller, account=ours.account, amount=Decimal(10), date=DAY, method="wire",
            bank_account=bank, assignments=[Assignment(theirs, Decimal(10))],
        )  # fmt: skip
        assert refusal.code == "not_found"
        assert item_of(theirs).balance == 1000

    def test_a_bank_account(self, biller, stranger):
        theirs = BankAccount.objects.of(stranger).get()
        refusal = refused(pay, actor=biller, invoice=make_invoice(biller), amount="10", bank_account=theirs)
        assert (refusal.code, refusal.field) == ("not_found", "bank_account")
        assert not Payment.objects.exists()


class TestClosedPeriods:
    """A document keeps its date; the ledger takes it on the first open day."""

    def test_the_posting_date_moves_and_the_date_stays(self, biller):
        invoice = make_invoice(biller)
        close_month(biller, date(2026, 9, 1))
        close_month(biller, date(2026, 10, 1))
        payment = pay(biller, invoice, "10", date=date(2026, 9, 14))
        assert (payment.date, payment.posting_date) == (date(2026, 9, 14), date(2026, 11, 1))
        dates = {
            (e.document_date, e.posting_date) for e in JournalEntry.objects.filter(source_id=payment.pk, kind="payment")
        }
        assert dates == {(date(2026, 9, 14), date(2026, 11, 1))}

    def test_a_chosen_closed_day_is_refused_beside_its_field(self, biller):
        invoice = make_invoice(biller)
        close_month(biller, date(2026, 10, 1))
        refusal = refused(pay, actor=biller, invoice=invoice, amount="10", posting_date=date(2026, 10, 31))
        assert (refusal.code, refusal.field) == ("period_closed", "posting_date")

    def test_a_chosen_open_day_is_taken(self, biller):
        payment = pay(biller, make_invoice(biller), "10", posting_date=date(2026, 12, 2))
        assert (payment.date, payment.posting_date) == (DAY, date(2026, 12, 2))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMIN, True), (Role.PARTNER_ADMIN, True), (Role.OPERATIONS_MANAGER, True), (Role.BILLER, True),
        (Role.COLLECTOR, True), (Role.AUDITOR, False),
    ],
)  # fmt: skip
def test_record_payment_by_role(role, may):
    organization = make_organization()
    invoice = make_invoice(make_member(organization))
    member = make_member(organization, role, "Somebody")
    if may:
        assert pay(member, invoice, "10").created_by == member.user
        return
    with pytest.raises(NotPermitted):
        pay(member, invoice, "10")
    assert not Payment.objects.exists()


def test_a_denied_person_may_not_whatever_the_role(biller):
    invoice = make_invoice(biller)
    denied = make_member(biller.organization, Role.BILLER, "Denied", denied=["record_payment"])
    with pytest.raises(NotPermitted):
        pay(denied, invoice, "10")

"""Money in other currencies: what was booked is what is settled, and only cash makes exchange differences."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.billing.operations import generate_invoice
from receivables.collections.models import BankAccount
from receivables.collections.operations import delete_payment
from receivables.ledger.models import JournalEntry, OpenItem
from tests.builders import balances, make_account, make_invoice, make_load, pay
from tests.collections.support import bank_in, item_of, rate, refused

pytestmark = pytest.mark.django_db
ISSUED, PAID = date(2026, 10, 1), date(2026, 11, 3)


def foreign_invoice(actor, currency, total, account=None):
    load = make_load(actor, account or make_account(actor, currency=currency), total)
    return generate_invoice(actor=actor, load=load, issue_date=ISSUED)


def sides(payment, kind):
    entry = JournalEntry.objects.get(source_id=payment.pk, source_type="collections.payment", kind=kind)
    return [
        (line.gl_account.code, line.amount, line.organization_amount)
        for line in entry.lines.select_related("gl_account").order_by("line_no")
    ]


@pytest.fixture
def euros(biller):
    rate(biller, "EUR", ISSUED, "1.10")
    rate(biller, "EUR", PAID, "1.25")
    return bank_in(biller, "EUR")


def test_a_gain_when_the_currency_rose(biller, euros):
    """100.00 EUR booked at 1.10 = 110.00 USD; the bank got 125.00 USD: 15.00 USD gained."""
    invoice = foreign_invoice(biller, "EUR", "100")
    payment = pay(biller, invoice, "100", bank_account=euros)
    assert sides(payment, "payment") == [("1000", 100, 125), ("2100", -100, -125)]
    assert sides(payment, "application") == [("2100", 100, 125), ("1200", -100, -110), ("7000", 0, -15)]
    for document in (invoice, payment):
        item = item_of(document)
        assert (item.balance, item.organization_balance) == (0, 0)
    assert balances(biller) == {"1000": 125, "4000": -110, "7000": -15}


def test_a_loss_when_the_currency_fell(biller):
    rate(biller, "EUR", ISSUED, "1.25")
    rate(biller, "EUR", PAID, "1.10")
    invoice = foreign_invoice(biller, "EUR", "100")
    pay(biller, invoice, "100", bank_account=bank_in(biller, "EUR"))
    assert balances(biller) == {"1000": 110, "4000": -125, "7000": 15}


def test_parts_settle_both_currencies_to_the_cent(biller, euros):
    """Three parts of 100.00 EUR take 36.66 + 36.67 + 36.67 of the 110.00 USD, however they round."""
    invoice = foreign_invoice(biller, "EUR", "100")
    for amount in ("33.33", "33.33", "33.34"):
        pay(biller, invoice, amount, bank_account=euros)
    item = item_of(invoice)
    assert (item.balance, item.organization_balance) == (0, 0)
    assert sum(balances(biller).values()) == 0
    assert balances(biller)["4000"] == -110
    assert "1200" not in balances(biller)
    assert "2100" not in balances(biller)


def test_the_rest_on_account_keeps_its_value(biller, euros):
    invoice = foreign_invoice(biller, "EUR", "100")
    payment = pay(biller, invoice, "130", applied="100", bank_account=euros)
    item = item_of(payment)
    assert (item.balance, item.organization_balance) == (-30, Decimal("-37.50"))
    assert balances(biller) == {"1000": Decimal("162.50"), "2100": Decimal("-37.50"), "4000": -110, "7000": -15}


def test_deleting_restores_both_currencies(biller, euros):
    invoice = foreign_invoice(biller, "EUR", "100")
    before = balances(biller)
    first = pay(biller, invoice, "33.33", bank_account=euros)
    second = pay(biller, invoice, "66.67", bank_account=euros)
    delete_payment(actor=biller, payment=first)
    item = item_of(invoice)
    assert (item.balance, item.organization_balance) == (Decimal("33.33"), Decimal("36.66"))
    again = pay(biller, invoice, "33.33", bank_account=euros)
    assert (item_of(invoice).balance, item_of(invoice).organization_balance) == (0, 0)
    for payment in (again, second):
        delete_payment(actor=biller, payment=payment)
    assert balances(biller) == before


def test_yen_have_no_decimals(biller):
    rate(biller, "JPY", ISSUED, "0.0067")
    rate(biller, "JPY", PAID, "0.0066")
    bank, invoice = bank_in(biller, "JPY"), foreign_invoice(biller, "JPY", "10001")
    assert refused(pay, actor=biller, invoice=invoice, amount="0.5", bank_account=bank).code == "decimals"
    pay(biller, invoice, "3333", bank_account=bank)
    pay(biller, invoice, "6668", bank_account=bank)
    item = item_of(invoice)
    assert (item.balance, item.organization_balance) == (0, 0)
    assert balances(biller) == {
        "1000": Decimal("66.01"), "4000": Decimal("-67.01"), "7000": Decimal("1.00"),
    }  # fmt: skip


def test_dinars_have_three(biller):
    rate(biller, "KWD", ISSUED, "3.25")
    bank, invoice = bank_in(biller, "KWD"), foreign_invoice(biller, "KWD", "10.501")
    pay(biller, invoice, "10.500", bank_account=bank)
    assert item_of(invoice).balance == Decimal("0.001")
    pay(biller, invoice, "0.001", bank_account=bank)
    item = item_of(invoice)
    assert (item.balance, item.organization_balance) == (0, 0)
    assert sum(balances(biller).values()) == 0


def test_worth_nothing_in_the_own_currency(biller):
    """1 VND is 0.00 USD: the line counts in its own currency alone."""
    rate(biller, "VND", ISSUED, "0.00004")
    bank, invoice = bank_in(biller, "VND"), foreign_invoice(biller, "VND", "1")
    payment = pay(biller, invoice, "1", bank_account=bank)
    assert item_of(invoice).balance == item_of(payment).balance == 0
    assert balances(biller) == {}
    delete_payment(actor=biller, payment=payment)
    assert item_of(invoice).balance == 1


def test_money_in_another_currency_than_the_invoice_is_refused(biller):
    refusal = refused(pay, actor=biller, invoice=make_invoice(biller), amount="10", bank_account=bank_in(biller, "EUR"))
    assert (refusal.code, refusal.field) == ("currency", "amount")


def test_no_rate_is_said_beside_the_date(biller):
    rate(biller, "EUR", date(2026, 11, 1), "1.10")
    bank = bank_in(biller, "EUR")
    load = make_load(biller, make_account(biller, currency="EUR"), "100")
    invoice = generate_invoice(actor=biller, load=load, issue_date=date(2026, 11, 2))
    refusal = refused(pay, actor=biller, invoice=invoice, amount="10", bank_account=bank, date=date(2026, 10, 31))
    assert (refusal.code, refusal.field) == ("no_rate", "date")


def test_every_open_item_equals_its_lines(biller, euros):
    for total, paid in (("100", "99.99"), ("0.01", "0.01"), ("12345.67", "0")):
        pay(biller, foreign_invoice(biller, "EUR", total), paid, bank_account=euros)
    for item in OpenItem.objects.of(biller).prefetch_related("lines"):
        lines = list(item.lines.all())
        assert item.balance == sum(line.amount for line in lines)
        assert item.organization_balance == sum(line.organization_amount for line in lines)
    assert BankAccount.objects.of(biller).count() == 2

"""No payment ever reaches an agreement that takes none: by operation, page, grid, settings or SQL."""

from copy import deepcopy
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.operations import Assignment
from receivables.collections.rules import no_payments_blocker
from receivables.collections.search import find, open_invoices
from receivables.collections.unapplied.operations import assign_payment, move_payment_assignment
from receivables.core.errors import Refused
from receivables.core.transactions import run_atomic
from receivables.customers.models import Agreement, AgreementType
from receivables.ledger.models import Allocation, GLAccount, OpenItem
from tests.builders import make_account, make_invoice, make_member, make_organization, pay
from tests.collections.support import form, fresh, item_of, refused
from tests.support.attack import DAY, NO_RIGHT, Line, make_books, sql
from tests.support.attack import refused as attack_refused
from tests.support.barred import Barred
from tests.support.invariants import broken
from tests.support.written_off import written_off

pytestmark = pytest.mark.django_db
GUARD = "RV010"


@pytest.fixture
def barred():
    return Barred(make_member(make_organization(), Role.ADMIN))


def test_no_payments_blocker():
    assert no_payments_blocker(agreement="A-1", type="Freight", takes_payments=True) is None
    said = no_payments_blocker(agreement="A-1", type="Bankruptcy write-off", takes_payments=False, field="amount")
    assert (said.code, said.field) == ("no_payments", "amount")
    assert str(said.message) == (
        "Agreement A-1 takes no payments, as its type “Bankruptcy write-off” says. The money can stay on account or"
        " pay other debt."
    )


# Operations


def test_record_payment_on_it_is_refused(barred):
    told = refused(lambda: pay(barred.actor, barred.invoice, "300"))
    assert (told.code, told.field) == ("no_payments", "amount")
    assert refused(lambda: pay(barred.actor, barred.invoice, "0")).code == "no_payments"
    assert item_of(barred.invoice).balance == 300


def test_assign_payment_to_it_is_refused_beside_its_field(barred):
    wanted = [Assignment(barred.plain, Decimal(100)), Assignment(barred.invoice, Decimal(10))]
    payment = barred.received()
    told = refused(assign_payment, actor=barred.actor, payment=payment, assignments=wanted)
    assert (told.code, told.field) == ("no_payments", f"amount_{barred.invoice.pk}")
    assert item_of(payment).balance == -500


def test_move_payment_assignment_to_it_is_refused(barred):
    pay(barred.actor, barred.plain, "100")
    told = refused(
        move_payment_assignment, actor=barred.actor, allocation=Allocation.objects.get(), invoice=barred.invoice,
        reason="Wrong invoice",
    )  # fmt: skip
    assert (told.code, told.field) == ("no_payments", "invoice")


# Pages


def test_it_is_not_among_what_money_may_be_applied_to(barred):
    assert list(open_invoices(barred.actor, barred.account, "USD")) == [barred.plain]
    assert find(barred.actor, barred.invoice.number).invoices == []


def test_its_own_page_says_why_no_payment_can_be_recorded(barred, browser_of):
    browser, url = browser_of(barred.actor), reverse("record_payment", args=[barred.invoice.pk])
    assert "takes no payments" in browser.get(url).content.decode()
    answer = browser.post(url, form(amount="300.00"))
    assert answer.status_code == 422
    assert item_of(barred.invoice).balance == 300


def test_the_grid_refuses_a_row_that_was_forged(barred, browser_of):
    key = barred.invoice.pk
    values = form(step="save", bank_account="", **{f"applied_{key}": "300", f"seen_{key}": ""})
    values["bank_account"] = barred.received("1").bank_account_id
    answer = browser_of(barred.actor).post(reverse("payment_on_account", args=[barred.account.pk]), values)
    assert answer.status_code == 422
    assert "takes no payments" in answer.content.decode()
    assert fresh(barred.invoice).open_item.balance == 300


# Settings


@pytest.mark.parametrize("code", ["FREIGHT", "BARRED"])
def test_whether_a_type_takes_payments_is_fixed_once_an_agreement_has_it(barred, browser_of, code):
    kind = AgreementType.objects.of(barred.actor).get(code=code)
    page = f"/settings/customers/agreementtype/{kind.pk}/change/"
    answer = browser_of(barred.actor).get(page)
    assert 'name="payment_segment_type"' not in answer.content.decode()
    with pytest.raises(Refused) as caught:
        other = "" if kind.payment_segment_type else "normal"
        run_atomic(lambda: AgreementType.objects.filter(pk=kind.pk).update(payment_segment_type=other))
    assert caught.value.code == "immutable"


def test_an_unused_type_may_still_be_switched(barred):
    unused = AgreementType.objects.of(barred.actor).filter(code="WO-BKR")
    assert unused.update(payment_segment_type="normal") == unused.update(payment_segment_type="") == 1


# The database, by SQL as the application's login


class Bankrupt:
    """Books with 1000.00 of bankrupt debt in them, beside a payment with money on account."""

    def __init__(self):
        self.books = make_books()
        invoice = make_invoice(self.books.actor, self.books.account, "1000")
        self.item = written_off(self.books.actor, invoice, code="WO-BKR")

    def debt(self, amount, **changed):
        values = {"item": self.item.pk, "agreement": self.item.agreement_id, **changed}
        return Line("6150", amount, **values)


@pytest.fixture(scope="module")
def kept_bankrupt(keep):
    return keep(Bankrupt)


@pytest.fixture
def bankrupt(kept_bankrupt, db):
    return deepcopy(kept_bankrupt)


def test_sql_no_allocation_of_a_payment(bankrupt):
    books = bankrupt.books
    with attack_refused(GUARD, what="a settlement of zero"):
        books.allocation(debit_item_id=bankrupt.item.pk)
    with attack_refused(GUARD, what="the whole entry"):
        entry = books.header([Line("2100", 100), Line("6150", -100)])
        books.lines(entry, [Line("2100", 100, item=books.payment.open_item_id), bankrupt.debt(-100)])
        books.allocation(debit_item_id=bankrupt.item.pk, entry_id=entry, amount=100)


def test_sql_no_entry_with_money_on_the_other_side(bankrupt):
    books = bankrupt.books
    for money in ("1000", "2100", "2300", "2400", "1950"):
        other = Line(money, 100, item=books.payment.open_item_id if money == "2100" else None)
        for line in (bankrupt.debt(-100), bankrupt.debt(-100, item=None)):
            with attack_refused(GUARD, what=money):
                books.entry(other, line)
        with attack_refused(GUARD, what=f"{money} among other lines"):
            books.entry(Line("1900", -50), Line("1900", 50), line, other)


def test_sql_the_type_cannot_be_switched_to_let_it_in(bankrupt):
    with attack_refused("RV001"):
        sql("UPDATE customers_agreementtype SET payment_segment_type = 'normal' WHERE code = 'WO-BKR'")
    with attack_refused("RV001"):
        sql("UPDATE customers_agreementtype SET payment_segment_type = '' WHERE code = 'FREIGHT'")
    with attack_refused(NO_RIGHT):
        sql(
            "UPDATE customers_agreement SET type_id = (SELECT id FROM customers_agreementtype WHERE code = 'WO-STD'"
            " LIMIT 1) WHERE id = %s", bankrupt.item.agreement_id,
        )  # fmt: skip


def test_sql_a_transfer_may_still_move_it(bankrupt):
    """What is no payment stays possible: a dividend or a reversal moves bankrupt debt elsewhere."""
    books = bankrupt.books
    there = written_off(books.actor, make_invoice(books.actor, make_account(books.actor), "50"))
    back = Line("6150", 100, item=there.pk, agreement=there.agreement_id, opens=True)
    entry = books.entry(Line("1900", 100), bankrupt.debt(-100), back, Line("1900", -100))
    books.allocation(kind="transfer", debit_item_id=bankrupt.item.pk, credit_item_id=None, entry_id=entry, amount=100)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert OpenItem.objects.get(pk=bankrupt.item.pk).balance == 900
    assert broken() == {}


def test_sql_every_bank_account_counts_as_money(bankrupt):
    """A second bank, on an account of its own."""
    books = bankrupt.books
    bank = GLAccount.objects.of(books.actor).get(code="1300")
    sql(
        "INSERT INTO collections_bankaccount (organization_id, name, currency, gl_account_id, active)"
        " VALUES (%s, 'Till', 'USD', %s, true)", books.org, bank.pk,
    )  # fmt: skip
    with attack_refused(GUARD):
        books.entry(Line("1300", 100), bankrupt.debt(-100))
    connection.check_constraints()


def test_a_one_time_agreement_closes_when_paid_off_and_comes_back(bankrupt):
    """The states of a type for one charge: Active, Closed at zero, Reactivated by what comes back."""
    books = bankrupt.books
    account = make_account(books.actor, "Once")
    AgreementType.objects.of(books.actor).filter(code="WO-STD").update(one_time_charge=True)
    item = written_off(books.actor, make_invoice(books.actor, account, "100"))
    standing = Agreement.objects.filter(pk=item.agreement_id).values_list("state", flat=True)
    assert standing.get() == "active"
    values = {"item": item.pk, "agreement": item.agreement_id, "opens": True}
    books.entry(Line("6300", 100), Line("6150", -100, **values), document_date=DAY)
    assert standing.get() == "closed"
    books.entry(Line("6300", -60), Line("6150", 60, **values))
    assert standing.get() == "reactivated"

"""Open items, allocations, agreements, attacked by raw SQL: balances move by lines alone (J8, J9, I1, R1, R3, W7)."""

import pytest
from django.db import DatabaseError, transaction

from receivables.customers.models import Account, Agreement
from receivables.ledger.models import Allocation, JournalEntry, OpenItem
from tests.builders import make_account
from tests.support.attack import CHECK, DAY, NO_PARENT, NO_RIGHT, TWICE, Line, insert, refused, settle, sql

# Lines on the control account


def test_the_control_account_needs_an_open_item(books):
    with refused("RV004"):
        books.entry(books.receivable(100, item=None), Line("4000", -100))


def test_unapplied_money_needs_an_open_item(books):
    with refused("RV004"):
        books.entry(Line("2100", -100), Line("1000", 100))


def test_the_control_account_needs_an_agreement(books):
    item = books.item(agreement_id=None)
    with refused("RV007"):
        books.entry(books.receivable(100, item=item, agreement=None, opens=True), Line("4000", -100))


def test_an_agreement_moves_on_the_account_of_its_type(books):
    with refused("RV007"):
        books.entry(Line("4000", 100, agreement=books.agreement.pk), Line("1000", -100))


def test_a_line_is_on_the_account_of_its_item(books):
    with refused("RV007"):
        books.entry(
            Line("1000", 100, item=books.unpaid.open_item_id, opens=True, agreement=books.agreement.pk),
            Line("4000", -100),
        )


def test_a_line_is_in_the_currency_of_its_item(books):
    with refused("RV007"):
        books.entry(books.receivable(100, opens=True, own=90), Line("4000", -100, own=-90), currency="EUR")


@pytest.mark.parametrize("how", ["none", "another"])
def test_a_line_is_for_the_agreement_of_its_item(books, how):
    other = make_account(books.actor, "Other").agreements.get()
    wrong = None if how == "none" else other.pk
    with refused("RV007"):
        books.entry(books.receivable(100, agreement=wrong, opens=True), Line("4000", -100))


def test_an_agreement_moves_in_its_own_currency(books):
    item = books.item(currency="EUR")
    with refused("RV007"):
        books.entry(books.receivable(100, item=item, opens=True, own=90), Line("4000", -100, own=-90), currency="EUR")


def test_an_item_stands_on_an_agreement_of_its_account(books):
    other = make_account(books.actor, "Other")
    with refused(NO_PARENT, constraint="ledger_openitem_agreement_account"):
        books.item(account_id=other.pk)


def test_a_line_that_opens_needs_an_item(books):
    with refused(CHECK, constraint="journal_line_opens_an_item"):
        books.entry(Line("1000", 100, opens=True), Line("4000", -100))


# Balances


def test_an_item_is_born_empty(books):
    item = books.item(
        amount=500, balance=500, organization_amount=500, organization_balance=500, live_payments=3, voided=True
    )
    row = OpenItem.objects.get(pk=item)
    assert (row.amount, row.balance, row.organization_balance, row.live_payments, row.voided) == (0, 0, 0, 0, False)


def test_an_agreement_is_born_empty(books):
    pk = insert(
        "customers_agreement", organization_id=books.org, account_id=books.account.pk, type_id=books.agreement.type_id,
        number="SA-X", currency="USD", state="active", start_date=DAY, payoff_balance=900, current_balance=900,
        version=1, created_at=DAY,
    )  # fmt: skip
    row = Agreement.objects.get(pk=pk)
    assert (row.payoff_balance, row.current_balance) == (0, 0)


MOVED = {
    "ledger_openitem": "amount balance organization_amount organization_balance paid live_payments live_settlements",
    "customers_agreement": "payoff_balance current_balance",
}
FIXED = "account_id agreement_id currency number kind document_date due_date voided"


def test_balances_do_not_move_by_update(books):
    for table, columns in MOVED.items():
        for column in columns.split():
            with refused(NO_RIGHT):
                sql(f"UPDATE {table} SET {column} = 0")


def test_an_item_stays_what_it_is(books):
    for column in FIXED.split():
        with refused(NO_RIGHT):
            sql(f"UPDATE ledger_openitem SET {column} = {column}")


def test_an_invoice_item_gains_no_amount_without_a_revision(books):
    with refused("RV007"):
        books.entry(books.receivable(100, opens=True), Line("4000", -100))


def test_a_payment_item_gains_no_amount_without_a_payment(books):
    with refused("RV007"):
        books.entry(Line("2100", -100, item=books.payment.open_item_id, opens=True), Line("1000", 100))


def test_a_payment_once_undone_takes_no_amount_again(books):
    with refused("RV007"):
        books.entry(Line("2100", -400, item=books.deleted.open_item_id, opens=True), Line("1000", 400))


@pytest.mark.parametrize(("kind", "gl", "amount"), [("invoice", "1200", 100), ("payment", "2100", -100)])
def test_an_item_belongs_to_a_document(books, kind, gl, amount):
    agreement = books.agreement.pk if kind == "invoice" else None
    item = books.item(kind=kind, gl_account_id=books.gl(gl), agreement_id=agreement)
    with refused("RV007"):
        books.entry(Line(gl, amount, item=item, opens=True, agreement=agreement), Line("1000", -amount))


# Allocations


def settlement(books, amount, item=None):
    """The entry that applies part of the payment to the unpaid invoice, without its allocation."""
    return books.entry(
        Line("2100", amount, item=books.payment.open_item_id),
        books.receivable(-amount, item=item or books.unpaid.open_item_id),
    )


def test_a_settlement_with_its_entry_is_accepted(books):
    books.allocation(amount=60, entry_id=settlement(books, 60))
    settle()
    books.unpaid.open_item.refresh_from_db()
    assert (books.unpaid.open_item.live_payments, books.unpaid.open_item.paid) == (1, 60)


def test_a_settling_line_needs_its_allocation(books):
    with refused("RV007"):
        settlement(books, 60)


def test_an_item_is_not_written_down_by_the_journal_alone(books):
    with refused("RV007"):
        books.entry(books.receivable(-60), Line("6100", 60))


def test_an_allocation_of_part_of_its_line_is_refused(books):
    with refused("RV007"):
        books.allocation(amount=50, entry_id=settlement(books, 60))


def test_an_allocation_matches_its_entry(books):
    entry = books.entry(Line("1000", 60), Line("4000", -60))
    with refused("RV007"):
        books.allocation(amount=60, entry_id=entry)


def test_an_allocation_of_money_is_posted(books):
    with refused(CHECK, constraint="allocation_posted"):
        books.allocation(amount=60)


def test_an_allocation_is_not_negative(books):
    with refused(CHECK, constraint="allocation_not_negative"):
        books.allocation(amount=-1, entry_id=settlement(books, 1))


def test_no_more_is_settled_than_is_owed(books):
    """1,134.00 is owed, 100.00 of the payment is left: neither is ever exceeded."""
    with refused(CHECK, constraint="open_item_balance_within_amount"):
        books.allocation(amount=101, entry_id=settlement(books, 101))
    with refused(CHECK, constraint="open_item_balance_within_amount"):
        entry = books.entry(books.receivable(-1135), Line("6100", 1135))
        books.allocation(kind="bad_debt", credit_item_id=None, amount=1135, entry_id=entry)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1.005"])
def test_an_allocation_is_an_amount_of_money(books, amount):
    with refused(CHECK):
        books.allocation(amount=amount, entry_id=JournalEntry.objects.of(books.actor).first().pk)


def test_an_allocation_is_in_the_currency_of_its_items(books):
    with refused("RV007"):
        books.allocation(currency="EUR")


def test_nothing_is_settled_on_a_void_invoice(books):
    with refused("RV007"):
        books.allocation(debit_item_id=books.void.open_item_id)


def test_nothing_is_settled_with_a_payment_once_undone(books):
    with refused(CHECK, constraint="open_item_void_takes_nothing"):
        books.allocation(credit_item_id=books.deleted.open_item_id)


def test_money_pays_debt_and_not_the_other_way_round(books):
    paid, money = books.unpaid.open_item_id, books.payment.open_item_id
    with refused("RV007"):
        books.allocation(debit_item_id=money, credit_item_id=paid)
    with refused("RV007"):
        books.allocation(credit_item_id=books.part_paid.open_item_id)


def test_a_payment_allocation_names_its_money(books):
    with refused(CHECK, constraint="allocation_has_its_money"):
        books.allocation(credit_item_id=None)


def test_an_entry_applies_a_payment_to_one_invoice(books):
    """Else what it did to one of them could not be taken off alone."""
    other = books.part_paid.open_item_id
    with pytest.raises(DatabaseError, match="applies a payment more than once"), transaction.atomic():
        entry = books.entry(
            Line("2100", 60, item=books.payment.open_item_id), books.receivable(-40), books.receivable(-20, item=other)
        )
        both = {
            "kind": "payment",
            "credit_item": books.payment.open_item,
            "entry_id": entry,
            "currency": "USD",
            "date": DAY,
        }
        Allocation.objects.bulk_create(
            Allocation(organization=books.actor.organization, debit_item_id=item, amount=amount, **both)
            for item, amount in ((books.unpaid.open_item_id, 40), (other, 20))
        )
        settle()


@pytest.fixture
def live(books):
    """The allocation of 200.00 to the part-paid invoice."""
    return Allocation.objects.of(books.actor).get(amount=200)


def undo(books, live, **changed):
    """The mirror of the live allocation, with the entry that takes it back."""
    entry = books.entry(
        Line("2100", -200, item=live.credit_item_id),
        books.receivable(200, item=live.debit_item_id),
        reverses_id=live.entry_id,
    )
    values = {
        "amount": 200, "entry_id": entry, "reverses_id": live.pk, "debit_item_id": live.debit_item_id,
        "credit_item_id": live.credit_item_id,
    }  # fmt: skip
    return books.allocation(**{**values, **changed})


def test_a_settlement_is_undone_once(books, live):
    again = undo(books, live)
    settle()
    with refused(TWICE):
        books.allocation(
            reverses_id=live.pk, amount=200, entry_id=live.entry_id, debit_item_id=live.debit_item_id,
            credit_item_id=live.credit_item_id,
        )  # fmt: skip
    with refused("RV005"):
        books.allocation(
            reverses_id=again, amount=200, entry_id=live.entry_id, debit_item_id=live.debit_item_id,
            credit_item_id=live.credit_item_id,
        )  # fmt: skip


@pytest.mark.parametrize("change", ["amount", "debit_item_id", "kind"])
def test_a_settlement_is_undone_exactly(books, live, change):
    wrong = {"amount": 199, "debit_item_id": books.unpaid.open_item_id, "kind": "transfer"}[change]
    with refused("RV005"):
        undo(books, live, **{change: wrong})


def test_a_settlement_is_not_undone_without_its_entry(books, live):
    with refused("RV007"):
        books.allocation(
            reverses_id=live.pk, amount=200, entry_id=live.entry_id, debit_item_id=live.debit_item_id,
            credit_item_id=live.credit_item_id,
        )  # fmt: skip


# Agreements


def movement(books, **changed):
    values = {
        "organization_id": books.org, "agreement_id": books.agreement.pk, "entry_id": None, "kind": "attack",
        "date": DAY, "payoff_effect": 0, "current_effect": 5, "created_at": DAY,
    }  # fmt: skip
    return insert("ledger_agreementtransaction", **{**values, **changed})


def test_a_movement_of_payoff_is_posted(books):
    with refused(CHECK, constraint="agreement_transaction_payoff_is_posted"):
        movement(books, payoff_effect=5)


def test_a_movement_says_what_its_entry_says(books):
    entry = books.entry(Line("1000", 5), Line("4000", -5))
    with refused("RV007"):
        movement(books, entry_id=entry, payoff_effect=5)
    real = JournalEntry.objects.of(books.actor).filter(kind="generated").first()
    with refused(TWICE):
        movement(books, entry_id=real.pk, payoff_effect=5)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "0.005"])
def test_a_movement_is_an_amount_of_money(books, amount):
    with refused("RV004", CHECK):
        movement(books, current_effect=amount)


def test_a_movement_is_in_the_currency_of_its_agreement(books):
    entry = books.entry(Line("1000", 5, own=4), Line("4000", -5, own=-4), currency="EUR")
    with refused("RV007"):
        movement(books, entry_id=entry, payoff_effect=5)


def test_the_state_of_an_agreement_follows_its_balances(books):
    sql("UPDATE customers_agreement SET state = 'closed' WHERE id = %s", books.agreement.pk)
    assert Agreement.objects.get(pk=books.agreement.pk).state == "reactivated"
    with refused("RV007"):
        sql("UPDATE customers_agreement SET state = 'cancelled' WHERE id = %s", books.agreement.pk)
    free = make_account(books.actor, "Nothing owed").agreements.get()
    sql("UPDATE customers_agreement SET state = 'stopped' WHERE id = %s", free.pk)
    assert Agreement.objects.get(pk=free.pk).state == "closed"


def test_an_agreement_stays_where_it_is(books):
    other = make_account(books.actor, "Other")
    with refused(NO_RIGHT):
        sql("UPDATE customers_agreement SET account_id = %s", other.pk)
    with refused(NO_RIGHT):
        sql("UPDATE customers_account SET customer_id = %s", Account.objects.get(pk=other.pk).customer_id)


def test_a_type_in_use_keeps_its_account(books):
    with refused("RV001"):
        sql("UPDATE customers_agreementtype SET gl_account_id = %s WHERE code = 'FREIGHT'", books.gl("4000"))
    sql("UPDATE customers_agreementtype SET name = 'Freight charges' WHERE code = 'FREIGHT'")
    unused = "UPDATE customers_agreementtype SET gl_account_id = %s WHERE code = 'WO-STD' AND organization_id = %s"
    sql(unused, books.gl("6100"), books.org)

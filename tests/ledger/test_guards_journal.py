"""The journal, attacked by raw SQL as the application: balanced, sealed, dated in open months (J1-J3, J5, J7)."""

from decimal import Decimal

import pytest

from receivables.ledger.models import JournalEntry, JournalLine
from tests.support.attack import CHECK, DAY, NO_RIGHT, TWICE, Line, insert, refused, settle, sql

POSTED = [
    "ledger_journalentry",
    "ledger_journalline",
    "ledger_allocation",
    "ledger_agreementtransaction",
    "billing_revision",
    "billing_revisionline",
    "billing_revisiontax",
    "collections_payment",
    "collections_paymentreversal",
    "core_event",
]
KEPT_ROWS = [
    *POSTED, "ledger_openitem", "ledger_period", "ledger_glaccount", "customers_customer", "customers_account",
    "customers_agreement", "billing_invoice", "billing_load", "billing_accessorial", "billing_taxcode",
    "billing_accessorialtype", "collections_bankaccount", "core_sequence", "core_job", "approvals_approvalrequest",
    "approvals_approvaldecision", "approvals_delegation", "approvals_approvalquestion",
]  # fmt: skip


def test_posted_rows_are_not_updated(books):
    for table in POSTED:
        with refused(NO_RIGHT):
            sql(f"UPDATE {table} SET organization_id = organization_id")


def test_rows_are_neither_deleted_nor_truncated(books):
    for table in KEPT_ROWS:
        with refused(NO_RIGHT):
            sql(f"DELETE FROM {table}")
        with refused(NO_RIGHT):
            sql(f"TRUNCATE {table} CASCADE")


def test_a_balanced_entry_is_accepted(books):
    """The attacks fail for their fault and not because a forged entry always would."""
    entry = books.entry(Line("1000", 100), Line("4000", -100))
    settle()
    assert sql("SELECT count(*) FROM ledger_journalline WHERE entry_id = %s", entry) == [(2,)]


def test_an_entry_balances(books):
    with refused("RV004"):
        books.entry(Line("1000", 100), Line("4000", -99))


def test_an_entry_balances_in_the_currency_of_the_organization_too(books):
    with refused("RV004"):
        books.entry(Line("1000", 100, own=90), Line("4000", -100, own=-91), currency="EUR")


def test_own_currency_has_one_amount(books):
    with refused("RV004"):
        books.entry(Line("1000", 100, own=50), Line("4000", -100, own=-50))


def test_an_entry_has_two_lines(books):
    with refused(CHECK, constraint="journal_entry_two_lines"):
        books.entry(Line("1000", 100))
    with refused("RV004"):
        books.lines(books.header([Line("1000", 0)], line_count=2), [Line("1000", 100)])


def test_a_header_has_lines(books):
    with refused("RV004"):
        books.header([Line("1000", 100), Line("4000", -100)])


@pytest.mark.parametrize("column", ["total", "organization_total", "line_count"])
def test_a_header_says_what_its_lines_say(books, column):
    with refused("RV004"):
        books.entry(Line("1000", 100), Line("4000", -100), **{column: 101})


def test_lines_need_a_header(books):
    with refused("RV004", "23503"):
        books.lines(999_999_999, [Line("1000", 100), Line("4000", -100)])


def test_a_posted_entry_gains_no_balanced_pair(books):
    entry = books.entry(Line("1000", 100), Line("4000", -100))
    settle()
    with refused("RV004"):
        books.lines(entry, [Line("1000", 5), Line("4000", -5)], first=3)


def test_a_real_entry_gains_no_pair_that_leaves_its_totals(books):
    entry = JournalEntry.objects.of(books.actor).order_by("pk").first()
    with refused("RV004"):
        books.lines(entry.pk, [Line("7000", 0, own=5), Line("7000", 0, own=-5)], first=90)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1000000000000000"])
def test_amounts_are_bounded_numbers(books, amount):
    pair = [Line("1000", amount, own=1), Line("4000", -1, own=-1)]
    with refused(CHECK, constraint="ledger_journalline_amount_money"):
        books.lines(books.header([Line("1000", 1), Line("4000", -1)]), pair)
    with refused("RV004"):
        own = [Line("1000", 1, own=amount), Line("4000", -1, own=-1)]
        books.lines(books.header([Line("1000", 1), Line("4000", -1)]), own)
    with refused(CHECK, "RV004"):
        books.header([Line("1000", 1), Line("4000", -1)], total=amount)


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "100.5"), ("KWD", "1.0005"), ("USD", "1.005"), ("usd", "1"), ("XX", "1")]
)
def test_amounts_have_the_decimals_of_their_currency(books, currency, amount):
    value = Decimal(amount)
    with refused(CHECK):
        books.entry(Line("1000", value, own=1), Line("4000", -value, own=-1), currency=currency)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "100"), ("KWD", "1.005"), ("USD", "1.01")])
def test_amounts_with_as_many_decimals_are_accepted(books, currency, amount):
    value = Decimal(amount)
    own = value if currency == "USD" else 1
    entry = books.entry(Line("1000", value, own=own), Line("4000", -value, own=-own), currency=currency)
    settle()
    assert sql("SELECT amount FROM ledger_journalline WHERE entry_id = %s AND amount > 0", entry) == [(value,)]


def test_amounts_of_the_organization_have_its_decimals(books):
    with refused("RV004"):
        books.entry(Line("1000", 1, own="1.005"), Line("4000", -1, own="-1.005"), currency="EUR")


def test_a_zero_amount_stands_on_exchange_accounts_only(books):
    with refused("RV004"):
        books.entry(Line("1000", 0, own=5), Line("7000", 0, own=-5), currency="EUR")


def test_a_line_is_not_empty(books):
    with refused(CHECK, constraint="journal_line_not_empty"):
        books.entry(Line("7000", 0), Line("7000", 0))


def test_a_line_has_the_currency_of_its_entry(books):
    pair = [Line("1000", 100), Line("4000", -100)]
    with refused("RV004"):
        books.lines(books.header(pair), pair, currency="EUR")


def test_nothing_posts_into_a_closed_month(books):
    sql("UPDATE ledger_period SET closed_at = now(), closed_by_id = %s WHERE month = '2026-11-01'", books.actor.user_id)
    with refused("RV003"):
        books.entry(Line("1000", 100), Line("4000", -100))
    insert(
        "ledger_period", organization_id=books.org, month="2020-05-01", closed_at=DAY, closed_by_id=books.actor.user_id
    )
    with refused("RV003"):
        books.entry(Line("1000", 100), Line("4000", -100), posting_date="2020-05-31")


def test_a_period_is_a_whole_month_and_never_moves(books):
    with refused(CHECK, constraint="period_is_a_month"):
        insert("ledger_period", organization_id=books.org, month="2020-05-02")
    with refused(NO_RIGHT):
        sql("UPDATE ledger_period SET month = '2020-01-01'")
    with refused(CHECK, constraint="period_closed_by_somebody"):
        sql("UPDATE ledger_period SET closed_at = now()")


def test_a_document_posts_once_per_kind(books):
    books.entry(Line("1000", 1), Line("4000", -1), kind="manual")
    with refused(TWICE):
        books.entry(Line("1000", 1), Line("4000", -1), kind="manual")


@pytest.fixture
def posted(books):
    """A posted entry of four lines."""
    entry = books.entry(Line("1000", 100), Line("4000", -100), Line("6200", 7), Line("4100", -7))
    settle()
    return entry


MIRROR = [Line("1000", -100), Line("4000", 100), Line("6200", -7), Line("4100", 7)]


def test_an_entry_is_reversed_once(books, posted):
    books.entry(*MIRROR, reverses_id=posted)
    settle()
    with refused(TWICE):
        books.entry(*MIRROR, reverses_id=posted)


@pytest.mark.parametrize(
    "lines",
    [
        [Line("1000", -50), Line("4000", 50), Line("6200", -7), Line("4100", 7)],
        [Line("1000", 100), Line("4000", -100), Line("6200", -7), Line("4100", 7)],
        [Line("1000", -100), Line("4100", 100), Line("6200", -7), Line("4100", 7)],
        [*MIRROR, Line("1000", 1), Line("4000", -1)],
    ],
    ids=["part", "same sign", "other account", "two more lines"],
)
def test_a_reversal_mirrors_its_entry(books, posted, lines):
    with refused("RV005"):
        books.entry(*lines, reverses_id=posted)


def test_a_reversal_takes_all_lines_back(books, posted):
    with refused("RV005"):
        books.entry(*MIRROR[:2], reverses_id=posted)


def test_a_reversal_is_in_the_same_currency(books, posted):
    with refused("RV005"):
        books.entry(*MIRROR, reverses_id=posted, currency="EUR")


def test_a_reversal_needs_something_to_reverse(books):
    with refused("RV005", "23503"):
        books.entry(*MIRROR, reverses_id=999_999_999)


def test_a_journal_line_never_moves_without_its_statement(books):
    line = JournalLine.objects.of(books.actor).order_by("pk").first()
    with refused(NO_RIGHT):
        sql("UPDATE ledger_journalline SET amount = amount + 1 WHERE id = %s", line.pk)

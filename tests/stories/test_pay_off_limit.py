"""The pay-off limit as an accountant reads it: the published figures, what is posted, and all of it taken back."""

from datetime import date
from decimal import Decimal as D

import pytest

from receivables.billing.models import CreditNote
from receivables.billing.operations import generate_invoice
from receivables.billing.pages import settled_as_loss, split_of, status_of
from receivables.collections.models import PayOff
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.core.errors import Refused
from receivables.ledger.models import JournalEntry
from tests.builders import balances, make_account, make_load, make_member, make_organization
from tests.collections.pay_offs import by_journal, limited, paid_off
from tests.collections.support import bank_in, fresh, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def biller():
    return make_member(make_organization("Najd Freight", "SAR"))


def issued(actor, amount, account=None):
    return generate_invoice(actor=actor, load=make_load(actor, account, amount), issue_date=date(2026, 10, 5))


def journal():
    """All entries: kind, then (account, debit or credit in the document's and in the organization's currency)."""
    return [
        (
            entry.kind,
            [(line.gl_account.code, line.amount, line.organization_amount) for line in entry.lines.order_by("line_no")],
        )
        for entry in JournalEntry.objects.order_by("pk")
    ]


def status(invoice, actor):
    found = fresh(invoice)
    revision = found.revisions.get(number=found.current_revision)
    split = split_of(found, revision.price_concession, revision.bad_debt, settled_as_loss(found.open_item))
    return status_of(found, split, actor).code, split.paid, split.written_off, split.balance


def test_80_left_over_a_limit_of_50_is_refused_and_posts_nothing(biller):
    invoice = issued(biller, "130")
    limited(biller, "50")
    before = journal()
    with pytest.raises(Refused) as caught:
        paid_off(biller, invoice, "50")
    assert str(caught.value).replace("\u00a0", " ") == (
        "This invoice can't be paid off: the pending balance of 80.00 SAR exceeds the pay off limit of 50.00 SAR."
    )
    assert journal() == before
    assert balances(biller) == {"1200": 130, "4000": -130}


@pytest.mark.parametrize("limit", ["80", None])
def test_80_left_within_the_limit_is_bad_debt_with_a_credit_note(biller, limit):
    invoice = issued(biller, "130")
    limited(biller, limit)
    payment = paid_off(biller, invoice, "50")
    assert journal()[1:] == [
        ("payment", [("1000", 50, 50), ("2100", -50, -50)]),
        ("application", [("2100", 50, 50), ("1200", -50, -50)]),
        ("credit_note", [("6100", 80, 80), ("1200", -80, -80)]),
    ]
    assert balances(biller) == {"1000": 50, "4000": -130, "6100": 80}
    note, given = CreditNote.objects.get(), PayOff.objects.get()
    assert (note.number, note.total, note.date) == ("CN-000001", 80, date(2026, 11, 3))
    assert (given.payment, given.credit_note, given.amount, given.whole) == (payment, note, 80, True)
    assert status(invoice, biller) == ("settled_written_off", 50, 80, 0)


@pytest.mark.parametrize("undo", [delete_payment, bounce_payment])
def test_taking_the_payment_back_restores_every_balance_to_the_cent(biller, undo):
    invoice = issued(biller, "130")
    payment = paid_off(biller, invoice, "50.01")
    assert balances(biller)["6100"] == D("79.99")
    undo(actor=biller, payment=payment, reason="Returned by the bank")
    assert balances(biller) == {"1200": 130, "4000": -130}
    assert CreditNote.objects.get().reversal.reason == "Returned by the bank"
    assert status(invoice, biller)[1:] == (0, 0, 130)
    assert paid_off(biller, fresh(invoice), "50").number == "PMT-000002"


@pytest.mark.parametrize("undo", [delete_payment, bounce_payment])
def test_by_journal_only_there_is_no_document_and_it_falls_all_the_same(biller, undo):
    invoice = issued(biller, "130")
    by_journal(biller)
    payment = paid_off(biller, invoice, "50")
    assert journal()[-1] == ("bad_debt", [("6100", 80, 80), ("1200", -80, -80)])
    assert not CreditNote.objects.exists()
    assert status(invoice, biller) == ("settled_written_off", 50, 80, 0)
    undo(actor=biller, payment=payment, reason="Returned by the bank")
    assert balances(biller) == {"1200": 130, "4000": -130}


def test_bad_debt_by_hand_leaves_the_rest_open(biller):
    invoice = issued(biller, "130")
    limited(biller, "50")
    paid_off(biller, invoice, "50", bad_debt="30")
    assert balances(biller) == {"1000": 50, "1200": 50, "4000": -130, "6100": 30}
    with pytest.raises(Refused, match="given up before exceed"):
        paid_off(biller, fresh(invoice), "29.99")
    paid_off(biller, fresh(invoice), "30")
    assert balances(biller) == {"1000": 80, "4000": -130, "6100": 50}


def test_in_another_currency_bad_debt_is_booked_at_the_rate_of_the_invoice(biller):
    """Booked at 3.70, paid at 3.75: 13.33 is tested as 49.9875 and booked as 49.32; cash alone makes a difference."""
    rate(biller, "USD", date(2026, 10, 1), "3.70")
    invoice = issued(biller, "100", make_account(biller, currency="USD"))
    rate(biller, "USD", date(2026, 11, 1), "3.75")
    limited(biller, "50")
    bank = bank_in(biller, "USD")
    with pytest.raises(Refused, match=r"13\.34"):
        paid_off(biller, invoice, "86.66", bank_account=bank)
    paid_off(biller, invoice, "86.67", bank_account=bank)
    assert journal()[-1] == ("credit_note", [("6100", D("13.33"), D("49.32")), ("1200", D("-13.33"), D("-49.32"))])
    assert balances(biller) == {
        "1000": D("325.01"), "4000": D("-370.00"), "6100": D("49.32"), "7000": D("-4.33"),
    }  # fmt: skip

"""Bad debt that is paid after all, as an accountant reads it: recovered, taken back, and with everything deleted.

1000 bank, 1200 receivables, 2100 unapplied money, 2200 sales tax, 4000 revenue, 4900 price concessions, 6100 bad debt.
"""

from datetime import date
from decimal import Decimal as D

import pytest

from accounts.roles import Role
from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.models import CreditNote, Reason
from receivables.billing.operations import add_accessorial, change_accessorial, generate_invoice, regenerate_invoice
from receivables.billing.pages import settled_as_loss, split_of, status_of
from receivables.collections.models import Recovery
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.collections.recoveries.operations import recover_bad_debt, reverse_recovery
from receivables.collections.resolution import resolve_short_payment, undo_resolution
from receivables.core.events import history
from receivables.ledger.models import JournalEntry
from tests.billing.credit_notes import credit, tax_code
from tests.builders import (
    balances,
    make_account,
    make_invoice,
    make_load,
    make_member,
    make_organization,
    make_type,
    pay,
)
from tests.collections.pay_offs import by_journal, paid_off
from tests.collections.recoveries import came, losses, on_account, recover
from tests.collections.support import bank_in, fresh, item_of, rate
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


def journal(*documents):
    """(account, amount) of the entries that these documents posted."""
    return [
        [(line.gl_account.code, line.amount) for line in entry.lines.order_by("line_no")]
        for document in documents
        for entry in JournalEntry.objects.filter(
            source_type=document._meta.label_lower, source_id=document.pk
        ).order_by("pk")
    ]


def stands(invoice, actor):
    """(paid, written off, recovered, balance, status) of an invoice."""
    found = fresh(invoice)
    revision = found.revisions.get(number=found.current_revision)
    split = split_of(found, revision.price_concession, revision.bad_debt, settled_as_loss(found.open_item))
    recovered = sum((each.recovered for each in losses(found)), D(0))
    return split.paid, split.written_off, recovered, split.balance, status_of(found, split, actor).code


def test_50_written_off_and_paid_after_all(admin):
    """1,000.00 billed, 950.00 paid, 50.00 given up and recovered: the invoice keeps its figures."""
    invoice = make_invoice(admin)
    paid_off(admin, invoice, "950")
    assert balances(admin) == {"1000": 950, "4000": -1000, "6100": 50}
    recovery = recover(admin, invoice, "50")
    assert recovery.number == "RCV-000001"
    assert journal(recovery.payment, recovery) == [
        [("1000", 50), ("2100", -50)],
        [("2100", 50), ("6100", -50)],
    ]
    assert balances(admin) == {"1000": 1000, "4000": -1000}
    assert stands(invoice, admin) == (950, 50, 50, 0, "settled_written_off")
    assert broken() == {}


def test_the_whole_chain_and_back(admin):
    """950.00 on 1,000.00 with 50.00 paid off; 30.00 recovered; the recovery's payment deleted; again; then the first
    payment deleted: what was recovered is on account, since the whole is owed again."""
    invoice = make_invoice(admin)
    first = paid_off(admin, invoice, "950")
    after_pay_off = {"1000": 950, "4000": -1000, "6100": 50}
    assert balances(admin) == after_pay_off

    recovery = recover(admin, invoice, "30")
    assert balances(admin) == {"1000": 980, "4000": -1000, "6100": 20}

    delete_payment(actor=admin, payment=recovery.payment)
    assert balances(admin) == after_pay_off
    assert Recovery.objects.get().reversal.reason == "Payment PMT-000002 was taken back."
    assert stands(invoice, admin) == (950, 50, 0, 0, "settled_written_off")

    again = recover(admin, invoice, "30")
    assert balances(admin) == {"1000": 980, "4000": -1000, "6100": 20}
    delete_payment(actor=admin, payment=first)
    assert balances(admin) == {"1000": 30, "1200": 1000, "2100": -30, "4000": -1000}
    assert stands(invoice, admin)[:4] == (0, 0, 0, 1000)
    assert item_of(again.payment).balance == -30

    delete_payment(actor=admin, payment=again.payment)
    assert balances(admin) == {"1200": 1000, "4000": -1000}
    assert [event.name for event in history(admin, again)] == ["reverse_recovery", "recover_bad_debt"]
    assert broken() == {}


@pytest.mark.parametrize("document", ["credit note", "journal"])
@pytest.mark.parametrize("undo", [delete_payment, bounce_payment])
def test_recoveries_fall_with_the_bad_debt_of_a_payment(admin, undo, document):
    if document == "journal":
        by_journal(admin)
    invoice = make_invoice(admin)
    first = paid_off(admin, invoice, "950")
    recover(admin, invoice, "20")
    recover(admin, invoice, "30", money=on_account(admin, invoice.account, "100"))
    assert balances(admin) == {"1000": 1070, "2100": -70, "4000": -1000}
    undo(actor=admin, payment=first, reason="Returned by the bank")
    assert balances(admin) == {"1000": 120, "1200": 1000, "2100": -120, "4000": -1000}
    assert broken() == {}


def test_tax_that_was_taken_back_at_once_is_owed_again_in_proportion(admin):
    """80.00 with 15 % inside was 69.57 and 10.43; 40.00 of it recovered is 34.79 and 5.21, the rest exactly what is
    left."""
    Reason.objects.of(admin).filter(kind="bad_debt").update(tax_rule=Reason.TaxRule.AT_ONCE)
    invoice = make_invoice(admin, line_haul="1000", tax_code=tax_code(admin, "15"))
    paid_off(admin, invoice, "1070")
    assert balances(admin) == {"1000": 1070, "2200": D("-139.57"), "4000": -1000, "6100": D("69.57")}
    half = recover(admin, invoice, "40")
    assert journal(half) == [[("2100", 40), ("6100", D("-34.79")), ("2200", D("-5.21"))]]
    rest = recover(admin, invoice, "40")
    assert journal(rest) == [[("2100", 40), ("6100", D("-34.78")), ("2200", D("-5.22"))]]
    assert balances(admin) == {"1000": 1150, "2200": -150, "4000": -1000}
    assert broken() == {}


def test_bad_debt_of_a_resolution_is_recovered_and_falls_when_that_is_undone(admin):
    load = make_load(admin)
    invoice = generate_invoice(actor=admin, load=load)
    pay(admin, invoice, "950")
    resolution = resolve_short_payment(actor=admin, load=load, type=make_type(admin))
    assert stands(invoice, admin) == (950, 50, 0, 0, "settled_written_off")
    recovery = recover(admin, invoice, "50")
    assert journal(recovery) == [[("2100", 50), ("6100", -50)]]
    assert balances(admin) == {"1000": 1000, "4000": -1000}
    assert stands(invoice, admin) == (950, 50, 50, 0, "settled_written_off")
    undo_resolution(actor=admin, resolution=resolution, reason="It was paid after all")
    assert balances(admin) == {"1000": 1000, "1200": 50, "2100": -50, "4000": -1000}
    assert Recovery.objects.get().reversal.reason == f"The bad debt on invoice {invoice.number} was taken back."
    assert broken() == {}


def test_bad_debt_of_an_accessorial_by_regeneration(admin):
    """Written off 60.00 on an invoice of 1,000.00; 50.00 comes; then only 20.00 is given up: what exceeds it falls."""
    write_off, load = make_type(admin, tax_treatment="included"), make_load(admin, tax_code=tax_code(admin, "15"))
    invoice = generate_invoice(actor=admin, load=load)
    given = add_accessorial(actor=admin, load=load, type=write_off, entity="customer", amount=D(-115))
    regenerate_invoice(actor=admin, load=load)
    assert balances(admin) == {"1200": 1035, "2200": -135, "4000": -1000, "6100": 100}
    small, large = recover(admin, invoice, "23"), recover(admin, invoice, "46")
    assert journal(large) == [[("2100", 46), ("6100", -40), ("2200", -6)]]
    assert balances(admin) == {"1000": 69, "1200": 1035, "2200": -144, "4000": -1000, "6100": 40}
    change_accessorial(actor=admin, accessorial=given, amount=D(-23))
    regenerate_invoice(actor=admin, load=load)
    assert [hasattr(Recovery.objects.get(pk=each.pk), "reversal") for each in (small, large)] == [False, True]
    assert balances(admin) == {"1000": 69, "1200": 1127, "2100": -46, "2200": -150, "4000": -1000}
    assert broken() == {}


def test_a_credit_note_that_stands_alone_is_recovered_and_reversed(admin):
    invoice = make_invoice(admin)
    pay(admin, invoice, "900")
    note = credit(admin, invoice, "100", kind="bad_debt")
    recover(admin, invoice, "60")
    assert balances(admin) == {"1000": 960, "4000": -1000, "6100": 40}
    reverse_credit_note(actor=admin, credit_note=CreditNote.objects.get(pk=note.pk), reason="It is owed")
    assert balances(admin) == {"1000": 960, "1200": 100, "2100": -60, "4000": -1000}
    assert broken() == {}


def test_one_payment_for_an_invoice_and_for_bad_debt_on_two_others(admin):
    account = make_account(admin)
    lost = [make_invoice(admin, account, amount) for amount in ("100", "200")]
    for invoice in lost:
        paid_off(admin, invoice, "60", bad_debt="40")
    before = balances(admin)
    made = recover_bad_debt(
        actor=admin, money=came(admin, account, "100"),
        parts=[(losses(lost[0])[0], D(40)), (losses(lost[1])[0], D("25.50"))],
    )  # fmt: skip
    assert [each.number for each in made] == ["RCV-000001", "RCV-000002"]
    assert balances(admin) == {
        **before, "1000": before["1000"] + 100, "2100": D("-34.50"), "6100": before["6100"] - D("65.50"),
    }  # fmt: skip
    reverse_recovery(actor=admin, recovery=made[0], reason="Meant for the other")
    assert balances(admin)["2100"] == D("-74.50")
    assert [stands(each, admin)[2] for each in lost] == [0, D("25.50")]
    assert broken() == {}


def test_in_another_currency_only_cash_makes_exchange_differences(admin):
    """100.00 EUR billed at 1.10, 80.00 paid, 20.00 given up = 22.00 USD; 20.00 EUR come at 1.25 = 25.00 USD."""
    account = make_account(admin, currency="EUR")
    rate(admin, "EUR", date(2026, 10, 1), "1.10")
    invoice = generate_invoice(actor=admin, load=make_load(admin, account, "100"), issue_date=date(2026, 10, 5))
    bank = bank_in(admin, "EUR")
    paid_off(admin, invoice, "80", bank_account=bank)
    assert balances(admin) == {"1000": 88, "4000": -110, "6100": 22}
    rate(admin, "EUR", date(2026, 11, 10), "1.25")
    recover(admin, invoice, "7", money=came(admin, account, "7", bank))
    assert balances(admin) == {"1000": D("96.75"), "4000": -110, "6100": D("14.30"), "7000": D("-1.05")}
    last = recover(admin, invoice, "13", money=came(admin, account, "13", bank))
    assert balances(admin) == {"1000": 113, "4000": -110, "7000": -3}
    reverse_recovery(actor=admin, recovery=last, reason="Wrong customer")
    delete_payment(actor=admin, payment=last.payment)
    assert balances(admin) == {"1000": D("96.75"), "4000": -110, "6100": D("14.30"), "7000": D("-1.05")}
    assert broken() == {}

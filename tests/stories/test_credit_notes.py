"""Credit notes as an accountant reads them: what each posts, on one invoice, on two, in another currency, undone."""

from datetime import date
from decimal import Decimal as D

import pytest

from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.credit_notes.operations import issue_credit_note, reverse_credit_note
from receivables.billing.credit_notes.queries import entries
from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from receivables.billing.pages import settled_as_loss, split_of, status_of
from tests.billing.credit_notes import credit, reason_of, tax_code
from tests.builders import balances, make_account, make_invoice, make_load, make_member, make_organization, pay
from tests.collections.support import rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def biller():
    return make_member(make_organization())


def journal(note):
    """The entries of a credit note: (account, for or moving which invoice, debit or credit)."""
    return [
        [
            (line.gl_account.code, line.open_item.number if line.open_item_id else "", line.amount)
            for line in entry.lines.order_by("line_no")
        ]
        for entry in entries(note)
    ]


def stands(invoice, actor):
    """(paid, credited, written off, balance, status) of an invoice."""
    found = Invoice.objects.select_related("open_item").get(pk=invoice.pk)
    revision = found.revisions.get(number=found.current_revision)
    split = split_of(found, revision.price_concession, revision.bad_debt, settled_as_loss(found.open_item))
    return split.paid, split.credited, split.written_off, split.balance, status_of(found, split, actor).code


def test_a_price_concession_takes_its_tax_back_at_once(biller):
    """1,000.00 with 8 % is 1,080.00; 50.00 off is 46.30 and 3.70 of tax."""
    invoice = make_invoice(biller, line_haul="1000", tax_code=tax_code(biller, "8"))
    note = credit(biller, invoice, "50", kind="price_concession")
    assert (note.number, note.net, note.tax, note.total) == ("CN-000001", D("46.30"), D("3.70"), D("50.00"))
    assert journal(note) == [[("4900", "", D("46.30")), ("2200", "", D("3.70")), ("1200", invoice.number, D("-50.00"))]]
    assert balances(biller) == {
        "1200": D("1030.00"), "2200": D("-76.30"), "4000": D("-1000.00"), "4900": D("46.30"),
    }  # fmt: skip
    assert stands(invoice, biller)[:4] == (0, 50, 0, 1030)


def test_bad_debt_leaves_the_tax_and_reads_settled_written_off(biller):
    invoice = make_invoice(biller, line_haul="1000", tax_code=tax_code(biller, "8"))
    pay(biller, invoice, "1000")
    note = credit(biller, invoice, "80", kind="bad_debt")
    assert journal(note) == [[("6100", "", D("80.00")), ("1200", invoice.number, D("-80.00"))]]
    assert (note.net, note.tax) == (80, 0)
    assert stands(invoice, biller) == (1000, 0, 80, 0, "settled_written_off")


def test_a_concession_on_the_rest_reads_paid_shown_as_credited(biller):
    invoice = make_invoice(biller)
    pay(biller, invoice, "950")
    credit(biller, invoice, "50", kind="price_concession")
    assert stands(invoice, biller) == (950, 50, 0, 0, "paid")


def test_one_credit_note_over_two_invoices_with_a_split(biller):
    """One entry: the reason's account and the tax once, each receivable for itself."""
    account = make_account(biller)
    taxed = make_invoice(biller, account, "1000", tax_code=tax_code(biller, "15"))
    plain = make_invoice(biller, account, "400")
    note = issue_credit_note(
        actor=biller, account=account, reason=reason_of(biller, "price_concession"), text="Rebate for October",
        parts=[(taxed, D("80.00")), (plain, D("20.00"))],
    )  # fmt: skip
    assert journal(note) == [
        [
            ("4900", "", D("89.57")), ("2200", "", D("10.43")),
            ("1200", taxed.number, D("-80.00")), ("1200", plain.number, D("-20.00")),
        ]
    ]  # fmt: skip
    lines = [(line.invoice_id, line.net, line.tax, line.total) for line in note.lines.order_by("line_no")]
    assert lines == [(taxed.pk, D("69.57"), D("10.43"), D("80.00")), (plain.pk, D("20.00"), 0, D("20.00"))]
    assert [stands(each, biller)[3] for each in (taxed, plain)] == [1070, 380]


def test_what_empties_an_invoice_takes_exactly_its_tax(biller):
    """Three credit notes over 1.08: whatever the roundings were, net and tax end at zero."""
    invoice = make_invoice(biller, line_haul="1", tax_code=tax_code(biller, "8"))
    notes = [credit(biller, invoice, amount, kind="price_concession") for amount in ("0.05", "0.50", "0.53")]
    assert sum(note.net for note in notes) == D("1.00")
    assert sum(note.tax for note in notes) == D("0.08")
    assert balances(biller) == {"4000": D("-1.00"), "4900": D("1.00")}


def test_a_reversal_leaves_everything_as_it_was(biller):
    invoice = make_invoice(biller, line_haul="1000", tax_code=tax_code(biller, "8"))
    pay(biller, invoice, "1000")
    before, standing = balances(biller), stands(invoice, biller)
    note = credit(biller, invoice, "80", kind="price_concession")
    reverse_credit_note(actor=biller, credit_note=note, reason="Wrong customer")
    assert balances(biller) == before
    assert stands(invoice, biller) == standing
    first, second = journal(note)
    assert second == [(account, item, -amount) for account, item, amount in first]
    assert CreditNote.objects.get().number == "CN-000001", "the document stays"


def test_in_a_foreign_currency_each_invoice_keeps_the_rate_it_is_booked_at(biller):
    """100.00 EUR at 1.10 and 100.00 EUR at 1.30: 10.00 off each is 11.00 and 13.00 in the books."""
    account = make_account(biller, currency="EUR")
    rate(biller, "EUR", date(2026, 1, 1), "1.10")
    rate(biller, "EUR", date(2026, 2, 1), "1.30")
    rate(biller, "EUR", date(2026, 3, 1), "1.50")
    first = generate_invoice(actor=biller, load=make_load(biller, account, "100"), issue_date=date(2026, 1, 10))
    second = generate_invoice(actor=biller, load=make_load(biller, account, "100"), issue_date=date(2026, 2, 10))
    before = balances(biller)
    note = issue_credit_note(
        actor=biller, account=account, reason=reason_of(biller, "bad_debt"), parts=[(first, D(10)), (second, D(10))]
    )
    [entry] = entries(note)
    own = [(line.gl_account.code, line.amount, line.organization_amount) for line in entry.lines.order_by("line_no")]
    assert own == [("6100", 20, D("24.00")), ("1200", -10, D("-11.00")), ("1200", -10, D("-13.00"))]
    assert (note.total, note.rate) == (20, D("1.2"))
    assert balances(biller) == {**before, "1200": before["1200"] - 24, "6100": D("24.00")}

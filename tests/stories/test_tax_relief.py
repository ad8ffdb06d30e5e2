"""The tax rules of a reason as an accountant reads them: none, at once, and relief that is claimed later.

1000 bank, 1200 receivables, 2100 unapplied money, 2200 sales tax, 2500 another tax, 4000 revenue, 6100 bad debt.
"""

from datetime import date
from decimal import Decimal as D

import pytest

from accounts.roles import Role
from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.models import CreditNote, Reason, TaxCode
from receivables.billing.operations import add_accessorial, generate_invoice
from receivables.collections.models import TaxRelief
from receivables.collections.operations import delete_payment
from receivables.collections.recoveries.operations import reverse_recovery
from receivables.collections.tax_relief.operations import claim_tax_relief, reverse_tax_relief
from receivables.collections.tax_relief.queries import worksheet
from receivables.core.dates import today
from receivables.ledger.models import GLAccount, JournalEntry
from tests.billing.credit_notes import tax_code
from tests.builders import balances, make_account, make_load, make_member, make_organization, make_type
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import recover
from tests.collections.support import bank_in, rate
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


def ruled(actor, tax_rule, days=None, since="write_off", **more):
    Reason.objects.of(actor).filter(kind="bad_debt").update(
        tax_rule=tax_rule, relief_days=days, relief_from=since, **more
    )


def given_up(actor, paid="1070"):
    """1,000.00 with 15 % tax, of which what is not paid is given up on November 3."""
    load = make_load(actor, line_haul="1000", tax_code=tax_code(actor, "15"))
    invoice = generate_invoice(actor=actor, load=load, issue_date=date(2026, 10, 5))
    paid_off(actor, invoice, paid)
    return invoice


def claim(actor, **details):
    as_of = today(actor.organization)
    keys = [each.key for each in worksheet(actor, as_of)]
    return claim_tax_relief(actor=actor, settlements=keys, as_of=as_of, **details)


def journal(relief):
    entry = JournalEntry.objects.get(source_type="collections.taxrelief", source_id=relief.pk, kind="tax_relief")
    return [(line.gl_account.code, line.amount) for line in entry.lines.order_by("line_no")]


@pytest.mark.parametrize("document", ["credit_note", "journal"])
@pytest.mark.parametrize(
    ("tax_rule", "days", "booked"),
    [
        ("none", None, {"6100": D("80.00"), "2200": D("-150.00")}),
        ("at_once", None, {"6100": D("69.57"), "2200": D("-139.57")}),
        ("relief_later", 0, {"6100": D("80.00"), "2200": D("-150.00")}),
    ],
)
def test_80_given_up_with_15_percent_inside(admin, tax_rule, days, booked, document):
    ruled(admin, tax_rule, days, document=document)
    given_up(admin)
    assert balances(admin) == {"1000": 1070, "4000": -1000, **booked}


@pytest.mark.parametrize("document", ["credit_note", "journal"])
def test_relief_that_is_claimed_later(admin, document):
    """80.00 with 15 % inside: Dr VAT 10.43 / Cr expense 10.43."""
    ruled(admin, "relief_later", 10, document=document)
    invoice = given_up(admin)
    assert worksheet(admin, date(2026, 11, 12)) == []
    made = claim(admin)
    assert made.number == "TR-000001"
    assert journal(made.items.get()) == [("2200", D("10.43")), ("6100", D("-10.43"))]
    assert balances(admin) == {"1000": 1070, "2200": D("-139.57"), "4000": -1000, "6100": D("69.57")}
    assert worksheet(admin, today(admin.organization)) == [], "it is claimed once"

    half = recover(admin, invoice, "40")
    assert balances(admin) == {"1000": 1110, "2200": D("-144.78"), "4000": -1000, "6100": D("34.78")}
    recover(admin, invoice, "40")
    assert balances(admin) == {"1000": 1150, "2200": -150, "4000": -1000}
    reverse_recovery(actor=admin, recovery=half, reason="Wrong customer")
    assert balances(admin) == {"1000": 1150, "2100": -40, "2200": D("-144.79"), "4000": -1000, "6100": D("34.79")}
    assert broken() == {}


def test_what_is_recovered_before_the_claim_is_not_claimed(admin):
    ruled(admin, "relief_later", 0)
    invoice = given_up(admin)
    early = recover(admin, invoice, "40")
    made = claim(admin)
    assert (made.items.get().base, made.items.get().amount) == (40, D("5.21"))
    assert balances(admin) == {"1000": 1110, "2200": D("-144.79"), "4000": -1000, "6100": D("34.79")}
    recover(admin, invoice, "40")
    assert balances(admin) == {"1000": 1150, "2200": -150, "4000": -1000}
    delete_payment(actor=admin, payment=early.payment)
    assert balances(admin) == {"1000": 1110, "2200": -150, "4000": -1000, "6100": 40}
    assert broken() == {}


def test_the_claim_falls_with_the_bad_debt(admin):
    ruled(admin, "relief_later", 0)
    given_up(admin)
    claim(admin)
    reverse_credit_note(actor=admin, credit_note=CreditNote.objects.get(), reason="Owed after all")
    assert balances(admin) == {"1000": 1070, "1200": 80, "2200": -150, "4000": -1000}
    assert TaxRelief.objects.get().reversal.reason == "Credit note CN-000001 was reversed."
    assert broken() == {}


def test_deleting_the_payment_takes_everything_back(admin):
    ruled(admin, "relief_later", 0, document="journal")
    invoice = given_up(admin)
    first = invoice.pay_offs.get().payment
    claim(admin)
    second = recover(admin, invoice, "30")
    delete_payment(actor=admin, payment=first)
    assert balances(admin) == {"1000": 30, "1200": 1150, "2100": -30, "2200": -150, "4000": -1000}
    delete_payment(actor=admin, payment=second.payment)
    assert balances(admin) == {"1200": 1150, "2200": -150, "4000": -1000}
    assert broken() == {}


def test_a_claim_is_taken_back_and_made_anew(admin):
    ruled(admin, "relief_later", 0)
    given_up(admin)
    before = balances(admin)
    reverse_tax_relief(actor=admin, relief=claim(admin).items.get(), reason="Too early")
    assert balances(admin) == before
    assert claim(admin).number == "TR-000002"
    assert balances(admin)["6100"] == D("69.57")


def test_days_count_from_the_due_date_if_the_reason_says_so(admin):
    """Due on December 5, given up on November 3: 30 days are over on January 4, not on December 3."""
    ruled(admin, "relief_later", 30, since="due")
    load = make_load(admin, line_haul="1000", tax_code=tax_code(admin, "15"))
    invoice = generate_invoice(actor=admin, load=load, issue_date=date(2026, 11, 5))
    paid_off(admin, invoice, "1070", date=date(2026, 11, 6))
    assert invoice.due_date == date(2026, 12, 5)
    assert worksheet(admin, date(2027, 1, 3)) == []
    [found] = worksheet(admin, date(2027, 1, 4))
    assert (found.since, found.tax) == (date(2027, 1, 4), D("10.43"))


def test_several_taxes_and_one_without_on_one_invoice(admin):
    """575.00 with 15 %, 420.00 with 5 % on another account, 100.00 without: 1,095.00. All of it is given up in two
    slices; together they take exactly the taxes of the invoice."""
    account = GLAccount.objects.of(admin).get(code="2500")
    other = TaxCode.objects.create(organization=admin.organization, code="T5", name="City", rate=5, gl_account=account)
    ruled(admin, "relief_later", 0)
    load = make_load(admin, line_haul="500", tax_code=tax_code(admin, "15"))
    taxed = make_type(admin, "Detention", "charge", tax_treatment="added", tax_code=other)
    add_accessorial(actor=admin, load=load, type=taxed, entity="customer", amount=D(400))
    add_accessorial(actor=admin, load=load, type=make_type(admin, "Toll", "charge"), entity="customer", amount=D(100))
    invoice = generate_invoice(actor=admin, load=load)
    assert balances(admin) == {"1200": 1095, "2200": -75, "2500": -20, "4000": -500, "4100": -500}
    paid_off(admin, invoice, "0.01", bad_debt="333.33")
    paid_off(admin, type(invoice).objects.get(pk=invoice.pk), "0.01")
    first, second = claim(admin).items.order_by("pk")
    assert journal(first) == [("2200", D("22.83")), ("2500", D("6.09")), ("6100", D("-28.92"))]
    assert balances(admin)["6100"] == D("1094.98") - D("28.92") - second.amount
    assert abs(first.amount + second.amount - 95) <= D("0.02")
    assert broken() == {}


@pytest.mark.parametrize(
    ("currency", "paid", "tax"), [("JPY", "1070", "10"), ("KWD", "1070.000", "10.435"), ("SAR", "1070", "10.43")]
)
def test_in_currencies_of_no_two_and_three_decimals(currency, paid, tax):
    actor = make_member(make_organization("Elsewhere", currency))
    ruled(actor, "relief_later", 0)
    given_up(actor, paid)
    claim(actor)
    assert balances(actor)["2200"] == D(tax) - 150
    assert balances(actor)["6100"] == 80 - D(tax)
    assert broken() == {}


def test_in_another_currency_at_the_value_that_was_booked(admin):
    """115.00 EUR billed at 1.10 with 15.00 tax; 23.00 given up = 25.30 USD, of which 3.00 EUR = 3.30 USD is tax."""
    account = make_account(admin, currency="EUR")
    rate(admin, "EUR", date(2026, 10, 1), "1.10")
    ruled(admin, "relief_later", 0)
    load = make_load(admin, account, "100", tax_code=tax_code(admin, "15"))
    invoice = generate_invoice(actor=admin, load=load, issue_date=date(2026, 10, 5))
    paid_off(admin, invoice, "92", bank_account=bank_in(admin, "EUR"))
    assert balances(admin) == {"1000": D("101.20"), "2200": D("-16.50"), "4000": -110, "6100": D("25.30")}
    claim(admin)
    assert balances(admin) == {"1000": D("101.20"), "2200": D("-13.20"), "4000": -110, "6100": 22}

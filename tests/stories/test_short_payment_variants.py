"""What else the published procedure says, and where it goes wrong: figures an accountant can follow."""

from datetime import date
from decimal import Decimal

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.roles import Role
from receivables.billing.models import Invoice, Load, TaxCode
from receivables.billing.operations import (
    add_accessorial,
    change_accessorial,
    edit_load,
    generate_invoice,
    regenerate_invoice,
    reissue_invoice,
    void_invoice,
)
from receivables.billing.queries import current_revision, load_state, with_documents
from receivables.billing.status import invoice_status
from receivables.collections.operations import delete_payment
from receivables.core.access import fetch
from receivables.core.errors import NotPermitted, Refused
from receivables.ledger.models import GLAccount, JournalEntry, Period
from receivables.ledger.queries import role_accounts
from tests.builders import (
    balances,
    make_account,
    make_invoice,
    make_load,
    make_member,
    make_organization,
    make_type,
    pay,
    seed_load,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def biller():
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


def status_of(invoice):
    row = Invoice.objects.select_related("open_item").get(pk=invoice.pk)
    item = row.open_item
    return invoice_status(
        total=item.amount, balance=item.balance, paid=item.paid, bad_debt=current_revision(row).bad_debt,
        voided=row.voided_at is not None, due_date=row.due_date, today=TODAY,
    ).code  # fmt: skip


def refused(verb, **arguments):
    with pytest.raises(Refused) as caught:
        verb(**arguments)
    return caught.value


def take_off(actor, load, kind, amount):
    return add_accessorial(actor=actor, load=load, type=kind, entity="customer", amount=Decimal(amount))


def test_a_written_off_invoice_never_reads_paid(biller):
    load = seed_load(biller)
    write_off = make_type(biller)
    invoice = generate_invoice(actor=biller, load=load)
    take_off(biller, load, write_off, "50")
    regenerate_invoice(actor=biller, load=load)
    pay(biller, invoice, "950")
    assert status_of(invoice) == "settled_written_off"


def test_a_price_concession_reads_paid(biller):
    load = seed_load(biller)
    concession = make_type(biller, "Balance Adjustment", "price_concession")
    invoice = generate_invoice(actor=biller, load=load)
    take_off(biller, load, concession, "-50")
    regenerate_invoice(actor=biller, load=load)
    pay(biller, invoice, "950")
    assert status_of(invoice) == "paid"
    assert balances(biller) == {"1000": 950, "4000": -1000, "4900": 50}


def test_the_kind_decides_and_not_the_account(biller):
    load = seed_load(biller)
    concession = make_type(biller, "Goodwill", "price_concession", gl="6100")
    invoice = generate_invoice(actor=biller, load=load)
    take_off(biller, load, concession, "50")
    regenerate_invoice(actor=biller, load=load)
    pay(biller, invoice, "950")
    assert status_of(invoice) == "paid"


def test_full_write_off_with_an_optional_payment_of_zero(biller):
    load = seed_load(biller)
    write_off = make_type(biller)
    invoice = generate_invoice(actor=biller, load=load)
    take_off(biller, load, write_off, "-1000")
    revision = regenerate_invoice(actor=biller, load=load)
    assert revision.total == 0
    assert balances(biller) == {"4000": -1000, "6100": 1000}
    entries = JournalEntry.objects.count()
    pay(biller, invoice, "0")
    assert JournalEntry.objects.count() == entries, "a zero amount posts no entry"
    assert status_of(invoice) == "settled_written_off"
    assert refused(regenerate_invoice, actor=biller, load=load).code == "payment_exists"


def test_a_payment_of_zero_is_a_payment_record(biller):
    load = make_load(biller)
    write_off = make_type(biller)
    invoice = generate_invoice(actor=biller, load=load)
    payment = pay(biller, invoice, "0")
    take_off(biller, load, write_off, "50")
    blocker = refused(regenerate_invoice, actor=biller, load=load)
    assert (blocker.code, payment.number in str(blocker)) == ("payment_exists", True)
    delete_payment(actor=biller, payment=payment)
    assert regenerate_invoice(actor=biller, load=load).total == 950


def test_paid_again_before_regenerating_stays_out_of_date_until_done_in_order(biller):
    load = seed_load(biller)
    write_off = make_type(biller)
    invoice = generate_invoice(actor=biller, load=load)
    first = pay(biller, invoice, "950")
    delete_payment(actor=biller, payment=first)
    take_off(biller, load, write_off, "50")
    too_early = pay(biller, invoice, "950")
    revenue = role_accounts(biller.organization_id, GLAccount.Role.REVENUE)[GLAccount.Role.REVENUE]
    state = load_state(with_documents(Load.objects.filter(pk=load.pk)).get(), revenue)
    assert (state.priced.total, state.revision.total) == (950, 1000)
    assert refused(regenerate_invoice, actor=biller, load=load).code == "payment_exists"
    delete_payment(actor=biller, payment=too_early)
    regenerate_invoice(actor=biller, load=load)
    pay(biller, invoice, "950")
    assert balances(biller) == {"1000": 950, "4000": -1000, "6100": 50}


def test_with_the_balance_already_zero_a_payment_still_blocks(biller):
    load = seed_load(biller)
    write_off = make_type(biller)
    invoice = generate_invoice(actor=biller, load=load)
    pay(biller, invoice, "1000")
    take_off(biller, load, write_off, "50")
    assert refused(regenerate_invoice, actor=biller, load=load).code == "payment_exists"


def test_nothing_to_regenerate_while_the_total_is_unchanged(biller):
    load = seed_load(biller)
    generate_invoice(actor=biller, load=load)
    blocker = refused(regenerate_invoice, actor=biller, load=load)
    assert (blocker.code, "1,000.00\u00a0USD" in str(blocker)) == ("total_unchanged", True)


def test_a_draft_has_no_invoice_to_regenerate(biller):
    assert refused(regenerate_invoice, actor=biller, load=make_load(biller)).code == "draft"


def test_a_void_invoice_is_neither_regenerated_nor_paid(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    void_invoice(actor=biller, load=load, reason="Billed to the wrong customer")
    assert balances(biller) == {}
    assert refused(regenerate_invoice, actor=biller, load=load).code == "void"
    assert refused(pay, actor=biller, invoice=invoice, amount="10").code == "void"
    assert status_of(invoice) == "void"


def test_after_a_void_the_load_is_corrected_and_billed_anew(biller):
    load = make_load(biller, line_haul="1000")
    first = generate_invoice(actor=biller, load=load)
    void_invoice(actor=biller, load=load, reason="Wrong rate")
    edit_load(actor=biller, load=load, line_haul=Decimal(900))
    second = generate_invoice(actor=biller, load=load)
    assert (first.number, second.number) == ("INV-000001", "INV-000002")
    assert balances(biller) == {"1200": 900, "4000": -900}


def test_void_waits_until_nothing_stands_on_the_invoice(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    pay(biller, invoice, "0")
    assert refused(void_invoice, actor=biller, load=load, reason="Mistake").code == "payment_exists"


def test_a_total_below_zero_is_refused_with_what_is_possible(biller):
    load = seed_load(biller)
    write_off = make_type(biller)
    generate_invoice(actor=biller, load=load)
    blocker = refused(take_off, actor=biller, load=load, kind=write_off, amount="1000.01")
    assert (blocker.code, blocker.field) == ("negative_total", "amount")
    assert "1,000.00\u00a0USD" in str(blocker)


def test_an_equal_total_is_reissued_and_moves_only_between_accounts(biller):
    load = seed_load(biller)
    detention = make_type(biller, "Detention", "charge", gl="4100")
    generate_invoice(actor=biller, load=load)
    take_off(biller, load, detention, "40")
    fuel = load.accessorials.get(type__name="Fuel surcharge")
    change_accessorial(actor=biller, accessorial=fuel, amount=Decimal(60))
    assert refused(regenerate_invoice, actor=biller, load=load).code == "total_unchanged"
    revision = reissue_invoice(actor=biller, load=load, reason="Detention shown apart")
    assert (revision.number, revision.total) == (2, 1000)
    assert balances(biller) == {"1200": 1000, "4000": -960, "4100": -40}


def test_a_taxed_invoice_gives_its_tax_back_with_an_included_reduction(biller):
    tax = TaxCode.objects.create(
        organization=biller.organization, code="T8", name="State tax 8 %", rate=Decimal(8),
        gl_account=GLAccount.objects.of(biller).get(code="2200"),
    )  # fmt: skip
    load = make_load(biller, tax_code=tax)
    concession = make_type(biller, "Balance Adjustment", "price_concession", tax_treatment="included")
    invoice = generate_invoice(actor=biller, load=load)
    assert balances(biller) == {"1200": 1080, "2200": -80, "4000": -1000}
    take_off(biller, load, concession, "50")
    assert regenerate_invoice(actor=biller, load=load).total == 1030
    assert balances(biller) == {
        "1200": 1030, "2200": Decimal("-76.30"), "4000": -1000, "4900": Decimal("46.30"),
    }  # fmt: skip
    pay(biller, invoice, "1030")
    assert status_of(invoice) == "paid"


def test_bad_debt_leaves_the_tax_where_it_is(biller):
    tax = TaxCode.objects.create(
        organization=biller.organization, code="T8", name="State tax 8 %", rate=Decimal(8),
        gl_account=GLAccount.objects.of(biller).get(code="2200"),
    )  # fmt: skip
    load = make_load(biller, tax_code=tax)
    write_off = make_type(biller)
    generate_invoice(actor=biller, load=load)
    take_off(biller, load, write_off, "80")
    regenerate_invoice(actor=biller, load=load)
    assert balances(biller) == {"1200": 1000, "2200": -80, "4000": -1000, "6100": 80}


def test_in_a_closed_period_the_act_is_posted_to_the_first_open_day(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load, issue_date=date(2026, 9, 15))
    month = Period.objects.get(organization=biller.organization, month=date(2026, 9, 1))
    month.closed_at, month.closed_by = timezone.now(), biller.user
    month.save(update_fields=["closed_at", "closed_by"])
    payment = pay(biller, invoice, "950", date=date(2026, 9, 20))
    assert (payment.date, payment.posting_date) == (date(2026, 9, 20), date(2026, 10, 1))
    blocker = refused(pay, actor=biller, invoice=invoice, amount="50", posting_date=date(2026, 9, 20))
    assert (blocker.code, blocker.field) == ("period_closed", "posting_date")


@pytest.mark.parametrize("bundle", ["billing", "accessorials"])
def test_each_missing_permission_stops_its_steps(bundle):
    organization = make_organization()
    alice = make_member(organization)
    bob = make_member(organization, Role.BILLER, "Bob", denied=[bundle])
    load = seed_load(alice)
    write_off = make_type(alice)
    invoice = generate_invoice(actor=alice, load=load)
    payment = pay(alice, invoice, "950")
    steps = {
        "billing": [
            lambda: delete_payment(actor=bob, payment=payment),
            lambda: regenerate_invoice(actor=bob, load=load),
            lambda: pay(bob, invoice, "10"),
        ],
        "accessorials": [lambda: take_off(bob, load, write_off, "50")],
    }
    for step in steps[bundle]:
        with pytest.raises(NotPermitted):
            step()
    assert balances(alice) == {"1000": 950, "1200": 50, "4000": -1000}


def test_another_organization_finds_nothing(biller):
    charlie = make_member(make_organization("Rival"), name="Charlie")
    invoice = make_invoice(biller)
    with pytest.raises(Http404):
        fetch(charlie, Invoice, invoice.pk)
    with pytest.raises((Http404, Refused, Load.DoesNotExist, Invoice.DoesNotExist, KeyError)):
        pay(charlie, invoice, "10")
    assert balances(charlie) == {}
    make_account(charlie)
    assert balances(biller) == {"1200": 1000, "4000": -1000}

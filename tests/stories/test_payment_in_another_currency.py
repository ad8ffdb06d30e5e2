"""Money in another currency than the invoice: through currency clearing in both, and exactly back again.

Books in US dollars. A riyal is worth 0.2666666667 USD on the day of the payment (1 USD = 3.75 SAR), a yen 0.0065, a
dinar 3.25.
"""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, bounce_payment, delete_payment, record_payment
from receivables.collections.resolution import resolve_short_payment
from receivables.collections.unapplied.operations import assign_payment, move_payment_assignment, unassign_payment
from receivables.collections.unapplied.refunds import refund_unapplied
from receivables.ledger.models import Allocation, ExchangeRate, JournalEntry
from receivables.ledger.queries import entries_of
from tests.builders import balances, make_account, make_member, make_organization, make_type
from tests.collections.support import bank_in, item_of, refused
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db
ISSUED, PAID = date(2026, 10, 1), date(2026, 11, 3)
RATES = {
    "SAR": ("0.27", "0.2666666667"), "JPY": ("0.0067", "0.0065"), "KWD": ("3.30", "3.25"), "EUR": ("1.10", "1.25"),
}  # fmt: skip


@pytest.fixture
def alice(db):
    actor = make_member(make_organization())
    for currency, rates in RATES.items():
        for day, rate in zip((ISSUED, PAID), rates, strict=True):
            ExchangeRate.objects.create(
                organization=actor.organization, currency=currency, date=day, rate=Decimal(rate)
            )
    return actor


@pytest.fixture
def account(alice):
    return make_account(alice)


def invoice_in(actor, account, currency, total):
    """An invoice of the same customer on an agreement in another currency."""
    first = account.agreements.first()
    agreement, _made = account.agreements.get_or_create(
        currency=currency,
        defaults={
            "organization": actor.organization, "type": first.type, "number": f"{first.number}-{currency}",
            "start_date": first.start_date,
        },
    )  # fmt: skip
    load = create_load(actor=actor, account=account, agreement=agreement, line_haul=Decimal(total))
    return generate_invoice(actor=actor, load=load, issue_date=ISSUED)


def money(actor, account, amount, bank=None):
    return record_payment(
        actor=actor, account=account, amount=Decimal(amount), date=PAID, method="wire",
        bank_account=bank or BankAccount.objects.of(actor).get(currency="USD"),
    )  # fmt: skip


def journal(actor, act):
    """The lines of an act: kind, then account, amount in the entry's currency, and in dollars."""
    return [
        (entry.kind, entry.currency, [
            (line.gl_account.code, line.amount, line.organization_amount)
            for line in sorted(entry.lines.all(), key=lambda line: line.line_no)
        ])
        for entry in entries_of(actor, act)
    ]  # fmt: skip


def settled(*documents):
    connection.check_constraints()
    assert broken() == {}
    return [(item.balance, item.organization_balance) for item in map(item_of, documents)]


def test_assign_payment_of_dollars_to_riyals_passes_through_clearing_in_both(alice, account):
    """375.00 SAR booked at 0.27 = 101.25 USD; on the day of the payment they are 100.00 USD: 1.25 USD lost."""
    invoice, payment = invoice_in(alice, account, "SAR", "375"), money(alice, account, "100")
    act = assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal(375))])
    assert journal(alice, act) == [
        ("application_taken", "USD", [("2100", 100, 100), ("1950", -100, -100)]),
        ("application", "SAR", [("1950", 375, 100), ("1200", -375, Decimal("-101.25")), ("7000", 0, Decimal("1.25"))]),
    ]
    assert settled(invoice, payment) == [(0, 0), (0, 0)]
    assert (act.amount, act.currency) == (100, "USD")
    assert balances(alice) == {"1000": 100, "4000": Decimal("-101.25"), "7000": Decimal("1.25")}


def test_assign_payment_of_euros_to_dollars_keeps_the_difference_where_the_currency_is_foreign(alice, account):
    """80.00 EUR = 100.00 USD on the day of the payment; the invoice is in the books' own currency."""
    invoice, payment = invoice_in(alice, account, "USD", "100"), money(alice, account, "80", bank_in(alice, "EUR"))
    act = assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal(100))])
    assert journal(alice, act) == [
        ("application_taken", "EUR", [("2100", 80, 100), ("1950", -80, -100)]),
        ("application", "USD", [("1950", 100, 100), ("1200", -100, -100)]),
    ]
    assert settled(invoice, payment) == [(0, 0), (0, 0)]


def test_neither_is_in_the_currency_of_the_books(alice, account):
    """10 000 JPY at 0.0065 = 65.00 USD pay 20.000 KWD at 3.25 = 65.00 USD, which are booked at 66.00."""
    invoice = invoice_in(alice, account, "KWD", "20.001")
    payment = money(alice, account, "10001", bank_in(alice, "JPY"))
    assert item_of(payment).organization_balance == Decimal("-65.01")
    first = assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal("19.999"))])
    assert first.amount == 10_000  # 19.999 × 3.25 / 0.0065 = 9 999.5 yen, rounded half-up
    assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal("0.002"))])
    assert settled(invoice, payment) == [(0, 0), (0, 0)]
    assert balances(alice) == {"1000": Decimal("65.01"), "4000": Decimal("-66.00"), "7000": Decimal("0.99")}


def test_one_payment_pays_invoices_in_three_currencies_and_unassign_payment_takes_one_off(alice, account):
    euros, yen = invoice_in(alice, account, "EUR", "40"), invoice_in(alice, account, "JPY", "1000")
    own, payment = invoice_in(alice, account, "USD", "30"), money(alice, account, "90")
    wanted = [Assignment(own, Decimal(30)), Assignment(euros, Decimal(40)), Assignment(yen, Decimal(1000))]
    assign_payment(actor=alice, payment=payment, assignments=wanted)  # 30 + 50 + 6.50
    assert item_of(payment).balance == Decimal("-3.50")
    assert balances(alice)["7000"] == Decimal("-5.80")  # gained 50 − 44 on the euros, lost 6.70 − 6.50 on the yen
    row = Allocation.objects.get(debit_item=euros.open_item_id, reverses__isnull=True)
    act = unassign_payment(actor=alice, allocation=row, reason="Wrong invoice")
    assert (act.amount, act.currency) == (50, "USD")
    assert settled(euros, payment, own) == [(40, 44), (Decimal("-53.50"), Decimal("-53.50")), (0, 0)]
    assert balances(alice)["7000"] == Decimal("0.20")
    again = refused(unassign_payment, actor=alice, allocation=row, reason="Twice")
    assert again.code == "already_taken_off"


@pytest.mark.parametrize("undo", ["delete", "bounce"])
def test_undoing_the_payment_mirrors_both_entries(alice, account, undo):
    invoice = invoice_in(alice, account, "SAR", "375")
    before = balances(alice)
    payment = money(alice, account, "100")
    assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal("130.01"))])
    if undo == "delete":
        delete_payment(actor=alice, payment=payment)
    else:
        bounce_payment(actor=alice, payment=payment, reason="No cover")
    assert settled(invoice, payment) == [(375, Decimal("101.25")), (0, 0)]
    assert balances(alice) == before
    assert not JournalEntry.objects.filter(currency="SAR", kind="application", reversed_by__isnull=True).exists()


def test_what_is_left_can_be_given_back_and_parts_come_out_even(alice, account):
    invoice, payment = invoice_in(alice, account, "SAR", "100"), money(alice, account, "30")
    for amount in ("33.33", "33.33", "33.34"):
        assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal(amount))])
    assert item_of(payment).balance == Decimal("-3.33")
    refund_unapplied(
        actor=alice, payment=payment, amount=Decimal("3.33"), bank_account=BankAccount.objects.of(alice).get(),
        date=PAID, method="ach", reason="Paid too much",
    )  # fmt: skip
    assert settled(invoice, payment) == [(0, 0), (0, 0)]


def test_assign_payment_refuses_beyond_either_side(alice, account):
    invoice, payment = invoice_in(alice, account, "SAR", "375"), money(alice, account, "50")
    tried = {"actor": alice, "payment": payment}
    over = refused(assign_payment, **tried, assignments=[Assignment(invoice, Decimal("187.54"))])
    assert over.code == "more_than_unapplied"
    assert str(over.blocker.message).startswith("You apply 50.01")
    owed = refused(assign_payment, **tried, assignments=[Assignment(invoice, Decimal("375.01"))])
    assert (owed.code, owed.field) == ("more_than_owed", f"amount_{invoice.pk}")
    tiny = refused(assign_payment, **tried, assignments=[Assignment(invoice, Decimal("0.01"))])
    assert tiny.code == "worth_nothing"
    small = refused(assign_payment, **tried, assignments=[Assignment(invoice, Decimal("0.001"))])
    assert small.code == "decimals"
    assert Payment.objects.of(alice).count() == 1
    assign_payment(**tried, assignments=[Assignment(invoice, Decimal("187.51"))])
    assert item_of(payment).balance == 0


def test_a_currency_without_a_rate_is_refused_beside_its_amount(alice, account):
    invoice = invoice_in(alice, account, "SAR", "375")
    early = record_payment(
        actor=alice, account=account, amount=Decimal(50), date=date(2026, 9, 30), method="wire",
        bank_account=BankAccount.objects.of(alice).get(currency="USD"),
    )  # fmt: skip
    missing = refused(assign_payment, actor=alice, payment=early, assignments=[Assignment(invoice, Decimal(10))])
    assert (missing.code, missing.field) == ("no_rate", f"amount_{invoice.pk}")


def test_a_resolution_puts_back_exactly_what_the_payment_gave(alice, account):
    """375.00 SAR, of which 100.00 USD paid 374.00: 1.00 SAR is given up on the load, the payment goes off and on."""
    invoice, payment = invoice_in(alice, account, "SAR", "375"), money(alice, account, "99.73")
    assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal(374))])
    resolve_short_payment(actor=alice, load=invoice.loads.get(), type=make_type(alice))
    assert settled(invoice, payment) == [(0, 0), (0, 0)]
    live = Allocation.objects.get(debit_item=invoice.open_item_id, reverses__isnull=True, reversed_by__isnull=True)
    assert (live.amount, live.taken, live.taken_currency) == (374, Decimal("99.73"), "USD")
    # 374 of 375 SAR at 0.27 are 100.98 USD of receivables; the bank got 99.73.
    assert balances(alice)["7000"] == Decimal("1.25")
    delete_payment(actor=alice, payment=payment)
    assert settled(invoice, payment) == [(374, Decimal("100.98")), (0, 0)]


def test_move_payment_assignment_converts_nothing(alice, account):
    invoice, other = invoice_in(alice, account, "SAR", "375"), invoice_in(alice, account, "SAR", "375")
    payment = money(alice, account, "50")
    assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal(100))])
    row = Allocation.objects.get(debit_item=invoice.open_item_id)
    moved = refused(move_payment_assignment, actor=alice, allocation=row, invoice=other, reason="Wrong")
    assert moved.code == "crossed"


def test_the_database_holds_both_entries_together(alice, account):
    invoice, payment = invoice_in(alice, account, "SAR", "375"), money(alice, account, "50")
    assign_payment(actor=alice, payment=payment, assignments=[Assignment(invoice, Decimal(100))])
    row = Allocation.objects.get(debit_item=invoice.open_item_id)
    kept = {
        field.attname: getattr(row, field.attname)
        for field in Allocation._meta.concrete_fields
        if field.name not in ("id", "created_at")
    }
    attacks = [
        {"taken": None, "taken_currency": "", "taken_entry_id": None}, {"taken": Decimal(0)},
        {"taken_currency": "SAR"}, {"taken_currency": "EUR"}, {"taken_entry_id": row.entry_id},
    ]  # fmt: skip
    for changes in attacks:
        with pytest.raises(DatabaseError), transaction.atomic():
            Allocation.objects.create(**{**kept, **changes})
            connection.check_constraints()


def test_the_pages_show_both_currencies(alice, account, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client = Client()
    client.force_login(alice.user, backend="accounts.backends.MembershipBackend")
    invoice, payment = invoice_in(alice, account, "SAR", "375"), money(alice, account, "50")
    page = f"/payments/{payment.pk}/assign-payment/"
    assert "up to 187.50\xa0SAR, which takes 50.00\xa0USD" in client.get(page).content.decode()
    form = {f"amount_{invoice.pk}": "130.00", "posting_date": "", "_key": str(uuid4())}
    tried = client.post(page, form).content.decode()
    assert "34.67\xa0USD of the payment pays 130.00\xa0SAR of INV-000001." in tried
    assert "130.00\xa0SAR" in tried
    assert client.post(page, {**form, "step": "confirm"}).status_code == 302
    shown = client.get(f"/payments/{payment.pk}/").content.decode()
    assert "15.33\xa0USD" in shown
    assert "34.67\xa0USD" in client.get(f"/invoices/{invoice.pk}/").content.decode()
    row = Allocation.objects.get(debit_item=invoice.open_item_id)
    assert client.get(f"/assignments/{row.pk}/move/").context["blocker"].code == "crossed"
    off = client.get(f"/assignments/{row.pk}/take-off/").content.decode()
    assert "34.67\xa0USD goes back on account" in off

"""The published example in one step: the same ledger and balances as by hand, the payment untouched."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.models import Accessorial, Invoice, Load, Revision
from receivables.billing.operations import add_accessorial, generate_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.resolution import resolve_short_payment, undo_resolution
from receivables.core.errors import Refused
from receivables.core.models import Event
from receivables.ledger.models import JournalEntry
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
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def biller():
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


def item_of(invoice):
    return Invoice.objects.select_related("open_item").get(pk=invoice.pk).open_item


def short(actor, amount="950"):
    load = seed_load(actor)
    invoice = generate_invoice(actor=actor, load=load)
    return load, invoice, pay(actor, invoice, amount)


def test_resolve_short_payment_comes_to_the_same_as_by_hand(biller):
    load, invoice, payment = short(biller)
    resolve_short_payment(actor=biller, load=load, type=make_type(biller), note="Damaged carton")
    item = item_of(invoice)
    assert (item.amount, item.balance, item.paid, item.live_payments) == (950, 0, 950, 1)
    assert balances(biller) == {"1000": 950, "4000": -1000, "6100": 50}
    assert Payment.objects.get() == payment
    written_off = Revision.objects.get(invoice=invoice, number=2).lines.get(kind="bad_debt")
    assert written_off.accessorial.load == load
    assert Revision.objects.filter(invoice=invoice).count() == 2
    assert JournalEntry.objects.filter(kind="regenerated").count() == 1, "exactly one difference entry"


def test_every_part_leaves_its_own_event(biller):
    load, _, _ = short(biller)
    resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    names = list(Event.objects.order_by("id").values_list("name", flat=True))[-5:]
    assert names == [
        "add_accessorial", "take_payment_off", "regenerate_invoice", "put_payment_back", "resolve_short_payment",
    ]  # fmt: skip


def test_resolving_twice_changes_nothing_the_second_time(biller):
    load, _, _ = short(biller)
    kind = make_type(biller)
    resolve_short_payment(actor=biller, load=load, type=kind)
    before = (balances(biller), Event.objects.count(), JournalEntry.objects.count())
    with pytest.raises(Refused) as refused:
        resolve_short_payment(actor=biller, load=load, type=kind)
    assert refused.value.code == "nothing_short"
    assert (balances(biller), Event.objects.count(), JournalEntry.objects.count()) == before


def test_a_part_of_what_is_short_leaves_the_rest_open(biller):
    load, invoice, _ = short(biller)
    resolve_short_payment(actor=biller, load=load, type=make_type(biller), amount=Decimal(20))
    assert (item_of(invoice).amount, item_of(invoice).balance) == (980, 30)


def test_without_any_payment_it_is_a_full_write_off(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    assert (item_of(invoice).amount, item_of(invoice).balance) == (0, 0)
    assert balances(biller) == {"4000": -1000, "6100": 1000}


def test_several_payments_go_back_each_as_it_was(biller):
    load = make_load(biller)
    invoice = generate_invoice(actor=biller, load=load)
    for amount in ("300", "0", "600"):
        pay(biller, invoice, amount)
    resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    item = item_of(invoice)
    assert (item.amount, item.balance, item.paid, item.live_payments) == (900, 0, 900, 3)
    assert balances(biller) == {"1000": 900, "4000": -1000, "6100": 100}


def test_paid_again_too_early_is_cured_in_one_step(biller):
    load, invoice, _ = short(biller)
    add_accessorial(actor=biller, load=load, type=make_type(biller), entity="customer", amount=Decimal(50))
    resolve_short_payment(actor=biller, load=load)
    assert (item_of(invoice).amount, item_of(invoice).balance) == (950, 0)


def test_never_more_than_is_open(biller):
    load, _, _ = short(biller)
    with pytest.raises(Refused) as refused:
        resolve_short_payment(actor=biller, load=load, type=make_type(biller), amount=Decimal("50.01"))
    assert (refused.value.code, refused.value.field) == ("more_than_open", "amount")


def test_undo_resolution_brings_every_balance_back(biller):
    load, invoice, payment = short(biller)
    before = balances(biller)
    resolution = resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    undo_resolution(actor=biller, resolution=resolution, reason="The rest was paid after all")
    item = item_of(invoice)
    assert (item.amount, item.balance, item.paid) == (1000, 50, 950)
    assert balances(biller) == before
    assert Payment.objects.get() == payment
    with pytest.raises(Refused) as refused:
        undo_resolution(actor=biller, resolution=resolution, reason="Again")
    assert refused.value.code == "already_undone"


def test_delete_payment_after_a_resolution_leaves_the_reduced_invoice_open(biller):
    load, invoice, payment = short(biller)
    resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    delete_payment(actor=biller, payment=payment)
    assert (item_of(invoice).amount, item_of(invoice).balance) == (950, 950)
    assert balances(biller) == {"1200": 950, "4000": -1000, "6100": 50}


@pytest.fixture
def waiting(biller):
    """A Biller may give 20 away and asks for 50."""
    AuthorityLimit.objects.create(
        organization=biller.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=Decimal(20)
    )
    load, invoice, payment = short(biller)
    outcome = resolve_short_payment(actor=biller, load=load, type=make_type(biller))
    assert (outcome.state, item_of(invoice).balance) == (Accessorial.State.WAITING, 50)
    return load, invoice, payment


def test_beyond_ones_authority_everything_happens_when_it_is_granted(biller, waiting):
    _, invoice, payment = waiting
    manager = make_member(biller.organization, Role.OPERATIONS_MANAGER, "Olga Manager")
    approve_request(actor=manager, request=ApprovalRequest.objects.get())
    assert (item_of(invoice).amount, item_of(invoice).balance) == (950, 0)
    assert Payment.objects.get() == payment


def test_rejected_nothing_has_changed(biller, waiting):
    load, invoice, _ = waiting
    manager = make_member(biller.organization, Role.OPERATIONS_MANAGER, "Olga Manager")
    reject_request(actor=manager, request=ApprovalRequest.objects.get(), reason="Ask them to pay")
    assert (item_of(invoice).amount, item_of(invoice).balance) == (1000, 50)
    assert Load.objects.get(pk=load.pk).charges_total == 1000


def test_a_payment_over_several_invoices_keeps_what_it_paid_on_the_others(biller):
    """280.00 for 100.00 and 200.00: the second is short by 20.00 and resolved; the first stays paid as it was."""
    account = make_account(biller)
    first, second = make_invoice(biller, account, "100"), make_invoice(biller, account, "200")
    payment = record_payment(
        actor=biller, account=account, amount=Decimal(280), date=date(2026, 11, 3), method="check",
        bank_account=BankAccount.objects.of(biller).get(),
        assignments=[Assignment(first, Decimal(100)), Assignment(second, Decimal(180))],
    )  # fmt: skip
    resolution = resolve_short_payment(actor=biller, load=second.loads.get(), type=make_type(biller))
    assert [(item_of(each).paid, item_of(each).balance) for each in (first, second)] == [(100, 0), (180, 0)]
    assert balances(biller) == {"1000": 280, "4000": -300, "6100": 20}
    assert Payment.objects.get() == payment
    undo_resolution(actor=biller, resolution=resolution, reason="The rest was paid after all")
    assert [(item_of(each).paid, item_of(each).balance) for each in (first, second)] == [(100, 0), (180, 20)]
    delete_payment(actor=biller, payment=payment)
    assert balances(biller) == {"1200": 300, "4000": -300}
    assert broken() == {}

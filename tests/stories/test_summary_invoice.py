"""One invoice over three loads, paid short on one of them: only that load's part changes."""

from decimal import Decimal

import pytest

from receivables.billing.models import Invoice, Load, Revision, TaxCode
from receivables.billing.operations import (
    add_accessorial,
    regenerate_invoice,
    void_invoice,
)
from receivables.billing.summary.operations import change_summary_loads, generate_summary_invoice, split_by_load
from receivables.billing.summary.parts import parts_of, short_shares
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.resolution import resolve_short_payment, undo_resolution
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.ledger.models import Allocation, GLAccount, JournalEntry
from tests.builders import balances, make_account, make_load, make_member, make_organization, make_type, pay
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def summed():
    """A 1,000.00, B 2,000.00 and C 500.00 of one account on one invoice."""
    actor = make_member(make_organization())
    account = make_account(actor)
    loads = [make_load(actor, account, amount) for amount in ("1000", "2000", "500")]
    invoice = generate_summary_invoice(actor=actor, loads=loads)
    return actor, account, loads, invoice


def current(invoice):
    return Invoice.objects.select_related("open_item").get(pk=invoice.pk)


def parts(invoice):
    invoice = current(invoice)
    return parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))


def statuses(actor, invoice, loads):
    found, invoice, day = parts(invoice), current(invoice), today(actor.organization)
    return [found[load.pk].status(voided=False, due_date=invoice.due_date, today=day).code for load in loads]


def lines(invoice, number):
    revision = Revision.objects.get(invoice=invoice, number=number)
    return list(revision.lines.order_by("line_no").values_list("load_id", "description", "total"))


def pay_short_on(actor, invoice, load, amount):
    """What the customer sends, saying on which load it is short."""
    applied = Decimal(amount)
    shares = short_shares(parts(invoice), load, applied)
    return record_payment(
        actor=actor, account=invoice.account, amount=applied, date=today(actor.organization), method="check",
        bank_account=BankAccount.objects.of(actor).get(), assignments=[Assignment(current(invoice), applied, shares)],
    )  # fmt: skip


def test_generate_summary_invoice_is_one_document_over_three_loads(summed):
    actor, _account, loads, invoice = summed
    assert invoice.summary
    assert invoice.number == "INV-000001"
    assert current(invoice).open_item.balance == Decimal(3500)
    assert balances(actor) == {"1200": Decimal(3500), "4000": Decimal(-3500)}
    assert [(load, total) for load, _words, total in lines(invoice, 1)] == [
        (loads[0].pk, Decimal(1000)), (loads[1].pk, Decimal(2000)), (loads[2].pk, Decimal(500)),
    ]  # fmt: skip
    assert JournalEntry.objects.of(actor).count() == 1


def test_short_on_b_changes_only_b(summed):
    actor, _account, (a, b, c), invoice = summed
    payment = pay_short_on(actor, invoice, b, "3380")
    before = lines(invoice, 1)
    assert statuses(actor, invoice, [a, b, c]) == ["paid", "part_paid", "paid"]
    assert parts(invoice)[b.pk].balance == Decimal(120)

    resolve_short_payment(actor=actor, load=Load.objects.get(pk=b.pk), type=make_type(actor))

    invoice = current(invoice)
    assert (invoice.current_revision, invoice.open_item.amount, invoice.open_item.balance) == (2, 3380, 0)
    after = lines(invoice, 2)
    assert [line for line in after if line[0] != b.pk] == [line for line in before if line[0] != b.pk]
    assert [line[1:] for line in after if line[0] == b.pk] == [("Line haul", 2000), ("Write-Off", -120)]
    assert statuses(actor, invoice, [a, b, c]) == ["paid", "settled_written_off", "paid"]
    assert (parts(invoice)[b.pk].paid, parts(invoice)[b.pk].bad_debt) == (Decimal(1880), Decimal(120))
    # One difference, on B's accounts alone: Dr bad debt expense 120.00 / Cr receivables 120.00.
    (difference,) = JournalEntry.objects.of(actor).filter(kind="regenerated")
    posted = difference.lines.order_by("line_no").values_list("gl_account__code", "amount")
    assert list(posted) == [("1200", -120), ("6100", 120)]
    assert balances(actor) == {"1000": Decimal(3380), "4000": Decimal(-3500), "6100": Decimal(120)}
    assert Payment.objects.of(actor).get().pk == payment.pk
    live = Allocation.objects.get(kind="payment", reverses__isnull=True, reversed_by__isnull=True)
    shared = {share.load_id: share.amount for share in live.load_shares.all()}
    assert shared == {a.pk: Decimal(1000), b.pk: Decimal(1880), c.pk: Decimal(500)}
    assert broken() == {}


def test_undo_resolution_of_one_load_restores_every_part(summed):
    actor, _account, (a, b, c), invoice = summed
    pay_short_on(actor, invoice, b, "3380")
    resolution = resolve_short_payment(actor=actor, load=Load.objects.get(pk=b.pk), type=make_type(actor))
    undo_resolution(actor=actor, resolution=resolution, reason="The customer will pay")
    assert current(invoice).open_item.balance == Decimal(120)
    assert statuses(actor, invoice, [a, b, c]) == ["paid", "part_paid", "paid"]
    assert balances(actor) == {"1000": Decimal(3380), "1200": Decimal(120), "4000": Decimal(-3500)}


def test_the_others_are_not_reduced_for_what_they_do_not_owe(summed):
    actor, _account, (a, b, _c), invoice = summed
    pay_short_on(actor, invoice, b, "3380")
    with pytest.raises(Refused) as refused:
        resolve_short_payment(actor=actor, load=Load.objects.get(pk=a.pk), type=make_type(actor))
    assert refused.value.code == "load_settled"


def test_what_is_not_said_makes_no_load_paid_before_the_whole_is(summed):
    actor, _account, loads, invoice = summed
    pay(actor, invoice, "3380")
    assert statuses(actor, invoice, loads) == ["open", "open", "open"]
    resolve_short_payment(actor=actor, load=Load.objects.get(pk=loads[1].pk), type=make_type(actor))
    assert statuses(actor, invoice, loads) == ["paid", "settled_written_off", "paid"]


def test_split_by_load_says_afterwards_what_a_payment_is_for(summed):
    actor, _account, (a, b, c), invoice = summed
    pay(actor, invoice, "3380")
    allocation = Allocation.objects.get(kind="payment")
    split_by_load(actor=actor, allocation=allocation, shares={a.pk: Decimal(1000)})
    assert statuses(actor, invoice, [a, b, c]) == ["paid", "open", "open"]
    split_by_load(actor=actor, allocation=allocation, shares={a.pk: Decimal(880), b.pk: Decimal(2000)})
    assert statuses(actor, invoice, [a, b, c]) == ["part_paid", "paid", "open"]
    for shares, code in (
        ({a.pk: Decimal("1000.01")}, "more_than_open"),
        ({b.pk: Decimal(-1)}, "negative"),
        ({a.pk: Decimal(1000), b.pk: Decimal(2000), c.pk: Decimal(500)}, "more_than_applied"),
        ({0: Decimal(1)}, "not_on_invoice"),
    ):
        with pytest.raises(Refused) as refused:
            split_by_load(actor=actor, allocation=allocation, shares=shares)
        assert refused.value.code == code
    assert statuses(actor, invoice, [a, b, c]) == ["part_paid", "paid", "open"]


def test_by_hand_on_a_summary_invoice(summed):
    """Delete the payment, add the reduction to B, regenerate, record the payment again."""
    actor, _account, (a, b, c), invoice = summed
    payment = pay(actor, invoice, "3380")
    with pytest.raises(Refused, match="Delete payment PMT-000001 first"):
        regenerate_invoice(actor=actor, load=a)
    delete_payment(actor=actor, payment=payment)
    add_accessorial(
        actor=actor, load=Load.objects.get(pk=b.pk), type=make_type(actor), entity="customer", amount=Decimal(-120)
    )
    regenerate_invoice(actor=actor, load=Load.objects.get(pk=c.pk))
    pay(actor, invoice, "3380")
    assert current(invoice).open_item.balance == 0
    assert statuses(actor, invoice, [a, b, c]) == ["paid", "settled_written_off", "paid"]
    assert balances(actor) == {"1000": Decimal(3380), "4000": Decimal(-3500), "6100": Decimal(120)}


def test_a_summary_is_taxed_as_one_document():
    """3 × 10.10 at 15 %: 4.55 of tax in all, shared 1.52 + 1.52 + 1.51; each alone would be 1.52."""
    actor = make_member(make_organization())
    tax = TaxCode.objects.create(
        organization=actor.organization, code="T15", name="VAT", rate=15,
        gl_account=GLAccount.objects.of(actor).get(code="2200"),
    )  # fmt: skip
    account = make_account(actor)
    loads = [make_load(actor, account, "10.10", tax_code=tax) for _ in range(3)]
    invoice = generate_summary_invoice(actor=actor, loads=loads)
    revision = Revision.objects.get(invoice=invoice)
    assert (revision.net, revision.tax, revision.total) == (Decimal("30.30"), Decimal("4.55"), Decimal("34.85"))
    assert [line.tax for line in revision.lines.order_by("line_no")] == [
        Decimal("1.52"), Decimal("1.52"), Decimal("1.51"),
    ]  # fmt: skip
    # A reduction with tax included stays within its load: the others' lines are as they were.
    pay(actor, invoice, "33.85")
    kind = make_type(actor, "Adjustment", "price_concession", tax_treatment="included")
    resolve_short_payment(actor=actor, load=Load.objects.get(pk=loads[0].pk), type=kind)
    second = Revision.objects.get(invoice=invoice, number=2)
    assert [line.tax for line in second.lines.order_by("line_no")] == [
        Decimal("1.52"), Decimal("1.52"), Decimal("1.51"), Decimal("-0.13"),
    ]  # fmt: skip
    assert second.total == Decimal("33.85")
    assert broken() == {}


def test_change_summary_loads_only_by_regenerating(summed):
    actor, account, (a, b, c), invoice = summed
    late = make_load(actor, account, "250")
    payment = pay(actor, invoice, "100")
    with pytest.raises(Refused, match="Delete payment"):
        change_summary_loads(actor=actor, invoice=invoice, join=[late], leave=[a], reason="Wrong week")
    delete_payment(actor=actor, payment=payment)
    change_summary_loads(actor=actor, invoice=invoice, join=[late], leave=[a], reason="Wrong week")
    assert current(invoice).open_item.balance == Decimal(2750)
    assert set(parts(invoice)) == {b.pk, c.pk, late.pk}
    assert Load.objects.get(pk=a.pk).invoice is None
    assert generate_summary_invoice(actor=actor, loads=[a]).number == "INV-000002"
    for wrong, code in (
        ({"join": [], "leave": []}, "nothing_chosen"),
        ({"leave": [b, c, late]}, "none_left"),
        ({"join": [a]}, "already_invoiced"),
    ):
        with pytest.raises(Refused) as refused:
            change_summary_loads(actor=actor, invoice=invoice, reason="x", **wrong)
        assert refused.value.code == code
    assert broken() == {}


def test_void_invoice_of_a_summary_frees_all_its_loads(summed):
    actor, _account, loads, _invoice = summed
    void_invoice(actor=actor, load=loads[1], reason="Billed to the wrong customer")
    assert balances(actor) == {}
    again = generate_summary_invoice(actor=actor, loads=loads)
    assert again.number == "INV-000002"
    assert current(again).open_item.balance == Decimal(3500)


def test_generate_summary_invoice_refuses_what_does_not_belong_together(summed):
    actor, account, (a, *_rest), _invoice = summed
    other = make_load(actor, make_account(actor, "Zebra Shipping"))
    own = make_load(actor, account)
    empty = make_load(actor, account, "0")
    for loads, code in (
        ([a, own], "already_invoiced"), ([own, other], "other_account"), ([own, empty], "no_charges"), ([], "no_loads"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            generate_summary_invoice(actor=actor, loads=loads)
        assert refused.value.code == code
    stranger = make_load(make_member(make_organization()))
    with pytest.raises(Refused) as refused:
        generate_summary_invoice(actor=actor, loads=[own, stranger])
    assert refused.value.code == "not_found"

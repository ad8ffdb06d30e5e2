"""What happens to a summary invoice afterwards: money that bounces, credit notes, disputes, loads that come and go."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request
from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.filters import listed_loads
from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.operations import add_accessorial, regenerate_invoice
from receivables.billing.queries import LoadState
from receivables.billing.summary.operations import change_summary_loads, generate_summary_invoice, split_by_load
from receivables.billing.summary.parts import part_of, parts_of, short_shares
from receivables.collections.models import BankAccount
from receivables.collections.operations import Assignment, bounce_payment, delete_payment, record_payment
from receivables.collections.resolution import resolve_short_payment
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.transactions import sqlstate
from receivables.credit_control.operations import open_dispute, resolve_dispute
from receivables.ledger.models import Allocation
from tests.billing.credit_notes import credit, tax_code
from tests.builders import balances, make_account, make_load, make_member, make_organization, make_type
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def summed():
    """A 1,000.00, B 2,000.00 and C 500.00 of one account on one invoice."""
    actor = make_member(make_organization())
    account = make_account(actor)
    loads = [make_load(actor, account, amount) for amount in ("1000", "2000", "500")]
    return actor, loads, generate_summary_invoice(actor=actor, loads=loads)


def current(invoice):
    return Invoice.objects.select_related("open_item", "account").get(pk=invoice.pk)


def parts(invoice):
    invoice = current(invoice)
    return parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))


def opened(invoice, loads):
    """What is open on each load."""
    found = parts(invoice)
    return [found[load.pk].balance for load in loads]


def statuses(actor, invoice, loads):
    found, invoice, day = parts(invoice), current(invoice), today(actor.organization)
    return [found[load.pk].status(voided=False, due_date=invoice.due_date, today=day).code for load in loads]


def paid(actor, invoice, amount, shares=None):
    applied, split = Decimal(amount), {load.pk: Decimal(part) for load, part in (shares or {}).items()}
    return record_payment(
        actor=actor, account=current(invoice).account, amount=applied, date=today(actor.organization), method="check",
        bank_account=BankAccount.objects.of(actor).get(), assignments=[Assignment(current(invoice), applied, split)],
    )  # fmt: skip


def paid_short_on(actor, invoice, load, amount):
    return paid(
        actor, invoice, amount,
        {Load.objects.get(pk=pk): part for pk, part in short_shares(parts(invoice), load, Decimal(amount)).items()},
    )  # fmt: skip


def fresh(load):
    return Load.objects.get(pk=load.pk)


def resolve(actor, load, **details):
    return resolve_short_payment(
        actor=actor, load=fresh(load), type=make_type(actor, f"Reduction {load.number}"), **details
    )


@pytest.mark.parametrize("undo", ["bounce", "delete"])
def test_money_that_did_not_come_takes_back_what_was_given_with_it(summed, undo):
    actor, (a, b, c), invoice = summed
    payment = paid_short_on(actor, invoice, b, "3380")
    resolve(actor, b)
    assert opened(invoice, [a, b, c]) == [0, 0, 0]
    if undo == "bounce":
        bounce_payment(actor=actor, payment=payment, reason="No funds")
    else:
        delete_payment(actor=actor, payment=payment, reason="Entered twice", with_reductions=True)
    assert opened(invoice, [a, b, c]) == [1000, 2000, 500]
    assert current(invoice).open_item.balance == 3500
    assert balances(actor) == {"1200": Decimal(3500), "4000": Decimal(-3500)}
    assert [line.total for line in Revision.objects.get(invoice=invoice, number=3).lines.order_by("line_no")] == [
        1000,
        2000,
        500,
    ]
    assert broken() == {}


def test_the_others_payment_keeps_its_loads_when_one_bounces(summed):
    """A and C are paid by one check, B short by another; the second bounces."""
    actor, (a, b, c), invoice = summed
    first = paid(actor, invoice, "1500", {a: 1000, c: 500})
    second = paid(actor, invoice, "1880", {b: 1880})
    resolve(actor, b)
    bounce_payment(actor=actor, payment=second, reason="No funds")
    assert opened(invoice, [a, b, c]) == [0, 2000, 0]
    assert statuses(actor, invoice, [a, b, c]) == ["paid", "open", "paid"]
    live = Allocation.objects.get(kind="payment", reverses__isnull=True, reversed_by__isnull=True)
    assert live.credit_item_id == first.open_item_id
    assert dict(live.load_shares.values_list("load_id", "amount")) == {a.pk: 1000, c.pk: 500}
    assert broken() == {}


def test_a_bounce_of_the_money_for_another_load_leaves_the_reduction(summed):
    """B is short by the first check; the second is for A alone, so its bounce takes nothing of B back."""
    actor, (a, b, c), invoice = summed
    paid(actor, invoice, "1880", {b: 1880})
    second = paid(actor, invoice, "1000", {a: 1000})
    resolve(actor, b)
    bounce_payment(actor=actor, payment=second, reason="No funds")
    assert opened(invoice, [a, b, c]) == [1000, 0, 500]
    assert current(invoice).open_item.amount == 3380


def test_a_credit_note_on_a_summary_is_said_to_be_for_a_load(summed):
    actor, (a, b, c), invoice = summed
    note = credit(actor, current(invoice), "120", kind="price_concession")
    assert opened(invoice, [a, b, c]) == [1000, 2000, 500]
    settled = Allocation.objects.get(kind="credit_note")
    split_by_load(actor=actor, allocation=settled, shares={b.pk: Decimal(120)})
    assert opened(invoice, [a, b, c]) == [1000, 1880, 500]
    paid(actor, invoice, "1880", {b: 1880})
    assert statuses(actor, invoice, [a, b, c]) == ["open", "paid", "open"]
    reverse_credit_note(actor=actor, credit_note=note, reason="Not agreed")
    assert opened(invoice, [a, b, c]) == [1000, 120, 500]
    assert broken() == {}


def test_what_is_credited_for_a_load_stays_within_what_is_billed_of_it(summed):
    actor, (a, b, c), invoice = summed
    credit(actor, current(invoice), "400", kind="price_concession")
    split_by_load(actor=actor, allocation=Allocation.objects.get(), shares={c.pk: Decimal(400)})
    concession = make_type(actor, "Concession", "price_concession")
    add_accessorial(actor=actor, load=fresh(c), type=concession, entity="customer", amount=Decimal(-100))
    regenerate_invoice(actor=actor, load=fresh(a))
    assert opened(invoice, [a, b, c]) == [1000, 2000, 0]
    with pytest.raises(Refused) as refused:
        add_accessorial(actor=actor, load=fresh(c), type=concession, entity="customer", amount=Decimal(-1))
    assert refused.value.code == "below_settled"
    with pytest.raises(Refused) as refused:
        change_summary_loads(actor=actor, invoice=invoice, leave=[fresh(c)], reason="Wrong week")
    assert refused.value.code == "below_settled"
    assert broken() == {}


def test_the_database_refuses_a_revision_below_what_is_credited_for_a_load(summed, monkeypatch):
    actor, (_a, _b, c), invoice = summed
    credit(actor, current(invoice), "400", kind="price_concession")
    split_by_load(actor=actor, allocation=Allocation.objects.get(), shares={c.pk: Decimal(400)})
    monkeypatch.setattr(LoadState, "below", lambda *facts: None)
    kind = make_type(actor, "Concession", "price_concession")
    add_accessorial(actor=actor, load=fresh(c), type=kind, entity="customer", amount=Decimal(-101))
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        regenerate_invoice(actor=actor, load=fresh(c))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert sqlstate(refused.value) == "RV007"


def test_a_load_that_was_written_off_by_settlement_never_reads_paid(summed):
    actor, (a, b, c), invoice = summed
    paid(actor, invoice, "3499", {a: 1000, b: 1999, c: 500})
    credit(actor, current(invoice), "1")
    assert current(invoice).open_item.balance == 0
    assert statuses(actor, invoice, [a, b, c]) == ["paid", "settled_written_off", "paid"]
    listed = {load.pk: part_of(load) for load in listed_loads(actor)}
    assert listed == parts(invoice)


def test_a_load_whose_share_was_written_off_reads_so_before_the_whole_is_settled(summed):
    actor, (a, b, c), invoice = summed
    paid(actor, invoice, "1880", {b: 1880})
    credit(actor, current(invoice), "120")
    split_by_load(actor=actor, allocation=Allocation.objects.get(kind="bad_debt"), shares={b.pk: Decimal(120)})
    assert statuses(actor, invoice, [a, b, c]) == ["open", "settled_written_off", "open"]
    assert {load.pk: part_of(load) for load in listed_loads(actor)} == parts(invoice)


def test_a_resolution_is_refused_in_words_where_it_would_leave_another_load_overpaid(summed):
    """A's reduction waits for nobody: it would go out with B's, and A's payment be more than A owes."""
    actor, (a, b, _c), invoice = summed
    paid_short_on(actor, invoice, b, "3380")
    add_accessorial(
        actor=actor, load=fresh(a), type=make_type(actor, "Concession", "price_concession"), entity="customer",
        amount=Decimal(-50),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        resolve(actor, b, amount=Decimal(20))
    assert refused.value.code == "part_below_paid"
    assert a.number in str(refused.value.blocker.message)
    assert broken() == {}


def test_a_cent_of_tax_that_moves_between_loads_is_explained():
    """3 × 10.10 at 15 %: 1.52 + 1.52 + 1.51. With 0.04 more on the third the second has 1.51."""
    actor = make_member(make_organization())
    account, tax = make_account(actor), None
    tax = tax_code(actor, "15")
    loads = [make_load(actor, account, "10.10", tax_code=tax) for _ in range(3)]
    invoice = generate_summary_invoice(actor=actor, loads=loads)
    found = parts(invoice)
    assert [found[load.pk].billed for load in loads] == [Decimal("11.62"), Decimal("11.62"), Decimal("11.61")]
    paid(actor, invoice, "23.24", {loads[0]: "11.62", loads[1]: "11.62"})
    charge = make_type(actor, "Stop", "charge", tax_treatment="added", tax_code=tax)
    add_accessorial(actor=actor, load=fresh(loads[2]), type=charge, entity="customer", amount=Decimal("0.04"))
    with pytest.raises(Refused, match=r"Only 11\.61.USD would be billed") as refused:
        resolve_short_payment(actor=actor, load=fresh(loads[2]))
    assert refused.value.code == "part_below_paid"
    assert broken() == {}


def test_disputes_of_a_load_stay_within_its_own_part(summed):
    actor, (a, _b, c), invoice = summed
    paid(actor, invoice, "1400", {a: 1000, c: 400})
    for load, amount in ((a, 1), (c, 101)):
        with pytest.raises(Refused):
            open_dispute(actor=actor, invoice=invoice, load=load, amount=Decimal(amount), why="damage")
    first = open_dispute(actor=actor, invoice=invoice, load=c, amount=Decimal(60), why="damage")
    with pytest.raises(Refused, match=r"40\.00"):
        open_dispute(actor=actor, invoice=invoice, load=c, amount=Decimal(41), why="rate")
    resolve_dispute(actor=actor, dispute=first, decision="accepted", reason="Claim paid")
    open_dispute(actor=actor, invoice=invoice, load=c, amount=Decimal(100), why="rate")


def test_a_dispute_on_the_invoice_that_a_load_left_is_none_on_its_next(summed):
    actor, (_a, _b, c), invoice = summed
    open_dispute(actor=actor, invoice=invoice, load=c, amount=Decimal(500), why="damage")
    change_summary_loads(actor=actor, invoice=invoice, leave=[fresh(c)], reason="Wrong week")
    again = generate_summary_invoice(actor=actor, loads=[fresh(c)])
    other = open_dispute(actor=actor, invoice=again, load=fresh(c), amount=Decimal(500), why="damage")
    assert (other.invoice, other.load, other.amount) == (again, c, 500)


def test_change_summary_loads_of_what_is_not_there_is_refused_in_words(summed):
    actor, (a, _b, _c), invoice = summed
    stranger = make_load(actor, a.account)
    with pytest.raises(Refused) as refused:
        change_summary_loads(actor=actor, invoice=invoice, leave=[a, stranger], reason="Wrong week")
    assert refused.value.code == "not_on_invoice"
    assert fresh(a).invoice == invoice


def test_change_summary_loads_with_what_waits_for_approval(summed):
    actor, (_a, _b, c), invoice = summed
    clerk = make_member(actor.organization, Role.BILLER, "Bob Biller")
    AuthorityLimit.objects.create(
        organization=actor.organization, membership=clerk, kind="bad_debt", currency="USD", maximum=Decimal(10)
    )
    row = add_accessorial(actor=clerk, load=fresh(c), type=make_type(actor), entity="customer", amount=Decimal(-300))
    assert row.state == "waiting"
    change_summary_loads(actor=actor, invoice=invoice, leave=[fresh(c)], reason="Wrong week")
    approve_request(actor=actor, request=ApprovalRequest.objects.get())
    assert (fresh(c).charges_total, fresh(c).invoice) == (200, None)
    change_summary_loads(actor=actor, invoice=invoice, join=[fresh(c)], reason="Back")
    assert current(invoice).open_item.balance == 3200
    assert fresh(c).billed_charges == 200
    assert broken() == {}


def test_change_summary_loads_taxes_the_whole_anew():
    actor = make_member(make_organization())
    account, tax = make_account(actor), tax_code(actor, "15")
    loads = [make_load(actor, account, "10.10", tax_code=tax) for _ in range(3)]
    invoice = generate_summary_invoice(actor=actor, loads=loads[:2])
    assert current(invoice).open_item.balance == Decimal("23.23")
    change_summary_loads(actor=actor, invoice=invoice, join=[loads[2]], reason="Late")
    assert current(invoice).open_item.balance == Decimal("34.85")
    change_summary_loads(actor=actor, invoice=invoice, leave=[fresh(loads[0])], reason="Wrong")
    assert current(invoice).open_item.balance == Decimal("23.23")
    assert balances(actor) == {"1200": Decimal("23.23"), "4000": Decimal("-20.20"), "2200": Decimal("-3.03")}
    assert broken() == {}

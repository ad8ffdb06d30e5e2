"""What billing's verbs change: numbers, revisions, ledger, history; and what they refuse."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.models import Accessorial, Invoice, Load, Revision, TaxCode
from receivables.billing.operations import (
    add_accessorial,
    change_accessorial,
    create_load,
    edit_load,
    generate_invoice,
    regenerate_invoice,
    reissue_invoice,
    remove_accessorial,
    send_invoice,
    void_invoice,
)
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.ledger.models import GLAccount
from tests.billing.conftest import close
from tests.builders import balances, make_account, make_load, make_type, pay, seed_load

D = Decimal


def refusal(call, **arguments):
    """The code with which an operation is refused, and proof that it changed no balance."""
    before = balances(arguments["actor"])
    with pytest.raises(Refused) as refused:
        call(**arguments)
    assert balances(arguments["actor"]) == before
    return refused.value.code


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def billed(cast):
    """The published example, invoiced."""
    cast.load = seed_load(cast.alice)
    cast.invoice = generate_invoice(actor=cast.alice, load=cast.load)
    cast.load = fresh(cast.load)
    return cast


def take_off(cast, amount="-50", actor=None, kind=None):
    kind = kind or make_type(cast.alice)
    return add_accessorial(actor=actor or cast.bob, load=cast.load, type=kind, entity="customer", amount=D(amount))


def test_create_load_takes_the_next_number_and_the_currency_of_its_agreement(cast):
    account = make_account(cast.alice, currency="JPY")
    load = create_load(actor=cast.bob, account=account, agreement=account.agreements.get(), line_haul=D(1000))
    assert (load.number, load.currency, load.charges_total) == ("L-000001", "JPY", D(1000))
    assert [event.name for event in history(cast.bob, load)] == ["create_load"]


def test_create_load_refuses_a_number_that_is_taken_in_any_case(cast):
    account = make_account(cast.alice)
    make_load(cast.alice, account, number="ab-1")
    details = {"account": account, "agreement": account.agreements.get(), "line_haul": D(1)}
    assert refusal(create_load, actor=cast.bob, number="AB-1", **details) == "number_taken"


def test_create_load_refuses_a_number_that_will_be_given_out(cast):
    account = make_account(cast.alice)
    details = {"account": account, "agreement": account.agreements.get(), "line_haul": D(1)}
    assert refusal(create_load, actor=cast.bob, number="l-000002", **details) == "number_to_come"
    assert create_load(actor=cast.bob, number="L-2", **details).number == "L-2", "no number of ours looks like this"
    assert [create_load(actor=cast.bob, **details).number for _ in range(2)] == ["L-000001", "L-000002"]


def test_generate_invoice_writes_number_dates_revision_and_ledger(cast):
    load = seed_load(cast.alice)
    invoice = generate_invoice(actor=cast.bob, load=load, issue_date=date(2026, 11, 3))
    assert (invoice.number, invoice.due_date, invoice.current_revision) == ("INV-000001", date(2026, 12, 3), 1)
    revision = invoice.revisions.get()
    assert (revision.total, revision.line_count, revision.posting_date) == (D(1000), 2, date(2026, 11, 3))
    assert balances(cast.bob) == {"1200": D(1000), "4000": D(-1000)}
    assert refusal(generate_invoice, actor=cast.bob, load=load) == "already_invoiced"


def test_generate_invoice_posts_on_the_first_open_day(cast):
    close(cast, date(2026, 10, 1))
    load = make_load(cast.alice)
    invoice = generate_invoice(actor=cast.bob, load=load, issue_date=date(2026, 10, 20))
    assert (invoice.issue_date, invoice.revisions.get().posting_date) == (date(2026, 10, 20), date(2026, 11, 1))


def test_generate_invoice_refuses_a_posting_date_in_a_closed_month(cast):
    close(cast, date(2026, 10, 1))
    load = make_load(cast.alice)
    code = refusal(generate_invoice, actor=cast.bob, load=load, posting_date=date(2026, 10, 5))
    assert code == "period_closed"
    assert fresh(load).invoice_id is None


def test_generate_invoice_of_nothing_is_refused(cast):
    assert refusal(generate_invoice, actor=cast.bob, load=make_load(cast.alice, line_haul="0")) == "no_charges"


def test_generate_invoice_needs_a_rate_for_a_foreign_currency(cast):
    load = make_load(cast.alice, make_account(cast.alice, currency="EUR"))
    assert refusal(generate_invoice, actor=cast.bob, load=load) == "no_rate"


def test_regenerate_invoice_posts_exactly_the_difference(billed):
    take_off(billed)
    revision = regenerate_invoice(actor=billed.bob, load=billed.load)
    assert (revision.number, revision.total, revision.bad_debt) == (2, D(950), D(50))
    assert balances(billed.bob) == {"1200": D(950), "4000": D(-1000), "6100": D(50)}
    invoice = fresh(billed.invoice)
    assert (invoice.number, invoice.issue_date, invoice.due_date) == (
        billed.invoice.number, billed.invoice.issue_date, billed.invoice.due_date,
    )  # fmt: skip
    assert refusal(regenerate_invoice, actor=billed.bob, load=billed.load) == "total_unchanged"


def test_regenerate_invoice_is_refused_while_any_payment_exists(billed):
    take_off(billed)
    pay(billed.alice, billed.invoice, "0", reference="nothing")
    assert refusal(regenerate_invoice, actor=billed.bob, load=billed.load) == "payment_exists"


def test_regenerate_invoice_refuses_what_was_shown_before_a_change(billed):
    take_off(billed)
    assert refusal(regenerate_invoice, actor=billed.bob, load=billed.load, seen=billed.load.version) == "stale"


def test_regenerate_invoice_of_a_taxed_price_concession(cast):
    tax = TaxCode.objects.create(
        organization=cast.organization, code="VAT8", name="VAT 8", rate=D(8),
        gl_account=GLAccount.objects.of(cast.alice).get(code="2200"),
    )  # fmt: skip
    load = make_load(cast.alice, tax_code=tax)
    generate_invoice(actor=cast.bob, load=load)
    assert balances(cast.bob) == {"1200": D(1080), "2200": D(-80), "4000": D(-1000)}
    adjustment = make_type(cast.alice, "Balance Adjustment", "price_concession", tax_treatment="included")
    add_accessorial(actor=cast.bob, load=load, type=adjustment, entity="customer", amount=D(50))
    revision = regenerate_invoice(actor=cast.bob, load=load)
    assert (revision.total, revision.price_concession, revision.internal) == (D("1030.00"), D("50.00"), False)
    assert balances(cast.bob) == {
        "1200": D("1030.00"), "2200": D("-76.30"), "4000": D("-1000.00"), "4900": D("46.30"),
    }  # fmt: skip


def test_regenerate_invoice_keeps_bad_debt_in_the_house(billed):
    take_off(billed)
    assert regenerate_invoice(actor=billed.bob, load=billed.load).internal is True


def test_reissue_invoice_moves_only_between_accounts(billed):
    edit_load(actor=billed.bob, load=billed.load, origin="Boise")
    revision = reissue_invoice(actor=billed.bob, load=billed.load, reason="The route was missing")
    assert (revision.number, revision.total, revision.cause) == (2, D(1000), Revision.Cause.REISSUED)
    assert balances(billed.bob) == {"1200": D(1000), "4000": D(-1000)}


def test_reissue_invoice_needs_a_reason_and_a_change(billed):
    assert refusal(reissue_invoice, actor=billed.bob, load=billed.load, reason="x") == "nothing_changed"
    edit_load(actor=billed.bob, load=billed.load, origin="Boise")
    assert refusal(reissue_invoice, actor=billed.bob, load=billed.load, reason="  ") == "no_reason"


def test_void_invoice_takes_everything_back(billed):
    revision = void_invoice(actor=billed.bob, load=billed.load, reason="Entered twice")
    assert (revision.total, revision.cause) == (D(0), Revision.Cause.VOIDED)
    assert balances(billed.bob) == {}
    assert fresh(billed.invoice).voided_at is not None
    assert refusal(void_invoice, actor=billed.bob, load=billed.load, reason="again") == "void"
    assert refusal(regenerate_invoice, actor=billed.bob, load=billed.load) == "void"


@pytest.mark.parametrize("verb", ["regenerate", "void"])
def test_no_revision_is_posted_before_the_one_it_changes(billed, verb):
    take_off(billed)
    posted = billed.invoice.revisions.get().posting_date
    run = {"regenerate": regenerate_invoice, "void": void_invoice}[verb]
    given = {"actor": billed.bob, "load": billed.load, "reason": "Entered twice"}
    assert refusal(run, posting_date=posted - timedelta(days=1), **given) == "before_revision"
    assert run(posting_date=posted, **given).posting_date == posted


def test_void_invoice_of_an_invoice_posted_ahead_takes_its_day(cast):
    load, ahead = make_load(cast.alice), today(cast.bob.organization) + timedelta(days=40)
    generate_invoice(actor=cast.bob, load=load, issue_date=ahead)
    assert void_invoice(actor=cast.bob, load=load, reason="Entered twice").posting_date == ahead


def test_generate_invoice_that_the_agreement_could_not_hold_is_refused(cast):
    account = make_account(cast.alice)
    most = make_load(cast.alice, account, line_haul="999999999999999.99")
    generate_invoice(actor=cast.bob, load=most)
    assert refusal(generate_invoice, actor=cast.bob, load=make_load(cast.alice, account, line_haul="0.01")) == "too_big"


def test_void_invoice_is_refused_while_a_payment_exists(billed):
    pay(billed.alice, billed.invoice, "10")
    assert refusal(void_invoice, actor=billed.bob, load=billed.load, reason="x") == "payment_exists"


def test_generate_invoice_again_after_a_void_takes_a_new_number(billed):
    void_invoice(actor=billed.bob, load=billed.load, reason="Entered twice")
    again = generate_invoice(actor=billed.bob, load=billed.load)
    assert again.number == "INV-000002"
    assert balances(billed.bob) == {"1200": D(1000), "4000": D(-1000)}


def test_generate_invoice_of_nothing_is_refused_after_a_void_too(cast):
    load = make_load(cast.alice)
    generate_invoice(actor=cast.alice, load=load)
    void_invoice(actor=cast.alice, load=fresh(load), reason="Wrong customer")
    edit_load(actor=cast.alice, load=fresh(load), line_haul=D(0))
    assert refusal(generate_invoice, actor=cast.alice, load=fresh(load)) == "no_charges"


def test_send_invoice_marks_each_revision_once(billed):
    send_invoice(actor=billed.bob, load=billed.load)
    assert refusal(send_invoice, actor=billed.bob, load=billed.load) == "already_sent"
    take_off(billed)
    regenerate_invoice(actor=billed.bob, load=billed.load)
    assert refusal(send_invoice, actor=billed.bob, load=billed.load) == "internal"
    assert send_invoice(actor=billed.bob, load=billed.load, internal_too=True).sent_revision == 2


def test_edit_load_leaves_its_invoice_out_of_date(billed):
    edit_load(actor=billed.bob, load=billed.load, line_haul=D(800), reference="PO 1")
    load = fresh(billed.load)
    assert (load.charges_total, load.reference, load.version) == (D(900), "PO 1", billed.load.version + 1)
    assert Invoice.objects.get(pk=billed.invoice.pk).open_item.amount == D(1000)


def test_edit_load_never_below_zero(billed):
    take_off(billed, "-900")
    assert refusal(edit_load, actor=billed.bob, load=billed.load, line_haul=D(0)) == "negative_total"


def test_edit_load_never_beyond_what_an_invoice_can_hold(billed):
    add_accessorial(
        actor=billed.bob, load=billed.load, type=make_type(billed.alice, "Fuel", "charge"), entity="customer",
        amount=D("999999999998000"),
    )  # fmt: skip
    assert refusal(edit_load, actor=billed.bob, load=billed.load, line_haul=D("2000")) == "too_big"


@pytest.mark.parametrize("typed", ["50", "-50"])
def test_add_accessorial_of_an_adjustment_always_takes_off(billed, typed):
    assert take_off(billed, typed).amount == D(-50)
    assert fresh(billed.load).charges_total == D(950)


def test_add_accessorial_for_a_carrier_never_reaches_the_invoice(billed):
    lumper = make_type(billed.alice, "Lumper", "charge")
    lumper.entities = ["carrier"]
    lumper.save()
    add_accessorial(actor=billed.bob, load=billed.load, type=lumper, entity="carrier", amount=D(40))
    assert fresh(billed.load).charges_total == D(1000)


def test_add_accessorial_by_quantity_and_rate(billed):
    detention = make_type(billed.alice, "Detention", "charge")
    row = add_accessorial(
        actor=billed.bob, load=billed.load, type=detention, entity="customer", quantity=D("2.5"), rate=D("10.001")
    )
    assert row.amount == D("25.00")


def waiting(billed):
    """A reduction by Bob that exceeds his authority of 10.00."""
    AuthorityLimit.objects.create(
        organization=billed.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=D(10)
    )
    return take_off(billed)


def test_add_accessorial_beyond_authority_waits_and_is_no_charge(billed):
    row = waiting(billed)
    assert row.state == Accessorial.State.WAITING
    assert fresh(billed.load).charges_total == D(1000)
    assert refusal(regenerate_invoice, actor=billed.bob, load=billed.load) == "total_unchanged"


def test_add_accessorial_counts_once_it_is_approved(billed):
    row = waiting(billed)
    approve_request(actor=billed.alice, request=ApprovalRequest.objects.get())
    assert fresh(row).state == Accessorial.State.ACTIVE
    assert fresh(billed.load).charges_total == D(950)


def test_add_accessorial_that_is_rejected_stays_no_charge(billed):
    row = waiting(billed)
    reject_request(actor=billed.alice, request=ApprovalRequest.objects.get(), reason="Claim it from the carrier")
    assert fresh(row).state == Accessorial.State.REJECTED
    assert fresh(billed.load).charges_total == D(1000)


def test_change_accessorial_asks_anew_only_if_needed(billed):
    row = waiting(billed)
    changed = change_accessorial(actor=billed.bob, accessorial=row, amount=D(10))
    assert (changed.state, changed.amount) == (Accessorial.State.ACTIVE, D(-10))
    assert ApprovalRequest.objects.get().state == ApprovalRequest.State.WITHDRAWN
    assert fresh(billed.load).charges_total == D(990)


def test_change_accessorial_refuses_what_was_shown_before_a_change(billed):
    row = take_off(billed)
    change_accessorial(actor=billed.bob, accessorial=row, amount=D(40))
    assert refusal(change_accessorial, actor=billed.bob, accessorial=row, amount=D(30), seen=1) == "stale"


def test_remove_accessorial_brings_the_charges_back(billed):
    row = take_off(billed)
    remove_accessorial(actor=billed.bob, accessorial=row)
    assert fresh(billed.load).charges_total == D(1000)
    assert refusal(remove_accessorial, actor=billed.bob, accessorial=row) == "removed"


def test_remove_accessorial_never_leaves_a_reduction_alone(cast):
    cast.load = make_load(cast.alice, line_haul="0")
    fuel = make_type(cast.alice, "Fuel", "charge")
    row = add_accessorial(actor=cast.bob, load=cast.load, type=fuel, entity="customer", amount=D(100))
    take_off(cast, "-60")
    assert refusal(remove_accessorial, actor=cast.bob, accessorial=row) == "negative_total"


@pytest.mark.parametrize("who", ["cora", "audrey"])
def test_generate_invoice_and_all_other_verbs_need_their_permission(billed, who):
    actor = getattr(billed, who)
    row = take_off(billed)
    for call, arguments in (
        (generate_invoice, {"load": billed.load}),
        (regenerate_invoice, {"load": billed.load}),
        (reissue_invoice, {"load": billed.load, "reason": "x"}),
        (void_invoice, {"load": billed.load, "reason": "x"}),
        (send_invoice, {"load": billed.load}),
        (edit_load, {"load": billed.load, "origin": "x"}),
        (change_accessorial, {"accessorial": row, "amount": D(1)}),
        (remove_accessorial, {"accessorial": row}),
        (add_accessorial, {"load": billed.load, "type": row.type, "entity": "customer", "amount": D(1)}),
    ):
        with pytest.raises(NotPermitted):
            call(actor=actor, **arguments)
    assert Load.objects.get(pk=billed.load.pk).charges_total == D(950)

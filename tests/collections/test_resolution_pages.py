"""Resolving a short payment as it is clicked: typed, previewed, confirmed, undone; by role, twice, and too late."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from receivables.approvals.models import AuthorityLimit
from receivables.billing.models import Accessorial, Invoice
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice, void_invoice
from receivables.collections.models import Payment, Resolution
from receivables.collections.operations import delete_payment
from receivables.collections.resolution import resolve_short_payment, undo_resolution
from receivables.collections.resolution_outcome import carry_out
from receivables.core.errors import NotPermitted
from receivables.core.transactions import preview
from tests.builders import make_load, make_member, make_type, pay, seed_load
from tests.collections.support import item_of, refused
from tests.support.attack import snapshot
from tests.support.forms import own_fields

pytestmark = pytest.mark.django_db
D = Decimal
OF_THE_REDUCTION = {"type", "amount", "note", "zero_payment", "posting_date"}
NOTHING_TYPED = {"amount": None, "note": "", "reason": "", "posting_date": None, "seen": None}


@pytest.fixture
def tab(browser_of, biller):
    return browser_of(biller)


@pytest.fixture
def write_off(biller):
    return make_type(biller)


@pytest.fixture
def load(biller, write_off):
    """Invoice 1,000.00 of which 950.00 are paid."""
    load = seed_load(biller)
    pay(biller, generate_invoice(actor=biller, load=load), "950")
    return load


def page_of(load):
    return reverse("resolve_short_payment", args=[load.pk])


def step_of(load, step):
    return reverse("short_payment_step", args=[load.pk, step])


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def answered(tab, load, **typed):
    """Fill the first page in and send it; fields of the reduction are named without their form."""
    page = own_fields(tab.get(step_of(load, "what")).content.decode())
    sent = {f"resolve_short_payment-{name}" if name in OF_THE_REDUCTION else name: typed[name] for name in typed}
    return tab.post(step_of(load, "what"), {**page, **sent, "step": "check"})


def check(tab, load, **typed):
    """The second page."""
    response = answered(tab, load, **typed)
    assert (response.status_code, response.url) == (302, step_of(load, "check"))
    return tab.get(response.url)


def confirm(tab, load, checked):
    return tab.post(step_of(load, "check"), own_fields(checked.content.decode()))


def test_what_is_typed_is_previewed_and_changes_nothing(tab, load):
    before = snapshot()
    text = text_of(check(tab, load, note="Damaged carton"))
    assert snapshot() == before
    for said in (
        "Nothing has been changed yet.", "Take payment PMT-000001, 950.00 USD, off the invoice.",
        "Add Write-Off −50.00 USD.", "Regenerate invoice INV-000001 as revision 2: 950.00 USD.",
        "Put payment PMT-000001, 950.00 USD, back on", "Bad debt expense",
    ):  # fmt: skip
        assert said in text, said


def test_resolve_short_payment_is_done_by_sending_the_preview(tab, load):
    response = confirm(tab, load, check(tab, load))
    assert response.status_code == 302
    text = text_of(tab.get(response.url))
    assert "Done. The invoice and the payment are both 950.00 USD; balance 0.00 USD." in text
    assert "Short payment resolved" in text_of(tab.get(load.get_absolute_url()))
    item = item_of(Invoice.objects.get())
    assert (item.amount, item.balance, item.live_payments) == (950, 0, 1)


def test_the_preview_equals_the_outcome(biller, load, write_off):
    data = {**NOTHING_TYPED, "type": write_off}
    shown = preview(lambda: carry_out(biller, load, data))
    assert not Resolution.objects.exists()
    done = carry_out(biller, load, data)
    assert shown.digest() == done.digest()
    assert (done.before.balance, done.after.balance, done.after.revision) == (50, 0, 2)
    assert [(line.gl_account.code, line.amount) for line in done.lines] == [("1200", -50), ("6100", 50)]


def test_sent_twice_it_is_done_once(tab, load):
    page = check(tab, load)
    body = own_fields(page.content.decode())
    first, second = tab.post(step_of(load, "check"), body), tab.post(step_of(load, "check"), body)
    assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)
    assert Resolution.objects.count() == 1


def test_what_is_no_longer_as_it_was_shown_is_shown_again(biller, tab, load):
    page = check(tab, load, amount="20")
    delete_payment(actor=biller, payment=Payment.objects.get())
    response = confirm(tab, load, page)
    assert response.status_code == 409
    assert "We stopped and changed nothing" in text_of(response)
    assert not Resolution.objects.exists()


def test_back_keeps_what_was_typed(tab, load):
    check(tab, load, amount="20", note="Damaged carton", why="rate", details="They want 930")
    again = own_fields(tab.get(step_of(load, "what")).content.decode())
    assert (again["resolve_short_payment-amount"], again["resolve_short_payment-note"]) == ("20", "Damaged carton")
    assert (again["why"], again["details"]) == ("rate", "They want 930")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"amount": "50.01"}, "amount"),
        ({"amount": "x"}, "amount"),
        ({"type": ""}, "type"),
        ({"type": "0"}, "type"),
        ({"why": "weather"}, "why"),
        ({"outcome": "forget_it"}, "outcome"),
    ],
)
def test_resolve_short_payment_bad_input_stands_beside_its_field(tab, load, typed, field):
    before = snapshot()
    response = answered(tab, load, **typed)
    answers = response.context["answers"]
    errors = [*answers.why.errors, *answers.way.form.errors]
    assert (response.status_code, errors) == (422, [field])
    assert snapshot() == before


def test_only_adjustment_types_are_offered_and_a_missing_one_is_explained(tab, load, write_off):
    form = tab.get(step_of(load, "what")).context["answers"].way.form
    assert [str(each) for each in form.fields["type"].queryset] == ["Write-Off"]
    write_off.active = False
    write_off.save()
    assert "There is no write-off or adjustment type yet." in text_of(tab.get(step_of(load, "what")))


def test_charges_that_wait_need_no_type(biller, tab, load, write_off):
    add_accessorial(actor=biller, load=load, type=write_off, entity="customer", amount=D(50))
    response = confirm(tab, load, check(tab, load, type="", amount=""))
    assert response.status_code == 302
    assert item_of(Invoice.objects.get()).balance == 0


def test_beyond_ones_authority_it_waits(biller, tab, load, write_off):
    AuthorityLimit.objects.create(
        organization=biller.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=D(20)
    )
    make_member(biller.organization, Role.OPERATIONS_MANAGER, "Olga Manager")
    page = check(tab, load)
    assert "it goes to Olga Manager for approval" in text_of(page)
    response = confirm(tab, load, page)
    assert "Sent to Olga Manager." in text_of(tab.get(response.url))
    assert Accessorial.objects.get(type=write_off).state == Accessorial.State.WAITING
    assert item_of(Invoice.objects.get()).balance == 50
    again = refused(resolve_short_payment, actor=biller, load=load, type=write_off)
    assert again.code == "already_asked"


@pytest.mark.parametrize(
    ("role", "denied", "status"),
    [
        (Role.ADMIN, [], 200), (Role.BILLER, [], 200), (Role.BILLER, ["delete_payment"], 403),
        (Role.BILLER, ["accessorials"], 403), (Role.COLLECTOR, [], 403), (Role.AUDITOR, [], 403),
    ],
)  # fmt: skip
def test_resolve_short_payment_and_undo_resolution_need_both_bundles(
    biller, browser_of, load, write_off, role, denied, status
):
    other = make_member(biller.organization, role, "Olga Other", denied=denied)
    assert browser_of(other).get(step_of(load, "what")).status_code == status
    shown = "Resolve short payment" in text_of(browser_of(other).get(load.get_absolute_url()))
    assert shown is (status == 200)
    if status == 403:
        with pytest.raises(NotPermitted):
            resolve_short_payment(actor=other, load=load, type=write_off)
        resolution = resolve_short_payment(actor=biller, load=load, type=write_off)
        with pytest.raises(NotPermitted):
            undo_resolution(actor=other, resolution=resolution, reason="No")


def test_another_organizations_short_payment_is_not_found(biller, stranger, browser_of, load, write_off):
    resolution = resolve_short_payment(actor=biller, load=load, type=write_off)
    client = browser_of(stranger)
    steps = [step_of(load, step) for step in ("what", "check", "done")]
    for address in (page_of(load), *steps, reverse("undo_resolution", args=[resolution.pk])):
        assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)


def test_undo_resolution_from_the_load_wants_a_reason(biller, tab, load, write_off):
    resolution = resolve_short_payment(actor=biller, load=load, type=write_off)
    address = reverse("undo_resolution", args=[resolution.pk])
    assert address in text_of(tab.get(load.get_absolute_url()))
    page = own_fields(tab.get(address).content.decode())
    assert tab.post(address, {**page, "reason": " "}).status_code == 422
    response = tab.post(address, {**page, "reason": "They paid the rest"})
    text = text_of(tab.get(response.url))
    assert "Undone: 50.00 USD is back on invoice INV-000001." in text
    assert address not in text
    assert item_of(Invoice.objects.get()).balance == 50


def test_undo_resolution_is_refused_once_the_load_has_another_invoice(biller, write_off):
    """Also where the revisions of both happen to have the same number."""
    load = make_load(biller, line_haul="100")
    generate_invoice(actor=biller, load=load)
    resolution = resolve_short_payment(actor=biller, load=load, type=write_off, amount=Decimal(10))
    void_invoice(actor=biller, load=load, reason="Wrong customer")
    generate_invoice(actor=biller, load=load)
    charge = make_type(biller, "Detention", "charge")
    add_accessorial(actor=biller, load=load, type=charge, entity="customer", amount=Decimal(10))
    assert regenerate_invoice(actor=biller, load=load).number == resolution.revision_number
    assert refused(undo_resolution, actor=biller, resolution=resolution, reason="Paid").code == "not_newest"


def test_the_pages_ask_the_same_number_of_queries_however_many_payments(biller, tab, load):
    def count(address):
        tab.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert tab.get(address).status_code == 200
        return len(seen)

    addresses = [step_of(load, "what"), step_of(load, "done"), load.get_absolute_url()]
    before = [count(each) for each in addresses]
    for _each in range(4):
        pay(biller, Invoice.objects.get(), "1")
    assert [count(each) for each in addresses] == before

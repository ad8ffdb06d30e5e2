"""The pages of a short payment: drafts, evidence, two tabs, nothing received, and where the pages begin."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from receivables.billing.models import Invoice
from receivables.billing.operations import generate_invoice
from receivables.collections.models import Payment, Resolution, ShortPaymentDraft, ShortPaymentNote
from receivables.collections.resolution import resolve_short_payment
from receivables.collections.wizard.files import LIMIT, download
from tests.builders import make_load, make_member, make_type, pay
from tests.collections.support import item_of
from tests.collections.test_resolution_pages import answered, check, confirm, page_of, step_of, text_of
from tests.support.forms import own_fields

pytestmark = pytest.mark.django_db
D = Decimal
PDF = b"%PDF-1.7 a letter"


@pytest.fixture
def tab(browser_of, biller):
    return browser_of(biller)


@pytest.fixture
def load(biller):
    """Invoice 1,000.00 of which 950.00 are paid."""
    make_type(biller)
    load = make_load(biller)
    pay(biller, generate_invoice(actor=biller, load=load), "950")
    return load


def letter(content=PDF, name="letter.pdf"):
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_the_address_without_a_step_goes_on_to_the_first_with_what_a_link_suggests(tab, load):
    response = tab.get(page_of(load) + "?why=rate&resolve_short_payment-amount=20")
    assert response.url == step_of(load, "what") + "?why=rate&resolve_short_payment-amount=20"
    page = own_fields(tab.get(response.url).content.decode())
    assert (page["why"], page["resolve_short_payment-amount"]) == ("rate", "20")


def test_without_a_draft_there_is_nothing_to_check(tab, load):
    assert tab.get(step_of(load, "check")).url == step_of(load, "what")
    assert tab.get(step_of(load, "elsewhere")).status_code == 404
    response = tab.post(step_of(load, "check"), {"_key": "6a1e5b0e-7c6c-4a51-8d0a-0d2b1c3c4d5e"})
    assert response.status_code == 409
    assert "There is nothing to send here any more" in text_of(response)


@pytest.mark.parametrize("role", [Role.BILLER, Role.ADMIN])
def test_of_a_load_in_draft_every_way_says_that_it_has_no_invoice(biller, browser_of, role):
    write_off, load = make_type(biller), make_load(biller)
    tab = browser_of(make_member(biller.organization, role, "Dora"))
    page = tab.get(step_of(load, "what"))
    assert (page.status_code, "Generate the invoice first." in text_of(page)) == (200, True)
    for way in ("resolve_short_payment", "open_dispute", "request_write_off", "write_off_debt"):
        typed = {"why": "other", "outcome": way, f"{way}-amount": "10", "resolve_short_payment-type": write_off.pk}
        answer = tab.post(step_of(load, "what"), typed)
        assert (answer.status_code, "Generate the invoice first." in text_of(answer)) == (422, True), way
        tab.post(step_of(load, "what"), {**typed, "step": "leave"})
        assert tab.get(step_of(load, "check")).status_code == 200, way


def test_leaving_keeps_what_was_typed_also_what_is_wrong(biller, browser_of, tab, load):
    page = own_fields(tab.get(step_of(load, "what")).content.decode())
    typed = {**page, "resolve_short_payment-amount": "fifty", "details": "Ask Rita", "step": "leave"}
    response = tab.post(step_of(load, "what"), typed)
    assert response.url == load.get_absolute_url()
    assert "Draft kept until" in text_of(tab.get(response.url))
    again = own_fields(tab.get(step_of(load, "what")).content.decode())
    assert (again["resolve_short_payment-amount"], again["details"]) == ("fifty", "Ask Rita")
    other = browser_of(make_member(biller.organization, Role.BILLER, "Bea Biller"))
    assert "Ask Rita" not in text_of(other.get(step_of(load, "what"))), "a draft is its author's"
    tab.post(step_of(load, "what"), {"step": "discard"})
    assert not ShortPaymentDraft.objects.exists()


def test_a_draft_whose_time_is_over_is_gone(tab, load):
    check(tab, load, details="Ask Rita")
    ShortPaymentDraft.objects.update(kept_until=timezone.now())
    assert "Ask Rita" not in text_of(tab.get(step_of(load, "what")))


def test_why_and_evidence_are_kept_and_only_downloaded(tab, load):
    page = check(tab, load, why="damage", details="Two pallets wet", file=letter(name="../my letter.PDF"))
    assert "my letter.pdf" in text_of(page)
    done = text_of(tab.get(confirm(tab, load, page).url))
    note = ShortPaymentNote.objects.get()
    assert (note.why, note.outcome, note.short) == ("damage", "resolve_short_payment", 50)
    assert (note.file_name, bytes(note.content)) == ("my letter.pdf", PDF)
    assert not ShortPaymentDraft.objects.exists()
    for text in (done, text_of(tab.get(load.get_absolute_url())), text_of(tab.get(note.invoice.get_absolute_url()))):
        assert "Damaged or missing goods: <bdi>Two pallets wet</bdi>" in text
    response = tab.get(reverse("evidence", args=[note.pk]))
    assert response.content == PDF
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="my letter.pdf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert Resolution.objects.get().reason == "Damaged or missing goods: Two pallets wet"


@pytest.mark.parametrize(
    "file",
    [letter(b"<script>alert(1)</script>"), letter(b""), letter(b"MZ\x90"), letter(PDF + b"x" * LIMIT)],
    ids=["page", "empty", "program", "large"],
)
def test_other_files_are_refused_beside_their_field(tab, load, file):
    response = answered(tab, load, file=file)
    assert response.status_code == 422
    assert list(response.context["answers"].why.errors) == ["file"]
    assert not ShortPaymentDraft.objects.filter(content__isnull=False).exists()


def test_a_file_is_named_by_what_it_is():
    assert 'filename="a.png"' in download("a.png", b"").headers["Content-Disposition"]


def test_the_attached_file_can_be_removed(tab, load):
    check(tab, load, file=letter())
    assert "letter.pdf" in text_of(check(tab, load))
    assert "letter.pdf" not in text_of(check(tab, load, remove_file="on"))


def test_two_tabs_resolve_it_once(tab, load):
    first, second = check(tab, load), check(tab, load)
    assert confirm(tab, load, first).status_code == 302
    assert confirm(tab, load, second).status_code == 409
    assert Resolution.objects.count() == 1


def test_what_somebody_else_did_meanwhile_is_shown(biller, tab, load):
    page = check(tab, load)
    resolve_short_payment(actor=biller, load=load, type=make_type(biller, "Claim", "price_concession"))
    response = confirm(tab, load, page)
    text = text_of(response)
    assert response.status_code == 409
    assert "We stopped and changed nothing." in text
    assert "Nothing is short on this invoice" in text
    assert Resolution.objects.count() == 1


def test_nothing_received_is_written_off_whole_and_a_payment_of_zero_may_be_recorded(biller, tab):
    make_type(biller)
    load = make_load(biller)
    generate_invoice(actor=biller, load=load)
    assert "No payment is recorded on this invoice." in text_of(tab.get(step_of(load, "what")))
    half = answered(tab, load, amount="400", zero_payment="on")
    assert half.context["answers"].way.form.errors.keys() == {"zero_payment"}
    page = check(tab, load, zero_payment="on")
    assert "Record a payment of 0.00 USD." in text_of(page)
    assert confirm(tab, load, page).status_code == 302
    item = item_of(Invoice.objects.get())
    assert (item.amount, item.balance, item.live_payments) == (0, 0, 1)
    assert Payment.objects.get().amount == 0


def test_a_payment_of_zero_is_offered_only_where_nothing_was_received(tab, load):
    assert "zero_payment" not in text_of(tab.get(step_of(load, "what")))


def test_it_begins_on_the_load_the_invoice_and_the_payment(tab, load):
    invoice, payment = Invoice.objects.get(), Payment.objects.get()
    for page in (load, invoice, payment):
        assert f'href="{page_of(load)}"' in tab.get(page.get_absolute_url()).content.decode(), page


def test_it_is_not_offered_to_those_who_may_not(biller, browser_of, load):
    client = browser_of(make_member(biller.organization, Role.COLLECTOR, "Cora Collector"))
    for page in (load, Invoice.objects.get(), Payment.objects.get()):
        assert page_of(load) not in client.get(page.get_absolute_url()).content.decode(), page

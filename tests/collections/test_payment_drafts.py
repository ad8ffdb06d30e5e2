"""Drafts of the grid: kept by themselves while one types, resumed with the figures of now, gone once saved."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.assigning import drafts
from receivables.collections.models import Payment, PaymentDraft, PayOff
from tests.builders import balances, make_account, make_invoice, make_member, pay
from tests.collections.desk import Desk, text
from tests.collections.pay_offs import paid_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(biller):
    return make_account(biller)


@pytest.fixture
def invoice(biller, account):
    return make_invoice(biller, account, "130")


@pytest.fixture
def desk(browser_of, biller, account, invoice):
    return Desk(browser_of(biller), biller, account)


def typed(desk, invoice):
    return desk.type(invoice, applied="50.00", bad="7", amount="60.00", reference="CHQ 9").send("preview")


def test_typing_keeps_a_draft_and_posts_nothing(desk, invoice, biller):
    assert "Draft saved " in text(typed(desk, invoice))
    draft = PaymentDraft.objects.get()
    assert draft.data[f"applied_{invoice.pk}"] == "50.00"
    assert not {name for name in draft.data if name.startswith(("seen", "_", "csrf"))}
    desk.type(invoice, applied="51.00").send("preview")
    assert PaymentDraft.objects.get().data[f"applied_{invoice.pk}"] == "51.00"
    assert not Payment.objects.exists()


def test_nothing_typed_is_no_draft(desk):
    assert "Draft saved" not in text(desk.send("preview"))
    assert not PaymentDraft.objects.exists()


def test_it_is_offered_and_resumed_with_the_figures_of_now(desk, invoice, biller):
    typed(desk, invoice)
    pay(biller, invoice, "100")
    page = text(desk.browser.get(desk.url))
    assert "A draft of yours is kept." in page
    assert "Your drafts" in text(desk.browser.get(reverse("new_payment")))
    desk.page = desk.browser.get(PaymentDraft.objects.get().get_absolute_url())
    desk.keep()
    row = desk.page.context["grid"].rows[0]
    assert (row.typed.applied, row.typed.bad_debt) == ("50.00", "7")
    assert "is bigger than the invoice balance (30.00 USD)" in text(desk.page)
    assert "CHQ 9" in text(desk.page)
    assert desk.type(invoice, applied="30", bad="").send("save").status_code == 302
    assert not PaymentDraft.objects.exists()
    assert balances(biller)["1000"] == 160


def test_what_is_to_be_recovered_is_kept_too(desk, biller, account):
    given = make_invoice(biller, account, "130")
    paid_off(biller, given, "100")
    name = f"recover_s{PayOff.objects.get().allocation_id}"
    desk.type(amount="60.00", **{name: "12.50", "recover_" + "x" * 99: "1"}).send("preview")
    draft = PaymentDraft.objects.get()
    assert [key for key in draft.data if key.startswith("recover")] == [name]
    assert 'value="12.50"' in text(desk.browser.get(draft.get_absolute_url()))


def test_it_is_thrown_away(desk, invoice):
    typed(desk, invoice)
    assert desk.browser.post(desk.url, {"step": "discard"}).status_code == 302
    assert not PaymentDraft.objects.exists()


def test_it_stays_when_the_save_is_refused(desk, invoice):
    typed(desk, invoice)
    desk.type(invoice, applied="500", amount="500").send("save")
    assert PaymentDraft.objects.count() == 1


def test_it_is_nobody_elses(desk, invoice, biller, account, browser_of, stranger):
    typed(desk, invoice)
    other = make_member(biller.organization, Role.BILLER, "Ben Biller")
    for member in (other, stranger):
        assert not drafts.drafts_of(member).exists()
    assert "A draft of yours" not in text(browser_of(other).get(desk.url))
    assert browser_of(stranger).get(f"{desk.url}?draft=1").status_code == 404


def test_nothing_but_fields_of_the_page_is_kept(desk, invoice, biller, account):
    desk.browser.post(desk.url, {**desk.data, "step": "preview", "amount": "5", "evil": "x", "applied_x": "1"})
    assert set(PaymentDraft.objects.get().data) == {"amount", "date", "method", "bank_account", "reference"}

"""Pages of credit notes: typed, previewed, issued and reversed as each role, and as somebody from elsewhere."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.billing.credit_notes.documents import credit_note_html
from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import issue_credit_note, reverse_credit_note
from tests.billing.conftest import browser
from tests.billing.credit_notes import credit, reason_of, tax_code
from tests.builders import make_account, make_invoice
from tests.collections.support import fresh
from tests.support.attack import snapshot
from tests.support.forms import own_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(cast):
    return make_account(cast.alice)


@pytest.fixture
def invoice(cast, account):
    return make_invoice(cast.alice, account, "1000", tax_code=tax_code(cast.alice, "8"))


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def form_of(account, query=""):
    return reverse("issue_credit_note", args=[account.pk]) + query


def fields(tab, account, **typed):
    return {**own_fields(tab.get(form_of(account)).content.decode()), **typed}


def test_issue_credit_note_typed_checked_and_done_once(cast, account, invoice):
    tab, second = browser(cast.bob), make_invoice(cast.alice, account, "400")
    typed = fields(
        tab, account, reason=reason_of(cast.bob, "price_concession").pk, text="Agreed by phone",
        **{f"amount_{invoice.pk}": "50", f"amount_{second.pk}": "20.00"},
    )  # fmt: skip
    before = snapshot()
    checked = text_of(tab.post(form_of(account), typed))
    assert "Nothing has been changed yet." in checked
    assert "1,030.00 USD" in checked
    assert "3.70 USD" in checked
    assert snapshot() == before

    done = tab.post(form_of(account), {**typed, "step": "confirm"}, follow=True)
    assert "Credit note CN-000001 over 70.00 USD was issued." in text_of(done)
    assert (fresh(invoice).open_item.balance, fresh(second).open_item.balance) == (1030, 380)
    tab.post(form_of(account), {**typed, "step": "confirm"})
    assert CreditNote.objects.count() == 1


def test_the_form_from_an_invoice_holds_all_that_is_open_on_it(cast, account, invoice):
    page = browser(cast.bob).get(form_of(account, f"?invoice={invoice.pk}")).content.decode()
    assert re.search(rf'name="amount_{invoice.pk}"[^>]*value="1080.00"', page)
    linked = browser(cast.bob).get(invoice.get_absolute_url()).content.decode()
    assert f"{form_of(account)}?invoice={invoice.pk}" in linked
    dialog = browser(cast.bob).get(reverse("add_accessorial", args=[invoice.loads.get().pk])).content.decode()
    assert f"{form_of(account)}?invoice={invoice.pk}" in dialog


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("1080.01", "Only 1,080.00 USD is open on invoice"),
        ("", "Enter an amount on at least one invoice."),
        ("-1", "Enter 0.00 USD or more."),
        ("ten", "Amount on INV-000001"),
        ("1.001", "Amount on INV-000001"),
    ],
)
def test_issue_credit_note_refused_beside_its_field(cast, account, invoice, amount, said):
    tab = browser(cast.bob)
    reason = reason_of(cast.bob, "bad_debt").pk
    answer = tab.post(form_of(account), fields(tab, account, reason=reason, **{f"amount_{invoice.pk}": amount}))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not CreditNote.objects.exists()


def test_issue_credit_note_beyond_authority_says_where_it_goes(cast, account, invoice):
    AuthorityLimit.objects.create(
        organization=cast.organization, role="biller", kind="bad_debt", currency="USD", maximum=10
    )
    tab = browser(cast.bob)
    typed = fields(tab, account, reason=reason_of(cast.bob, "bad_debt").pk, **{f"amount_{invoice.pk}": "50"})
    assert "it goes to Alice Owner for approval" in text_of(tab.post(form_of(account), typed))
    done = tab.post(form_of(account), {**typed, "step": "confirm"}, follow=True)
    assert "Sent to Alice Owner" in text_of(done)
    asked = ApprovalRequest.objects.get()
    shown = text_of(browser(cast.alice).get(asked.get_absolute_url()))
    assert f"50.00 USD is taken off invoice {invoice.number}; 1,030.00 USD stays open on it." in shown


def test_who_decides_a_credit_note_sees_every_invoice_and_the_way_to_it(cast, account, invoice):
    AuthorityLimit.objects.create(
        organization=cast.organization, role="biller", kind="bad_debt", currency="USD", maximum=10
    )
    second, reason = make_invoice(cast.alice, account, "400"), reason_of(cast.bob, "bad_debt")
    asked = issue_credit_note(
        actor=cast.bob, account=account, reason=reason, parts=[(invoice, Decimal(50)), (second, Decimal(20))]
    )
    page = browser(cast.alice).get(asked.get_absolute_url()).content.decode()
    for each in (invoice, second, account):
        assert f'<a href="{each.get_absolute_url()}">' in page


def test_the_total_is_added_up_while_one_types(cast, account, invoice):
    second = make_invoice(cast.alice, account, "400")
    address = reverse("credit_note_total", args=[account.pk])
    tab = browser(cast.bob)
    answer = text_of(tab.get(address, {f"amount_{invoice.pk}": "50", f"amount_{second.pk}": "20"}))
    assert "70.00 USD" in answer
    assert "Enter an amount" in text_of(tab.get(address, {f"amount_{invoice.pk}": "x"}))


def test_a_credit_note_its_lists_its_search_and_its_paper(cast, account, invoice):
    note = credit(cast.alice, invoice, "50", kind="price_concession", text="Rate as quoted")
    tab = browser(cast.audrey)
    page = text_of(tab.get(note.get_absolute_url()))
    assert "46.30" in page
    assert "4900 Price concessions" in page
    assert "Reverse credit note" not in page
    assert note.number in text_of(tab.get(reverse("credit_notes"), {"q": invoice.number}))
    assert note.number not in text_of(tab.get(reverse("credit_notes"), {"view": "reversed"}))
    assert note.number in text_of(tab.get(invoice.get_absolute_url()))
    assert note.number in text_of(tab.get(account.get_absolute_url()))
    assert tab.get(reverse("search"), {"q": note.number.lower()}).url == note.get_absolute_url()
    export = tab.get(reverse("credit_notes"), {"export": "csv"}).getvalue().decode()
    assert note.number in export
    paper = credit_note_html(note)
    assert f"<bdi>{invoice.number}</bdi>" in paper
    assert "3.70" in paper
    answer = tab.get(reverse("credit_note_pdf", args=[note.pk]))
    assert answer.status_code in (200, 503), "503 where the system libraries are missing"


def test_a_reason_that_is_renamed_changes_no_credit_note(cast, account, invoice):
    note, tab = credit(cast.alice, invoice, "50", kind="price_concession"), browser(cast.audrey)
    Reason.objects.of(cast.alice).filter(kind="price_concession").update(name="Goodwill")
    assert "<bdi>Price concession</bdi>" in credit_note_html(CreditNote.objects.get(pk=note.pk))
    for address in (note.get_absolute_url(), invoice.get_absolute_url()):
        assert "<bdi>Price concession</bdi>" in text_of(tab.get(address))
    export = tab.get(reverse("credit_notes"), {"export": "csv"}).getvalue().decode()
    assert ",Price concession," in export


def test_reverse_credit_note_says_what_it_will_do(cast, account, invoice):
    note = credit(cast.alice, invoice, "50")
    tab, address = browser(cast.bob), reverse("reverse_credit_note", args=[note.pk])
    page = tab.get(address)
    assert "its balance goes from 1,030.00 USD to 1,080.00 USD" in text_of(page)
    typed = {**own_fields(page.content.decode()), "reason": "Wrong customer"}
    assert "was reversed" in text_of(tab.post(address, typed, follow=True))
    assert fresh(invoice).open_item.balance == 1080
    again = tab.post(address, {**own_fields(tab.get(address).content.decode()), "reason": "Again"})
    assert again.status_code == 422
    assert "was already reversed" in text_of(again)


def test_issue_and_reverse_credit_note_as_others(cast, account, invoice):
    note = credit(cast.alice, invoice, "50")
    pages = [form_of(account), reverse("reverse_credit_note", args=[note.pk])]
    for person, status in ((cast.cora, 403), (cast.audrey, 403), (cast.ray, 404)):
        tab = browser(person)
        assert [tab.get(page).status_code for page in pages] == [status, status]
        assert [tab.post(page, {}).status_code for page in pages] == [status, status]
    elsewhere = browser(cast.ray)
    assert elsewhere.get(note.get_absolute_url()).status_code == 404
    assert elsewhere.get(reverse("credit_note_pdf", args=[note.pk])).status_code == 404
    assert note.number not in text_of(elsewhere.get(reverse("credit_notes")))


def test_without_a_reason_the_form_says_whom_to_ask(cast, account, invoice):
    Reason.objects.of(cast.alice).update(active=False)
    assert "Ask Alice Owner." in text_of(browser(cast.bob).get(form_of(account)))


def test_the_invoice_list_tells_credited_from_written_off(cast, account):
    lost, conceded = make_invoice(cast.alice, account, "10"), make_invoice(cast.alice, account, "20")
    credit(cast.alice, lost, "10")
    note = credit(cast.alice, conceded, "20", kind="price_concession")
    tab = browser(cast.bob)
    written_off = text_of(tab.get(reverse("invoices"), {"status": "settled_written_off"}))
    paid = text_of(tab.get(reverse("invoices"), {"status": "paid"}))
    assert (lost.number in written_off, conceded.number in written_off) == (True, False)
    assert (lost.number in paid, conceded.number in paid) == (False, True)
    reverse_credit_note(actor=cast.alice, credit_note=note, reason="Not agreed")
    assert conceded.number not in text_of(tab.get(reverse("invoices"), {"status": "paid"}))

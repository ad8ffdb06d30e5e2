"""The page "Collections and assignments": what it shows, fills, previews and posts, for whom, and what it refuses."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.models import CreditNote, LoadShare
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.collections.assigning import grid
from receivables.collections.models import Payment
from tests.builders import make_account, make_invoice, make_load, make_member, pay
from tests.collections.desk import Desk, text
from tests.collections.pay_offs import limited, second_account
from tests.collections.support import bank_in, fresh, item_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(biller):
    return make_account(biller)


@pytest.fixture
def desk(browser_of, biller, account):
    make_invoice(biller, account, "130")
    make_invoice(biller, account, "500")
    return Desk(browser_of(biller), biller, account)


@pytest.fixture
def invoices(desk):
    return [row.invoice for row in desk.page.context["grid"].rows]


REFUSED = "This invoice can't be paid off: the pending balance of 80.00 USD exceeds the pay off limit of 50.00 USD."


def test_the_published_refusal_posts_nothing_and_is_repaired_by_one_click(desk, invoices, biller):
    limited(biller, "50")
    desk.send("recompute")
    desk.type(invoices[0], applied="50", pay="1", amount="50.00")
    answer = desk.send("save")
    assert answer.status_code == 422
    assert REFUSED in text(answer)
    assert "Fix the 1 marked row first." in text(answer)
    assert not Payment.objects.exists()
    desk.send("save", leave_open=invoices[0].pk)
    assert desk.send("save").status_code == 302
    assert (item_of(invoices[0]).balance, CreditNote.objects.count()) == (80, 0)


def test_within_the_limit_it_is_saved_with_its_credit_note(desk, invoices, biller):
    limited(biller, "80")
    desk.send("recompute")
    desk.type(invoices[0], applied="50", pay="1", amount="70.00")
    answer = desk.browser.post(desk.url, {**desk.data, "step": "save"}, follow=True)
    said = str(next(iter(answer.context["messages"]))).replace("\u00a0", " ")
    assert said.endswith("20.00 USD stays on account for Acme Foods. 80.00 USD was recorded as bad debt.")
    assert (item_of(invoices[0]).balance, CreditNote.objects.get().total) == (0, 80)
    assert item_of(Payment.objects.get()).balance == -20


def test_too_much_is_refused_and_one_click_applies_what_is_owed(desk, invoices):
    desk.type(invoices[0], applied="150", amount="150.00")
    assert "The amount to apply (150.00 USD) is bigger than the invoice balance (130.00 USD)." in text(
        desk.send("save")
    )
    assert "Apply 130.00 USD, keep the rest on account" in text(desk.page)
    desk.send("save", repair=invoices[0].pk)
    assert desk.applied()[0] == "130.00"
    desk.send("save")
    assert item_of(Payment.objects.get()).balance == -20


def test_the_preview_answers_with_cells_alone_and_says_the_row_aloud(desk, invoices, biller):
    limited(biller, "80")
    desk.send("recompute")
    answer = desk.type(invoices[0], applied="50", pay="1", amount="50").send("preview", row=f"row-{invoices[0].pk}")
    shown = text(answer)
    assert "<input" not in shown
    assert f'id="new-{invoices[0].pk}"' in shown
    assert f'id="new-{invoices[1].pk}"' not in shown, "a row that nobody touched is not sent"
    assert "80.00 USD will be recorded as bad debt and the invoice paid off." in shown
    assert "80.00 USD will be recorded as bad debt" in answer["HX-Trigger"].encode().decode("unicode_escape").replace(
        "\u00a0", " "
    )
    assert not Payment.objects.exists()
    blank = desk.type(invoices[0], applied="").type(invoices[0], bad="")
    blank.data.pop(f"pay_{invoices[0].pk}")
    assert f'id="new-{invoices[0].pk}"' in text(blank.send("preview", row=f"row-{invoices[0].pk}"))


@pytest.mark.parametrize(
    ("step", "amount", "applied"),
    [
        ("oldest", "100.00", ["100.00", ""]),
        ("oldest", "200.00", ["130.00", "70.00"]),
        ("oldest", "900.00", ["130.00", "500.00"]),
        ("oldest", "", ["", ""]),
        ("exact", "500.00", ["", "500.00"]),
        ("exact", "630.00", ["130.00", "500.00"]),
        ("exact", "100.00", ["", ""]),
        ("clear", "100.00", ["", ""]),
        ("recompute", "100.00", ["7", ""]),
    ],
)
def test_the_buttons_fill_and_post_nothing(desk, invoices, step, amount, applied):
    assert desk.type(invoices[0], applied="7", amount=amount).send(step).status_code == 200
    assert desk.applied() == applied
    assert not Payment.objects.exists()


def test_what_is_applied_beyond_what_came_in_is_refused(desk, invoices):
    desk.type(invoices[0], applied="130", amount="100.00")
    assert "You applied 130.00 USD, but received 100.00 USD. Take 30.00 USD off." in text(desk.send("recompute"))
    assert desk.send("save").status_code == 422
    assert not Payment.objects.exists()


def test_what_cannot_be_read_is_marked_and_kept_as_typed(desk, invoices):
    answer = desk.type(invoices[0], applied="1,2,3", amount="100.00").send("save")
    assert answer.status_code == 422
    assert desk.applied()[0] == "1,2,3"
    assert "could mean more than one thing" in text(answer)


def test_an_invoice_that_moved_since_it_was_shown_is_409_marked_and_shown_anew(desk, invoices, biller):
    pay(biller, invoices[0], "30", date=date(2026, 11, 22))
    desk.type(invoices[0], applied="100", amount="100.00")
    answer = desk.send("save")
    assert answer.status_code == 409
    assert f"{biller.name} changed invoice {invoices[0].number} while you were working." in text(answer)
    assert Payment.objects.count() == 1
    assert desk.send("save").status_code == 302
    assert item_of(invoices[0]).balance == 0


def test_a_limit_that_was_changed_since_it_was_shown_is_409_and_says_so(desk, invoices, biller):
    limited(biller, "50")
    desk.type(invoices[0], applied="100", pay="1", amount="100.00")
    answer = desk.send("save")
    assert answer.status_code == 409
    assert "The pay-off limit was changed while you were working." in text(answer)
    assert not Payment.objects.exists()
    assert desk.send("save").status_code == 302


@pytest.mark.parametrize(
    ("amount", "typed", "applied"),
    [("100.00", "", "100.00"), ("900.00", "", "130.00"), ("", "", None), ("0", "", None), ("100.00", "7", None)],
)
def test_ticking_pay_bill_fills_what_is_empty(desk, invoices, amount, typed, applied):
    """The smaller of the balance and what is left of the money; never a field that holds something."""
    pk = invoices[0].pk
    answer = desk.type(invoices[0], applied=typed, pay="1", amount=amount).send("preview", row=f"pay-{pk}")
    shown = text(answer)
    assert ("<input" in shown) is (applied is not None)
    if applied:
        assert f'id="applied-{pk}" hx-swap-oob="true" value="{applied}"' in shown
        assert "Paid in full." in shown or "30.00 USD will be recorded as bad debt" in shown
    typing = desk.send("preview", row=f"row-{pk}")
    assert "<input" not in text(typing), "a field that a person is typing in is not filled"
    desk.send("recompute")
    assert desk.applied()[0] == (applied or typed)


def test_what_the_first_row_takes_is_not_there_for_the_next(desk, invoices):
    desk.type(invoices[0], applied="100", amount="300.00").type(invoices[1], pay="1")
    shown = text(desk.send("preview", row=f"pay-{invoices[1].pk}"))
    assert f'id="applied-{invoices[1].pk}" hx-swap-oob="true" value="200.00"' in shown


def test_the_invoices_of_the_customers_other_accounts_come_after_its_own(desk, biller, account, invoices):
    branch = second_account(biller, account)
    theirs = make_invoice(biller, branch, "75")
    stranger = make_invoice(biller, make_account(biller, "Other Foods"), "75")
    desk.send("recompute")
    assert [row.invoice for row in desk.page.context["grid"].rows] == [*invoices, theirs]
    assert branch.number in text(desk.page)
    desk.type(amount="900.00").send("oldest")
    assert desk.applied() == ["130.00", "500.00", ""]
    desk.type(theirs, applied="70", pay="1").data.update({f"applied_{stranger.pk}": "75", f"seen_{stranger.pk}": "x"})
    assert desk.send("save").status_code == 302
    payment = Payment.objects.get()
    assert [item_of(each).balance for each in (theirs, stranger, payment)] == [0, 75, -200]
    assert payment.pay_offs.get().credit_note.account == branch


def test_short_on_one_load_of_a_summary_invoice(desk, biller, account):
    loads = [make_load(biller, account, amount) for amount in ("1000", "2000", "500")]
    invoice = generate_summary_invoice(actor=biller, loads=loads)
    desk.send("recompute")
    assert text(desk.page).count("Short on load") == 1, "only where there are several loads"
    desk.type(invoice, applied="1400", amount="3400.00").data[f"short_{invoice.pk}"] = str(loads[1].pk)
    assert "more than load" in text(desk.send("save"))
    assert not Payment.objects.exists()
    answer = desk.type(invoice, applied="3400", pay="1").send("preview", row=f"short-{invoice.pk}")
    assert "100.00 USD will be recorded as bad debt" in text(answer)
    assert desk.send("save").status_code == 302
    said = LoadShare.objects.order_by("pk").values_list("load_id", "amount")
    assert list(said) == [(loads[0].pk, 1000), (loads[1].pk, 1900), (loads[2].pk, 500), (loads[1].pk, 100)]


def test_a_form_sent_twice_is_one_payment(desk, invoices):
    desk.type(invoices[0], applied="100", amount="100.00")
    first, second = (desk.browser.post(desk.url, {**desk.data, "step": "save"}) for _twice in range(2))
    assert first.url == second.url
    assert Payment.objects.count() == 1


def test_several_invoices_and_bad_debt_by_hand(desk, invoices):
    desk.type(invoices[0], applied="100", pay="1", amount="600.00").type(invoices[1], applied="400", bad="50")
    assert desk.send("save").status_code == 302
    assert [item_of(each).balance for each in invoices] == [0, 50]
    assert [each.amount for each in Payment.objects.get().pay_offs.order_by("pk")] == [30, 50]


def test_the_filter_keeps_what_is_typed_and_the_bound_says_so(desk, invoices, monkeypatch):
    desk.type(invoices[0], applied="10", find=invoices[1].number).send("filter")
    assert [row.invoice for row in desk.page.context["grid"].rows] == invoices
    desk.type(invoices[0], applied="").send("filter")
    assert [row.invoice for row in desk.page.context["grid"].rows] == [invoices[1]]
    monkeypatch.setattr(grid, "SHOWN", 1)
    desk.type(find="").send("filter")
    assert "1 more invoice is open that is not shown." in text(desk.page)


def test_another_bank_account_shows_the_invoices_of_its_currency(desk, biller):
    yen = bank_in(biller, "JPY")
    desk.type(bank_account=yen.pk).send("recompute")
    assert desk.page.context["grid"].rows == []
    assert "Nothing is open in this currency" in text(desk.page)


@pytest.mark.parametrize(
    ("role", "page", "gives"),
    [(Role.BILLER, 200, True), (Role.COLLECTOR, 200, False), (Role.AUDITOR, 403, False), (Role.ADMIN, 200, True)],
)
def test_by_role(browser_of, biller, account, role, page, gives):
    invoice = make_invoice(biller, account, "130")
    member = make_member(biller.organization, role)
    answer = browser_of(member).get(reverse("payment_on_account", args=[account.pk]))
    assert answer.status_code == page
    assert ("Pay bill?" in text(answer)) is gives
    if page == 200:
        desk = Desk(browser_of(member), member, account)
        desk.type(invoice, applied="100", pay="1", amount="100.00")
        assert desk.send("save").status_code == (302 if gives else 403)
        assert item_of(fresh(invoice)).balance == (0 if gives else D(130))


def test_another_organizations_account_and_invoices_do_not_exist(browser_of, stranger, desk, invoices):
    assert browser_of(stranger).get(desk.url).status_code == 404
    own = Desk(browser_of(stranger), stranger, make_account(stranger))
    own.type(invoices[0], applied="100", amount="100.00")
    own.data[f"seen_{invoices[0].pk}"] = "x"
    own.send("save")
    assert item_of(invoices[0]).balance == 130


@pytest.mark.parametrize(("role", "shown"), [(Role.BILLER, True), (Role.COLLECTOR, True), (Role.AUDITOR, False)])
def test_the_page_of_an_account_leads_here_for_those_who_may(browser_of, biller, account, role, shown):
    member = make_member(biller.organization, role, f"One {role}")
    page = browser_of(member).get(account.get_absolute_url()).content.decode()
    assert (reverse("payment_on_account", args=[account.pk]) in page) == shown


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", ["Cobros y asignaciones", "¿Pagar factura?"]), ("ar", ["التحصيلات والتخصيصات", 'dir="rtl"'])],
)
def test_the_page_in_the_language_of_its_reader(desk, biller, invoices, language, said):
    """Amounts and numbers are isolated, so that they read from left to right within Arabic."""
    biller.user.language = language
    biller.user.save(update_fields=["language"])
    desk.type(invoices[0], applied="50", amount="50.00")
    shown = text(desk.send("recompute"))
    assert [each for each in said if each not in shown] == []
    assert f'lang="{language}"' in shown
    assert '<bdi class="amount">130.00</bdi>' in shown

"""The pages of recoveries: what they offer and to whom, what they show beforehand, what they refuse beside a row."""

import re
from decimal import Decimal as D
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.models import BankAccount, Payment, Recovery
from receivables.collections.operations import delete_payment
from receivables.collections.recoveries.panels import recovery_link
from tests.builders import make_invoice, make_member
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import losses, on_account, recover
from tests.collections.support import form, item_of

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def invoice(biller):
    found = make_invoice(biller)
    paid_off(biller, found, "950")
    return found


@pytest.fixture
def tab(browser_of, biller):
    return browser_of(biller)


def field(invoice):
    return f"recover_{losses(invoice)[0].key}"


class TestOfAPayment:
    def typed(self, invoice, amount, step="", **more):
        return {"_key": str(uuid4()), "posting_date": "", "note": "", "step": step, field(invoice): amount, **more}

    def test_recover_bad_debt_is_offered_where_there_is_some(self, tab, biller, invoice):
        money = on_account(biller, invoice.account, "60")
        url = reverse("recover_bad_debt", args=[money.pk])
        assert url in text_of(tab.get(money.get_absolute_url()))
        page = tab.get(url)
        assert [row.value for row in page.context["form"].rows()] == ["50.00"]
        recover(biller, invoice, "50", money=money)
        assert url not in text_of(tab.get(money.get_absolute_url()))
        assert "has no bad debt in USD that could be recovered" in text_of(tab.get(url))

    def test_checked_then_recovered(self, tab, biller, invoice):
        money = on_account(biller, invoice.account, "60")
        url = reverse("recover_bad_debt", args=[money.pk])
        said = text_of(tab.post(url, self.typed(invoice, "30.00")))
        assert not Recovery.objects.exists(), "nothing is posted before it is confirmed"
        for sentence in (
            "Nothing has been changed yet.", "30.00 USD of its bad debt is recovered, 20.00 USD is not.",
            f"30.00 USD of payment {money.number} stays on account.", "6100 Bad debt expense",
        ):  # fmt: skip
            assert sentence in said
        answer = tab.post(url, self.typed(invoice, "30.00", step="confirm"), follow=True)
        assert f"30.00 USD of bad debt was recovered on {invoice.number}." in text_of(answer)
        assert item_of(money).balance == -30

    @pytest.mark.parametrize("step", ["", "confirm"])
    def test_a_refusal_stands_beside_its_row(self, tab, biller, invoice, step):
        money = on_account(biller, invoice.account, "60")
        page = tab.post(reverse("recover_bad_debt", args=[money.pk]), self.typed(invoice, "50.01", step=step))
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [field(invoice)]

    def test_what_was_recovered_or_taken_back_meanwhile_is_not_passed_over(self, tab, biller, invoice):
        other = make_invoice(biller, invoice.account, "100")
        given = paid_off(biller, other, "80")
        money = on_account(biller, invoice.account, "60")
        typed = self.typed(invoice, "30.00", step="confirm", **{field(other): "20.00"})
        url = reverse("recover_bad_debt", args=[money.pk])
        recover(biller, other, "20")
        page = tab.post(url, typed)
        assert list(page.context["form"].errors) == [f"recover_{losses(other)[0].key}"]
        delete_payment(actor=biller, payment=given)
        page = tab.post(url, typed)
        assert page.status_code == 422
        assert f"The bad debt on invoice {other.number} was taken back meanwhile" in text_of(page)
        assert item_of(money).balance == -60


class TestWithFreshMoney:
    """The section of "Collections and assignments"."""

    def save(self, tab, invoice, amount, recovered, name="", **more):
        url = reverse("payment_on_account", args=[invoice.account_id])
        bank = BankAccount.objects.get(organization=invoice.organization_id)
        typed = form(amount=amount, bank_account=bank.pk, step="save", **{name or field(invoice): recovered}, **more)
        return tab.post(url, typed, follow=True)

    def test_the_link_of_an_invoice_fills_the_form(self, tab, biller, invoice):
        link = recovery_link(biller, losses(invoice)[0], BankAccount.objects.of(biller).get().pk)
        assert link.replace("&", "&amp;") in text_of(tab.get(invoice.get_absolute_url()))
        page = tab.get(link)
        assert page.context["form"]["amount"].value() == "50.00"
        assert [row.value for row in page.context["grid"].recoverable.rows] == ["50.00"]
        assert page.context["grid"].totals.left == 0

    def test_recover_bad_debt_with_one_save(self, tab, invoice):
        page = self.save(tab, invoice, "60.00", "50.00")
        said = text_of(page)
        assert f"50.00 USD of bad debt was recovered on {invoice.number}." in said
        assert "10.00 USD stays on account" in said
        assert Recovery.objects.get().payment == Payment.objects.order_by("-pk")[0]

    @pytest.mark.parametrize(
        ("recovered", "sentence"),
        [
            ("50.01", "Only 50.00 USD of the bad debt"),
            ("abc", "Fix the marked recovery first."),
            ("-1", "Enter an amount above zero"),
        ],
    )
    def test_what_is_wrong_stands_beside_its_row_and_nothing_is_saved(self, tab, invoice, recovered, sentence):
        page = self.save(tab, invoice, "60.00", recovered)
        assert page.status_code == 422
        assert sentence in text_of(page)
        [row] = page.context["grid"].recoverable.rows
        assert row.errors
        assert Payment.objects.count() == 1

    def test_what_was_recovered_or_taken_back_meanwhile_is_not_passed_over(self, tab, biller, invoice):
        name = field(invoice)
        recover(biller, invoice, "50")
        page = self.save(tab, invoice, "60.00", "50.00")
        assert (page.status_code, Payment.objects.count()) == (422, 2)
        assert "Only 0.00 USD of the bad debt" in text_of(page)
        delete_payment(actor=biller, payment=Payment.objects.order_by("pk")[0])
        answer = self.save(tab, invoice, "60.00", "50.00", name)
        assert answer.status_code == 422
        assert "was taken back meanwhile" in text_of(answer)

    def test_more_than_came(self, tab, invoice):
        page = self.save(tab, invoice, "40.00", "50.00")
        assert page.status_code == 422
        assert Payment.objects.count() == 1

    def test_one_who_may_not_recover_is_not_offered_it(self, browser_of, biller, invoice):
        member = make_member(biller.organization, Role.COLLECTOR, "Carl", denied=["recover_bad_debt"])
        tab = browser_of(member)
        page = tab.get(reverse("payment_on_account", args=[invoice.account_id]))
        assert "Bad debt that can be recovered" not in text_of(page)
        self.save(tab, invoice, "60.00", "50.00")
        assert not Recovery.objects.exists()


class TestWhereItIsShown:
    def test_paid_written_off_and_recovered(self, tab, biller, invoice):
        made = recover(biller, invoice, "50")
        said = text_of(tab.get(invoice.get_absolute_url()))
        figures = said[said.index('id="bad-debt"') :]
        figures = re.sub(r"<[^>]+>", " ", figures[: figures.index("</dl>")]).split()
        assert " ".join(figures).endswith("Paid 950.00 USD Written off 50.00 USD Recovered 50.00 USD")
        assert made.number in said
        assert "Settled – written off" in said

    def test_on_account_payment_and_credit_note(self, tab, biller, invoice):
        account = text_of(tab.get(invoice.account.get_absolute_url()))
        assert "Bad debt that can be recovered" in account
        made = recover(biller, invoice, "50")
        assert "Bad debt that can be recovered" not in text_of(tab.get(invoice.account.get_absolute_url()))
        assert made.number in text_of(tab.get(made.payment.get_absolute_url()))
        note = invoice.credit_lines.get().credit_note
        assert "If the credit note is reversed" in text_of(tab.get(note.get_absolute_url()))

    def test_deleting_says_what_falls(self, tab, biller, invoice):
        made = recover(biller, invoice, "50")
        for payment in (made.payment, invoice.pay_offs.get().payment):
            said = text_of(tab.get(reverse("delete_payment", args=[payment.pk])))
            assert f"Recovery {made.number} of 50.00 USD on invoice {invoice.number} is reversed" in said


class TestReverse:
    def test_reverse_recovery(self, tab, biller, invoice):
        made = recover(biller, invoice, "50")
        url = reverse("reverse_recovery", args=[made.pk])
        said = text_of(tab.get(url))
        assert f"50.00 USD of payment {made.payment.number} is on account again." in said
        assert tab.post(url, {"_key": str(uuid4()), "reason": "", "posting_date": ""}).status_code == 422
        answer = tab.post(url, {"_key": str(uuid4()), "reason": "Wrong invoice", "posting_date": ""})
        assert answer.url == made.get_absolute_url()
        assert losses(invoice)[0].recovered == D(0)
        assert "was already reversed" in text_of(tab.get(url))


def test_by_whom_and_never_of_another_organization(browser_of, biller, stranger, invoice):
    made = recover(biller, invoice, "30")
    money = on_account(biller, invoice.account, "10")
    urls = [reverse("recover_bad_debt", args=[money.pk]), reverse("reverse_recovery", args=[made.pk])]
    roles = {Role.ADMIN: [200, 200], Role.BILLER: [200, 200], Role.COLLECTOR: [200, 403], Role.AUDITOR: [403, 403]}
    for role, expected in roles.items():
        tab = browser_of(make_member(biller.organization, role, "Somebody"))
        assert [tab.get(url).status_code for url in urls] == expected, role
    assert [browser_of(stranger).get(url).status_code for url in urls] == [404, 404]

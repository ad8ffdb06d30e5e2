"""The pages of distributing a payment and of what was recovered: shown beforehand, refused beside the row, for whom."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.ledger.models import Allocation, OpenItem
from tests.builders import make_member, make_organization, pay
from tests.collections.support import item_of
from tests.support.barred import Barred
from tests.support.written_off import written_off

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


class Desk(Barred):
    """100.00 open on freight, 200.00 written off, 300.00 that takes no payments, and 250.00 on account."""

    def __init__(self, admin):
        super().__init__(admin)
        self.item = written_off(admin, self.freight("200"))
        self.payment = self.received("250")
        self.url = reverse("distribute_payment", args=[self.payment.pk])

    def typed(self, *amounts, step=""):
        keys = (self.plain.open_item_id, self.item.pk)
        fields = {f"debt_{key}": amount for key, amount in zip(keys, amounts, strict=True)}
        return {"_key": str(uuid4()), "posting_date": "", "step": step, **fields}


@pytest.fixture
def desk(db):
    return Desk(make_member(make_organization(), Role.ADMIN))


def test_distribute_payment_is_suggested_checked_and_done(desk, browser_of):
    browser = browser_of(desk.actor)
    page = browser.get(desk.url)
    assert [row["field"].value() for row in page.context["form"].rows()] == ["100.00", "150.00"]
    barred = f"of {desk.invoice.number} on agreement {desk.agreement.number} (Barred) takes no payments."
    assert barred in text_of(page)

    said = text_of(browser.post(desk.url, desk.typed("100.00", "120.00")))
    for sentence in (
        "Nothing has been changed yet.", f"Invoice {desk.plain.number} is settled.",
        f"80.00 USD of {desk.item.number} is owed on agreement {desk.item.agreement.number}.",
        f"30.00 USD of payment {desk.payment.number} stays on account.", "6150 Write-off expense",
    ):  # fmt: skip
        assert sentence in said
    assert item_of(desk.payment).balance == -250, "nothing is posted before it is confirmed"

    answer = browser.post(desk.url, desk.typed("100.00", "120.00", step="confirm"))
    assert (answer.status_code, answer.url) == (302, desk.payment.get_absolute_url())
    assert item_of(desk.payment).balance == -30


@pytest.mark.parametrize("step", ["", "confirm"])
def test_a_refusal_stands_beside_its_debt(desk, browser_of, step):
    page = browser_of(desk.actor).post(desk.url, desk.typed("100.01", "", step=step))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [f"debt_{desk.plain.open_item_id}"]
    assert f"Only 100.00 USD is owed on {desk.plain.number}: take 0.01 USD off." in text_of(page)


def test_a_debt_that_was_paid_meanwhile_is_refused_not_passed_over(desk, browser_of):
    pay(desk.actor, desk.plain, "100")
    page = browser_of(desk.actor).post(desk.url, desk.typed("100.00", "120.00", step="confirm"))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [f"debt_{desk.plain.open_item_id}"]
    assert item_of(desk.payment).balance == -250


@pytest.mark.parametrize("role", Role)
def test_who_may_distribute_payment(desk, browser_of, role):
    member = make_member(desk.actor.organization, role, f"A {role}")
    may = role != Role.AUDITOR
    assert browser_of(member).get(desk.url).status_code == (200 if may else 403)
    assert ("Distribute payment" in text_of(browser_of(member).get(desk.payment.get_absolute_url()))) is may


def test_another_organization_finds_nothing(desk, browser_of):
    stranger = make_member(make_organization("Rival Lines"), Role.ADMIN)
    assert browser_of(stranger).get(desk.url).status_code == 404


def test_what_was_recovered_is_shown_and_can_be_taken_off(desk, browser_of):
    browser = browser_of(desk.actor)
    browser.post(desk.url, desk.typed("", "150.00", step="confirm"))
    row = Allocation.objects.get(debit_item=desk.item)

    payment = text_of(browser.get(desk.payment.get_absolute_url()))
    assert "Recovery" in payment
    assert desk.account.customer.name in payment

    agreement = text_of(browser.get(desk.item.agreement.get_absolute_url()))
    facts = ("Written off", "200.00 USD", "Recovered", "150.00 USD", "Still owed", "50.00 USD")
    assert all(each in agreement for each in facts)
    assert browser.get(desk.item.get_absolute_url(), follow=True).status_code == 200

    url = reverse("unassign_payment", args=[row.pk])
    again = f"200.00 USD of {desk.item.number} will be owed again on agreement {desk.item.agreement.number}."
    assert again in text_of(browser.get(url))
    assert browser.get(reverse("move_payment_assignment", args=[row.pk])).status_code == 200
    for verb in ("delete_payment", "bounce_payment"):
        assert again in text_of(browser.get(reverse(verb, args=[desk.payment.pk])))
    done = browser.post(url, {"_key": str(uuid4()), "reason": "Wrong", "posting_date": ""}, follow=True)
    assert f"Payment {desk.payment.number} was taken off {desk.item.number}" in text_of(done)
    assert OpenItem.objects.get(pk=desk.item.pk).balance == 200
    assert "Taken off" in text_of(browser.get(desk.item.agreement.get_absolute_url()))


def test_a_payment_that_recovered_is_deleted_from_its_page(desk, browser_of):
    browser = browser_of(desk.actor)
    browser.post(desk.url, desk.typed("", "150.00", step="confirm"))
    url = reverse("delete_payment", args=[desk.payment.pk])
    done = browser.post(url, {"_key": str(uuid4()), "reason": "Wrong", "posting_date": ""}, follow=True)
    assert f"200.00 USD of {desk.item.number} is owed again" in text_of(done)

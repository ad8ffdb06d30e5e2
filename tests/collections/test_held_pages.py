"""The pages of deposits and overpayments: shown beforehand, refused beside the field, for whom."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.held.models import Holding, HoldingRelease
from receivables.collections.models import BankAccount, Payment
from receivables.customers.operations import stop_agreement
from tests.builders import make_member, make_organization
from tests.collections.support import item_of
from tests.support.barred import Barred

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def house(db):
    """100.00 open for freight."""
    return Barred(make_member(make_organization(), Role.ADMIN), barred=False)


def sent(step="confirm", **values):
    return {"_key": str(uuid4()), "posting_date": "", "reason": "", "step": step, **values}


def deposit_form(house, **values):
    bank = BankAccount.objects.of(house.actor).get().pk
    form = {"amount": "80", "required": "130", "date": "2026-11-03", "method": "wire", "bank_account": bank}
    return sent(reference="", note="", **{**form, **values})


def test_record_deposit_apply_deposit_and_give_the_rest_back(house, browser_of):
    browser = browser_of(house.actor)
    assert "Record deposit" in text_of(browser.get(house.account.get_absolute_url()))
    url = reverse("record_deposit", args=[house.account.pk])
    assert "it pays no invoice" in text_of(browser.get(url))
    wrong = browser.post(url, deposit_form(house, amount="131"))
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["required"])
    done = text_of(browser.post(url, deposit_form(house, amount="130"), follow=True))
    agreement = Holding.objects.get().agreement
    assert f"130.00 USD is held on agreement {agreement.number}." in done
    assert "Money held" in done

    apply = reverse("apply_deposit", args=[agreement.pk])
    assert "Service still runs" in text_of(browser.get(apply))
    assert browser.post(apply, sent()).status_code == 422
    stop_agreement(actor=house.actor, agreement=house.plain.agreement)
    checked = text_of(browser.post(apply, sent(step="")))
    for sentence in (
        "Nothing has been changed yet.", f"Invoice {house.plain.number} is settled.", "2300 Customer deposits",
        f"30.00 USD is held on agreement {agreement.number}.",
    ):  # fmt: skip
        assert sentence in checked
    assert item_of(house.plain).balance == 100
    assert browser.post(apply, sent()).status_code == 302
    assert item_of(house.plain).balance == 0

    release = reverse("release_held_money", args=[agreement.pk])
    wrong = browser.post(release, sent(amount="30.01", reason="Paid"))
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["amount"])
    assert "stays on account" in text_of(browser.post(release, sent(step="", amount="30", reason="Paid")))
    assert browser.post(release, sent(amount="30", reason="Paid")).status_code == 302
    assert HoldingRelease.objects.count() == 2
    assert item_of(Payment.objects.get()).balance == -30


def test_hold_overpayment_on_its_page_and_used_first(house, browser_of):
    browser, payment = browser_of(house.actor), house.received("500")
    url = reverse("hold_overpayment", args=[payment.pk])
    wrong = browser.post(url, sent(amount="500.01"))
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["amount"])
    done = text_of(browser.post(url, sent(amount="80"), follow=True))
    agreement = Holding.objects.get().agreement
    assert f"80.00 USD is held on agreement {agreement.number}." in done
    assert "Held for the customer" in done

    distribute = reverse("distribute_payment", args=[payment.pk])
    assert "Overpaid before" in text_of(browser.get(distribute))
    values = sent(step="", keep_rest="on", **{f"debt_{house.plain.open_item_id}": "100"})
    checked = text_of(browser.post(distribute, values))
    assert "80.00 USD of it was overpaid before and is used first." in checked
    assert "400.00 USD is held as an overpayment on agreement" in checked
    assert browser.post(distribute, {**values, "step": "confirm"}).status_code == 302
    assert item_of(payment).balance == 0
    assert browser.get(payment.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("role", Role)
def test_who_may_hold_money(house, browser_of, role):
    member, payment = make_member(house.actor.organization, role, f"A {role}"), house.received("5")
    may = role not in (Role.AUDITOR, Role.COLLECTOR)
    for verb, pk in (
        ("hold_overpayment", payment.pk), ("record_deposit", house.account.pk),
        ("apply_deposit", house.plain.agreement_id), ("release_held_money", house.plain.agreement_id),
    ):  # fmt: skip
        assert browser_of(member).get(reverse(verb, args=[pk])).status_code == (200 if may else 403), verb


def test_another_organization_finds_nothing_held(house, browser_of):
    payment, rival = house.received("5"), make_member(make_organization("Rival Lines"), Role.ADMIN)
    for verb, pk in (
        ("hold_overpayment", payment.pk), ("record_deposit", house.account.pk),
        ("apply_deposit", house.plain.agreement_id), ("release_held_money", house.plain.agreement_id),
    ):  # fmt: skip
        assert browser_of(rival).get(reverse(verb, args=[pk])).status_code == 404

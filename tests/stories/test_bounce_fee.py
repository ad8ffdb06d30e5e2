"""A check that bounces, and the fee for it: charged, paid, taken back.

1000 bank, 1200 receivables, 2100 unapplied money, 4000 revenue, 4100 other income.
"""

from datetime import date
from decimal import Decimal as D
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.bounce_fees.operations import reverse_bounce_fee
from receivables.collections.bounce_fees.rules import bounce_fee_blocker, reverse_bounce_fee_blocker
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount, BounceFee, Payment
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.ledger.models import GLAccount, JournalEntry
from tests.accounts.conftest import signed_in
from tests.builders import balances, make_invoice, make_member, make_organization, pay
from tests.collections.recoveries import on_account
from tests.collections.support import item_of, refused
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(settings):
    settings.REQUIRE_SECOND_FACTOR = False
    member = make_member(make_organization(), Role.ADMIN, "Alice Owner")
    income = GLAccount.objects.of(member).get(code="4100")
    BankAccount.objects.of(member).update(bounce_fee=D(35), fee_account=income)
    return member


@pytest.fixture
def payment(admin):
    return pay(admin, make_invoice(admin), "1000")


def bounced(actor, payment, fee="35"):
    return bounce_payment(actor=actor, payment=payment, reason="No funds", fee=D(fee)).fee


def test_a_fee_is_charged_paid_and_stands_beside_what_is_owed_again(admin, payment):
    fee = bounced(admin, payment)
    entry = JournalEntry.objects.get(source_type="collections.bouncefee")
    assert [(line.gl_account.code, line.amount) for line in entry.lines.order_by("line_no")] == [
        ("1200", 35), ("4100", -35),
    ]  # fmt: skip
    assert fee.number == "FEE-000001"
    assert balances(admin) == {"1200": 1035, "4000": -1000, "4100": -35}
    money = on_account(admin, payment.account, "1035")
    distribute_payment(actor=admin, payment=money, amounts={item_of(fee).pk: D(35)})
    assert item_of(fee).balance == 0
    assert balances(admin) == {"1000": 1035, "1200": 1000, "2100": -1000, "4000": -1000, "4100": -35}
    said = refused(reverse_bounce_fee, actor=admin, fee=fee, reason="Waived")
    assert said.code == "settled"
    delete_payment(actor=admin, payment=money)
    reverse_bounce_fee(actor=admin, fee=fee, reason="Waived")
    assert balances(admin) == {"1200": 1000, "4000": -1000}
    assert refused(reverse_bounce_fee, actor=admin, fee=fee, reason="Waived").code == "already_reversed"
    assert broken() == {}


def test_bounce_payment_without_a_fee_charges_nothing(admin, payment):
    bounce_payment(actor=admin, payment=payment, reason="No funds")
    assert balances(admin) == {"1200": 1000, "4000": -1000}


def test_where_no_account_is_set_up_a_fee_is_refused_and_the_payment_stands(admin, payment):
    BankAccount.objects.of(admin).update(bounce_fee=None, fee_account=None)
    said = refused(bounce_payment, actor=admin, payment=payment, reason="No funds", fee=D(35))
    assert (said.code, said.field) == ("no_fee_account", "fee")
    assert balances(admin) == {"1000": 1000, "4000": -1000}


def test_reverse_bounce_fee_of_another_organization(admin, payment):
    stranger = make_member(make_organization("Rival Lines"))
    assert refused(reverse_bounce_fee, actor=stranger, fee=bounced(admin, payment), reason="Mine").code == "not_found"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"fee": D(0)}, "amount"),
        ({"fee": D("0.001")}, "amount"),
        ({"has_account": False}, "no_fee_account"),
        ({"has_agreement": False}, "no_agreement"),
    ],
)
def test_bounce_fee_blocker(change, code):
    facts = {"fee": D(35), "currency": "USD", "bank": "Main", "has_account": True, "has_agreement": True, **change}
    found = bounce_fee_blocker(**facts)
    assert (found.code if found else None) == code


def test_reverse_bounce_fee_blocker():
    facts = {"number": "FEE-1", "reversed_already": False, "settled": False, "posted": date(2026, 11, 3)}
    assert reverse_bounce_fee_blocker(**facts) is None
    assert reverse_bounce_fee_blocker(**{**facts, "settled": True}).code == "settled"
    assert reverse_bounce_fee_blocker(**facts, posting_date=date(2026, 11, 2)).code == "before_fee"


def test_the_page_suggests_the_fee_and_shows_it(admin, payment):
    tab, url = signed_in(admin.user), reverse("bounce_payment", args=[payment.pk])
    assert tab.get(url).context["form"]["fee"].value() == "35.00"
    sent = {"_key": str(uuid4()), "reason": "No funds", "posting_date": "", "fee": "20.00"}
    page = tab.post(url, sent, follow=True).content.decode().replace("\u00a0", " ")
    page = page.replace("<bdi>", "").replace("</bdi>", "")
    assert "A fee of 20.00 USD was charged." in page
    assert "20.00 USD is still owed" in page
    fee = BounceFee.objects.get()
    undo = reverse("reverse_bounce_fee", args=[fee.pk])
    assert undo in page
    assert tab.get(item_of(fee).get_absolute_url()).url == Payment.objects.get().get_absolute_url()
    answer = tab.post(undo, {"_key": str(uuid4()), "reason": "Waived", "posting_date": ""}, follow=True)
    assert "Fee FEE-000001 was reversed." in answer.content.decode()
    collector = make_member(admin.organization, Role.COLLECTOR, "Carl")
    assert signed_in(collector.user).get(undo).status_code == 403
    stranger = make_member(make_organization("Rival Lines"))
    assert signed_in(stranger.user).get(undo).status_code == 404

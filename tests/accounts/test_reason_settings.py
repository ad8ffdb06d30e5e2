"""Reasons of differences in the settings: who changes them, what is refused beside its field."""

import pytest

from accounts.roles import Role
from receivables.billing.models import Reason
from tests.accounts.conftest import signed_in
from tests.builders import make_member, make_organization

pytestmark = pytest.mark.django_db
PAGE = "/settings/billing/reason/"


@pytest.fixture
def alice(settings):
    settings.REQUIRE_SECOND_FACTOR = False
    return make_member(make_organization())


def form(actor, **changed):
    reason = Reason.objects.of(actor).get(kind="bad_debt")
    return {
        "code": "CLOSED", "name": "Customer closed", "kind": "bad_debt", "gl_account": reason.gl_account_id,
        "document": "journal", "tax_rule": "none", "relief_days": "", "maximum": "", "active": "on", **changed,
    }  # fmt: skip


def test_an_admin_adds_a_reason_in_the_organizations_currency(alice):
    signed_in(alice.user).post(f"{PAGE}add/", form(alice, maximum="50.00"))
    made = Reason.objects.get(code="CLOSED")
    assert (made.currency, made.maximum, made.organization) == ("USD", 50, alice.organization)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tax_rule": "relief_later"}, "Say after how many days"),
        ({"relief_days": "365"}, "Leave this empty"),
        ({"maximum": "-1"}, "Enter zero or more."),
        ({"code": "bad-debt"}, "exists already"),
        ({"gl_account": ""}, "This field is required."),
    ],
)
def test_a_reason_is_refused_beside_its_field(alice, changed, said):
    page = signed_in(alice.user).post(f"{PAGE}add/", form(alice, **changed)).content.decode()
    assert said in page
    assert Reason.objects.of(alice).count() == 6


def test_a_reason_keeps_its_kind(alice):
    reason = Reason.objects.of(alice).get(kind="bad_debt")
    signed_in(alice.user).post(
        f"{PAGE}{reason.pk}/change/", form(alice, code=reason.code, name="Lost", kind="discount")
    )
    reason.refresh_from_db()
    assert (reason.name, reason.kind) == ("Lost", "bad_debt")


def test_a_biller_does_not_see_the_reasons_settings(alice):
    bob = make_member(alice.organization, Role.BILLER, "Bob")
    assert signed_in(bob.user).get(PAGE).status_code in (302, 403, 404)

"""A fresh organization has no type for write-offs: the Biller is told whom to ask, and the Admin makes one."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.models import AccessorialType
from receivables.ledger.models import GLAccount
from tests.builders import make_load, make_member, make_organization

SETTINGS = "/settings/billing/accessorialtype/add/"


def signed_in(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


@pytest.fixture
def people(db, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    organization = make_organization()
    return make_member(organization, Role.ADMIN, "Alice Owner"), make_member(organization, Role.BILLER, "Bob Biller")


def test_from_an_empty_drop_down_to_the_first_write_off(people):
    alice, bob = people
    page = reverse("add_accessorial", args=[make_load(bob).pk])
    told = signed_in(bob).get(page).content.decode()
    assert "Ask Alice Owner" in told
    assert SETTINGS not in told
    assert signed_in(bob).get(SETTINGS).status_code == 403
    assert SETTINGS in signed_in(alice).get(page).content.decode()
    form = {
        "name": "Write-Off", "kind": "bad_debt", "rate_type": "flat", "entities": "customer", "tax_treatment": "none",
        "gl_account": GLAccount.objects.of(alice).get(code="6100").pk, "active": "on",
    }  # fmt: skip
    assert signed_in(alice).post(SETTINGS, form).status_code == 302
    made = AccessorialType.objects.of(alice).get()
    assert made.is_adjustment
    offered = signed_in(bob).get(page)
    assert offered.context["form"].fields["type"].queryset.get() == made
    assert "Write-Off" in offered.content.decode()
    conceded = {**form, "name": "Balance Adjustment", "kind": "price_concession", "tax_treatment": ""}
    assert signed_in(alice).post(SETTINGS, conceded).status_code == 302
    assert AccessorialType.objects.of(alice).get(name="Balance Adjustment").tax_treatment == "included"
    charge = {**form, "name": "Detention", "kind": "charge", "tax_treatment": "included"}
    told = signed_in(alice).post(SETTINGS, charge)
    assert list(told.context["adminform"].form.errors) == ["tax_code"], "else it would be billed without tax"

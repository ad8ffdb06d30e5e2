"""One cast: Alice is Admin and Bob is Biller of Acme; Charlie is Admin of Rival and must see nothing of Acme."""

from copy import deepcopy
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import Membership, Organization, User
from accounts.roles import Role

PASSWORD = "correct horse battery staple"


def member(organization, email, role, **fields):
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, PASSWORD, full_name=email.partition("@")[0].title()
    )
    return Membership.objects.create(organization=organization, user=user, role=role, **fields)


def signed_in(user, organization=None):
    """A browser signed in as the user, in the organization if one is named."""
    client = Client()
    client.force_login(user)
    if organization is not None:
        client.post("/organizations/switch/", {"organization": organization.pk})
    return client


@pytest.fixture(autouse=True)
def _no_second_factor_unless_asked(settings):
    settings.REQUIRE_SECOND_FACTOR = False


def make_cast():
    acme = Organization.objects.create(name="Acme", slug="acme", currency="SAR")
    rival = Organization.objects.create(name="Rival", slug="rival", currency="USD")
    staff = User.objects.create_superuser("sue@platform.test", PASSWORD, full_name="Sue")
    return SimpleNamespace(
        acme=acme,
        rival=rival,
        alice=member(acme, "alice@acme.test", Role.ADMIN),
        petra=member(acme, "petra@acme.test", Role.PARTNER_ADMIN),
        bob=member(acme, "bob@acme.test", Role.BILLER),
        audrey=member(acme, "audrey@acme.test", Role.AUDITOR),
        charlie=member(rival, "charlie@rival.test", Role.ADMIN),
        staff=staff,
    )


@pytest.fixture(scope="module")
def kept_cast(keep):
    return keep(make_cast)


@pytest.fixture
def cast(kept_cast, db):
    return deepcopy(kept_cast)

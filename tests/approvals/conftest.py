"""Bob asks, Olivia and Alice decide. Bob, a Biller, may give away 100.00 USD of bad debt alone, Olivia 500.00."""

from copy import deepcopy
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.roles import Role
from receivables.approvals.models import AuthorityLimit
from tests.builders import make_member, make_organization, make_type


def limit(organization, maximum, *, role="", person=None, minimum="0", kind="bad_debt", currency="USD"):
    return AuthorityLimit.objects.create(
        organization=organization, role=role, membership=person, kind=kind, currency=currency,
        minimum=Decimal(minimum), maximum=None if maximum is None else Decimal(maximum),
    )  # fmt: skip


def make_cast():
    organization = make_organization()
    alice = make_member(organization, Role.ADMIN, "Alice Owner")
    bob = make_member(organization, Role.BILLER, "Bob Biller")
    olivia = make_member(organization, Role.OPERATIONS_MANAGER, "Olivia Operations")
    limit(organization, "100", role=Role.BILLER)
    limit(organization, "500", role=Role.OPERATIONS_MANAGER)
    return SimpleNamespace(
        organization=organization, alice=alice, bob=bob, olivia=olivia, write_off=make_type(alice, "Write-Off")
    )


@pytest.fixture(scope="module")
def kept_cast(keep):
    return keep(make_cast)


@pytest.fixture
def cast(kept_cast, db):
    return deepcopy(kept_cast)


@pytest.fixture
def browser_of(settings):
    """A signed-in browser: `browser_of(member)`."""
    settings.REQUIRE_SECOND_FACTOR = False

    def open_for(member):
        client = Client()
        client.force_login(member.user, backend="accounts.backends.MembershipBackend")
        return client

    return open_for

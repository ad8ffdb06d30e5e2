"""One organization with all roles, and a browser for each."""

from copy import deepcopy
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from receivables.ledger.models import Period
from tests.builders import make_member, make_organization


def browser(membership):
    """A client signed in as the member."""
    client = Client()
    client.force_login(membership.user, backend="accounts.backends.MembershipBackend")
    return client


def close(cast, month):
    """Close a month, so that nothing posts into it."""
    Period.objects.update_or_create(
        organization=cast.organization,
        month=month,
        defaults={"closed_at": timezone.now(), "closed_by": cast.alice.user},
    )


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_SECOND_FACTOR = False


def make_cast():
    organization = make_organization()
    return SimpleNamespace(
        organization=organization,
        alice=make_member(organization, Role.ADMIN, "Alice Owner"),
        bob=make_member(organization, Role.BILLER, "Bob Biller"),
        cora=make_member(organization, Role.COLLECTOR, "Cora Collector"),
        audrey=make_member(organization, Role.AUDITOR, "Audrey Auditor"),
        ray=make_member(make_organization("Rival"), Role.ADMIN, "Ray Rival"),
    )


@pytest.fixture(scope="module")
def kept_cast(keep):
    return keep(make_cast)


@pytest.fixture
def cast(kept_cast, db):
    """Alice is Admin, Bob Biller, Cora Collector, Audrey Auditor; Ray is Admin of a rival."""
    return deepcopy(kept_cast)

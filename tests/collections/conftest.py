"""Bob is Biller of Blue Freight; Charlie is Admin of Rival Lines and must not reach anything of Bob's."""

import pytest
from django.test import Client

from accounts.roles import Role
from tests.builders import make_member, make_organization


@pytest.fixture
def biller(db):
    return make_member(make_organization(), Role.BILLER, "Bob Biller")


@pytest.fixture
def stranger(db):
    return make_member(make_organization("Rival Lines"), Role.ADMIN, "Charlie Rival")


@pytest.fixture
def browser_of(settings):
    """A signed-in browser: `browser_of(member)`."""
    settings.REQUIRE_SECOND_FACTOR = False

    def open_for(member):
        client = Client()
        client.force_login(member.user, backend="accounts.backends.MembershipBackend")
        return client

    return open_for

"""Alice is Admin of Blue Freight and may write off; Bob, its Biller, may only ask; Charlie is of Rival Lines."""

import pytest

from accounts.roles import Role
from tests.builders import make_member, make_organization
from tests.collections.conftest import browser_of, stranger  # noqa: F401  the same people


@pytest.fixture
def admin(db):
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


@pytest.fixture
def biller(admin):
    return make_member(admin.organization, Role.BILLER, "Bob Biller")
